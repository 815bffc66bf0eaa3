"""Domain-wide delegation: tokens that the installation's own service account gets in an operator's name; used beside consents.

https://developers.google.com/identity/protocols/oauth2/service-account#delegatingauthority
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import httpx
from pydantic import BaseModel, ConfigDict

from shared.connectors.google_oauth.errors import unanswered
from shared.connectors.google_oauth.scopes import SCOPES
from shared.connectors.google_oauth.wire import TokenAnswer, TokenRefusal, parsed
from shared.domain.connections import Agreement, Part, Target
from shared.ports.clock import Clock
from shared.ports.consents import Granted, Terms
from shared.ports.errors import ReconnectNeeded, SalesAgentError
from shared.ports.signing import AssertionSigner

SOURCE = "google_oauth"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"
"""Google's own, wherever the endpoint is."""
LIVES = timedelta(hours=1)
HELD = timedelta(minutes=15)
"""Such a token cannot be withdrawn, so it is renewed often: ten minutes after disconnecting nobody holds one."""
GONE = ("deleted_client", "disabled_client")
"""Words for an account or a client that is there no more: https://developers.google.com/identity/protocols/oauth2/web-server"""
WHERE = "Admin console > Security > Access and data control > API controls > Domain-wide delegation"
NO_DELEGATE = "this installation has no service account for Workspace delegation: set SALES_AGENT_GOOGLE_DELEGATE_EMAIL"


class StoredDelegation(BaseModel):
    """What the secret behind such a mailbox holds: nothing that opens anything by itself."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: Literal["delegated"]
    subject: str
    scopes: tuple[str, ...]


class GoogleDelegations:
    """The Delegations port."""

    def __init__(self, *, signer: AssertionSigner) -> None:
        self._signer = signer

    def terms(self, parts: Sequence[Part]) -> Terms:
        account = self._signer.account
        return Terms(account, self._signer.client_id, _scopes(parts), WHERE, "" if account else NO_DELEGATE)

    def granted(self, target: Target, parts: Sequence[Part]) -> Granted:
        stored = StoredDelegation(type="delegated", subject=target.account, scopes=_scopes(parts))
        return Granted(target.account, json.dumps(stored.model_dump()), Agreement.DELEGATION)


class DelegatedTokens:
    """Access tokens for whoever is named; kept and renewed by AccessTokens, as those of a consent."""

    def __init__(self, *, signer: AssertionSigner, http: httpx.Client, token_url: str, clock: Clock) -> None:
        self._signer, self._http, self._token_url, self._clock = signer, http, token_url, clock

    def exchanged(self, stored: StoredDelegation) -> httpx.Response:
        """The endpoint's answer, whatever it is. ReconnectNeeded when nobody can sign, Transient."""
        if not self._signer.account:
            raise ReconnectNeeded(NO_DELEGATE, source=SOURCE)
        now = int(self._clock.now().timestamp())
        who = {"iss": self._signer.account, "sub": stored.subject, "scope": " ".join(stored.scopes), "aud": AUDIENCE}
        assertion = self._signer.signed(claims={**who, "iat": now, "exp": now + int(LIVES.total_seconds())})
        try:
            return self._http.post(self._token_url, data={"grant_type": GRANT, "assertion": assertion})
        except httpx.RequestError as error:
            raise unanswered(error, source=SOURCE, changes=False) from None

    def read(self, response: httpx.Response, stored: StoredDelegation) -> TokenAnswer:
        """As it will be held: not for long, and for what was asked where Google does not repeat it."""
        answer = parsed(TokenAnswer, response.content, source=SOURCE)
        held = min(answer.expires_in, HELD.total_seconds())
        return answer.model_copy(update={"expires_in": held, "scope": answer.scope or " ".join(stored.scopes)})

    def refusal(self, told: TokenRefusal, stored: StoredDelegation) -> SalesAgentError | None:
        """What somebody has to do at Google; None where that is not the trouble."""
        fix = self._fix(told, stored)
        detail = f"Google does not let the delegate in ({told.error}): {fix}"
        return ReconnectNeeded(detail, source=SOURCE, raw=told.error_description) if fix else None

    def _fix(self, told: TokenRefusal, stored: StoredDelegation) -> str:
        words = told.error_description.lower()
        if told.error in ("unauthorized_client", "access_denied"):
            return f"at {WHERE} add client id {self._signer.client_id} with exactly these scopes: {','.join(stored.scopes)}"
        if told.error not in ("invalid_grant", *GONE):
            return ""
        if "email or user id" in words:
            return "this Workspace has no such person, or has suspended them: give the operator the primary address they have there"
        if "short-lived" in words:
            return "the clock of this machine is wrong"
        return f"it does not know the signature of {self._signer.account}: see that this service account exists and is enabled"


def _scopes(parts: Sequence[Part]) -> tuple[str, ...]:
    return tuple(SCOPES[one] for one in parts if one in SCOPES)
