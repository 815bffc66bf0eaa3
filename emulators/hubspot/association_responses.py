"""Handlers of associations v4: list, put (default and labelled), delete and batch read."""

from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.hubspot.bodies import any_json, batch_response, json_body, page, paged
from emulators.hubspot.errors import HubSpotError, invalid, unknown_object_type
from emulators.hubspot.links import End
from emulators.hubspot.schema import BY_ALIAS, ObjectType
from emulators.hubspot.state import Portal
from emulators.service import json_response

PAGE_LIMIT, BATCH_INPUTS, BATCH_PAGE = 500, 1000, 100


class AssociationResponses:
    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def page(self, request: Request, object_type: str, object_id: str, to_type: str) -> Response:
        end, other = self._end(object_type, object_id), _kind(to_type)
        rows = [self._row(other_id, type_ids) for other_id, type_ids in self.portal.links.of(end, other.name)]
        return json_response(paged(rows, request, default=PAGE_LIMIT, most=PAGE_LIMIT))

    def put_default(self, _request: Request, object_type: str, object_id: str, to_type: str, to_id: str) -> Response:
        one, other = self._end(object_type, object_id), self._end(to_type, to_id)
        there, back = self.portal.links.join_plain(one, other), self.portal.links.join_plain(other, one)
        rows = [_joined(one, other, there), _joined(other, one, back)]
        return batch_response(rows, [], self.portal.clock.now())

    def put(self, request: Request, object_type: str, object_id: str, to_type: str, to_id: str) -> Response:
        """The body is a bare array of association types."""
        one, other = self._end(object_type, object_id), self._end(to_type, to_id)
        body = any_json(request)
        if not isinstance(body, list) or not all(isinstance(entry, dict) and "associationTypeId" in entry for entry in body):
            raise invalid("Invalid input JSON: expected an array of association types")
        type_ids = [int(entry["associationTypeId"]) for entry in body]
        self.portal.links.join(one, other, type_ids)
        labels = [label for label in map(self.portal.links.label, type_ids) if label is not None]
        return json_response(
            {
                "fromObjectTypeId": BY_ALIAS[one[0]].type_id,
                "fromObjectId": one[1],
                "toObjectTypeId": BY_ALIAS[other[0]].type_id,
                "toObjectId": other[1],
                "labels": labels,
            },
            201,
        )

    def delete(self, _request: Request, object_type: str, object_id: str, to_type: str, to_id: str) -> Response:
        self.portal.links.cut(self._end(object_type, object_id), self._end(to_type, to_id))
        return Response(status=204)

    def batch_read(self, request: Request, from_type: str, to_type: str) -> Response:
        """A record without associations is an error of a 207."""
        kind, other = _kind(from_type), _kind(to_type)
        inputs = json_body(request).get("inputs")
        if not isinstance(inputs, list) or not 0 < len(inputs) <= BATCH_INPUTS:
            raise invalid(f"Invalid input JSON: inputs must be an array of 1 to {BATCH_INPUTS}")
        rows, errors = [], []
        for row in inputs:
            found = list(self.portal.links.of((kind.name, str(row["id"])), other.name))
            if found:
                rows.append(self._many(str(row["id"]), found, int(row.get("after") or 0)))
            else:
                errors.append(_none_found(kind, other, str(row["id"])))
        return batch_response(rows, errors, self.portal.clock.now())

    def _many(self, record_id: str, found: list[tuple[str, list[int]]], start: int) -> dict[str, Any]:
        following = start + BATCH_PAGE
        shown = [self._row(other_id, type_ids) for other_id, type_ids in found[start:following]]
        pages = page([], str(following) if following < len(found) else None)
        more = {"paging": pages["paging"]} if "paging" in pages else {}
        return {"from": {"id": record_id}, "to": shown, **more}

    def _row(self, other_id: str, type_ids: list[int]) -> dict[str, Any]:
        return {"toObjectId": other_id, "associationTypes": self.portal.links.described(type_ids)}

    def _end(self, object_type: str, object_id: str) -> End:
        kind = _kind(object_type)
        return kind.name, self.portal.existing(kind, object_id).id


def _kind(alias: str) -> ObjectType:
    if alias not in BY_ALIAS:
        raise unknown_object_type(alias)
    return BY_ALIAS[alias]


def _joined(one: End, other: End, type_id: int) -> dict[str, Any]:
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    return {"from": {"id": one[1]}, "to": {"id": other[1]}, "associationSpec": spec}


def _none_found(kind: ObjectType, other: ObjectType, record_id: str) -> dict[str, Any]:
    context = {"fromObjectId": [record_id], "fromObjectType": [kind.singular], "toObjectType": [other.singular]}
    text = f"No {other.singular} is associated with {kind.singular} {record_id}."
    entry = HubSpotError(404, text, category="OBJECT_NOT_FOUND", context=context).batch_entry()
    return {**entry, "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}
