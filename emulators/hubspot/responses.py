"""Handlers of the object endpoints, the same for every object type: single, list, merge and search."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.hubspot.announcer import Announcer
from emulators.hubspot.bodies import flag, json_body, listed, object_json, page, whole_query
from emulators.hubspot.errors import invalid
from emulators.hubspot.hooks import Happening
from emulators.hubspot.records import Record
from emulators.hubspot.schema import BY_ALIAS, ObjectType
from emulators.hubspot.search import matching, page_of
from emulators.hubspot.stamps import iso
from emulators.hubspot.state import Portal
from emulators.service import json_response

LIST_LIMIT, SEARCH_CHARACTERS = 100, 3000


class ObjectResponses:
    """`index_lag` is how far search lags behind writes, in virtual time."""

    def __init__(self, portal: Portal, announcer: Announcer, index_lag: timedelta) -> None:
        self.portal, self.announcer, self.index_lag = portal, announcer, index_lag

    def get(self, request: Request, object_type: str, object_id: str) -> Response:
        kind = BY_ALIAS[object_type]
        archived = flag(request, "archived")
        record = self.portal.existing(kind, self.portal.resolve(kind, object_id, request.args.get("idProperty")), archived=archived)
        body = self.shown(kind, record, listed(request, "properties"), listed(request, "associations"))
        return json_response(body | self.past(record, listed(request, "propertiesWithHistory")))

    def page(self, request: Request, object_type: str) -> Response:
        kind, properties = BY_ALIAS[object_type], listed(request, "properties")
        limit, after = whole_query(request, "limit", 10, LIST_LIMIT), whole_query(request, "after", 0)
        found = sorted((record for record in self.portal.records.alive(kind) if int(record.id) > after), key=lambda record: int(record.id))
        rows = [self.shown(kind, record, properties, listed(request, "associations")) for record in found[:limit]]
        return json_response(page(rows, rows[-1]["id"] if len(found) > limit else None))

    def create(self, request: Request, object_type: str) -> Response:
        kind = BY_ALIAS[object_type]
        record = self.make(kind, json_body(request))
        self.tell([record], created=True)
        return json_response(self.shown(kind, record, list(record.properties)), 201)

    def update(self, request: Request, object_type: str, object_id: str) -> Response:
        kind = BY_ALIAS[object_type]
        record = self.portal.existing(kind, self.portal.resolve(kind, object_id, request.args.get("idProperty")))
        changes = json_body(request).get("properties")
        updated = self.portal.update(kind, record, changes)
        self.tell([updated], created=False, changed=changes)
        return json_response(self.shown(kind, updated, list(updated.properties)))

    def archive(self, _request: Request, object_type: str, object_id: str) -> Response:
        """204 whether or not it existed."""
        record = self.portal.records.surviving(BY_ALIAS[object_type], object_id)
        if record is not None and record.archived_at is None:
            self.portal.archive(record)
            self.told_of(record, "deletion", {"changeFlag": "DELETED"})
        return Response(status=204)

    def purge(self, request: Request, object_type: str) -> Response:
        """GDPR: the contact is gone for good, not only archived; 204 whether or not it existed."""
        kind, body = BY_ALIAS[object_type], json_body(request)
        record = self.portal.records.find(kind, self.portal.resolve(kind, str(body.get("objectId")), body.get("idProperty")))
        if record is not None:
            self.portal.purge(kind, record)
            self.told_of(record, "privacyDeletion", {"changeFlag": "DELETED"})
        return Response(status=204)

    def merge(self, request: Request, object_type: str) -> Response:
        kind, body = BY_ALIAS[object_type], json_body(request)
        primary = self.portal.existing(kind, str(body.get("primaryObjectId")))
        merged = self.portal.existing(kind, str(body.get("objectIdToMerge")))
        if primary.id == merged.id:
            raise invalid(f"Object {primary.id} cannot be merged with itself")
        survivor = self.portal.merge(kind, primary, merged)
        ids = {"primaryObjectId": int(primary.id), "mergedObjectIds": [int(merged.id)], "newObjectId": int(survivor.id)}
        self.told_of(survivor, "merge", {**ids, "numberOfPropertiesMoved": len(merged.properties)})
        return json_response(self.shown(kind, survivor, list(survivor.properties)))

    def search(self, request: Request, object_type: str) -> Response:
        kind, body = BY_ALIAS[object_type], json_body(request)
        if len(request.get_data(as_text=True)) > SEARCH_CHARACTERS:
            raise invalid(f"The request is longer than {SEARCH_CHARACTERS} characters")
        index = self.portal.records.indexed(kind, self.portal.clock.now() - self.index_lag)
        found = matching(index, body, lambda record, other: self._linked(kind, record, other))
        shown, following = page_of(found, body)
        rows = [self.shown(kind, record, body.get("properties") or []) for record in shown]
        return json_response({"total": len(found), **page(rows, following)})

    def make(self, kind: ObjectType, body: Mapping[str, Any]) -> Record:
        ends = [self._far_end(kind, link) for link in body.get("associations") or ()]
        record = self.portal.create(kind, body.get("properties"))
        for other, type_ids in ends:
            self.portal.links.join((kind.name, record.id), other, type_ids)
        return record

    def _far_end(self, kind: ObjectType, link: Mapping[str, Any]) -> tuple[tuple[str, str], list[int]]:
        """The record an inline association points at: its type follows from the association type; checked before anything is stored."""
        type_ids = [int(entry["associationTypeId"]) for entry in link["types"]]
        other = self.portal.links.far_type(kind.name, type_ids)
        return (other, self.portal.existing(BY_ALIAS[other], str(link["to"]["id"])).id), type_ids

    def shown(self, kind: ObjectType, record: Record, wanted: Iterable[str] = (), associations: Iterable[str] = ()) -> dict[str, Any]:
        return object_json(self.portal, kind, record, list(wanted), list(associations))

    def past(self, record: Record, names: Iterable[str]) -> dict[str, Any]:
        """`propertiesWithHistory`, when it was asked for."""
        rows = {
            name: [
                {"value": value, "timestamp": iso(at), "sourceType": "INTEGRATION"}
                for at, value in self.portal.records.history(record, name)
            ]
            for name in names
        }
        return {"propertiesWithHistory": rows} if rows else {}

    def told_of(self, record: Record, event: str, more: Mapping[str, Any]) -> None:
        now = self.portal.clock.now()
        self.announcer.announce([Happening(record, now, created=False, source="INTEGRATION", event=event, more=more)])

    def _linked(self, kind: ObjectType, record: Record, other: str) -> list[str]:
        """Ids of what is associated, for the pseudo-property `associations.contact`; none for a type that does not exist."""
        return [one for one, _ in self.portal.links.of((kind.name, record.id), BY_ALIAS[other].name)] if other in BY_ALIAS else []

    def tell(self, records: list[Record], *, created: bool, changed: Mapping[str, Any] | None = None) -> None:
        now = self.portal.clock.now()
        values = {name: str(value) for name, value in (changed or {}).items()}
        self.announcer.announce([Happening(one, now, created=created, source="INTEGRATION", changed=values) for one in records])
