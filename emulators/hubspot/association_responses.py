"""Handlers of associations v4 between two records: list, put (default and labelled) and delete."""

from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.hubspot.bodies import any_json, batch_response, paged
from emulators.hubspot.errors import invalid
from emulators.hubspot.guarding import Guard
from emulators.hubspot.links import End
from emulators.hubspot.schema import BY_ALIAS, kind_of
from emulators.hubspot.state import Portal
from emulators.service import Route, json_response

PAGE_LIMIT = 500


class AssociationResponses:
    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def routes(self, guard: Guard) -> list[Route]:
        pair = "/crm/v4/objects/<object_type>/<object_id>/associations/<to_type>"
        plain = "/crm/v4/objects/<object_type>/<object_id>/associations/default/<to_type>/<to_id>"
        return [
            Route("GET", pair, guard(self.page), "associations.list"),
            Route("PUT", plain, guard(self.put_default, writes=True), "associations.create_default"),
            Route("PUT", f"{pair}/<to_id>", guard(self.put, writes=True), "associations.create"),
            Route("DELETE", f"{pair}/<to_id>", guard(self.delete, writes=True), "associations.archive"),
        ]

    def page(self, request: Request, object_type: str, object_id: str, to_type: str) -> Response:
        end, other = end_of(self.portal, object_type, object_id), kind_of(to_type)
        rows = [association_row(self.portal, other_id, type_ids) for other_id, type_ids in self.portal.links.of(end, other.name)]
        return json_response(paged(rows, request, default=PAGE_LIMIT, most=PAGE_LIMIT))

    def put_default(self, _request: Request, object_type: str, object_id: str, to_type: str, to_id: str) -> Response:
        one, other = end_of(self.portal, object_type, object_id), end_of(self.portal, to_type, to_id)
        return batch_response(joined_rows(self.portal, one, other), [], self.portal.clock.now())

    def put(self, request: Request, object_type: str, object_id: str, to_type: str, to_id: str) -> Response:
        """The body is a bare array of association types."""
        one, other = end_of(self.portal, object_type, object_id), end_of(self.portal, to_type, to_id)
        body = any_json(request)
        if not isinstance(body, list) or not all(isinstance(entry, dict) and "associationTypeId" in entry for entry in body):
            raise invalid("Invalid input JSON: expected an array of association types")
        type_ids = [int(entry["associationTypeId"]) for entry in body]
        self.portal.links.join(one, other, type_ids)
        return json_response(labels_between(self.portal, one, other, type_ids), 201)

    def delete(self, _request: Request, object_type: str, object_id: str, to_type: str, to_id: str) -> Response:
        self.portal.links.cut(end_of(self.portal, object_type, object_id), end_of(self.portal, to_type, to_id))
        return Response(status=204)


def end_of(portal: Portal, object_type: str, object_id: str) -> End:
    """One end of an association; raises HubSpotError for a type or record that does not exist."""
    kind = kind_of(object_type)
    return kind.name, portal.existing(kind, object_id).id


def association_row(portal: Portal, other_id: str, type_ids: list[int]) -> dict[str, Any]:
    return {"toObjectId": other_id, "associationTypes": portal.links.described(type_ids)}


def labels_between(portal: Portal, one: End, other: End, type_ids: list[int]) -> dict[str, Any]:
    """What was just associated, as the labelled forms of the call answer it."""
    labels = [label for label in map(portal.links.label, type_ids) if label is not None]
    types = {"fromObjectTypeId": BY_ALIAS[one[0]].type_id, "toObjectTypeId": BY_ALIAS[other[0]].type_id}
    return {**types, "fromObjectId": one[1], "toObjectId": other[1], "labels": labels}


def joined_rows(portal: Portal, one: End, other: End) -> list[dict[str, Any]]:
    """Associates plainly, both ways."""
    there, back = portal.links.join_plain(one, other), portal.links.join_plain(other, one)
    return [_joined(one, other, there), _joined(other, one, back)]


def _joined(one: End, other: End, type_id: int) -> dict[str, Any]:
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    return {"from": {"id": one[1]}, "to": {"id": other[1]}, "associationSpec": spec}
