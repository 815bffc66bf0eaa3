"""api.sendgrid.com as an HTTP service, and the event batches it sends by itself."""

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.delivering import Deliveries, Delivering
from emulators.faults import Fault
from emulators.past import Memory
from emulators.sendgrid.errors import SendGridError, not_authorized, not_found
from emulators.sendgrid.happening import FATES, Happenings
from emulators.sendgrid.responses import Mails, Suppressions
from emulators.sendgrid.sending import Batch, Batches
from emulators.sendgrid.setting_responses import Settings
from emulators.sendgrid.signing import Signer
from emulators.sendgrid.state import Account
from emulators.service import Handler, HttpEmulator, Route, json_response

API_KEY = "SG.emulated-key"


class SendGridEmulator(Delivering, HttpEmulator):
    """Fault routes: `sendgrid.mail.send`, `sendgrid.suppression.*` and the like for calls, `sendgrid.deliver.events` for event batches."""

    def __init__(self, clock: Clock, *, api_key: str = API_KEY, account: str = "emulated") -> None:
        self.api_key, self.account, self.signer = api_key, Account(), Signer(account)
        self.batches = Batches(clock, self.signer)
        self._happenings = Happenings(self.account, self.batches, clock)
        settings = Settings(self.account, self.signer, clock)
        served = (Mails(self.account, self._happenings, clock), Suppressions(self.account, clock), settings)
        super().__init__("sendgrid", clock, [*self._admitted(route for one in served for route in one.routes()), *self._own_routes()])
        self._memory = Memory(self._past, lock=self.lock, state=self.account, load=self._recall, reads=())
        self._deliveries = Deliveries(self.batches, name=self.name, clock=clock, faults=self.faults, seal=self.batches.signature)

    # In Python
    def seed(self, data: Mapping[str, Any]) -> None:
        """See Account.seed: senders, domains, groups and the suppression lists."""
        with self.lock:
            self.account.seed(data, self.clock.now())

    def fate(self, event: str, *, match: str = "*", times: int | None = None, reason: str = "", deferrals: int | None = None) -> None:
        """What happens to the next mails to addresses like `match`: delivered, bounce, blocked, deferred (then delivered) or dropped."""
        if event not in FATES:
            raise ValueError(f"{event!r} is not one of {', '.join(FATES)}")
        put_off = {} if deferrals is None else {"deferrals": deferrals}
        with self.lock:
            self.account.fates.append({"event": event, "match": match, "times": times, "reason": reason, **put_off})

    def read(self, event: str, *, message_id: str, email: str, url: str = "", group_id: int | None = None) -> None:
        """A reader opens, clicks, complains (spamreport) or unsubscribes; KeyError for a mail this address did not get."""
        with self.lock:
            self._happenings.read(event, message_id=message_id, email=email, url=url, group_id=group_id)

    def limit_requests(self, *, per_minute: int | None) -> None:
        with self.lock:
            self.account.requests_per_minute = per_minute

    def sent(self) -> list[Batch]:
        return self.batches.all()

    def send_again(self, batch_id: str) -> Batch:
        """A batch once more, as SendGrid's own duplicates; KeyError for an unknown id."""
        return self.batches.again(batch_id)

    def _recall(self, state: Any) -> None:
        self.account.load(state["account"])

    def earlier(self, fault: Fault) -> AbstractContextManager[None]:
        """The account as it was; batches stay on their way."""
        return self._memory.earlier(fault)

    # Emulator
    def reset(self) -> None:
        with self.lock, self.clock.changed:
            self.account.clear()
            self.batches.clear()
            self._deliveries.forget_held()

    def dump(self) -> dict[str, Any]:
        with self.lock, self.clock.changed:
            kept: dict[str, Any] = json.loads(json.dumps({"account": self.account.dump(), "batches": self.batches.dump()}))
            return kept

    def load(self, data: Mapping[str, Any]) -> None:
        with self.lock, self.clock.changed:
            self.account.load(json.loads(json.dumps(data["account"])))
            self.batches.load(data["batches"])
            self._deliveries.forget_held()

    def error_response(self, error: Exception) -> Response | None:
        return json_response(error.body(), error.status, error.headers) if isinstance(error, SendGridError) else None

    def not_routed(self, _request: Request, error: HTTPException) -> Response:
        return json_response(not_found().body(), error.code or 404)

    # Routes
    def _admitted(self, routes: Iterable[Route]) -> Iterator[Route]:
        for route in routes:
            yield Route(route.method, route.path, self._guarded(route.handler), route.name)

    def _guarded(self, handler: Handler) -> Handler:
        """Key first, then the rate."""

        @functools.wraps(handler)
        def guarded(request: Request, **values: Any) -> Response:
            given = request.headers.get("Authorization", "")
            if given != f"Bearer {self.api_key}":
                raise not_authorized(given)
            headers = self.account.admit(self.clock.now())
            response = handler(request, **values)
            response.headers.update(headers)
            return response

        return guarded

    def _own_routes(self) -> list[Route]:
        return [
            Route("PUT", "/_emulator/seed", self._seed, "_seed"),
            Route("POST", "/_emulator/fates", self._fate, "_fate"),
            Route("POST", "/_emulator/readers", self._read, "_read"),
            Route("GET", "/_emulator/deliveries", self._sent, "_deliveries"),
        ]

    def _seed(self, request: Request) -> Response:
        self.account.seed(request.get_json(), self.clock.now())
        return Response(status=204)

    def _fate(self, request: Request) -> Response:
        """Body: {"event": "bounce", "match": "*@gone.example", "times": 1}."""
        try:
            self.fate(**request.get_json())
        except (TypeError, ValueError) as error:
            return Response(f"not a fate: {error}\n", 400)
        return Response(status=204)

    def _read(self, request: Request) -> Response:
        """Body: {"event": "click", "message_id": ..., "email": ..., "url": ...}."""
        try:
            self.read(**request.get_json())
        except (KeyError, TypeError, ValueError) as error:
            return Response(f"not possible: {error!r}\n", 400)
        return Response(status=204)

    def _sent(self, _: Request) -> Response:
        return json_response({"deliveries": [one.to_json() for one in self.sent()]})
