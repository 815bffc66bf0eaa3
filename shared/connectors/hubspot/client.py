"""HubSpot's API over HTTP: one method per call we make, guarded, typed, with pages followed within bounds. Used by the adapter."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from shared.connectors.hubspot.failures import failure_of, no_answer, unreadable
from shared.connectors.hubspot.tokens import PortalTokens
from shared.connectors.hubspot.whole_text import whole
from shared.connectors.hubspot.wire import (
    AssociationPage,
    Batch,
    FormPage,
    FormRow,
    ObjectPage,
    ObjectRow,
    SubmissionPage,
    SubmissionRow,
    Wire,
    in_chunks,
)
from shared.ports.errors import NotFound
from shared.resilience.calls import GuardedCalls

BATCH_SIZE, SUBMISSIONS_PER_PAGE, ASSOCIATIONS_PER_PAGE, FORMS_PER_PAGE = 100, 50, 500, 100
MOST_SUBMISSION_PAGES, MOST_ASSOCIATION_PAGES, MOST_FORM_PAGES = 10, 10, 10
TYPED = re.compile(r"[^/]*[@%][^/]*")
"""A segment of a path that is no id of HubSpot's: an address, or what somebody typed. Errors are logged and must not show it."""
W = TypeVar("W", bound=Wire)


class HubSpotClient:
    """`http` carries base URL and timeout; `token` is read before every call and again when it is refused.

    Search has a guard of its own (its limit is 5/s).

    Raises the families of shared.ports.errors. A write that may have happened is OutcomeUnknown, so whatever is Transient
    may be repeated, creates included: the guards do so.
    """

    def __init__(
        self, *, http: httpx.Client, token: PortalTokens, guard: GuardedCalls, search_guard: GuardedCalls, objects_path: str
    ) -> None:
        self._http, self._token, self._guard, self._search_guard = http, token, guard, search_guard
        self._objects = objects_path.rstrip("/")

    def get_object(self, kind: str, key: str, *, properties: Sequence[str], id_property: str = "") -> ObjectRow:
        """Raises NotFound. A merged contact's id answers with the record that survived."""
        query = {"properties": ",".join(properties), **({"idProperty": id_property} if id_property else {})}
        return self._call(ObjectRow, "GET", f"{self._objects}/{kind}/{_segment(key)}", query=query)

    def create_object(self, kind: str, properties: Mapping[str, str], *, associations: Sequence[Mapping[str, Any]] = ()) -> ObjectRow:
        """Raises AlreadyExists for an e-mail address that is taken, OutcomeUnknown when it may have been created."""
        body: dict[str, Any] = {"properties": dict(properties)}
        if associations:
            body["associations"] = list(associations)
        return self._call(ObjectRow, "POST", f"{self._objects}/{kind}", body=body, safe=False)

    def update_object(self, kind: str, object_id: str, properties: Mapping[str, str]) -> ObjectRow:
        return self._call(ObjectRow, "PATCH", f"{self._objects}/{kind}/{_segment(object_id)}", body={"properties": dict(properties)})

    def read_objects(self, kind: str, ids: Sequence[str], *, properties: Sequence[str]) -> Iterator[ObjectRow]:
        """In batches, in the batches' order; what does not exist is left out."""
        for chunk in in_chunks(ids, BATCH_SIZE):
            inputs = [{"id": one} for one in chunk]
            body = {"inputs": inputs, "properties": list(properties), "propertiesWithHistory": []}
            yield from self._call(Batch, "POST", f"{self._objects}/{kind}/batch/read", body=body).results

    def search_objects(
        self, kind: str, filters: Sequence[Mapping[str, str]], *, properties: Sequence[str], limit: int
    ) -> Sequence[ObjectRow]:
        """The oldest matches first, one page. The index lags behind writes: never search for what was just written."""
        body = {
            "filterGroups": [{"filters": list(filters)}],
            "sorts": [{"propertyName": "createdate", "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": limit,
        }
        return self._call(ObjectPage, "POST", f"{self._objects}/{kind}/search", body=body, guard=self._search_guard).results

    def associated_ids(self, kind: str, object_id: str, other: str) -> list[str]:
        """Raises NotFound for an unknown object."""
        path = f"/crm/v4/objects/{kind}/{_segment(object_id)}/associations/{other}"
        found: list[str] = []
        query = {"limit": str(ASSOCIATIONS_PER_PAGE)}
        for _ in range(MOST_ASSOCIATION_PAGES):
            page = self._call(AssociationPage, "GET", path, query=query)
            found += [row.to_object_id for row in page.results]
            if page.after is None:
                break
            query["after"] = page.after
        return found

    def form(self, form_id: str) -> FormRow:
        return self._call(FormRow, "GET", f"/marketing/v3/forms/{_segment(form_id)}")

    def forms(self) -> Iterator[FormRow]:
        """Of every type: without being asked for them, HubSpot leaves out all but its own (captured, flow, blog comments)."""
        query = {"limit": str(FORMS_PER_PAGE), "formTypes": "all"}
        for _ in range(MOST_FORM_PAGES):
            page = self._call(FormPage, "GET", "/marketing/v3/forms", query=query)
            yield from page.results
            if page.after is None:
                return
            query["after"] = page.after

    def submissions(self, form_id: str) -> Iterator[SubmissionRow]:
        """Newest first; a page is fetched when it is needed, at most 10 of 50."""
        after = ""
        for _ in range(MOST_SUBMISSION_PAGES):
            page = self.submission_page(form_id, after=after)
            yield from page.results
            if page.after is None:
                return
            after = page.after

    def submission_page(self, form_id: str, *, after: str = "") -> SubmissionPage:
        """Newest first, from the cursor of an earlier page on. Raises NotFound."""
        path = f"/form-integrations/v1/submissions/forms/{_segment(form_id)}"
        query = {"limit": str(SUBMISSIONS_PER_PAGE), **({"after": after} if after else {})}
        return self._call(SubmissionPage, "GET", path, query=query)

    def _call(
        self,
        model: type[W],
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        safe: bool = True,
        guard: GuardedCalls | None = None,
    ) -> W:
        def once() -> W:
            return self._once(model, method, path, query=query, body=body, safe=safe)

        return (guard or self._guard).run(once, repeatable=True)

    def _once(
        self, model: type[W], method: str, path: str, *, query: Mapping[str, str] | None, body: Mapping[str, Any] | None, safe: bool
    ) -> W:
        what = f"{method} {TYPED.sub('…', path)}"

        def send(token: str) -> httpx.Response:
            return self._http.request(method, path, params=dict(query or {}), json=body, headers={"Authorization": f"Bearer {token}"})

        try:
            response = self._sent(send)
        except httpx.HTTPError as error:
            raise no_answer(error, what=what, safe=safe) from error
        if response.status_code >= 300:
            raise failure_of(response, what=what, safe=safe)
        try:
            return model.model_validate(whole(response.content))
        except (ValueError, RecursionError) as error:
            raise unreadable(response, what=what, safe=safe) from error

    def _sent(self, send: Callable[[str], httpx.Response]) -> httpx.Response:
        """A refused token has had no effect; if it was rotated, the new one has a try."""
        token = self._token.current()
        response = send(token)
        if response.status_code != httpx.codes.UNAUTHORIZED:
            return response
        newer = self._token.newer_than(token)
        return send(newer) if newer else response


def _segment(value: str) -> str:
    """One path segment: what somebody typed must not reach another endpoint. NotFound for what names nothing or leads upwards."""
    if value in ("", ".", ".."):
        raise NotFound("this is no HubSpot id", source="hubspot")
    return quote(value, safe="@")
