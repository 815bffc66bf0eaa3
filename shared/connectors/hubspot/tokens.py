"""What opens a portal: a key as it is stored, or access tokens of half an hour bought with the refresh token of an installed app."""

import threading
from datetime import datetime, timedelta

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from shared.connectors.hubspot.failures import SOURCE, failure_of, no_answer
from shared.ports.clock import Clock
from shared.ports.errors import NotFound, Permanent, ReconnectNeeded, reason_word
from shared.resilience.credential import Credential

RENEW_EARLY = timedelta(minutes=5)
TOKEN_PATH = "/oauth/v3/token"


class AppCredentials(BaseModel):
    """What the secret of a portal holds when it was connected through the app."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr


class AppTokens(BaseModel):
    """The token endpoint's answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    access_token: SecretStr
    refresh_token: SecretStr
    expires_in: float


class PortalTokens:
    """Like a Credential. Thread-safe: of several callers one buys, the others wait for it."""

    def __init__(self, *, secret: Credential, http: httpx.Client, clock: Clock) -> None:
        self._secret, self._http, self._clock = secret, http, clock
        self._lock = threading.Lock()
        self._held, self._held_for = "", ""
        self._good_until: datetime | None = None

    def current(self) -> str:
        """ReconnectNeeded when nothing is stored, or the app was taken away from the portal."""
        try:
            kept = self._secret.current()
        except NotFound:
            raise ReconnectNeeded("no HubSpot portal is connected: connect it", source=SOURCE) from None
        return self._opened(kept)

    def newer_than(self, refused: str) -> str | None:
        """What may work instead: a stored key that has been replaced, or a token bought anew."""
        with self._lock:
            if self._held == refused:
                self._held = ""
        kept = self._secret.current()
        newer = self._secret.newer_than(kept)
        try:
            token = self._opened(newer or kept)
        except ReconnectNeeded:
            return None
        return token if token != refused else None

    def _opened(self, kept: str) -> str:
        stored = app_credentials(kept)
        if stored is None:
            return kept
        with self._lock:
            stale = self._good_until is None or self._clock.now() >= self._good_until
            if stale or not self._held or self._held_for != kept:
                self._buy(stored, kept)
            return self._held

    def _buy(self, stored: AppCredentials, kept: str) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": stored.refresh_token.get_secret_value(), **client_of(stored)}
        answer = exchanged(self._http, form)
        self._held, self._held_for = answer.access_token.get_secret_value(), kept
        self._good_until = self._clock.now() + max(timedelta(0), timedelta(seconds=answer.expires_in) - RENEW_EARLY)


def app_credentials(kept: str) -> AppCredentials | None:
    """None for a plain key."""
    if not kept.lstrip().startswith("{"):
        return None
    try:
        return AppCredentials.model_validate_json(kept)
    except ValidationError:
        raise ReconnectNeeded("what is stored for this portal cannot be read: connect it again", source=SOURCE) from None


def client_of(stored: AppCredentials) -> dict[str, str]:
    return {"client_id": stored.client_id, "client_secret": stored.client_secret.get_secret_value()}


def exchanged(http: httpx.Client, form: dict[str, str]) -> AppTokens:
    """Tokens for a code or a refresh token. A refusal is ReconnectNeeded: nobody but a person can help."""
    what = f"POST {TOKEN_PATH}"
    try:
        response = http.post(TOKEN_PATH, data=form)
    except httpx.HTTPError as error:
        raise no_answer(error, what=what, safe=True) from None
    if response.status_code in (400, 401, 403):
        raise ReconnectNeeded(f"HubSpot no longer accepts our access ({_reason(response)}): connect the portal again", source=SOURCE)
    if response.is_error:
        raise failure_of(response, what=what, safe=True)
    try:
        return AppTokens.model_validate_json(response.content)
    except ValidationError:
        raise Permanent("HubSpot's token endpoint answered something else than tokens", source=SOURCE) from None


def _reason(response: httpx.Response) -> str:
    """Its own word for it, when it is one."""
    try:
        word = reason_word(response.json().get("status"))
    except (ValueError, AttributeError):
        word = ""
    return word or str(response.status_code)
