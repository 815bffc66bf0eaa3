"""Accounts, clients, grants, service accounts and live access tokens; pure, JSON-safe in and out."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from emulators.oauth2 import errors

LIFETIME_S = 3599
UNUSED_FOR = timedelta(days=182)
IN_TESTING = timedelta(days=7)
MOST_GRANTS = 100
"""https://developers.google.com/identity/protocols/oauth2#expiration: six months unused, seven days while the consent screen is in
testing, one hundred refresh tokens for each account and client."""
MAIL_SCOPES = ("https://mail.google.com/", "https://www.googleapis.com/auth/gmail.")


@dataclass(frozen=True)
class Grant:
    """One consent: an account let one client act with these scopes. No client id means any client may use it. Moments are epoch seconds."""

    email: str
    refresh_token: str
    scopes: tuple[str, ...]
    client_id: str | None = None
    client_secret: str | None = None
    revoked: bool = False
    given_at: float | None = None
    used_at: float | None = None


@dataclass(frozen=True)
class ServiceAccount:
    """`client_id` is what an Admin console knows it by; `keys` are public ones in PEM, by id."""

    email: str
    client_id: str
    keys: dict[str, str]


@dataclass(frozen=True)
class Delegation:
    """A line under Domain-wide delegation in the Admin console of one Workspace."""

    domain: str
    client_id: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Client:
    """A registered application; it is sent nowhere but to its redirect URIs."""

    id: str
    secret: str
    redirect_uris: tuple[str, ...]


@dataclass(frozen=True)
class AccessToken:
    value: str
    email: str
    scopes: tuple[str, ...]
    expires_at: float
    refresh_token: str | None
    client_id: str = ""


@dataclass
class TokenState:
    """`in_testing`: consents end after a week. `reauthenticate`: accounts whose administrator asks for the password again."""

    grants: dict[str, Grant] = field(default_factory=dict)
    service_accounts: dict[str, ServiceAccount] = field(default_factory=dict)
    delegations: list[Delegation] = field(default_factory=list)
    clients: dict[str, Client] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # account -> the person's name
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    reauthenticate: list[str] = field(default_factory=list)
    in_testing: bool = False
    minted: int = 0

    def grant(self, refresh_token: str, now: datetime) -> Grant:
        """The living grant behind a refresh token, marked as used; raises OAuthError for an unknown or dead one."""
        grant = self.grants.get(refresh_token)
        if grant is None:
            raise errors.unknown_refresh_token()
        if grant.revoked or self._too_old(grant, now.timestamp()):
            raise errors.dead_grant()
        if grant.email in self.reauthenticate:
            raise errors.reauthentication_needed()
        self.grants[refresh_token] = replace(grant, used_at=now.timestamp(), given_at=grant.given_at or now.timestamp())
        return grant

    def consent(self, email: str, scopes: Iterable[str], *, client_id: str, client_secret: str | None, now: datetime) -> Grant:
        """A new grant; beyond a hundred for this account and client the oldest one dies without a word."""
        at = now.timestamp()
        self.minted += 1
        refresh_token = f"1//emulated-{_digest(f'{email}/{client_id}/{self.minted}')}"
        mine = [one for one in self.grants.values() if (one.email, one.client_id) == (email, client_id) and not one.revoked]
        for old in mine[: max(0, len(mine) + 1 - MOST_GRANTS)]:
            self.grants[old.refresh_token] = replace(old, revoked=True)
        self.grants[refresh_token] = Grant(email, refresh_token, tuple(scopes), client_id, client_secret, given_at=at, used_at=at)
        return self.grants[refresh_token]

    def mint(
        self, *, email: str, scopes: Iterable[str], now: datetime, refresh_token: str | None, client_id: str | None = None
    ) -> AccessToken:
        self.minted += 1
        expires_at = (now + timedelta(seconds=LIFETIME_S)).timestamp()
        value = f"ya29.emulated-{_digest(f'{email}/{self.minted}')}"
        token = AccessToken(value, email, tuple(scopes), expires_at, refresh_token, client_id or "")
        self.access_tokens[token.value] = token
        return token

    def live(self, value: str, now: datetime) -> AccessToken | None:
        token = self.access_tokens.get(value)
        return token if token is not None and token.expires_at > now.timestamp() else None

    def revoke(self, *, email: str | None = None, token: str | None = None) -> int:
        """Ends every grant of the account, or the one behind this refresh or access token; answers how many ended."""
        behind = self.access_tokens.get(token or "")
        wanted = behind.refresh_token if behind else token
        return self._end([g for g in self.grants.values() if g.email == email or g.refresh_token == wanted])

    def password_changed(self, email: str) -> int:
        """Grants that include mail end with the password they were given under; the others live on."""
        mail = [g for g in self.grants.values() if g.email == email and any(scope.startswith(MAIL_SCOPES) for scope in g.scopes)]
        return self._end(mail)

    def consented(self, email: str, client_id: str) -> tuple[str, ...]:
        """Every scope this account has already given to this client."""
        held = (one for one in self.grants.values() if one.email == email and one.client_id == client_id and not one.revoked)
        return tuple(dict.fromkeys(scope for one in held for scope in one.scopes))

    def accounts(self) -> list[str]:
        return sorted({*self.names, *(grant.email for grant in self.grants.values())})

    def delegate(self, domain: str, client_id: str, scopes: Iterable[str]) -> None:
        """The administrator's line for this client; without scopes it is taken away."""
        others = [one for one in self.delegations if (one.domain, one.client_id) != (domain, client_id)]
        given = tuple(scopes)
        self.delegations = [*others, Delegation(domain, client_id, given)] if given else others

    def delegated(self, domain: str, client_id: str) -> frozenset[str]:
        """Every scope this Workspace lets the client act with for its people."""
        return frozenset(scope for one in self.delegations if (one.domain, one.client_id) == (domain, client_id) for scope in one.scopes)

    def _end(self, grants: Iterable[Grant]) -> int:
        ended = [grant for grant in grants if not grant.revoked]
        for grant in ended:
            self.grants[grant.refresh_token] = replace(grant, revoked=True)
        dead = {grant.refresh_token for grant in ended}
        self.access_tokens = {v: t for v, t in self.access_tokens.items() if t.refresh_token not in dead}
        return len(ended)

    def _too_old(self, grant: Grant, now: float) -> bool:
        unused = grant.used_at is not None and now - grant.used_at > UNUSED_FOR.total_seconds()
        tested = self.in_testing and grant.given_at is not None and now - grant.given_at > IN_TESTING.total_seconds()
        return unused or tested

    def dump(self) -> dict[str, Any]:
        held = ("grants", "service_accounts", "clients", "access_tokens")
        plain = {name: getattr(self, name) for name in ("names", "reauthenticate", "in_testing", "minted")}
        lines = {"delegations": [asdict(one) for one in self.delegations]}
        return {name: [asdict(one) for one in getattr(self, name).values()] for name in held} | lines | plain

    def load(self, data: Mapping[str, Any]) -> None:
        grants = [Grant(**_tuples(g, "scopes")) for g in data.get("grants", [])]
        accounts = [ServiceAccount(**a) for a in data.get("service_accounts", [])]
        clients = [Client(**_tuples(c, "redirect_uris")) for c in data.get("clients", [])]
        tokens = [AccessToken(**_tuples(t, "scopes")) for t in data.get("access_tokens", [])]
        self.grants = {grant.refresh_token: grant for grant in grants}
        self.service_accounts = {account.email: account for account in accounts}
        self.clients = {client.id: client for client in clients}
        self.access_tokens = {token.value: token for token in tokens}
        self.delegations = [Delegation(**_tuples(d, "scopes")) for d in data.get("delegations", [])]
        self.names, self.reauthenticate = dict(data.get("names", {})), list(data.get("reauthenticate", []))
        self.in_testing, self.minted = bool(data.get("in_testing", False)), int(data.get("minted", 0))


def account_id(email: str) -> str:
    """The 21 digits Google knows a person by."""
    return f"1{int(hashlib.sha256(email.encode()).hexdigest(), 16) % 10**20:020d}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _tuples(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: tuple(value) if key in names else value for key, value in data.items()}
