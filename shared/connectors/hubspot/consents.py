"""The Consents port on HubSpot: the app's installation page, the code, whose portal it is, what it opens."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol
from urllib.parse import urlencode

import httpx

from shared.connectors.hubspot.app_webhooks import AppWebhooks, WebhookSettings
from shared.connectors.hubspot.tokens import AppCredentials, AppTokens, PortalTokens, app_credentials, exchanged
from shared.connectors.hubspot.wire import Wire
from shared.domain.connections import Check, Target, missing, worked
from shared.ports.clock import Clock
from shared.ports.consents import Answer, Granted, Leaving, Look
from shared.ports.errors import NotFound, Rejected, SalesAgentError, Transient
from shared.ports.secrets import Secrets
from shared.resilience.credential import Credential, Unstored
from shared.resilience.tls import tls_for

SCOPES = (
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.objects.companies.read",
    "crm.objects.deals.read",
    "crm.objects.owners.read",
    "forms",
)
"""Notes and tasks come with contacts: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/scopes"""
PORTAL = "Portal"


class ConsentSettings(WebhookSettings, Protocol):
    @property
    def hubspot_authorize_url(self) -> str: ...
    @property
    def hubspot_client_id(self) -> str: ...
    @property
    def hubspot_client_secret_name(self) -> str: ...
    @property
    def hubspot_objects_path(self) -> str: ...


class Details(Wire):
    portalId: int  # noqa: N815 - HubSpot's own spelling


class HubSpotConsents:
    """HubSpot knows no PKCE: the state and the app's secret have to do."""

    def __init__(self, *, settings: ConsentSettings, secrets: Secrets, clock: Clock) -> None:
        self._settings, self._secrets, self._clock = settings, secrets, clock
        verify = tls_for(settings.hubspot_url)
        self._http = httpx.Client(base_url=settings.hubspot_url, timeout=settings.vendor_timeout_s, trust_env=False, verify=verify)
        self._webhooks = AppWebhooks(settings=settings, secrets=secrets, http=self._http)

    def lacks(self) -> str:
        if not self._settings.hubspot_client_id:
            return "this installation has no HubSpot app: set SALES_AGENT_HUBSPOT_CLIENT_ID (docs/deployment.md says how)"
        try:
            self._secrets.get(name=self._settings.hubspot_client_secret_name)
        except NotFound:
            return f"the secret {self._settings.hubspot_client_secret_name} is empty: add the HubSpot app's client secret to it"
        return ""

    def page(self, leaving: Leaving) -> str:
        asked = {"client_id": self._settings.hubspot_client_id, "redirect_uri": leaving.back_to}
        asked |= {"scope": " ".join(SCOPES), "state": leaving.state}
        return f"{self._settings.hubspot_authorize_url}?{urlencode(asked)}"

    def redeem(self, answer: Answer) -> Granted:
        secret = self._secrets.get(name=self._settings.hubspot_client_secret_name).strip()
        client = {"client_id": self._settings.hubspot_client_id, "client_secret": secret}
        tokens = self._redeemed({"grant_type": "authorization_code", "code": answer.code, "redirect_uri": answer.back_to, **client})
        refresh_token = tokens.refresh_token.get_secret_value()
        credentials = json.dumps({"type": "hubspot_app", **client, "refresh_token": refresh_token})
        return Granted(account=self._portal(tokens.access_token.get_secret_value()), credentials=credentials)

    def subscribe(self) -> None:
        """One address for the whole app: it is registered again only when it has changed."""
        self._webhooks.register()

    def checks(self, look: Look) -> Sequence[Check]:
        target, given = look.target, look.credentials
        secrets = Unstored(**{target.secret: given}) if given else self._secrets
        tokens = PortalTokens(secret=Credential(secrets, target.secret), http=self._http, clock=self._clock)
        try:
            token = tokens.current()
            portal = self._portal(token)
        except SalesAgentError as error:
            return [missing(PORTAL, error.detail, "connect it again")]
        if portal != target.account:
            return [missing(PORTAL, f"this is portal {portal}, not {target.account}", "connect the right portal")]
        return [worked(PORTAL, portal), *self._objects(token), self._webhooks.check()]

    def ending(self, target: Target) -> Callable[[], None]:
        try:
            stored = app_credentials(self._secrets.get(name=target.secret))
        except SalesAgentError:
            stored = None
        return partial(self._withdraw, stored)

    def _withdraw(self, stored: AppCredentials | None) -> None:
        """A token of a private app is withdrawn in HubSpot alone."""
        if stored is None:
            return
        path = f"/oauth/v1/refresh-tokens/{stored.refresh_token.get_secret_value()}"
        response = self._asked(lambda: self._http.delete(path))
        if response.status_code >= 500 or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise Transient(f"HubSpot does not take the withdrawal now: {response.status_code}", source="hubspot")

    def _redeemed(self, form: dict[str, str]) -> AppTokens:
        try:
            return exchanged(self._http, form)
        except Transient as error:
            raise Rejected(f"{error.detail}: begin again in a moment", status=503) from None
        except SalesAgentError:
            fix = "begin again; if it stays, check SALES_AGENT_HUBSPOT_CLIENT_ID, the app's secret and its redirect URL"
            raise Rejected(f"HubSpot does not take this answer: {fix}", status=409) from None

    def _portal(self, token: str) -> str:
        """The portal that a token opens. Rejected when HubSpot does not say."""
        response = self._get("/account-info/v3/details", token)
        if response.is_error:
            raise Rejected(f"HubSpot does not say which portal this is: {response.status_code}", status=409)
        return str(Details.model_validate_json(response.content).portalId)

    def _objects(self, token: str) -> Iterator[Check]:
        objects = self._settings.hubspot_objects_path
        yield self._reads("Contacts", f"{objects}/contacts?limit=1", token, "crm.objects.contacts.read")
        yield self._reads("Companies", f"{objects}/companies?limit=1", token, "crm.objects.companies.read")
        yield self._reads("Deals", f"{objects}/deals?limit=1", token, "crm.objects.deals.read")
        yield self._reads("Forms", "/marketing/v3/forms?limit=1", token, "forms")

    def _reads(self, what: str, path: str, token: str, scope: str) -> Check:
        response = self._get(path, token)
        if response.is_success:
            return worked(what, "can be read")
        if response.status_code == httpx.codes.FORBIDDEN:
            return missing(what, f"the consent lacks the scope {scope}", "add it to the app's scopes, then connect again")
        return missing(what, f"HubSpot answered {response.status_code}", "look again in a few minutes")

    def _get(self, path: str, token: str) -> httpx.Response:
        return self._asked(lambda: self._http.get(path, headers={"Authorization": f"Bearer {token}"}))

    def _asked(self, call: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            return call()
        except httpx.HTTPError as error:
            raise Transient(f"HubSpot did not answer ({type(error).__name__})", source="hubspot") from None
