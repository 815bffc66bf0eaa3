"""The Consents port on Google: the consent page, the code, whose account it is, and what it opens. Used where mailboxes are connected."""

import json
from collections.abc import Callable, Sequence
from typing import Protocol
from urllib.parse import urlencode

import httpx

from shared.connectors.google_oauth.accounts import GoogleAccounts, GoogleSettings
from shared.connectors.google_oauth.probes import probed
from shared.connectors.google_oauth.scopes import SCOPES
from shared.connectors.google_oauth.tokens import SOURCE
from shared.connectors.google_oauth.wire import Person, StoredCredentials, TokenAnswer, TokenRefusal, parsed
from shared.domain.connections import Check, Target
from shared.ports.clock import Clock, Ids
from shared.ports.consents import Answer, Granted, Leaving, Look
from shared.ports.errors import NotFound, Rejected, SalesAgentError, Transient, reason_word
from shared.ports.secrets import Secrets
from shared.ports.signing import AssertionSigner
from shared.ports.store import Store
from shared.resilience.credential import Credential, Unstored
from shared.resilience.tls import tls_for

WHO = ("openid", "email")


class ConsentSettings(GoogleSettings, Protocol):
    @property
    def oauth_consent_url(self) -> str: ...
    @property
    def oauth_revoke_url(self) -> str: ...
    @property
    def oauth_userinfo_url(self) -> str: ...
    @property
    def google_client_id(self) -> str: ...
    @property
    def google_client_secret_name(self) -> str: ...


class GoogleConsents:
    def __init__(
        self, *, settings: ConsentSettings, secrets: Secrets, store: Store, clock: Clock, ids: Ids, signer: AssertionSigner
    ) -> None:
        self._signer = signer
        self._settings, self._secrets, self._store, self._clock, self._ids = settings, secrets, store, clock, ids
        verify = tls_for(settings.oauth_token_url, settings.oauth_userinfo_url, settings.oauth_revoke_url)
        self._http = httpx.Client(timeout=settings.vendor_timeout_s, trust_env=False, verify=verify)
        self._stored = self._accounts(secrets)

    def lacks(self) -> str:
        if not self._settings.google_client_id:
            return "this installation has no Google OAuth client: set SALES_AGENT_GOOGLE_CLIENT_ID (docs/deployment.md says how)"
        try:
            self._secrets.get(name=self._settings.google_client_secret_name)
        except NotFound:
            return f"the secret {self._settings.google_client_secret_name} is empty: add the Google OAuth client's secret to it"
        return ""

    def page(self, leaving: Leaving) -> str:
        """With prompt=consent, for only then a refresh token comes for sure; the hint saves choosing the account."""
        asked = {
            "client_id": self._settings.google_client_id,
            "redirect_uri": leaving.back_to,
            "response_type": "code",
            "scope": " ".join([*WHO, *(SCOPES[one] for one in leaving.parts)]),
            "state": leaving.state,
            "code_challenge": leaving.challenge,
            "code_challenge_method": "S256",
            "access_type": "offline",
            "prompt": "consent",
            "login_hint": leaving.target.account,
        }
        return f"{self._settings.oauth_consent_url}?{urlencode(asked)}"

    def redeem(self, answer: Answer) -> Granted:
        client = {"client_id": self._settings.google_client_id, "client_secret": self._client_secret()}
        proof = {"code": answer.code, "code_verifier": answer.verifier, "redirect_uri": answer.back_to}
        form = {"grant_type": "authorization_code", **proof, **client}
        tokens = self._answered(self._asked(lambda: self._http.post(self._settings.oauth_token_url, data=form)))
        refresh_token = tokens.refresh_token.get_secret_value()
        if not refresh_token:
            raise Rejected("Google gave no lasting access: remove sales-agent at myaccount.google.com/permissions and connect again")
        credentials = json.dumps({"type": "authorized_user", **client, "refresh_token": refresh_token})
        return Granted(account=self._who(tokens), credentials=credentials)

    def subscribe(self) -> None:
        """Mailboxes and Drive are read by chores of ours."""

    def checks(self, look: Look) -> Sequence[Check]:
        given = look.credentials
        accounts = self._accounts(Unstored(**{look.target.secret: given})) if given else self._stored
        operator = look.workspace.operator(look.target.operator_id)
        return probed(accounts, operator, look.parts, workspace=look.workspace, now=self._clock.now())

    def ending(self, target: Target) -> Callable[[], None]:
        """Delegation is the Workspace's, not this person's: there is nothing to withdraw but the secret itself."""
        consents = [one for one in map(_consent_in, self._known(target)) if one]

        def withdraw() -> None:
            for one in consents:
                self._withdraw(one)

        return withdraw

    def _known(self, target: Target) -> Sequence[str]:
        """What this process remembers, and what has taken its place: of the two each may be a consent."""
        credential = Credential(self._secrets, target.secret)
        try:
            remembered = credential.current()
        except NotFound:
            return ()
        return [one for one in (remembered, credential.newer_than(remembered)) if one]

    def _withdraw(self, stored: StoredCredentials) -> None:
        token = {"token": stored.refresh_token.get_secret_value()}
        response = self._asked(lambda: self._http.post(self._settings.oauth_revoke_url, data=token))
        if response.status_code >= 500 or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Transient(f"Google does not take the withdrawal now: {response.status_code}", source=SOURCE)

    def _accounts(self, secrets: Secrets) -> GoogleAccounts:
        return GoogleAccounts(
            settings=self._settings, secrets=secrets, store=self._store, clock=self._clock, ids=self._ids, signer=self._signer
        )

    def _client_secret(self) -> str:
        return self._secrets.get(name=self._settings.google_client_secret_name).strip()

    def _who(self, answer: TokenAnswer) -> str:
        """The address Google vouches for; empty when it does not say."""
        headers = {"Authorization": f"Bearer {answer.access_token.get_secret_value()}"}
        response = self._asked(lambda: self._http.get(self._settings.oauth_userinfo_url, headers=headers))
        try:
            person = parsed(Person, response.content, source=SOURCE)
        except SalesAgentError:
            return ""
        return person.email.lower() if person.email_verified and response.is_success else ""

    def _answered(self, response: httpx.Response) -> TokenAnswer:
        if response.is_success:
            return parsed(TokenAnswer, response.content, source=SOURCE)
        try:
            told = parsed(TokenRefusal, response.content, source=SOURCE)
        except SalesAgentError:
            told = TokenRefusal()
        if told.error in ("invalid_client", "unauthorized_client", "redirect_uri_mismatch"):
            fix = "check SALES_AGENT_GOOGLE_CLIENT_ID, its secret, and the redirect URI registered for it"
            raise Rejected(f"Google refuses this installation ({told.error}): {fix}", status=409)
        raise Rejected(f"Google does not take this answer ({reason_word(told.error) or response.status_code}): begin again", status=409)

    def _asked(self, call: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            return call()
        except httpx.RequestError as error:
            raise Rejected(f"Google did not answer ({type(error).__name__}): begin again in a moment", status=503) from None


def _consent_in(stored: str) -> StoredCredentials | None:
    """None for a delegation, and for what cannot be read."""
    try:
        return StoredCredentials.model_validate_json(stored)
    except ValueError:
        return None
