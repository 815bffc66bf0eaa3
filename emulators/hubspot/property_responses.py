"""Handlers of property definitions and their groups: single and batch."""

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.hubspot.bodies import batch_response, flag, json_body
from emulators.hubspot.errors import HubSpotError, invalid
from emulators.hubspot.guarding import Guard, Table
from emulators.hubspot.schema import ObjectType, kind_of
from emulators.hubspot.state import Portal
from emulators.service import Route, json_response

PREFIXES = ("/crm/v3/properties", "/crm/properties/2026-09")
BATCH_INPUTS = 100


class PropertyResponses:
    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def routes(self, guard: Guard) -> list[Route]:
        table: Table = [
            ("GET", "", self.page, "list"),
            ("POST", "", self.create, "create"),
            ("POST", "/batch/read", self.batch_read, "batch_read"),
            ("POST", "/batch/create", self.batch_create, "batch_create"),
            ("POST", "/batch/archive", self.batch_archive, "batch_archive"),
            ("GET", "/groups", self.groups, "groups.list"),
            ("POST", "/groups", self.create_group, "groups.create"),
            ("GET", "/groups/<name>", self.group, "groups.get"),
            ("PATCH", "/groups/<name>", self.update_group, "groups.update"),
            ("DELETE", "/groups/<name>", self.archive_group, "groups.archive"),
            ("GET", "/<name>", self.get, "get"),
            ("PATCH", "/<name>", self.update, "update"),
            ("DELETE", "/<name>", self.archive, "archive"),
        ]
        return [
            Route(method, f"{prefix}/<object_type>{rest}", guard(handler), f"properties.{action}")
            for prefix in PREFIXES
            for method, rest, handler, action in table
        ]

    def page(self, request: Request, object_type: str) -> Response:
        kind, known = kind_of(object_type), self.portal.properties
        rows = list(known.archived(kind) if _wants_archived(request) else known.of(kind).values())
        return json_response({"results": rows})

    def get(self, request: Request, object_type: str, name: str) -> Response:
        return json_response(self.portal.properties.find(kind_of(object_type), name, archived=_wants_archived(request)))

    def create(self, request: Request, object_type: str) -> Response:
        return json_response(self.portal.properties.create(kind_of(object_type), json_body(request), self.portal.clock.now()), 201)

    def update(self, request: Request, object_type: str, name: str) -> Response:
        return json_response(self.portal.properties.update(kind_of(object_type), name, json_body(request), self.portal.clock.now()))

    def archive(self, _request: Request, object_type: str, name: str) -> Response:
        self.portal.properties.archive(kind_of(object_type), name, self.portal.clock.now())
        return Response(status=204)

    def batch_read(self, request: Request, object_type: str) -> Response:
        archived = bool(json_body(request).get("archived"))
        return self._each(request, object_type, lambda kind, row: self.portal.properties.find(kind, str(row["name"]), archived=archived))

    def batch_create(self, request: Request, object_type: str) -> Response:
        now = self.portal.clock.now()
        return self._each(request, object_type, lambda kind, row: self.portal.properties.create(kind, row, now), status=201)

    def batch_archive(self, request: Request, object_type: str) -> Response:
        kind = kind_of(object_type)
        for row in _inputs(request):
            self.portal.properties.archive(kind, str(row["name"]), self.portal.clock.now())
        return Response(status=204)

    def groups(self, _request: Request, object_type: str) -> Response:
        return json_response({"results": self.portal.properties.groups(kind_of(object_type))})

    def group(self, _request: Request, object_type: str, name: str) -> Response:
        return json_response(self.portal.properties.group(kind_of(object_type), name))

    def create_group(self, request: Request, object_type: str) -> Response:
        return json_response(self.portal.properties.create_group(kind_of(object_type), json_body(request)), 201)

    def update_group(self, request: Request, object_type: str, name: str) -> Response:
        return json_response(self.portal.properties.update_group(kind_of(object_type), name, json_body(request)))

    def archive_group(self, _request: Request, object_type: str, name: str) -> Response:
        self.portal.properties.archive_group(kind_of(object_type), name)
        return Response(status=204)

    def _each(
        self, request: Request, object_type: str, work: Callable[[ObjectType, dict[str, Any]], dict[str, Any]], *, status: int = 200
    ) -> Response:
        kind, rows, errors = kind_of(object_type), [], []
        for row in _inputs(request):
            try:
                rows.append(work(kind, row))
            except HubSpotError as error:
                errors.append(error.batch_entry())
        return batch_response(rows, errors, self.portal.clock.now(), status=status)


def _wants_archived(request: Request) -> bool:
    return flag(request, "archived")


def _inputs(request: Request) -> list[dict[str, Any]]:
    inputs = json_body(request).get("inputs")
    if (
        not isinstance(inputs, list)
        or not 0 < len(inputs) <= BATCH_INPUTS
        or not all(isinstance(row, dict) and "name" in row for row in inputs)
    ):
        raise invalid(f"Invalid input JSON: inputs must be 1 to {BATCH_INPUTS} objects with a name")
    return inputs
