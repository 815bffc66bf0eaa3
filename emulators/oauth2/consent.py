"""The authorization request a browser brings, and the one-time code it takes back (RFC 6749 §4.1, PKCE RFC 7636)."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from emulators.oauth2 import errors
from emulators.oauth2.state import TokenState

LIVES = timedelta(minutes=10)
METHODS = ("plain", "S256")


@dataclass(frozen=True)
class Asked:
    """What the application asks for, checked; `fields` are the parameters as they came."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    fields: Mapping[str, str]

    def answer(self, **values: str) -> str:
        """Where the browser goes next."""
        state = {"state": self.fields["state"]} if "state" in self.fields else {}
        mark = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{mark}{urlencode({**state, **values})}"


@dataclass(frozen=True)
class Code:
    asked: Asked
    email: str
    scopes: tuple[str, ...]
    given_at: datetime
    again: bool


@dataclass
class Codes:
    """Codes waiting to be exchanged; they are not kept over a restart."""

    waiting: dict[str, Code] = field(default_factory=dict)
    given: int = 0

    def give(self, code: Code) -> str:
        self.given += 1
        value = f"4/0emulated-{hashlib.sha256(f'{code.email}/{self.given}'.encode()).hexdigest()[:40]}"
        self.waiting[value] = code
        return value

    def take(self, value: str, form: Mapping[str, str], now: datetime) -> Code:
        """The consent behind a code, once; raises OAuthError for one that is used, old, or somebody else's."""
        code = self.waiting.pop(value, None)
        if code is None:
            raise errors.malformed_code()
        if now - code.given_at > LIVES or form.get("client_id") != code.asked.client_id:
            raise errors.OAuthError("invalid_grant", "Bad Request")
        if form.get("redirect_uri") != code.asked.redirect_uri:
            raise errors.OAuthError("redirect_uri_mismatch", "Bad Request")
        _check_verifier(code.asked.fields, form.get("code_verifier"))
        return code


def asked(state: TokenState, fields: Mapping[str, str]) -> Asked:
    """Reads an authorization request; raises what is shown to the person, for there is nowhere safe to send them."""
    client = state.clients.get(fields.get("client_id", ""))
    if not fields.get("client_id") or (state.clients and client is None):
        raise errors.unknown_client()
    redirect = fields.get("redirect_uri", "")
    if not redirect or (client is not None and redirect not in client.redirect_uris):
        raise errors.redirect_mismatch()
    scopes = tuple(fields.get("scope", "").split())
    if fields.get("response_type") != "code" or not scopes:
        raise errors.missing_parameter("response_type" if scopes else "scope")
    if fields.get("code_challenge_method", "plain") not in METHODS:
        raise errors.OAuthError("invalid_request", "Invalid code_challenge_method")
    return Asked(fields["client_id"], redirect, scopes, dict(fields))


def _check_verifier(fields: Mapping[str, str], verifier: str | None) -> None:
    challenge = fields.get("code_challenge")
    if challenge is None:
        return
    if not verifier:
        raise errors.OAuthError("invalid_grant", "Missing code verifier.")
    hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    if challenge != (hashed if fields.get("code_challenge_method") == "S256" else verifier):
        raise errors.OAuthError("invalid_grant", "Invalid code verifier.")
