"""The AssertionSigner port on IAM Credentials' signJwt: Google signs with a key that never leaves it. Used for domain-wide delegation."""

import json
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote

import httpx

from shared.gcp.own_identity import OwnIdentity
from shared.ports.clock import Clock, Ids
from shared.ports.errors import Permanent, ReconnectNeeded, SalesAgentError, Transient
from shared.resilience.backoff import asked_wait, repeated
from shared.resilience.tls import tls_for

SOURCE = "iamcredentials"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
TIMEOUT_S = 10.0
MAY_WORK_LATER = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS})
"""Of our own identity another token is fetched when this one ends: nobody has to do anything."""


class SignerSettings(Protocol):
    @property
    def iamcredentials_url(self) -> str: ...
    @property
    def google_delegate_email(self) -> str: ...
    @property
    def google_delegate_client_id(self) -> str: ...


class KeylessSigner:
    """Signing changes nothing, so it is repeated."""

    def __init__(self, *, settings: SignerSettings, clock: Clock, ids: Ids) -> None:
        url = settings.iamcredentials_url
        self._account, self._client_id, self._clock, self._ids = (
            settings.google_delegate_email,
            settings.google_delegate_client_id,
            clock,
            ids,
        )
        self._identity = OwnIdentity(url, scope=SCOPE, source=SOURCE, service="IAM Credentials")
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False, verify=tls_for(url))

    @property
    def account(self) -> str:
        return self._account

    @property
    def client_id(self) -> str:
        return self._client_id

    def signed(self, *, claims: Mapping[str, str | int]) -> str:
        payload = {"payload": json.dumps(dict(claims))}
        return repeated(lambda: self._asked(payload), clock=self._clock, ids=self._ids)

    def _asked(self, payload: Mapping[str, str]) -> str:
        path = f"/v1/projects/-/serviceAccounts/{quote(self._account, safe='@')}:signJwt"
        try:
            answer = self._http.post(path, json=payload, headers=self._identity.headers())
        except httpx.RequestError as error:
            raise Transient(f"IAM Credentials did not answer: {type(error).__name__}", source=SOURCE) from None
        if not answer.is_success:
            raise self._refusal(answer)
        return _signature_in(answer)

    def _refusal(self, answer: httpx.Response) -> SalesAgentError:
        status, raw = answer.status_code, answer.text
        if status == httpx.codes.FORBIDDEN:
            fix = f"grant roles/iam.serviceAccountTokenCreator on {self._account} to this function's account, or enable its API"
            return ReconnectNeeded(f"nobody may sign as the delegate here: {fix}", source=SOURCE, raw=raw)
        if status == httpx.codes.NOT_FOUND:
            fix = "set SALES_AGENT_GOOGLE_DELEGATE_EMAIL to a service account that exists"
            return ReconnectNeeded(f"there is no service account {self._account}: {fix}", source=SOURCE, raw=raw)
        if status >= 500 or status in MAY_WORK_LATER:
            wait = asked_wait(answer.headers.get("Retry-After", ""))
            return Transient(f"IAM Credentials answered {status}", retry_after=wait, source=SOURCE, raw=raw)
        return Permanent(f"IAM Credentials refuses: {status}", source=SOURCE, raw=raw)


def _signature_in(answer: httpx.Response) -> str:
    """Transient for what is none: handed on, it would come back as a signature that Google does not know."""
    try:
        signed = answer.json()["signedJwt"]
    except (ValueError, KeyError, TypeError):
        signed = None
    if not signed or not isinstance(signed, str):
        raise Transient("IAM Credentials' answer cannot be read", source=SOURCE)
    return signed
