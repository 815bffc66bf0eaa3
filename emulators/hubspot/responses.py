"""Handlers of the object endpoints, the same for every object type: single, batch, list and search."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.hubspot.announcer import Announcer
from emulators.hubspot.bodies import batch_response, json_body, listed, object_json, page, whole_query
from emulators.hubspot.errors import HubSpotError, invalid, not_found
from emulators.hubspot.hooks import Happening
from emulators.hubspot.records import Record
from emulators.hubspot.schema import BY_ALIAS, ObjectType
from emulators.hubspot.search import matching, page_of
from emulators.hubspot.state import Portal
from emulators.service import json_response

BATCH_INPUTS, LIST_LIMIT = 100, 100


class ObjectResponses:
    """`index_lag` is how far search lags behind writes, in virtual time."""

    def __init__(self, portal: Portal, announcer: Announcer, index_lag: timedelta) -> None:
        self.portal, self.announcer, self.index_lag = portal, announcer, index_lag

    def get(self, request: Request, object_type: str, object_id: str) -> Response:
        kind = BY_ALIAS[object_type]
        archived = request.args.get("archived") == "true"
        record = self.portal.existing(kind, self._resolve(kind, object_id, request.args.get("idProperty")), archived=archived)
        return json_response(self._json(kind, record, listed(request, "properties"), listed(request, "associations")))

    def page(self, request: Request, object_type: str) -> Response:
        kind, properties = BY_ALIAS[object_type], listed(request, "properties")
        limit, after = whole_query(request, "limit", 10, LIST_LIMIT), whole_query(request, "after", 0)
        found = sorted((record for record in self.portal.records.alive(kind) if int(record.id) > after), key=lambda record: int(record.id))
        rows = [self._json(kind, record, properties, listed(request, "associations")) for record in found[:limit]]
        return json_response(page(rows, rows[-1]["id"] if len(found) > limit else None))

    def create(self, request: Request, object_type: str) -> Response:
        kind = BY_ALIAS[object_type]
        record = self._create(kind, json_body(request))
        self._tell([record], created=True)
        return json_response(self._json(kind, record, list(record.properties)), 201)

    def update(self, request: Request, object_type: str, object_id: str) -> Response:
        kind = BY_ALIAS[object_type]
        record = self.portal.existing(kind, self._resolve(kind, object_id, request.args.get("idProperty")))
        changes = json_body(request).get("properties")
        updated = self.portal.update(kind, record, changes)
        self._tell([updated], created=False, changed=changes)
        return json_response(self._json(kind, updated, list(updated.properties)))

    def archive(self, _request: Request, object_type: str, object_id: str) -> Response:
        """204 whether or not it existed."""
        record = self.portal.records.surviving(BY_ALIAS[object_type], object_id)
        if record is not None and record.archived_at is None:
            self.portal.archive(record)
        return Response(status=204)

    def merge(self, request: Request, object_type: str) -> Response:
        kind, body = BY_ALIAS[object_type], json_body(request)
        primary = self.portal.existing(kind, str(body.get("primaryObjectId")))
        merged = self.portal.existing(kind, str(body.get("objectIdToMerge")))
        if primary.id == merged.id:
            raise invalid(f"Object {primary.id} cannot be merged with itself")
        survivor = self.portal.merge(kind, primary, merged)
        return json_response(self._json(kind, survivor, list(survivor.properties)))

    def search(self, request: Request, object_type: str) -> Response:
        kind, body = BY_ALIAS[object_type], json_body(request)
        found = matching(self.portal.records.indexed(kind, self.portal.clock.now() - self.index_lag), body)
        shown, following = page_of(found, body)
        rows = [self._json(kind, record, body.get("properties") or []) for record in shown]
        return json_response({"total": len(found), **page(rows, following)})

    def batch_create(self, request: Request, object_type: str) -> Response:
        kind, inputs = BY_ALIAS[object_type], _inputs(request)
        done, errors = self._each(inputs, lambda row: self._create(kind, row))
        self._tell(done, created=True)
        return batch_response([self._json(kind, one, list(one.properties)) for one in done], errors, self.portal.clock.now(), status=201)

    def batch_read(self, request: Request, object_type: str) -> Response:
        """What is missing is one error of a 207; results come in id order, not in the order asked for."""
        kind, body = BY_ALIAS[object_type], json_body(request)
        wanted = [str(row["id"]) for row in _identified(request)]
        found, missing = self._find_all(kind, wanted, body.get("idProperty"))
        rows = [self._json(kind, record, body.get("properties") or []) for record in _in_id_order(found)]
        errors = [not_found(kind.singular.upper(), missing).batch_entry()] if missing else []
        return batch_response(rows, errors, self.portal.clock.now())

    def batch_update(self, request: Request, object_type: str) -> Response:
        kind, inputs = BY_ALIAS[object_type], _identified(request)
        _refuse_repeated(inputs)
        present = [row for row in inputs if self.portal.records.surviving(kind, str(row["id"])) is not None]
        missing = [str(row["id"]) for row in inputs if row not in present]
        done, errors = self._each(present, lambda row: self._update(kind, row))
        if missing:
            errors.append(not_found(kind.singular.upper(), missing).batch_entry())
        return batch_response([self._json(kind, one, list(one.properties)) for one in _in_id_order(done)], errors, self.portal.clock.now())

    def batch_archive(self, request: Request, object_type: str) -> Response:
        for row in _identified(request):
            self.archive(request, object_type, str(row["id"]))
        return Response(status=204)

    def _create(self, kind: ObjectType, body: Mapping[str, Any]) -> Record:
        ends = [self._far_end(kind, link) for link in body.get("associations") or ()]
        record = self.portal.create(kind, body.get("properties"))
        for other, type_ids in ends:
            self.portal.links.join((kind.name, record.id), other, type_ids)
        return record

    def _update(self, kind: ObjectType, row: Mapping[str, Any]) -> Record:
        return self.portal.update(kind, self.portal.existing(kind, str(row["id"])), row.get("properties"))

    def _far_end(self, kind: ObjectType, link: Mapping[str, Any]) -> tuple[tuple[str, str], list[int]]:
        """The record an inline association points at: its type follows from the association type; checked before anything is stored."""
        type_ids = [int(entry["associationTypeId"]) for entry in link["types"]]
        other = self.portal.links.far_type(kind.name, type_ids)
        return (other, self.portal.existing(BY_ALIAS[other], str(link["to"]["id"])).id), type_ids

    def _each(
        self, inputs: list[Mapping[str, Any]], work: Callable[[Mapping[str, Any]], Record]
    ) -> tuple[list[Record], list[dict[str, Any]]]:
        """Partial success needs an objectWriteTraceId on every input; without them the first failure refuses the batch."""
        done, errors = [], []
        for row in inputs:
            try:
                done.append(work(row))
            except HubSpotError as error:
                if not all("objectWriteTraceId" in each for each in inputs):
                    raise
                errors.append(error.batch_entry(row["objectWriteTraceId"]))
        return done, errors

    def _find_all(self, kind: ObjectType, wanted: list[str], id_property: str | None) -> tuple[list[Record], list[str]]:
        found, missing = [], []
        for one in wanted:
            try:
                found.append(self.portal.existing(kind, self._resolve(kind, one, id_property)))
            except HubSpotError:
                missing.append(one)
        return found, missing

    def _resolve(self, kind: ObjectType, value: str, id_property: str | None) -> str:
        if id_property in (None, "hs_object_id"):
            return value
        if kind.name != "contacts" or id_property != "email":
            raise invalid(f"{id_property} is not a unique property of {kind.name}")
        found = self.portal.records.id_by_email(value)
        if found is None:
            raise not_found(kind.singular.upper(), [value])
        return found

    def _json(self, kind: ObjectType, record: Record, wanted: Iterable[str] = (), associations: Iterable[str] = ()) -> dict[str, Any]:
        return object_json(self.portal, kind, record, list(wanted), list(associations))

    def _tell(self, records: list[Record], *, created: bool, changed: Mapping[str, Any] | None = None) -> None:
        now = self.portal.clock.now()
        values = {name: str(value) for name, value in (changed or {}).items()}
        self.announcer.announce([Happening(one, now, created=created, source="INTEGRATION", changed=values) for one in records])


def _identified(request: Request) -> list[Mapping[str, Any]]:
    inputs = _inputs(request)
    if not all(row.get("id") for row in inputs):
        raise invalid("Invalid input JSON: every input needs an id")
    return inputs


def _inputs(request: Request) -> list[Mapping[str, Any]]:
    inputs = json_body(request).get("inputs")
    if not isinstance(inputs, list) or not inputs or not all(isinstance(row, dict) for row in inputs):
        raise invalid("Invalid input JSON: inputs must be a non-empty array of objects")
    if len(inputs) > BATCH_INPUTS:
        raise invalid(f"The batch has {len(inputs)} inputs; the maximum is {BATCH_INPUTS}")
    return inputs


def _refuse_repeated(inputs: list[Mapping[str, Any]]) -> None:
    ids = [str(row["id"]) for row in inputs]
    repeated = sorted({one for one in ids if ids.count(one) > 1})
    if repeated:
        raise invalid(f"Duplicate IDs found in batch input: [{', '.join(repeated)}]. IDs must be unique", context={"ids": repeated})


def _in_id_order(records: Iterable[Record]) -> list[Record]:
    return sorted({record.id: record for record in records}.values(), key=lambda record: int(record.id))
