"""A real mail server (aiosmtpd) with TLS and sign-in, that refuses, is slow and hangs up where it is told to; and our way out to it."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from emulators.serving import free_port
from emulators.smtp.certificate import made
from shared.connectors.smtp.adapter import RATE, SmtpWay, SmtpWays, _authorities
from shared.connectors.smtp.connection import Account, Connection, Patience
from shared.connectors.smtp.pool import Pool
from shared.domain.ids import DraftId, SendId
from shared.domain.stamping import message_id_of, stamped
from shared.domain.ways import SmtpServer
from shared.ports.ways_out import Parcel
from shared.resilience.calls import guard_for
from tests.builders import MONDAY, WORKSPACE, an_operator
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.secrets import MemorySecrets
from tests.fakes.store import MemoryStore

USER, PASSWORD = "maria", "open sesame"
RAW = (
    b"From: Maria Costa <maria@northwind.example>\r\nTo: Ana <ana@brightleaf.example>\r\nCc: boss@brightleaf.example\r\n"
    b"Subject: Summit\r\nIn-Reply-To: <a1@x.example>\r\nReferences: <a0@x.example> <a1@x.example>\r\n"
    b"X-Sales-Agent-Draft: draft_1\r\n\r\nDear Ana,\r\n.a line that begins with a dot\r\n"
)


@dataclass
class MailServer:
    """`says` gives a phase's answer (mail, rcpt, the dot); `hangs_up` and `sleeps_at` name phases; `mails` is what it has taken."""

    says: dict[str, str] = field(default_factory=dict)
    hangs_up: set[str] = field(default_factory=set)
    sleeps_at: set[str] = field(default_factory=set)
    password: str = PASSWORD
    mails: list[tuple[str, tuple[str, ...], bytes]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    greeted: list[str] = field(default_factory=list)
    transports: list[Any] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def reached(self, phase: str, server: SMTP) -> None:
        self.said.append(phase)
        if phase in self.sleeps_at:
            await asyncio.Event().wait()
        if phase in self.hangs_up:
            server.transport.abort()
            raise ConnectionResetError

    async def handle_EHLO(self, server: SMTP, session: Any, _envelope: Any, hostname: str, responses: list[str]) -> list[str]:
        session.host_name = hostname
        self.greeted.append(hostname)
        return responses

    async def handle_MAIL(self, server: SMTP, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        await self.reached("mail", server)
        if "mail" in self.says:
            return self.says["mail"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:
        await self.reached("rcpt", server)
        if address in self.says:
            return self.says[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:
        if "dot" in self.says:
            return self.says["dot"]
        self.mails.append((envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content))
        await self.reached("dot", server)
        return "250 2.0.0 queued as 7F"

    async def handle_RSET(self, server: SMTP, *_: Any) -> str:
        await self.reached("rset", server)
        return "250 OK"

    def sign_in(self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        right = (given.login, given.password) == (USER.encode(), self.password.encode())
        return AuthResult(success=right, handled=False)


class _Smtp(SMTP):
    async def smtp_DATA(self, arg: str) -> None:
        await self.event_handler.reached("data", self)
        if "data" in self.event_handler.says:
            await self.push(self.event_handler.says["data"])
            return
        await super().smtp_DATA(arg)

    async def push(self, status: Any) -> Any:
        """Hanging up in the middle of a mail: as soon as it has asked for it."""
        pushed = await super().push(status)
        if str(status).startswith("354") and "content" in self.event_handler.hangs_up:
            self.transport.abort()
        return pushed

    def connection_made(self, transport: Any) -> None:
        self.event_handler.transports.append(transport)
        if self.transport is None:
            self.event_handler.connections += 1
        super().connection_made(transport)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Smtp(self.handler, **self.SMTP_kwargs)


@contextmanager
def a_mail_server(folder: Path, *, offers_tls: bool = True, implicit: bool = False, **options: Any) -> Iterator[MailServer]:
    handler = MailServer()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate(folder))
    inner: dict[str, Any] = {"authenticator": handler.sign_in, "auth_require_tls": offers_tls and not implicit, **options}
    if implicit:
        inner |= {"ssl_context": tls}
    elif offers_tls:
        inner |= {"tls_context": tls, "require_starttls": True, "auth_required": True}
    controller = _Controller(handler, hostname="127.0.0.1", port=free_port(), **inner)
    controller.start()
    controller.loop.set_exception_handler(lambda *_: None)  # of hang-ups that were asked for
    handler.port, handler.connections = controller.port, 0
    try:
        yield handler
    finally:
        for transport in handler.transports:
            controller.loop.call_soon_threadsafe(transport.abort)
        controller.stop(no_assert=True)


def certificate(folder: Path) -> Path:
    """For localhost, signed by nobody else; the file is its own authority."""
    path = folder / "localhost.pem"
    if not path.exists():
        path.write_bytes(b"".join(made()))
    return path


@dataclass
class Settings:
    smtp_ca_file: str = ""
    vendor_timeout_s: float = 20.0


@contextmanager
def a_rig(folder: Path, **server: Any) -> Iterator["Rig"]:
    with a_mail_server(folder, **server) as running:
        yield Rig(running, folder)


@dataclass
class Rig:
    """Maria's way out, with her password where the composition root would find it."""

    server: MailServer
    folder: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(MONDAY))
    secrets: MemorySecrets = field(default_factory=lambda: MemorySecrets(**{"smtp-password-maria": PASSWORD}))

    def ways(self, *, trusted: bool = True) -> SmtpWays:
        settings = Settings(str(certificate(self.folder)) if trusted else "")
        return SmtpWays(settings=settings, secrets=self.secrets, store=MemoryStore(), clock=self.clock, ids=CountingIds())

    def way(self, *, trusted: bool = True, **changes: Any) -> Any:
        server = SmtpServer(host="localhost", port=self.server.port, username=USER, password_secret="smtp-password-maria")
        operator = an_operator(way="smtp", smtp=server.model_copy(update=changes))
        return self.ways(trusted=trusted).open(operator=operator)

    def hasty(self, patience: Patience) -> SmtpWay:
        """A way that does not wait long."""
        server = SmtpServer(host="localhost", port=self.server.port, username=USER, password_secret="smtp-password-maria")
        account = Account(server, "northwind.example", PASSWORD)
        tls = _authorities(str(certificate(self.folder)))
        pool = Pool(lambda: Connection(account, tls=tls, patience=patience), clock=self.clock)
        rate = guard_for("smtp", workspace_id=WORKSPACE, rate=RATE, store=MemoryStore(), clock=self.clock, ids=CountingIds())
        return SmtpWay(pool=pool, calls=rate, clock=self.clock)


def a_parcel(raw: bytes = RAW, *, send_id: str = "send_1-1") -> Parcel:
    return Parcel(
        workspace_id=WORKSPACE,
        send_id=SendId(send_id),
        draft_id=DraftId("draft_1"),
        gmail_draft_id="r-1",
        thread_id="t-1",
        message_id=message_id_of(send_id, "maria@northwind.example"),
        raw=stamped(raw, send_id=send_id, at=MONDAY),
    )
