"""The mail server as an emulator: it listens for SMTP on a port of its own; HTTP serves its control routes."""

import threading
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.faults import CALLS
from emulators.service import HttpEmulator, Route, json_response
from emulators.smtp.certificate import NAME, made
from emulators.smtp.session import PHASES, Listener
from emulators.smtp.state import MailHost, TakenMail

USER, PASSWORD = "emulated", "emulated password"


class SmtpEmulator(HttpEmulator):
    """Fault routes are the phases of a session: `smtp.connect`, `smtp.rcpt`, `smtp.content` (the whole mail) and so on."""

    def __init__(self, clock: Clock, *, port: int = 0, accounts: Mapping[str, str] | None = None) -> None:
        self._accounts = dict(accounts or {USER: PASSWORD})
        self.mail_host = MailHost(self._accounts)
        super().__init__("smtp", clock, self._own_routes())
        self.faults.know((f"smtp.{one}" for one in PHASES), CALLS)
        self._listener = Listener(port, host=self.mail_host, faults=self.faults, clock=clock, lock=self.lock)
        self.host, self.port = NAME, int(self._listener.server_address[1])
        self._thread = threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        self._thread.start()

    @property
    def authority(self) -> str:
        """PEM: who trusts this, trusts the server."""
        return made()[1].decode()

    @property
    def mails(self) -> list[TakenMail]:
        with self.lock:
            return list(self.mail_host.mails)

    def refuse(self, address: str, answer: str = "550 5.1.1 no such user") -> None:
        """What RCPT TO with this address is answered from now on."""
        with self.lock:
            self.mail_host.refused[address.lower()] = answer

    # Emulator
    def reset(self) -> None:
        self.mail_host.load(MailHost(self._accounts).dump())

    def dump(self) -> dict[str, Any]:
        return self.mail_host.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        self.mail_host.load(data)

    def close(self) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join(timeout=5)

    # Routes
    def _own_routes(self) -> list[Route]:
        return [
            Route("GET", "/_emulator/server", self._server, "_server"),
            Route("GET", "/_emulator/mails", self._mails, "_mails"),
            Route("POST", "/_emulator/refusals", self._refuse, "_refuse"),
        ]

    def _server(self, _: Request) -> Response:
        """Where to send mail, and whom to trust."""
        return json_response({"host": self.host, "port": self.port, "authority": self.authority})

    def _mails(self, _: Request) -> Response:
        return json_response({"mails": [one.to_json() for one in self.mail_host.mails]})

    def _refuse(self, request: Request) -> Response:
        """Body: {"address": "gone@x.example", "answer": "550 5.1.1 no such user"}."""
        try:
            self.refuse(**request.get_json())
        except TypeError as error:
            return Response(f"not a refusal: {error}\n", 400)
        return Response(status=204)
