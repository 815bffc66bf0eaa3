"""Answers of the token endpoint: the three grants it serves, revocation, and whose token it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.oauth2 import assertions, errors
from emulators.oauth2.consent import Codes
from emulators.oauth2.consent_responses import SignIn, exchange
from emulators.oauth2.state import LIFETIME_S, AccessToken, TokenState, account_id
from emulators.service import json_response

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ISSUER = "https://accounts.google.com"


def token(state: TokenState, codes: Codes, request: Request, now: datetime, sign_in: SignIn | None) -> Response:
    """POST /token."""
    grant_type = _required(request.form, "grant_type")
    if grant_type == "authorization_code":
        _required(request.form, "code")
        return exchange(state, codes, request.form, now, sign_in)
    if grant_type == "refresh_token":
        return json_response(_granted(_refresh(state, request.form, now)))
    if grant_type == JWT_BEARER:
        return json_response(_granted(assertions.exchanged(state, _required(request.form, "assertion"), now)))
    raise errors.unsupported_grant_type(grant_type)


def tokeninfo(state: TokenState, request: Request, now: datetime) -> Response:
    """GET /tokeninfo?access_token=…"""
    live = state.live(request.values.get("access_token", ""), now)
    if live is None:
        raise errors.invalid_token()
    left_s = int(live.expires_at - now.timestamp())
    answer = {"scope": " ".join(live.scopes), "exp": str(int(live.expires_at)), "expires_in": str(left_s), "access_type": "offline"}
    return json_response(answer | {"email": live.email, "email_verified": "true"})


def revoke(state: TokenState, request: Request) -> Response:
    """POST /revoke?token=…: as the operator does it in the account's security page."""
    if not state.revoke(token=_required(request.values, "token")):
        raise errors.invalid_token()
    return json_response({})


def tokeninfo_v2(state: TokenState, request: Request, now: datetime) -> Response:
    """POST /oauth2/v2/tokeninfo, as the discovery document has it."""
    live = state.live(request.values.get("access_token", ""), now)
    if live is None:
        raise errors.invalid_token()
    who = {"issued_to": live.client_id, "audience": live.client_id, "user_id": account_id(live.email), "scope": " ".join(live.scopes)}
    left_s = int(live.expires_at - now.timestamp())
    return json_response({**who, "expires_in": left_s, "email": live.email, "verified_email": True})


def userinfo_v2(state: TokenState, request: Request, now: datetime) -> Response:
    """GET /oauth2/v2/userinfo: who the token speaks for."""
    live = _bearer(state, request, now)
    return json_response({"id": account_id(live.email), "verified_email": True, **_person(state, live.email)})


def userinfo(state: TokenState, request: Request, now: datetime) -> Response:
    """GET /v1/userinfo: the same in the words of OpenID Connect."""
    live = _bearer(state, request, now)
    return json_response({"sub": account_id(live.email), "email_verified": True, **_person(state, live.email)})


def discovery(request: Request) -> Response:
    """GET /.well-known/openid-configuration, with this server's own addresses."""
    here = request.host_url.rstrip("/")
    places = {"authorization": "/o/oauth2/v2/auth", "token": "/token", "userinfo": "/v1/userinfo", "revocation": "/revoke"}
    can = {"response_types_supported": ["code"], "code_challenge_methods_supported": ["plain", "S256"]}
    can |= {"grant_types_supported": ["authorization_code", "refresh_token", JWT_BEARER], "subject_types_supported": ["public"]}
    return json_response({"issuer": ISSUER, **{f"{name}_endpoint": here + path for name, path in places.items()}, **can})


def _bearer(state: TokenState, request: Request, now: datetime) -> AccessToken:
    live = state.live(request.headers.get("Authorization", "").removeprefix("Bearer ").strip(), now)
    if live is None:
        raise errors.unauthenticated()
    return live


def _person(state: TokenState, email: str) -> dict[str, str]:
    name = state.names.get(email) or email.partition("@")[0]
    given, _, family = name.partition(" ")
    return {"email": email, "name": name, "given_name": given, "family_name": family, "hd": email.partition("@")[2]}


def _refresh(state: TokenState, form: Mapping[str, str], now: datetime) -> AccessToken:
    client = (_required(form, "client_id"), form.get("client_secret"))
    grant = state.grant(_required(form, "refresh_token"), now)
    if grant.client_id is not None and client != (grant.client_id, grant.client_secret):
        raise errors.wrong_client()
    return state.mint(email=grant.email, scopes=grant.scopes, now=now, refresh_token=grant.refresh_token, client_id=client[0])


def _granted(minted: AccessToken) -> dict[str, Any]:
    return {"access_token": minted.value, "expires_in": LIFETIME_S, "scope": " ".join(minted.scopes), "token_type": "Bearer"}


def _required(form: Mapping[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        raise errors.missing_parameter(name)
    return value
