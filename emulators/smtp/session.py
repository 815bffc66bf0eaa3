"""One connection to the mail server, from its greeting to its end (RFC 5321; 3207 for TLS, 4954 for signing in)."""

import base64
import binascii
import re
import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from emulators.clock import Clock
from emulators.faults import Fault, Faults, Kind
from emulators.smtp.certificate import NAME, server_context
from emulators.smtp.state import MailHost

PHASES = ("connect", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "content", "rset", "noop")
LARGEST, LONGEST_LINE, MOST_RECIPIENTS = 25_000_000, 1000, 100
BEFORE_TLS = {"EHLO", "HELO", "STARTTLS", "NOOP", "QUIT", "RSET"}
WITHOUT_SIGN_IN = BEFORE_TLS | {"AUTH", "VRFY"}
PATH = re.compile(r"(FROM|TO):\s*<([^<>\s]*)>(.*)", re.IGNORECASE)


class HangUp(Exception):
    """This connection is over."""


class Session(socketserver.StreamRequestHandler):
    """`server` is the emulator's listener: it knows the host's state, the faults and the clock."""

    server: "Listener"

    def setup(self) -> None:
        super().setup()
        self.secured, self.greeted, self.signed_in = False, False, ""
        self.sender: str | None = None
        self.recipients: list[str] = []

    def handle(self) -> None:
        with suppress(HangUp, OSError):
            self._phase("connect", lambda: f"220 {NAME} ESMTP emulated")
            while True:
                self._obey(self._line())

    def finish(self) -> None:
        """What wraps the connection in TLS has taken it over: the server's own end of it is closed here."""
        with suppress(OSError):
            super().finish()
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def _obey(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        orders: dict[str, Callable[[str], None]] = {
            "EHLO": self._ehlo, "HELO": self._ehlo, "STARTTLS": self._starttls, "AUTH": self._auth, "MAIL": self._mail, "RCPT": self._rcpt,
            "DATA": self._data, "RSET": self._rset, "NOOP": self._noop, "QUIT": self._quit, "VRFY": self._vrfy,
        }  # fmt: skip
        order = orders.get(verb.upper())
        if order is None:
            self._say("500 5.5.2 command not recognized")
        elif not self.secured and verb.upper() not in BEFORE_TLS:
            self._say("530 5.7.0 Must issue a STARTTLS command first")
        elif not self.signed_in and verb.upper() not in WITHOUT_SIGN_IN:
            self._say("530 5.7.0 Authentication required")
        else:
            order(rest.strip())

    # Orders
    def _ehlo(self, name: str) -> None:
        if not name:
            self._say("501 5.5.4 EHLO needs a name")
            return
        own = "AUTH PLAIN LOGIN" if self.secured else "STARTTLS"
        offered = [f"{NAME} at your service", f"SIZE {LARGEST}", "8BITMIME", "SMTPUTF8", own, "ENHANCEDSTATUSCODES"]
        self.greeted = True
        self._phase("ehlo", lambda: "\r\n".join([*(f"250-{one}" for one in offered[:-1]), f"250 {offered[-1]}"]))

    def _starttls(self, rest: str) -> None:
        if rest or self.secured:
            self._say("501 5.5.4 no parameters allowed" if rest else "503 5.5.1 TLS is on already")
            return
        if self._phase("starttls", lambda: "220 2.0.0 go ahead"):
            self.connection = server_context().wrap_socket(self.connection, server_side=True)
            self._files()
            self.secured, self.greeted = True, False
            self._forget()

    def _files(self) -> None:
        """What was said in the clear after STARTTLS is not heard (RFC 3207)."""
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)

    def _auth(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        if self.signed_in or mechanism.upper() not in ("PLAIN", "LOGIN"):
            self._say("503 5.5.1 signed in already" if self.signed_in else "504 5.5.4 unknown mechanism")
            return
        given = self._plain(initial) if mechanism.upper() == "PLAIN" else self._login(initial)
        with self.server.lock:
            right = given is not None and self.server.host.accounts.get(given[0]) == given[1]
        if not right or given is None:
            self._phase("auth", lambda: "535 5.7.8 Authentication credentials invalid")
        elif self._phase("auth", lambda: "235 2.7.0 Authentication successful"):
            self.signed_in = given[0]

    def _plain(self, initial: str) -> tuple[str, str] | None:
        parts = (_decoded(initial or self._asked("")) or "").split("\0")
        return (parts[1], parts[2]) if len(parts) == 3 else None

    def _login(self, initial: str) -> tuple[str, str] | None:
        user = _decoded(initial or self._asked("VXNlcm5hbWU6"))
        password = _decoded(self._asked("UGFzc3dvcmQ6"))
        return (user, password) if user is not None and password is not None else None

    def _asked(self, challenge: str) -> str:
        self._say(f"334 {challenge}")
        return self._line()

    def _mail(self, rest: str) -> None:
        found = PATH.fullmatch(rest)
        if not self.greeted or self.sender is not None:
            self._say("503 5.5.1 bad sequence of commands")
        elif found is None or found.group(1).upper() != "FROM":
            self._say("501 5.1.7 bad sender address syntax")
        elif (size := re.search(r"SIZE=(\d+)", found.group(3))) and int(size.group(1)) > LARGEST:
            self._say("552 5.3.4 message too big")
        elif self._phase("mail", lambda: "250 2.1.0 OK"):
            self.sender = found.group(2)

    def _rcpt(self, rest: str) -> None:
        found = PATH.fullmatch(rest)
        if self.sender is None:
            self._say("503 5.5.1 need MAIL first")
        elif found is None or found.group(1).upper() != "TO" or "@" not in found.group(2):
            self._say("501 5.1.3 bad recipient address syntax")
        elif len(self.recipients) >= MOST_RECIPIENTS:
            self._say("452 4.5.3 too many recipients")
        elif refusal := self.server.host.refused.get(found.group(2).lower()):
            self._phase("rcpt", lambda: refusal)
        elif self._phase("rcpt", lambda: "250 2.1.5 OK"):
            self.recipients.append(found.group(2))

    def _data(self, rest: str) -> None:
        if rest or not self.recipients:
            self._say("501 5.5.4 no parameters allowed" if rest else "503 5.5.1 need RCPT first")
        elif self._phase("data", lambda: "354 go ahead"):
            content, whole = self._content()
            if not whole:
                self._say("552 5.3.4 message too big, or a line too long")
            else:
                self._phase("content", lambda: self._took(content))
            self._forget()

    def _content(self) -> tuple[bytes, bool]:
        """Everything up to the dot, and whether it is short enough. Whoever hangs up before the dot has sent nothing."""
        lines, size, whole = list[bytes](), 0, True
        while (line := self.rfile.readline(LARGEST)) != b".\r\n":
            if not line:
                raise HangUp
            size += len(line)
            whole = whole and size <= LARGEST and len(line) <= LONGEST_LINE
            lines += [line.removeprefix(b".")] if whole else []
        return b"".join(lines), whole

    def _took(self, content: bytes) -> str:
        with self.server.lock:
            now = self.server.clock.now()
            mail = self.server.host.take(self.sender or "", tuple(self.recipients), content, signed_in=self.signed_in, at=now)
        return f"250 2.0.0 queued as {mail.id}"

    def _rset(self, _rest: str) -> None:
        self._forget()
        self._phase("rset", lambda: "250 2.0.0 OK")

    def _noop(self, _rest: str) -> None:
        self._phase("noop", lambda: "250 2.0.0 OK")

    def _vrfy(self, _rest: str) -> None:
        self._say("252 2.5.0 send some mail, I'll try my best")

    def _quit(self, _rest: str) -> None:
        self._say("221 2.0.0 bye")
        raise HangUp

    # What every order does
    def _forget(self) -> None:
        self.sender, self.recipients = None, []

    def _line(self) -> str:
        line = self.rfile.readline(LARGEST)
        if not line:
            raise HangUp
        return line.decode("utf-8", "replace").rstrip("\r\n")

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())

    def _phase(self, name: str, work: Callable[[], str]) -> bool:
        """Whether it was agreed to, told to the other side unless a fault keeps that from happening."""
        fault = self.server.faults.strike(f"smtp.{name}", self.server.clock.now())
        answer = self._struck(fault, work) if fault is not None else work()
        self._say(answer)
        return answer[:1] in ("2", "3")

    def _struck(self, fault: Fault, work: Callable[[], str]) -> str:
        if fault.kind is Kind.STATUS:
            return f"{fault.status} {fault.body if isinstance(fault.body, str) else 'as you wish'}"
        if fault.kind is Kind.DROP_BEFORE:
            raise HangUp
        if fault.kind is Kind.DELAY:
            threading.Event().wait(fault.delay_s)
        if fault.kind is Kind.DUPLICATE:
            work()
        answer = work()
        if fault.kind is Kind.DROP_AFTER:
            raise HangUp
        return "what was the question?" if fault.kind is Kind.MALFORMED else answer


class Listener(socketserver.ThreadingTCPServer):
    """Takes connections until it is closed; a thread for each."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, port: int, *, host: MailHost, faults: Faults, clock: Clock, lock: Any) -> None:
        super().__init__(("127.0.0.1", port), Session)
        self.host, self.faults, self.clock, self.lock = host, faults, clock, lock

    def handle_error(self, _request: Any, _client: Any) -> None:
        """A client that hangs up, or does not trust us, is no trouble of ours."""


def _decoded(given: str) -> str | None:
    try:
        return base64.b64decode(given, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
