"""Access tokens: bought with a refresh token, kept in memory only, renewed before they expire; used by every Google connector."""

import threading
from datetime import datetime, timedelta

import httpx
from pydantic import ValidationError

from shared.connectors.google_oauth.delegation import GONE, DelegatedTokens, StoredDelegation
from shared.connectors.google_oauth.errors import unanswered, wished_pause
from shared.connectors.google_oauth.wire import StoredCredentials, TokenAnswer, TokenRefusal, parsed
from shared.ports.clock import Clock
from shared.ports.errors import NotFound, Permanent, ReconnectNeeded, SalesAgentError, Transient, reason_word
from shared.ports.secrets import Secrets
from shared.ports.signing import AssertionSigner
from shared.resilience.credential import Credential

SOURCE = "google_oauth"
RENEW_EARLY = timedelta(minutes=5)
DELEGATED = '"delegated"'
"""Stands in stored delegations alone."""
DEAD = frozenset({"invalid_grant", "invalid_client", "unauthorized_client", *GONE})
"""Answers after which only the operator can help: consent withdrawn, password changed, client deleted."""


class AccessTokens:
    """The tokens of one account. Thread-safe: of several callers one renews, the others wait for it."""

    def __init__(
        self, *, secret_name: str, secrets: Secrets, http: httpx.Client, token_url: str, clock: Clock, signer: AssertionSigner
    ) -> None:
        self._secret = Credential(secrets, secret_name)
        self._http, self._token_url, self._clock = http, token_url, clock
        self._delegated = DelegatedTokens(signer=signer, http=http, token_url=token_url, clock=clock)
        self._lock = threading.Lock()
        self._held: str | None = None
        self._good_until: datetime | None = None
        self._scopes: frozenset[str] = frozenset()

    def current(self) -> str:
        """A token good for minutes at least. ReconnectNeeded when the consent is gone."""
        with self._lock:
            if self._held is None or self._good_until is None or self._clock.now() >= self._good_until:
                answer = self._bought()
                self._held = answer.access_token.get_secret_value()
                self._scopes = frozenset(answer.scope.split())
                self._good_until = self._clock.now() + max(timedelta(0), timedelta(seconds=answer.expires_in) - RENEW_EARLY)
            return self._held

    def scopes(self) -> frozenset[str]:
        """What the consent allows, as Google says with a token. ReconnectNeeded when it is gone."""
        self.current()
        return self._scopes

    def forget(self, token: str) -> None:
        """Google refused this token: buy another next time."""
        with self._lock:
            if self._held == token:
                self._held = None

    def _bought(self) -> TokenAnswer:
        """With what is stored; refused, with what has been stored since: somebody may have connected the account anew."""
        kept = self._kept()
        try:
            return self._exchanged(self._read(kept))
        except ReconnectNeeded:
            newer = self._secret.newer_than(kept)
            if newer is None:
                raise
            return self._exchanged(self._read(newer))

    def _exchanged(self, stored: StoredCredentials | StoredDelegation) -> TokenAnswer:
        if isinstance(stored, StoredDelegation):
            response = self._delegated.exchanged(stored)
            if response.is_success:
                return self._delegated.read(response, stored)
            raise self._delegated.refusal(_told(response), stored) or _refused(response, self._clock.now())
        form = {"grant_type": "refresh_token", "client_id": stored.client_id}
        form |= {"client_secret": stored.client_secret.get_secret_value(), "refresh_token": stored.refresh_token.get_secret_value()}
        try:
            response = self._http.post(self._token_url, data=form)
        except httpx.RequestError as error:
            raise unanswered(error, source=SOURCE, changes=False) from None
        if not response.is_success:
            raise _refused(response, self._clock.now())
        return parsed(TokenAnswer, response.content, source=SOURCE)

    def _kept(self) -> str:
        if not self._secret.name:
            raise ReconnectNeeded("no Google account is connected: reconnect the mailbox", source=SOURCE)
        try:
            present = self._secret.current()
            if DELEGATED not in present:
                return present
            return self._secret.secrets.newer(name=self._secret.name, than=present) or present  # nobody at Google knows that it has ended
        except NotFound:
            raise ReconnectNeeded(f"the credentials {self._secret.name} do not exist: reconnect the mailbox", source=SOURCE) from None

    def _read(self, kept: str) -> StoredCredentials | StoredDelegation:
        try:
            return _stored(kept)
        except ValidationError as error:
            first = error.errors(include_input=False, include_context=False)[0]
            field = str(first["loc"][-1]) if first["loc"] else "JSON"
            raise ReconnectNeeded(
                f"the credentials {self._secret.name} lack a readable {field}: reconnect the mailbox", source=SOURCE
            ) from None


class AccountTokens:
    """The tokens of every account this process acts for, one AccessTokens per secret."""

    def __init__(self, *, secrets: Secrets, http: httpx.Client, token_url: str, clock: Clock, signer: AssertionSigner) -> None:
        self._secrets, self._signer = secrets, signer
        self._http, self._token_url, self._clock = http, token_url, clock
        self._lock = threading.Lock()
        self._accounts: dict[str, AccessTokens] = {}

    def of(self, secret_name: str) -> AccessTokens:
        with self._lock:
            if secret_name not in self._accounts:
                self._accounts[secret_name] = AccessTokens(
                    secret_name=secret_name,
                    secrets=self._secrets,
                    http=self._http,
                    token_url=self._token_url,
                    clock=self._clock,
                    signer=self._signer,
                )
            return self._accounts[secret_name]


def _refused(response: httpx.Response, now: datetime) -> SalesAgentError:
    told = _told(response)
    if told.error in DEAD:
        return ReconnectNeeded(
            f"Google no longer accepts our access ({told.error}): reconnect the mailbox", source=SOURCE, raw=told.error_description
        )
    if response.status_code == 429 or response.status_code >= 500:
        wish = wished_pause(response, "", now)
        return Transient(f"the token endpoint answered {response.status_code}", retry_after=wish, source=SOURCE)
    detail = f"the token endpoint refused the request: {response.status_code} {reason_word(told.error)}".rstrip()
    return Permanent(detail, source=SOURCE, raw=told.error_description)


def _told(response: httpx.Response) -> TokenRefusal:
    try:
        return parsed(TokenRefusal, response.content, source=SOURCE)
    except SalesAgentError:
        return TokenRefusal()


def _stored(kept: str) -> StoredCredentials | StoredDelegation:
    return StoredDelegation.model_validate_json(kept) if DELEGATED in kept else StoredCredentials.model_validate_json(kept)
