"""Who calls the API and what they may do: a token of a workspace or a Google account it knows, no more often than is allowed."""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Protocol

from shared.domain.allowance import Limit
from shared.domain.audit import ActorKind
from shared.domain.ids import derived_id
from shared.domain.roles import Role
from shared.domain.tokens import token_digest
from shared.domain.workspace import ApiTokenRoute, SignInRoute, sign_in_id
from shared.ports.clock import Clock
from shared.ports.errors import Rejected
from shared.ports.requests import Caller, Incoming
from shared.ports.store import Store
from shared.resilience.allowances import Allowances
from shared.resilience.together import together
from shared.runtime.settings import Settings

MINUTE = timedelta(minutes=1)
BLOCKS = 20
"""A limit is taken in so many parts: 19 of 20 requests need not ask what the others have taken."""


class Identities(Protocol):
    """Says whose identity token it is."""

    def address_of(self, token: str) -> str:
        """Rejected with 401 for a token that says nothing."""


@dataclass(frozen=True)
class Claim:
    """Whom somebody claims to be: to be looked up under `id`. `address` is the Google account's; tokens have none."""

    id: str
    address: str = ""


class ApiCallers:
    """Every wrong token is refused alike. Whoever guesses is let in no more for a while, with the right token too."""

    def __init__(self, *, settings: Settings, store: Store, clock: Clock, google_identities: Identities) -> None:
        self._store, self._identities, self._hops = store, google_identities, settings.trusted_hops
        units = settings.api_requests_per_minute
        requests = Limit(name="requests", units=units, window=MINUTE, block=max(1, units // BLOCKS))
        guesses = Limit(name="failures", units=settings.auth_failures_per_minute, window=MINUTE)
        self._requests = Allowances(requests, store=store, clock=clock)
        self._guesses = Allowances(guesses, store=store, clock=clock)

    def check(self, incoming: Incoming) -> Caller:
        """Rejected: 401 for whom nobody knows, 429 for who has asked too often. Without a token nothing is looked at."""
        scheme, _, token = incoming.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _unknown()
        claim = self._claim(token.strip())
        guesser, asker = derived_id("guesses", network_of(client_address(incoming, hops=self._hops))), derived_id("requests", claim.id)
        keys = [self._guesses.key(guesser), *([] if self._requests.has_lease(asker) else [self._requests.key(asker)])]
        caller, (guessed, *asked) = together(lambda: self._known(claim), lambda: self._store.read(*keys))
        self._guesses.require(guessed)
        if caller is None:
            self._guesses.take(guesser, guessed)
            raise _unknown()
        self._requests.take(asker, asked[0] if asked else None)
        return caller

    def _claim(self, token: str) -> Claim:
        """A token that looks like Google's and is not is looked up like any other, and not found."""
        if token.count(".") == 2:
            try:
                address = self._identities.address_of(token)
            except Rejected:
                return Claim(token_digest(token))
            return Claim(sign_in_id(address), address)
        return Claim(token_digest(token))

    def _known(self, claim: Claim) -> Caller | None:
        if not claim.address:
            route = self._store.route(ApiTokenRoute, id=claim.id)
            return Caller(route.label, route.workspace_id, route.role) if route else None
        account = self._store.route(SignInRoute, id=claim.id)
        if account is None:
            return None
        kind = ActorKind.PERSON if account.operator_id else ActorKind.SERVICE
        return Caller(account.operator_id or claim.address, account.workspace_id, account.role, kind)


def client_address(incoming: Incoming, *, hops: int) -> str:
    """Whoever is in front of our own proxies, each of which adds one address to X-Forwarded-For; what stands before is only said.

    https://cloud.google.com/load-balancing/docs/https#x-forwarded-for_header
    """
    told = [one.strip() for one in incoming.headers.get("x-forwarded-for", "").split(",") if one.strip()]
    return told[-min(hops, len(told))] if hops and told else incoming.peer


def network_of(address: str) -> str:
    """Whom guesses are counted for: whoever has one address of IPv6 has the 2^64 beside it too."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((known, 64), strict=False)) if known.version == 6 else str(known)


def check_role(caller: Caller, needed: Role) -> None:
    """Rejected with 403 for who may not do what `needed` may."""
    if caller.role is None or not caller.role.includes(needed):
        raise Rejected(f"this needs a token of the role {needed}", field="authorization", status=403)


def _unknown() -> Rejected:
    headers = {"WWW-Authenticate": "Bearer"}
    return Rejected("a workspace token is required", field="authorization", status=401, headers=headers)
