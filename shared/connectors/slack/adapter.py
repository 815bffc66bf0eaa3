"""The Noticeboard port over chat.postMessage, for one channel; and what opens it, named in the registry."""

from datetime import timedelta
from functools import lru_cache
from typing import Protocol

import httpx

from shared.connectors.slack.message import message_of
from shared.connectors.slack.refusals import SOURCE, TOKEN, failure_of
from shared.domain.ids import WorkspaceId
from shared.domain.notices import Notice
from shared.domain.places import slack_secret_of
from shared.ports.clock import Clock, Ids
from shared.ports.errors import NotFound, OutcomeUnknown, ReconnectNeeded, Transient
from shared.ports.noticeboards import Noticeboard
from shared.ports.secrets import Secrets
from shared.ports.store import Store
from shared.resilience.calls import GuardedCalls, RateLimit, guard_for
from shared.resilience.credential import Credential
from shared.resilience.tls import tls_for

RATE = RateLimit(limit=50, window=timedelta(minutes=1), block=5)
"""Slack takes about one message a second in a channel."""
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class SlackSettings(Protocol):
    @property
    def slack_url(self) -> str: ...
    @property
    def vendor_timeout_s(self) -> float: ...


class SlackBoard:
    """One channel, or one person's direct messages. Slack knows no idempotency, and reading a channel would want further rights."""

    def __init__(self, *, channel: str, http: httpx.Client, token: Credential, calls: GuardedCalls) -> None:
        self._channel, self._http, self._token, self._calls = channel, http, token, calls

    def post(self, *, notice: Notice) -> None:
        self._calls.run(lambda: self._posted(notice), repeatable=False)

    def shows(self, *, notice: Notice) -> bool:  # noqa: ARG002 - the port's
        """It cannot be asked: what may have been told is told again."""
        return False

    def _posted(self, notice: Notice) -> None:
        """A refused token is replaced once, for it may have been rotated."""
        token = self._current_token()
        failure = failure_of(self._asked(notice, token))
        if isinstance(failure, ReconnectNeeded) and (newer := self._token.newer_than(token)):
            failure = failure_of(self._asked(notice, newer))
        if failure is not None:
            raise failure

    def _asked(self, notice: Notice, token: str) -> httpx.Response:
        body = message_of(notice, channel=self._channel)
        try:
            return self._http.post("/api/chat.postMessage", json=body, headers={"Authorization": f"Bearer {token.strip()}"})
        except httpx.HTTPError as error:
            family = Transient if isinstance(error, NEVER_SENT) else OutcomeUnknown
            raise family(f"Slack gave no answer ({type(error).__name__})", source=SOURCE) from None

    def _current_token(self) -> str:
        try:
            token = self._token.current()
        except NotFound:
            raise ReconnectNeeded(f"secret {self._token.name} holds no token: {TOKEN}", source=SOURCE) from None
        if not token.strip().isascii() or not token.strip().isprintable():
            raise ReconnectNeeded(f"secret {self._token.name} holds no token of Slack's: {TOKEN}", source=SOURCE)
        return token


class SlackBoards:
    def __init__(self, *, settings: SlackSettings, secrets: Secrets, store: Store, clock: Clock, ids: Ids) -> None:
        url = settings.slack_url
        self._http = httpx.Client(base_url=url, timeout=settings.vendor_timeout_s, trust_env=False, verify=tls_for(url))
        self._secrets, self._store, self._clock, self._ids = secrets, store, clock, ids
        self._guard = lru_cache(maxsize=256)(self._guarded)

    def open(self, *, workspace_id: WorkspaceId, channel: str) -> Noticeboard:
        token = Credential(self._secrets, slack_secret_of(workspace_id))
        return SlackBoard(channel=channel, http=self._http, token=token, calls=self._guard(workspace_id))

    def _guarded(self, workspace_id: WorkspaceId) -> GuardedCalls:
        return guard_for(SOURCE, workspace_id=workspace_id, rate=RATE, store=self._store, clock=self._clock, ids=self._ids)
