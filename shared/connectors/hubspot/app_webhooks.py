"""The app's webhooks: one address and one subscription for every portal it is installed in. A plain key can receive none."""

from collections.abc import Mapping
from typing import Any, Protocol

import httpx
from pydantic import ValidationError

from shared.connectors.hubspot.wire import Wire
from shared.domain.connections import Check, missing, worked
from shared.domain.outbox import address_of
from shared.ports.errors import NotFound
from shared.ports.secrets import Secrets

WHAT = "Webhooks"
EVENT = "contact.creation"
AT_ONCE = 10
POLLED = "until then every form is read every five minutes instead"


class WebhookSettings(Protocol):
    @property
    def hubspot_url(self) -> str: ...
    @property
    def public_url(self) -> str: ...
    @property
    def vendor_timeout_s(self) -> float: ...
    @property
    def hubspot_app_id(self) -> str: ...
    @property
    def hubspot_developer_key_name(self) -> str: ...


class Registered(Wire):
    targetUrl: str = ""  # noqa: N815 - HubSpot's own spelling


class Subscription(Wire):
    id: str
    eventType: str = ""  # noqa: N815
    active: bool = False


class Subscriptions(Wire):
    results: tuple[Subscription, ...] = ()


class _Refused(Exception):
    """HubSpot does not let us look or write."""


class AppWebhooks:
    """The developer API key is HubSpot's own way in for an app's settings, and it takes it in the query only."""

    def __init__(self, *, settings: WebhookSettings, secrets: Secrets, http: httpx.Client) -> None:
        self._settings, self._secrets, self._http = settings, secrets, http
        self._address = settings.public_url.rstrip("/") + address_of("form_webhook")

    def register(self) -> None:
        """Idempotent. What fails is told by `check`: without webhooks the forms are polled."""
        if self._missing_setting():
            return
        try:
            if self._target() != self._address:
                throttling = {"maxConcurrentRequests": AT_ONCE, "period": "SECONDLY"}
                self._asked("PUT", "settings", {"targetUrl": self._address, "throttling": throttling})
            self._switch_on()
        except _Refused:
            return

    def check(self) -> Check:
        lacking = self._missing_setting()
        if lacking:
            return missing(WHAT, "are not registered", f"{lacking}, then connect again; {POLLED}")
        try:
            target, found = self._target(), self._subscription()
        except _Refused as refusal:
            return missing(WHAT, f"cannot be looked at ({refusal})", f"check the developer key and the app's id; {POLLED}")
        if target != self._address:
            return missing(WHAT, f"go to {target or 'no address'}", f"connect again, which registers {self._address}; {POLLED}")
        if found is None or not found.active:
            return missing(WHAT, f"do not tell of {EVENT}", f"connect again; {POLLED}")
        return worked(WHAT, f"{EVENT} to {self._address}")

    def _missing_setting(self) -> str:
        if not self._settings.hubspot_app_id:
            return "set SALES_AGENT_HUBSPOT_APP_ID"
        try:
            self._key()
        except NotFound:
            return f"add the developer API key to the secret {self._settings.hubspot_developer_key_name}"
        return ""

    def _target(self) -> str:
        answer = self._asked("GET", "settings", missing_is_fine=True)
        return _read(Registered, answer).targetUrl if answer is not None else ""

    def _subscription(self) -> Subscription | None:
        answer = self._asked("GET", "subscriptions", missing_is_fine=True)
        rows = _read(Subscriptions, answer).results if answer is not None else ()
        return next((one for one in rows if one.eventType == EVENT), None)

    def _switch_on(self) -> None:
        found = self._subscription()
        if found is None:
            self._asked("POST", "subscriptions", {"eventType": EVENT, "active": True})
        elif not found.active:
            self._asked("PATCH", f"subscriptions/{found.id}", {"active": True})

    def _asked(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, missing_is_fine: bool = False
    ) -> httpx.Response | None:
        address = f"/webhooks/v3/{self._settings.hubspot_app_id}/{path}"
        try:
            response = self._http.request(method, address, params={"hapikey": self._key()}, json=body)
        except httpx.HTTPError as error:
            raise _Refused(type(error).__name__) from None
        if missing_is_fine and response.status_code == httpx.codes.NOT_FOUND:
            return None
        if response.is_error and response.status_code != httpx.codes.CONFLICT:  # somebody else has just subscribed
            raise _Refused(str(response.status_code))
        return response

    def _key(self) -> str:
        return self._secrets.get(name=self._settings.hubspot_developer_key_name).strip()


def _read(into: type[Any], response: httpx.Response) -> Any:
    try:
        return into.model_validate_json(response.content)
    except ValidationError:
        raise _Refused("an answer of another shape") from None
