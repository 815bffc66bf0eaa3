"""Opens Google APIs for the accounts a workspace has connected; one HTTP client and one token store per process."""

from datetime import timedelta
from typing import Protocol

import httpx

from shared.connectors.google_oauth.client import GoogleApi
from shared.connectors.google_oauth.tokens import AccessTokens, AccountTokens
from shared.domain.workspace import Operator
from shared.ports.clock import Clock, Ids
from shared.ports.secrets import Secrets
from shared.ports.signing import AssertionSigner
from shared.ports.store import Store
from shared.resilience.calls import RateLimit, guard_for
from shared.resilience.tls import tls_for

RATES = {
    "gmail": RateLimit(limit=15_000, window=timedelta(minutes=1), block=500),  # quota units per user
    "calendar": RateLimit(limit=600, window=timedelta(minutes=1), block=50),  # requests per user
    "drive": RateLimit(limit=12_000, window=timedelta(minutes=1), block=200),
}


class GoogleSettings(Protocol):
    @property
    def oauth_token_url(self) -> str: ...
    @property
    def gmail_url(self) -> str: ...
    @property
    def calendar_url(self) -> str: ...
    @property
    def drive_url(self) -> str: ...
    @property
    def vendor_timeout_s(self) -> float: ...


class GoogleAccounts:
    """`open` gives an API in the name of one operator."""

    def __init__(
        self, *, settings: GoogleSettings, secrets: Secrets, store: Store, clock: Clock, ids: Ids, signer: AssertionSigner
    ) -> None:
        self._urls = {"gmail": settings.gmail_url, "calendar": settings.calendar_url, "drive": settings.drive_url}
        verify = tls_for(settings.oauth_token_url, *self._urls.values())
        self._http = httpx.Client(timeout=settings.vendor_timeout_s, trust_env=False, verify=verify)
        self._tokens = AccountTokens(secrets=secrets, http=self._http, token_url=settings.oauth_token_url, clock=clock, signer=signer)
        self._store, self._clock, self._ids = store, clock, ids

    def open(self, api: str, *, operator: Operator) -> GoogleApi:
        """`api` is gmail, calendar or drive; rate limits are counted per operator, as Google does."""
        calls = guard_for(
            api,
            workspace_id=operator.workspace_id,
            rate=RATES[api],
            store=self._store,
            clock=self._clock,
            ids=self._ids,
            account=operator.id,
        )
        return GoogleApi(
            source=api, base_url=self._urls[api], http=self._http, tokens=self.tokens(operator), calls=calls, clock=self._clock
        )

    def tokens(self, operator: Operator) -> AccessTokens:
        return self._tokens.of(operator.refresh_token_secret)
