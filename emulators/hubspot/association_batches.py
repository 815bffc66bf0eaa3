"""Handlers of associations v4 in batches, and of the labels a portal gives them."""

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.hubspot.association_responses import association_row, end_of, joined_rows, labels_between
from emulators.hubspot.association_types import LABELS, PRIMARY
from emulators.hubspot.bodies import batch_response, json_body, page
from emulators.hubspot.errors import HubSpotError, invalid
from emulators.hubspot.guarding import Guard, Table
from emulators.hubspot.links import plain_type
from emulators.hubspot.schema import ObjectType, kind_of
from emulators.hubspot.state import Portal
from emulators.service import Route, json_response

READ_INPUTS, WRITE_INPUTS, BATCH_PAGE = 1000, 2000, 100
FIRST_LABEL = 36
Row = Mapping[str, Any]


class AssociationBatches:
    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def routes(self, guard: Guard) -> list[Route]:
        pair = "/crm/v4/associations/<from_type>/<to_type>"
        table: Table = [
            ("POST", "/batch/create", self.batch_create, "batch_create"),
            ("POST", "/batch/associate/default", self.batch_default, "batch_create_default"),
            ("POST", "/batch/archive", self.batch_archive, "batch_archive"),
            ("POST", "/batch/labels/archive", self.batch_archive_labels, "batch_archive_labels"),
            ("POST", "/labels", self.define, "labels.create"),
            ("PUT", "/labels", self.rename, "labels.update"),
            ("DELETE", "/labels/<int:type_id>", self.undefine, "labels.archive"),
        ]
        writes = [
            Route(method, f"{pair}{rest}", guard(handler, writes=True), f"associations.{name}") for method, rest, handler, name in table
        ]
        return [
            *writes,
            Route("POST", f"{pair}/batch/read", guard(self.batch_read), "associations.batch_read", reads=True),
            Route("GET", f"{pair}/labels", guard(self.labels), "associations.labels.list"),
        ]

    def batch_create(self, request: Request, from_type: str, to_type: str) -> Response:
        kind, other = kind_of(from_type), kind_of(to_type)

        def work(row: Row) -> list[dict[str, Any]]:
            one, far = self._ends(kind, other, str(row["from"]["id"]), str(row["to"]["id"]))
            type_ids = [int(entry["associationTypeId"]) for entry in row["types"]]
            self.portal.links.join(one, far, type_ids)
            return [labels_between(self.portal, one, far, type_ids)]

        return self._each(_inputs(request, WRITE_INPUTS), work, status=201)

    def batch_default(self, request: Request, from_type: str, to_type: str) -> Response:
        kind, other = kind_of(from_type), kind_of(to_type)
        return self._each(
            _inputs(request, WRITE_INPUTS),
            lambda row: joined_rows(self.portal, *self._ends(kind, other, str(row["from"]["id"]), str(row["to"]["id"]))),
        )

    def batch_archive(self, request: Request, from_type: str, to_type: str) -> Response:
        kind, other = kind_of(from_type), kind_of(to_type)
        for row in _inputs(request, WRITE_INPUTS):
            for far in row["to"]:
                self.portal.links.cut((kind.name, str(row["from"]["id"])), (other.name, str(far["id"])))
        return Response(status=204)

    def batch_archive_labels(self, request: Request, from_type: str, to_type: str) -> Response:
        kind, other = kind_of(from_type), kind_of(to_type)
        for row in _inputs(request, WRITE_INPUTS):
            type_ids = [int(entry["associationTypeId"]) for entry in row["types"]]
            self.portal.links.cut_labels((kind.name, str(row["from"]["id"])), (other.name, str(row["to"]["id"])), type_ids)
        return Response(status=204)

    def batch_read(self, request: Request, from_type: str, to_type: str) -> Response:
        """A record without associations is an error of a 207."""
        kind, other = kind_of(from_type), kind_of(to_type)
        rows, errors = [], []
        for row in _inputs(request, READ_INPUTS):
            found = list(self.portal.links.of((kind.name, str(row["id"])), other.name))
            if found:
                rows.append(self._many(str(row["id"]), found, int(row.get("after") or 0)))
            else:
                errors.append(_none_found(kind, other, str(row["id"])))
        return batch_response(rows, errors, self.portal.clock.now())

    def _many(self, record_id: str, found: list[tuple[str, list[int]]], start: int) -> dict[str, Any]:
        following = start + BATCH_PAGE
        shown = [association_row(self.portal, other_id, type_ids) for other_id, type_ids in found[start:following]]
        pages = page([], str(following) if following < len(found) else None)
        more = {"paging": pages["paging"]} if "paging" in pages else {}
        return {"from": {"id": record_id}, "to": shown, **more}

    # Labels
    def labels(self, _request: Request, from_type: str, to_type: str) -> Response:
        kind, other = kind_of(from_type), kind_of(to_type)
        built_in = [PRIMARY.get((kind.name, other.name)), plain_type(kind.name, other.name)]
        rows = [_label("HUBSPOT_DEFINED", one, LABELS.get(one)) for one in built_in if one is not None]
        return json_response({"results": [*rows, *(_label("USER_DEFINED", *one) for one in self.portal.links.labels.items())]})

    def define(self, request: Request, from_type: str, to_type: str) -> Response:
        """Answers the new type ids, one for each direction that has a word of its own."""
        plain_type(kind_of(from_type).name, kind_of(to_type).name)
        body = json_body(request)
        if not body.get("label") or not body.get("name"):
            raise invalid("Invalid input JSON: a label needs a name and a label")
        if body["label"] in self.portal.links.labels.values():
            raise invalid(f"An association label {body['label']!r} already exists")
        new_id = max((FIRST_LABEL - 1, *self.portal.links.labels)) + 1
        made = self.portal.links.define(str(body["label"]), body.get("inverseLabel"), new_id)
        return json_response({"results": [_label("USER_DEFINED", one, self.portal.links.label(one)) for one in made]})

    def rename(self, request: Request, from_type: str, to_type: str) -> Response:
        plain_type(kind_of(from_type).name, kind_of(to_type).name)
        body = json_body(request)
        if body.get("associationTypeId") not in self.portal.links.labels:
            raise invalid(f"No label has the id {body.get('associationTypeId')}")
        self.portal.links.labels[body["associationTypeId"]] = str(body["label"])
        return Response(status=204)

    def undefine(self, _request: Request, from_type: str, to_type: str, type_id: int) -> Response:
        plain_type(kind_of(from_type).name, kind_of(to_type).name)
        self.portal.links.labels.pop(type_id, None)
        return Response(status=204)

    def _ends(self, kind: ObjectType, other: ObjectType, one_id: str, other_id: str) -> tuple[tuple[str, str], tuple[str, str]]:
        for given in (one_id, other_id):
            if not given.isdigit():
                raise HubSpotError(
                    400,
                    f"{given} is not a valid ID",
                    category="VALIDATION_ERROR",
                    subCategory="crm.associations.INVALID_IDENTIFIER",
                    context={"id": [given]},
                )
        if kind is other and one_id == other_id:
            raise invalid(f"Object {one_id} cannot be associated to itself ({other_id})")
        return end_of(self.portal, kind.name, one_id), end_of(self.portal, other.name, other_id)

    def _each(self, inputs: list[Row], work: Callable[[Row], list[dict[str, Any]]], *, status: int = 200) -> Response:
        rows: list[dict[str, Any]] = []
        errors = []
        for row in inputs:
            try:
                rows += work(row)
            except HubSpotError as error:
                more = {"subCategory": error.more["subCategory"]} if "subCategory" in error.more else {}
                errors.append(error.batch_entry() | more)
        return batch_response(rows, errors, self.portal.clock.now(), status=status)


def _inputs(request: Request, most: int) -> list[Row]:
    inputs = json_body(request).get("inputs")
    if not isinstance(inputs, list) or not 0 < len(inputs) <= most or not all(isinstance(row, dict) for row in inputs):
        raise invalid(f"Invalid input JSON: inputs must be an array of 1 to {most} objects")
    return inputs


def _label(category: str, type_id: int, label: str | None) -> dict[str, Any]:
    return {"category": category, "typeId": type_id, "label": label}


def _none_found(kind: ObjectType, other: ObjectType, record_id: str) -> dict[str, Any]:
    context = {"fromObjectId": [record_id], "fromObjectType": [kind.singular], "toObjectType": [other.singular]}
    text = f"No {other.singular} is associated with {kind.singular} {record_id}."
    entry = HubSpotError(404, text, category="OBJECT_NOT_FOUND", context=context).batch_entry()
    return {**entry, "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}
