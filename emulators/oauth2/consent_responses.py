"""Answers of the consent page: the page itself, what was decided on it, and the tokens a code is exchanged for."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from emulators.oauth2 import consent, errors, pages
from emulators.oauth2.consent import Asked, Code, Codes
from emulators.oauth2.state import LIFETIME_S, TokenState
from emulators.service import json_response

SignIn = Callable[..., str]
"""Mints an identity token for an audience and an e-mail address."""


def show(state: TokenState, codes: Codes, request: Request, now: datetime, *, automatic: bool) -> Response:
    """GET: the page; straight back with a code when nobody needs to be asked (`automatic`, or prompt=none after an earlier consent)."""
    asked = consent.asked(state, request.args)
    hint = request.args.get("login_hint", "")
    known = hint in state.accounts()
    if request.args.get("prompt") == "none":
        given = known and set(asked.scopes) <= set(state.consented(hint, asked.client_id))
        return _allowed(state, codes, asked, hint, asked.scopes, now) if given else _back(asked, error="interaction_required")
    if automatic and known:
        return _allowed(state, codes, asked, hint, asked.scopes, now)
    return Response(pages.consent(asked, state.accounts()), content_type="text/html; charset=utf-8")


def decide(state: TokenState, codes: Codes, request: Request, now: datetime) -> Response:
    """POST: what the person did on the page; scopes may have been unticked."""
    form = request.form
    asked = consent.asked(state, {name: value for name, value in form.items() if name not in ("account", "granted", "decision")})
    granted = tuple(scope for scope in asked.scopes if scope in form.getlist("granted"))
    if form.get("decision") != "allow" or not granted or form.get("account") not in state.accounts():
        return _back(asked, error="access_denied")
    return _allowed(state, codes, asked, form["account"], granted, now)


def exchange(state: TokenState, codes: Codes, form: Mapping[str, str], now: datetime, sign_in: SignIn | None) -> Response:
    """POST /token with a code. A refresh token comes only with offline access, and only when the consent was given anew."""
    client = state.clients.get(form.get("client_id", ""))
    if client is not None and form.get("client_secret") != client.secret:
        raise errors.wrong_client()
    code = codes.take(form.get("code", ""), form, now)
    body: dict[str, Any] = {"expires_in": LIFETIME_S, "scope": " ".join(code.scopes), "token_type": "Bearer"}
    refresh_token = None
    if code.asked.fields.get("access_type") == "offline" and (code.again or not state.consented(code.email, code.asked.client_id)):
        secret = form.get("client_secret") or None
        refresh_token = state.consent(code.email, code.scopes, client_id=code.asked.client_id, client_secret=secret, now=now).refresh_token
        body["refresh_token"] = refresh_token
    minted = state.mint(email=code.email, scopes=code.scopes, now=now, refresh_token=refresh_token, client_id=code.asked.client_id)
    if sign_in is not None and "openid" in code.scopes:
        body["id_token"] = sign_in(audience=code.asked.client_id, email=code.email)
    return json_response({"access_token": minted.value, **body})


def _allowed(state: TokenState, codes: Codes, asked: Asked, email: str, granted: tuple[str, ...], now: datetime) -> Response:
    earlier = state.consented(email, asked.client_id) if asked.fields.get("include_granted_scopes") == "true" else ()
    scopes = tuple(dict.fromkeys((*granted, *earlier)))
    again = "consent" in asked.fields.get("prompt", "")
    value = codes.give(Code(asked, email, scopes, now, again))
    return _back(asked, code=value, scope=" ".join(scopes))


def _back(asked: Asked, **values: str) -> Response:
    answer = redirect(asked.answer(**values))
    assert isinstance(answer, Response)
    return answer
