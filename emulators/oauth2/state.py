"""Grants, service accounts and live access tokens; pure, JSON-safe in and out."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from emulators.oauth2 import errors

LIFETIME_S = 3599


@dataclass(frozen=True)
class Grant:
    """One consent: an account let one client act with these scopes. No client id means any client may use it."""

    email: str
    refresh_token: str
    scopes: tuple[str, ...]
    client_id: str | None = None
    client_secret: str | None = None
    revoked: bool = False


@dataclass(frozen=True)
class ServiceAccount:
    """A key with domain-wide delegation: it may act for these subjects with these scopes."""

    email: str
    public_key: str
    scopes: tuple[str, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class AccessToken:
    value: str
    email: str
    scopes: tuple[str, ...]
    expires_at: float
    refresh_token: str | None


@dataclass
class TokenState:
    grants: dict[str, Grant] = field(default_factory=dict)
    service_accounts: dict[str, ServiceAccount] = field(default_factory=dict)
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    minted: int = 0

    def grant(self, refresh_token: str) -> Grant:
        """The living grant behind a refresh token; raises OAuthError for an unknown or revoked one."""
        grant = self.grants.get(refresh_token)
        if grant is None:
            raise errors.unknown_refresh_token()
        if grant.revoked:
            raise errors.dead_grant()
        return grant

    def mint(self, *, email: str, scopes: Iterable[str], now: datetime, refresh_token: str | None) -> AccessToken:
        self.minted += 1
        digest = hashlib.sha256(f"{email}/{self.minted}".encode()).hexdigest()[:32]
        expires_at = (now + timedelta(seconds=LIFETIME_S)).timestamp()
        token = AccessToken(f"ya29.emulated-{digest}", email, tuple(scopes), expires_at, refresh_token)
        self.access_tokens[token.value] = token
        return token

    def live(self, value: str, now: datetime) -> AccessToken | None:
        token = self.access_tokens.get(value)
        return token if token is not None and token.expires_at > now.timestamp() else None

    def revoke(self, *, email: str | None = None, token: str | None = None) -> int:
        """Ends every grant of the account, or the one behind this refresh or access token; answers how many ended."""
        behind = self.access_tokens.get(token or "")
        wanted = behind.refresh_token if behind else token
        ended = [g for g in self.grants.values() if not g.revoked and (g.email == email or g.refresh_token == wanted)]
        for grant in ended:
            self.grants[grant.refresh_token] = replace(grant, revoked=True)
        dead = {grant.refresh_token for grant in ended}
        self.access_tokens = {v: t for v, t in self.access_tokens.items() if t.refresh_token not in dead}
        return len(ended)

    def dump(self) -> dict[str, Any]:
        return {
            "grants": [asdict(grant) for grant in self.grants.values()],
            "service_accounts": [asdict(account) for account in self.service_accounts.values()],
            "access_tokens": [asdict(token) for token in self.access_tokens.values()],
            "minted": self.minted,
        }

    def load(self, data: Mapping[str, Any]) -> None:
        grants = [Grant(**_tuples(g, "scopes")) for g in data.get("grants", [])]
        accounts = [ServiceAccount(**_tuples(a, "scopes", "subjects")) for a in data.get("service_accounts", [])]
        tokens = [AccessToken(**_tuples(t, "scopes")) for t in data.get("access_tokens", [])]
        self.grants = {grant.refresh_token: grant for grant in grants}
        self.service_accounts = {account.email: account for account in accounts}
        self.access_tokens = {token.value: token for token in tokens}
        self.minted = int(data.get("minted", 0))


def _tuples(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: tuple(value) if key in names else value for key, value in data.items()}
