"""The Vault port on a Cloud Storage bucket with a locked retention policy (JSON API): written once per name, never overwritten."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import httpx

from shared.gcp.own_identity import OwnIdentity
from shared.ports.clock import Clock, Ids
from shared.ports.errors import NotFound, Permanent, SalesAgentError, Transient
from shared.resilience.backoff import asked_wait, repeated
from shared.resilience.tls import tls_for

T = TypeVar("T")
SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
TIMEOUT_S = 10.0
MOST_PAGES = 600
"""A head a minute for a year, which are only listed from the beginning when the log's own head is wrong."""
SOURCE = "storage"


class BucketSettings(Protocol):
    @property
    def storage_url(self) -> str: ...
    @property
    def audit_bucket(self) -> str: ...


class LockedBucket:
    """Every write carries ifGenerationMatch=0, so it may be repeated: what is there already is compared, never replaced."""

    def __init__(self, *, settings: BucketSettings, clock: Clock, ids: Ids) -> None:
        self._clock, self._ids = clock, ids
        self._bucket, self._identity = quote(settings.audit_bucket, safe=""), _identity(settings.storage_url)
        self._http = httpx.Client(base_url=settings.storage_url, timeout=TIMEOUT_S, trust_env=False, verify=tls_for(settings.storage_url))

    def keep(self, *, name: str, content: bytes) -> None:
        path = f"/upload/storage/v1/b/{self._bucket}/o"
        query = {"uploadType": "media", "name": name, "ifGenerationMatch": "0"}

        def once() -> bool:
            answer = self._sent("POST", path, query, content)
            if answer.status_code == httpx.codes.PRECONDITION_FAILED:
                return False
            self._check(answer)
            return True

        if not self._repeated(once) and self._content(name) != content:
            raise Permanent(f"something else lies in the vault under {name}", source=SOURCE)

    def last(self, *, prefix: str, since: str = "") -> bytes | None:
        query = {"prefix": prefix, "startOffset": since, "fields": "items(name),nextPageToken"}
        name = ""
        for _ in range(MOST_PAGES):
            page = self._repeated(partial(self._list, dict(query)))
            name = page["items"][-1]["name"] if page.get("items") else name
            query["pageToken"] = page.get("nextPageToken", "")
            if not query["pageToken"]:
                return self._content(name) if name else None
        raise Permanent(f"the vault lists more than {MOST_PAGES} pages of heads", source=SOURCE)

    def _content(self, name: str) -> bytes:
        path = f"/storage/v1/b/{self._bucket}/o/{quote(name, safe='')}"
        return self._repeated(lambda: self._check(self._sent("GET", path, {"alt": "media"}))).content

    def _list(self, query: Mapping[str, str]) -> Any:
        answer = self._check(self._sent("GET", f"/storage/v1/b/{self._bucket}/o", {key: one for key, one in query.items() if one}))
        try:
            return answer.json()
        except ValueError:
            raise Transient("Cloud Storage's answer cannot be read", source=SOURCE) from None

    def _sent(self, method: str, path: str, query: Mapping[str, str], content: bytes | None = None) -> httpx.Response:
        kind = {"Content-Type": "application/json"} if content is not None else {}
        try:
            return self._http.request(method, path, params=query, content=content, headers={**kind, **self._identity.headers()})
        except httpx.RequestError as error:
            raise Transient(f"Cloud Storage did not answer: {type(error).__name__}", source=SOURCE) from None

    def _check(self, answer: httpx.Response) -> httpx.Response:
        if not answer.is_success:
            raise _refusal(answer)
        return answer

    def _repeated(self, operation: Callable[[], T]) -> T:
        return repeated(operation, clock=self._clock, ids=self._ids)


def _identity(url: str) -> OwnIdentity:
    return OwnIdentity(url, scope=SCOPE, source=SOURCE, service="Cloud Storage")


def _refusal(answer: httpx.Response) -> SalesAgentError:
    status, raw = answer.status_code, answer.text
    if status == httpx.codes.NOT_FOUND:
        return NotFound("the vault's bucket, or what was in it, does not exist", source=SOURCE, raw=raw)
    if status >= 500 or status in (408, 429):
        wait = asked_wait(answer.headers.get("Retry-After", ""))
        return Transient(f"Cloud Storage answered {status}", retry_after=wait, source=SOURCE, raw=raw)
    return Permanent(f"Cloud Storage refuses: {status}", source=SOURCE, raw=raw)
