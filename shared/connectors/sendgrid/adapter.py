"""The WayOut port over SendGrid's Mail Send, for one workspace's account; and what opens it, named in the registry."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

import httpx
from pydantic import BaseModel, ValidationError

from shared.connectors.sendgrid.letter import SOURCE, letter_of
from shared.domain.ids import WorkspaceId
from shared.domain.sends import Departure
from shared.domain.workspace import Workspace
from shared.ports.clock import Clock, Ids
from shared.ports.errors import NotFound, OutcomeUnknown, Permanent, ReconnectNeeded, SalesAgentError, Transient
from shared.ports.secrets import Secrets
from shared.ports.store import Store
from shared.ports.ways_out import Parcel, WayOut
from shared.resilience.backoff import asked_wait
from shared.resilience.calls import GuardedCalls, RateLimit, guard_for
from shared.resilience.credential import Credential
from shared.resilience.tls import tls_for

RATE = RateLimit(limit=600, window=timedelta(minutes=1), block=20)
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
ACCEPTED = 202


class SendGridSettings(Protocol):
    @property
    def sendgrid_url(self) -> str: ...
    @property
    def vendor_timeout_s(self) -> float: ...


class Fault(BaseModel):
    message: str = ""


class Faults(BaseModel):
    errors: list[Fault] = []


class SendGridWay:
    """One account. Mail Send knows no idempotency: what may have been taken is never handed over again."""

    def __init__(self, *, http: httpx.Client, key: Credential, calls: GuardedCalls, clock: Clock) -> None:
        self._http, self._key, self._calls, self._clock = http, key, calls, clock

    def bring_out(self, *, parcel: Parcel) -> Departure:
        letter = letter_of(parcel)
        receipt = self._calls.run(lambda: self._accepted(letter), repeatable=False)
        return Departure(thread_id=parcel.thread_id, message_id=parcel.message_id, receipt=receipt, at=self._clock.now())

    def _accepted(self, letter: dict[str, Any]) -> str:
        """SendGrid's own id of the mail. A refused key is replaced once, for it may have been rotated."""
        key = self._current_key()
        response = self._posted(letter, key)
        if response.status_code == httpx.codes.UNAUTHORIZED and (newer := self._key.newer_than(key)):
            response = self._posted(letter, newer)
        if response.status_code != ACCEPTED:
            raise failure_of(response, now=self._clock.now())
        return str(response.headers.get("X-Message-Id", ""))

    def _posted(self, letter: dict[str, Any], key: str) -> httpx.Response:
        try:
            return self._http.post("/v3/mail/send", json=letter, headers={"Authorization": f"Bearer {key.strip()}"})
        except httpx.HTTPError as error:
            detail = f"SendGrid gave no answer ({type(error).__name__})"
            family = Transient if isinstance(error, NEVER_SENT) else OutcomeUnknown
            raise family(detail, source=SOURCE) from None

    def _current_key(self) -> str:
        try:
            return self._key.current()
        except NotFound:
            raise ReconnectNeeded(f"secret {self._key.name} does not exist: it should hold the API key", source=SOURCE) from None


def failure_of(response: httpx.Response, *, now: datetime) -> SalesAgentError:
    """What anything but 202 means. 5xx and whatever nobody promised may hide a mail that was taken."""
    status, told = response.status_code, _told(response)
    detail = f"SendGrid answered {status}"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Transient(detail, retry_after=_wait(response, now), source=SOURCE, raw=told)
    if status in (401, 403):
        return ReconnectNeeded(f"{detail}: the key is refused, or the sender is not verified there", source=SOURCE, raw=told)
    if 400 <= status < 500 and status != httpx.codes.REQUEST_TIMEOUT:
        return Permanent(detail, source=SOURCE, raw=told)
    return OutcomeUnknown(detail, source=SOURCE, raw=told)


def _wait(response: httpx.Response, now: datetime) -> timedelta | None:
    """Until when, in seconds since 1970; or how long, as Retry-After says it."""
    reset = response.headers.get("X-RateLimit-Reset", "")
    if reset.isdecimal() and len(reset) <= 11:
        return max(datetime.fromtimestamp(int(reset), UTC) - now, timedelta(seconds=1))
    return asked_wait(response.headers.get("Retry-After", ""))


def _told(response: httpx.Response) -> str:
    try:
        return "; ".join(one.message for one in Faults.model_validate_json(response.content).errors)
    except ValidationError:
        return f"{len(response.content)} bytes"


class SendGridWays:
    """`open` gives a workspace's way out."""

    def __init__(self, *, settings: SendGridSettings, secrets: Secrets, store: Store, clock: Clock, ids: Ids) -> None:
        url = settings.sendgrid_url
        self._http = httpx.Client(base_url=url, timeout=settings.vendor_timeout_s, trust_env=False, verify=tls_for(url))
        self._secrets, self._store, self._clock, self._ids = secrets, store, clock, ids
        self._way = lru_cache(maxsize=256)(self._opened)

    def open(self, *, workspace: Workspace) -> WayOut:
        if workspace.sendgrid is None:
            raise Permanent("the workspace has no SendGrid account any more", source=SOURCE)
        return self._way(workspace.id, workspace.sendgrid.key_secret)

    def _opened(self, workspace_id: WorkspaceId, key_secret: str) -> SendGridWay:
        calls = guard_for(SOURCE, workspace_id=workspace_id, rate=RATE, store=self._store, clock=self._clock, ids=self._ids)
        return SendGridWay(http=self._http, key=Credential(self._secrets, key_secret), calls=calls, clock=self._clock)
