"""Domain-wide delegation: a service account's signed assertion (RFC 7523) becomes a token of the person it names.

https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from google.auth import exceptions, jwt

from emulators.oauth2 import errors
from emulators.oauth2.state import AccessToken, ServiceAccount, TokenState

AUDIENCE = "https://oauth2.googleapis.com/token"
LONGEST_S = 3600
SKEW_S = 300
ANY_TIME_S = 10**11
"""Times are compared with this server's own clock, below."""


def exchanged(state: TokenState, assertion: str, now: datetime) -> AccessToken:
    """Signature first, then times, then what the Admin console of the subject's Workspace allows, then whether there is such a person."""
    account = _issuer(state, assertion)
    claims = _verified(assertion, account, now.timestamp())
    subject, scopes = str(claims.get("sub", account.email)).lower(), str(claims.get("scope", "")).split()
    if not scopes:
        raise errors.OAuthError("invalid_scope", "Empty or missing scope not allowed.")
    if not set(scopes) <= state.delegated(subject.partition("@")[2], account.client_id):
        raise errors.unauthorized_client()
    if subject not in state.accounts():
        raise errors.OAuthError("invalid_grant", "Invalid email or User ID")
    return state.mint(email=subject, scopes=scopes, now=now, refresh_token=None, client_id=account.client_id)


def _issuer(state: TokenState, assertion: str) -> ServiceAccount:
    try:
        claims = jwt.decode(assertion, verify=False)  # type: ignore[no-untyped-call]  # the issuer names the key to verify with
    except (ValueError, exceptions.GoogleAuthError) as error:
        raise errors.OAuthError("invalid_grant", "Bad Request") from error
    account = state.service_accounts.get(str(claims.get("iss")))
    if account is None:
        raise errors.OAuthError("invalid_grant", "Invalid grant: account not found")
    return account


def _verified(assertion: str, account: ServiceAccount, now: float) -> Mapping[str, Any]:
    try:
        claims: Mapping[str, Any] = jwt.decode(  # type: ignore[no-untyped-call]
            assertion, certs=_key(assertion, account), audience=AUDIENCE, clock_skew_in_seconds=ANY_TIME_S
        )
    except (ValueError, exceptions.GoogleAuthError) as error:
        wording = "Invalid JWT Signature." if "signature" in str(error).lower() else f"Invalid JWT: {error}"
        raise errors.OAuthError("invalid_grant", wording) from error
    issued, until = claims["iat"], claims["exp"]
    if until - issued > LONGEST_S or issued > now + SKEW_S or until < now - SKEW_S:
        raise errors.long_lived_assertion()
    return claims


def _key(assertion: str, account: ServiceAccount) -> Mapping[str, str] | str:
    """The one its header names; any of the account's where it names none."""
    named = jwt.decode_header(assertion).get("kid")  # type: ignore[no-untyped-call]
    if named is None:
        return "".join(account.keys.values())
    if named not in account.keys:
        raise errors.OAuthError("invalid_grant", "Invalid JWT Signature.")
    return {named: account.keys[named]}
