"""The OAuth2 token endpoint: paths, seeds and revocation; Gmail, Calendar and Drive ask it whose token a request carries."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.oauth2 import consent_responses, pages, responses
from emulators.oauth2.consent import Codes
from emulators.oauth2.errors import OAuthError
from emulators.oauth2.state import Client, Grant, ServiceAccount, TokenState
from emulators.service import HttpEmulator, Identity, Route, json_response

TELLING: list[tuple[str, str, Callable[..., Response], str]] = [
    ("GET", "/tokeninfo", responses.tokeninfo, "tokeninfo"),
    ("POST", "/oauth2/v2/tokeninfo", responses.tokeninfo_v2, "tokeninfo.v2"),
    ("GET", "/oauth2/v2/userinfo", responses.userinfo_v2, "userinfo.v2"),
    ("GET", "/userinfo/v2/me", responses.userinfo_v2, "userinfo.v2.me"),
    ("GET", "/v1/userinfo", responses.userinfo, "userinfo"),
]


class _Shown(Exception):
    """A refusal a person sees instead of a program."""

    def __init__(self, why: OAuthError) -> None:
        super().__init__(str(why))
        self.why = why


@contextmanager
def _to_a_person() -> Iterator[None]:
    try:
        yield
    except OAuthError as error:
        raise _Shown(error) from error


class OAuth2Emulator(HttpEmulator):
    """accounts.google.com and oauth2.googleapis.com: consents, refresh tokens and delegated service accounts in, access tokens of one
    virtual hour out.

    `automatic`: the consent page sends everybody with a known `login_hint` straight back. `identity` signs in (openid).
    """

    def __init__(self, clock: Clock, *, identity: Identity | None = None) -> None:
        self.state, self.codes = TokenState(), Codes()
        self.automatic, self._identity = False, identity
        super().__init__("oauth2", clock, self._routes())

    def account(self, email: str, *, name: str = "") -> None:
        """Somebody who can choose themselves on the consent page."""
        with self.lock:
            self.state.names[email] = name

    def client(self, client_id: str, *, secret: str, redirect_uris: Iterable[str]) -> None:
        """Registers an application: from then on only registered ones may ask for consent."""
        with self.lock:
            self.state.clients[client_id] = Client(client_id, secret, tuple(redirect_uris))

    def register(
        self, email: str, refresh_token: str, scopes: Iterable[str], *, client_id: str | None = None, client_secret: str | None = None
    ) -> None:
        """An operator's consent. With a client id, only that client and secret may use the refresh token."""
        with self.lock:
            at = self.clock.now().timestamp()
            grant = Grant(email, refresh_token, tuple(scopes), client_id, client_secret, given_at=at, used_at=at)
            self.state.grants[refresh_token] = grant

    def service_account(self, email: str, *, client_id: str, keys: Mapping[str, str]) -> None:
        """Somebody who signs; `keys` are public ones in PEM, by id. Whom it may act for is the Admin console's to say."""
        with self.lock:
            self.state.service_accounts[email] = ServiceAccount(email, client_id, dict(keys))

    def delegate(self, domain: str, *, client_id: str, scopes: Iterable[str]) -> None:
        """Admin console > Security > API controls > Domain-wide delegation, of the Workspace behind this domain. No scopes: taken away."""
        with self.lock:
            self.state.delegate(domain, client_id, scopes)

    def revoke(self, email: str) -> int:
        """The operator withdraws consent: refresh tokens die, access tokens with them. Answers how many grants ended."""
        with self.lock:
            return self.state.revoke(email=email)

    def change_password(self, email: str) -> int:
        """Ends the grants that include mail. Answers how many ended."""
        with self.lock:
            return self.state.password_changed(email)

    def email_for(self, access_token: str) -> str | None:
        """Whose live token this is; None for an unknown, expired or revoked one."""
        with self.lock:
            token = self.state.live(access_token, self.clock.now())
            return token.email if token else None

    def reset(self) -> None:
        self.state, self.codes = TokenState(), Codes()

    def dump(self) -> dict[str, Any]:
        return self.state.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        self.state.load(data)

    def error_response(self, error: Exception) -> Response | None:
        """To programs as JSON; to the person in front of the consent page as a page."""
        if isinstance(error, _Shown):
            page = pages.refusal(error.why.http_status, error.why.code, error.why.description)
            return Response(page, error.why.http_status, content_type="text/html; charset=utf-8")
        return json_response(error.body(), error.http_status) if isinstance(error, OAuthError) else None

    def _routes(self) -> list[Route]:
        return [
            Route("GET", "/o/oauth2/v2/auth", self._consent, "consent"),
            Route("POST", "/o/oauth2/v2/auth", self._decide, "decision"),
            Route("POST", "/token", self._token, "token"),
            Route("POST", "/revoke", self._revoked_by_token, "revoke"),
            *(self._telling(*one) for one in TELLING),
            Route("GET", "/.well-known/openid-configuration", responses.discovery, "discovery"),
            Route("PUT", "/_emulator/seed", self._seed, "_seed"),
            Route("POST", "/_emulator/revoke", self._revoke, "_revoke"),
        ]

    def _telling(self, method: str, path: str, handler: Callable[..., Response], name: str) -> Route:
        return Route(method, path, lambda request: handler(self.state, request, self.clock.now()), name)

    def _token(self, request: Request) -> Response:
        sign_in = self._identity.token if self._identity else None
        return responses.token(self.state, self.codes, request, self.clock.now(), sign_in)

    def _consent(self, request: Request) -> Response:
        with _to_a_person():
            return consent_responses.show(self.state, self.codes, request, self.clock.now(), automatic=self.automatic)

    def _decide(self, request: Request) -> Response:
        with _to_a_person():
            return consent_responses.decide(self.state, self.codes, request, self.clock.now())

    def _revoked_by_token(self, request: Request) -> Response:
        return responses.revoke(self.state, request)

    def _seed(self, request: Request) -> Response:
        seed = request.get_json()
        for person in seed.get("accounts", []):
            self.account(**person)
        for client in seed.get("clients", []):
            self.client(**client)
        for grant in seed.get("grants", []):
            self.register(**grant)
        for account in seed.get("service_accounts", []):
            self.service_account(**account)
        for line in seed.get("delegations", []):
            self.delegate(**line)
        return Response(status=204)

    def _revoke(self, request: Request) -> Response:
        return json_response({"revoked": self.revoke(request.get_json()["email"])})
