"""Calls our own webhook as HubSpot does, signature and all; the FrontDoor port, for the canary."""

import json
from datetime import datetime
from typing import Protocol

import httpx

from shared.connectors.hubspot.signature import signed_v3
from shared.domain.canary import ADDRESS
from shared.domain.outbox import address_of
from shared.domain.submission import CANARY_FORM
from shared.ports.clock import Clock, Ids
from shared.ports.errors import Permanent, Transient
from shared.ports.secrets import Secrets
from shared.resilience.backoff import repeated
from shared.resilience.tls import tls_for

WEBHOOK = address_of("form_webhook")


class DoorSettings(Protocol):
    @property
    def public_url(self) -> str: ...
    @property
    def vendor_timeout_s(self) -> float: ...
    @property
    def hubspot_client_secret_name(self) -> str: ...


class HubSpotFrontDoor:
    """A customised body with a v3 signature over the public URL: what a workflow of the portal sends."""

    def __init__(self, *, settings: DoorSettings, secrets: Secrets, clock: Clock, ids: Ids) -> None:
        self._url, self._secret_name = settings.public_url.rstrip("/") + WEBHOOK, settings.hubspot_client_secret_name
        self._secrets, self._clock, self._ids = secrets, clock, ids
        self._http = httpx.Client(timeout=settings.vendor_timeout_s, trust_env=False, verify=tls_for(self._url))

    def knock(self, *, portal_id: str, submitted_at: datetime, trace_id: str) -> str:
        moment = round(submitted_at.timestamp() * 1000)
        told = {"email": ADDRESS, "portalId": int(portal_id), "formId": CANARY_FORM, "submittedAt": moment}
        body = json.dumps(told).encode()
        answer = repeated(lambda: self._once(body, trace_id), clock=self._clock, ids=self._ids)
        try:
            return str(answer.json()["run_id"])
        except (ValueError, KeyError, TypeError):
            raise Permanent(f"the webhook answered {answer.status_code} without a handle", source="front door") from None

    def _once(self, body: bytes, trace_id: str) -> httpx.Response:
        secret = self._secrets.get(name=self._secret_name)
        signed = signed_v3(method="POST", uri=self._url, body=body, secret=secret, now=self._clock.now())
        headers = {**signed, "Content-Type": "application/json", "traceparent": f"00-{trace_id}-{trace_id[:16]}-01"}
        try:
            answer = self._http.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Transient(f"the webhook gave no answer ({type(error).__name__})", source="front door") from error
        if answer.status_code >= 500:
            raise Transient(f"the webhook answered {answer.status_code}", source="front door")
        if answer.is_error:
            raise Permanent(f"the webhook answered {answer.status_code}", source="front door")
        return answer
