"""The JSON shapes shared by the handlers: objects, pages, batches; and reading a request's query and body."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.hubspot.association_types import PRIMARY
from emulators.hubspot.errors import invalid
from emulators.hubspot.records import Record
from emulators.hubspot.schema import BY_ALIAS, ObjectType
from emulators.hubspot.stamps import iso
from emulators.hubspot.state import Portal
from emulators.service import json_response


def json_body(request: Request) -> dict[str, Any]:
    body = any_json(request)
    if not isinstance(body, dict):
        raise invalid("Invalid input JSON: expected an object")
    return body


def any_json(request: Request) -> Any:
    try:
        return json.loads(request.get_data() or b"null")
    except ValueError as error:
        raise invalid(f"Invalid input JSON: {error}") from error


def listed(request: Request, name: str) -> list[str]:
    """A comma list, a repeated key, or both."""
    return [part for value in request.args.getlist(name) for part in value.split(",") if part]


def flag(request: Request, name: str) -> bool:
    """Clients write `true` or `True`."""
    return request.args.get(name, "").lower() == "true"


def whole_query(request: Request, name: str, default: int, most: int | None = None) -> int:
    given = request.args.get(name) or str(default)
    if not given.isdigit():
        raise invalid(f"Invalid input: {name} must be a whole number, not {given!r}")
    if most is not None and not 1 <= int(given) <= most:
        raise invalid(f"{name} must be between 1 and {most}")
    return int(given)


def page(rows: list[dict[str, Any]], after: str | None) -> dict[str, Any]:
    return {"results": rows} if after is None else {"results": rows, "paging": {"next": {"after": after}}}


def paged(rows: Iterable[dict[str, Any]], request: Request, *, default: int, most: int) -> dict[str, Any]:
    """A page of a list whose cursor is an offset."""
    everything, start = list(rows), whole_query(request, "after", 0)
    following = start + whole_query(request, "limit", default, most)
    return page(everything[start:following], str(following) if following < len(everything) else None)


def batch_response(rows: list[dict[str, Any]], errors: list[dict[str, Any]], now: datetime, *, status: int = 200) -> Response:
    """207 as soon as one input failed."""
    body: dict[str, Any] = {"status": "COMPLETE", "results": rows, "startedAt": iso(now), "completedAt": iso(now)}
    if not errors:
        return json_response(body, status)
    return json_response({**body, "numErrors": len(errors), "errors": errors}, 207)


def object_json(portal: Portal, kind: ObjectType, record: Record, wanted: list[str], associations: list[str]) -> dict[str, Any]:
    """Names the portal does not know are left out; known but unset ones are null; without a wish the defaults are given."""
    known = portal.properties.of(kind)
    names = sorted({*(wanted or kind.defaults), *kind.always} & known.keys())
    body: dict[str, Any] = {
        "id": record.id,
        "properties": {name: _value(portal, record, name) for name in names},
        "createdAt": iso(record.created_at),
        "updatedAt": iso(record.updated_at),
        "archived": record.archived_at is not None,
        "url": f"https://app.hubspot.com/contacts/{portal.portal_id}/record/{kind.type_id}/{record.id}",
    }
    if record.archived_at is not None:
        body["archivedAt"] = iso(record.archived_at)
    linked = _associations(portal, kind, record, associations)
    return {**body, "associations": linked} if linked else body


def _value(portal: Portal, record: Record, name: str) -> str | None:
    """A contact's primary company is also one of its properties."""
    if name == "associatedcompanyid" and record.kind == "contacts":
        return portal.primary_company_id(record.id)
    return record.properties.get(name)


def _associations(portal: Portal, kind: ObjectType, record: Record, wanted: list[str]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for other in (BY_ALIAS[alias] for alias in wanted if alias in BY_ALIAS):
        rows = [
            {"id": other_id, "type": _type_name(kind, other, type_id)}
            for other_id, type_ids in portal.links.of((kind.name, record.id), other.name)
            for type_id in type_ids
        ]
        if rows:
            found[other.name] = {"results": rows}
    return found


def _type_name(kind: ObjectType, other: ObjectType, type_id: int) -> str:
    plain = f"{kind.singular}_to_{other.singular}"
    pair = (kind.name, other.name)
    return f"{plain}_unlabeled" if pair in PRIMARY and type_id != PRIMARY[pair] else plain
