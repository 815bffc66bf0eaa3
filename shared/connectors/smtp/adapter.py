"""The WayOut port over SMTP, for one operator; and what opens it, named in the registry."""

import ssl
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import certifi

from shared.connectors.smtp.connection import Account, Connection, Patience
from shared.connectors.smtp.pool import Pool
from shared.connectors.smtp.replies import SOURCE
from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.people import mail_domain
from shared.domain.sends import Departure
from shared.domain.stamping import envelope_of
from shared.domain.ways import SmtpServer
from shared.domain.workspace import Operator
from shared.ports.clock import Clock, Ids
from shared.ports.errors import NotFound, Permanent, ReconnectNeeded, SalesAgentError
from shared.ports.secrets import Secrets
from shared.ports.store import Store
from shared.ports.ways_out import Parcel, WayOut
from shared.resilience.calls import GuardedCalls, RateLimit, guard_for
from shared.resilience.credential import Credential

RATE = RateLimit(limit=60, window=timedelta(minutes=1), block=5)
"""Mail servers tell no limit of theirs and punish haste."""
TAKING_S = 25.0
"""A server may look through the whole mail before it answers; the function that waits has a minute for everything."""


class SmtpSettings(Protocol):
    @property
    def vendor_timeout_s(self) -> float: ...
    @property
    def smtp_ca_file(self) -> str: ...


class SmtpWay:
    """One operator's mail server."""

    def __init__(self, *, pool: Pool, calls: GuardedCalls, clock: Clock) -> None:
        self._pool, self._calls, self._clock = pool, calls, clock

    def bring_out(self, *, parcel: Parcel) -> Departure:
        receipt = self._calls.run(lambda: self._handed_over(parcel), repeatable=False)
        return Departure(thread_id=parcel.thread_id, message_id=parcel.message_id, receipt=receipt, at=self._clock.now())

    def _handed_over(self, parcel: Parcel) -> str:
        envelope = envelope_of(parcel.raw)
        kept = self._pool.take()
        try:
            receipt = kept.connection.hand_over(envelope, parcel.raw)
        except SalesAgentError:
            kept.connection.close()
            raise
        self._pool.give_back(kept)
        return receipt


@dataclass(frozen=True)
class Door:
    """Where connections of one operator are opened."""

    server: SmtpServer
    greets_as: str
    password: Credential
    patience: Patience
    tls: ssl.SSLContext

    def open(self) -> Connection:
        """A password that is refused may have been changed since it was read."""
        password = _known(self.password) if self.server.username else ""
        try:
            return self._opened(password)
        except ReconnectNeeded:
            newer = self.password.newer_than(password) if password else None
            if newer is None:
                raise
            return self._opened(newer)

    def _opened(self, password: str) -> Connection:
        return Connection(Account(self.server, self.greets_as, password.strip()), tls=self.tls, patience=self.patience)


class SmtpWays:
    """`open` gives an operator's way out; its connections live as long as the process, or until the operator's settings change."""

    def __init__(self, *, settings: SmtpSettings, secrets: Secrets, store: Store, clock: Clock, ids: Ids) -> None:
        self._settings, self._secrets, self._store, self._clock, self._ids = settings, secrets, store, clock, ids
        self._ways: dict[tuple[WorkspaceId, OperatorId], tuple[Operator, SmtpWay]] = {}

    def open(self, *, operator: Operator) -> WayOut:
        if operator.smtp is None:
            raise Permanent(f"operator {operator.id} has no mail server any more", source=SOURCE)
        whose = operator.workspace_id, operator.id
        known = self._ways.get(whose)
        if known is None or known[0] != operator:
            known = self._ways[whose] = operator, self._opened(operator, operator.smtp)
        return known[1]

    def _opened(self, operator: Operator, server: SmtpServer) -> SmtpWay:
        calls = guard_for(
            SOURCE,
            workspace_id=operator.workspace_id,
            rate=RATE,
            store=self._store,
            clock=self._clock,
            ids=self._ids,
            account=operator.id,
        )
        waits = self._settings.vendor_timeout_s
        door = Door(
            server=server,
            greets_as=server.greets_as or mail_domain(operator.email),
            password=Credential(self._secrets, server.password_secret),
            patience=Patience(connect_s=waits, answer_s=waits, taking_s=max(waits, TAKING_S)),
            tls=_authorities(self._settings.smtp_ca_file),
        )
        return SmtpWay(pool=Pool(door.open, clock=self._clock), calls=calls, clock=self._clock)


def _known(credential: Credential) -> str:
    try:
        return credential.current()
    except NotFound:
        raise ReconnectNeeded(f"secret {credential.name} does not exist: it should hold the password", source=SOURCE) from None


@lru_cache(maxsize=1)
def _authorities(ca_file: str) -> ssl.SSLContext:
    """The public ones, and the installation's own if it has one. Nothing older than TLS 1.2."""
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file:
        context.load_verify_locations(cadata=Path(ca_file).read_text(encoding="ascii"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
