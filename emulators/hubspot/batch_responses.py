"""Handlers of the batch endpoints, the same for every object type: up to 100 inputs, 207 as soon as one of them failed."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.hubspot.bodies import batch_response, json_body
from emulators.hubspot.errors import HubSpotError, invalid, not_found
from emulators.hubspot.records import Record
from emulators.hubspot.responses import ObjectResponses
from emulators.hubspot.schema import BY_ALIAS, ObjectType
from emulators.hubspot.state import Portal

BATCH_INPUTS = 100
Row = Mapping[str, Any]


class BatchResponses:
    def __init__(self, portal: Portal, objects: ObjectResponses) -> None:
        self.portal, self.objects = portal, objects

    def batch_create(self, request: Request, object_type: str) -> Response:
        kind, inputs = BY_ALIAS[object_type], _inputs(request)
        done, errors = self._each(inputs, lambda row: self.objects.make(kind, row))
        self.objects.tell(done, created=True)
        return batch_response(
            [self.objects.shown(kind, one, list(one.properties)) for one in done], errors, self.portal.clock.now(), status=201
        )

    def batch_read(self, request: Request, object_type: str) -> Response:
        """What is missing is one error of a 207; results come in id order, not in the order asked for."""
        kind, body = BY_ALIAS[object_type], json_body(request)
        wanted = [str(row["id"]) for row in _identified(request)]
        found, missing = self._find_all(kind, wanted, body.get("idProperty"))
        past = body.get("propertiesWithHistory") or []
        rows = [self.objects.shown(kind, one, body.get("properties") or []) | self.objects.past(one, past) for one in _in_id_order(found)]
        errors = [not_found(kind.singular.upper(), missing).batch_entry()] if missing else []
        return batch_response(rows, errors, self.portal.clock.now())

    def batch_update(self, request: Request, object_type: str) -> Response:
        kind, inputs = BY_ALIAS[object_type], _identified(request)
        _refuse_repeated(inputs)
        missing = [str(row["id"]) for row in inputs if not self._exists(kind, row)]
        present = [row for row in inputs if str(row["id"]) not in missing]
        done, errors = self._each(present, lambda row: self._update(kind, row))
        if missing:
            errors.append(not_found(kind.singular.upper(), missing).batch_entry())
        return batch_response(
            [self.objects.shown(kind, one, list(one.properties)) for one in _in_id_order(done)], errors, self.portal.clock.now()
        )

    def batch_archive(self, request: Request, object_type: str) -> Response:
        for row in _identified(request):
            self.objects.archive(request, object_type, str(row["id"]))
        return Response(status=204)

    def batch_upsert(self, request: Request, object_type: str) -> Response:
        """By one unique property for all inputs; what does not exist yet is created with that value."""
        kind, inputs = BY_ALIAS[object_type], _identified(request)
        by = {row.get("idProperty") for row in inputs}
        if len(by) > 1:
            raise invalid("All inputs of an upsert must use the same idProperty")
        made: set[str] = set()
        done, errors = self._each(inputs, lambda row: self._upsert(kind, row, made))
        self.objects.tell([one for one in done if one.id in made], created=True)
        rows = [self.objects.shown(kind, one, list(one.properties)) | {"new": one.id in made} for one in _in_id_order(done)]
        return batch_response(rows, errors, self.portal.clock.now())

    def _upsert(self, kind: ObjectType, row: Row, made: set[str]) -> Record:
        by, value = row.get("idProperty"), str(row["id"])
        try:
            record = self.portal.existing(kind, self.portal.resolve(kind, value, by))
        except HubSpotError as error:
            if error.status != 404 or by in (None, "hs_object_id"):
                raise
            created = self.objects.make(kind, {"properties": {str(by): value, **row["properties"]}})
            made.add(created.id)
            return created
        return self.portal.update(kind, record, row.get("properties"))

    def _update(self, kind: ObjectType, row: Row) -> Record:
        return self.portal.update(kind, self._known(kind, row), row.get("properties"))

    def _exists(self, kind: ObjectType, row: Row) -> bool:
        try:
            return self._known(kind, row) is not None
        except HubSpotError as error:
            if error.status != 404:
                raise
            return False

    def _known(self, kind: ObjectType, row: Row) -> Record:
        return self.portal.existing(kind, self.portal.resolve(kind, str(row["id"]), row.get("idProperty")))

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
                found.append(self.portal.existing(kind, self.portal.resolve(kind, one, id_property)))
            except HubSpotError:
                missing.append(one)
        return found, missing


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
