"""A portal: its records, associations, owners, forms and submissions. Pure state, written by the handlers and by seeds."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from emulators.clock import Clock
from emulators.hubspot.association_types import PRIMARY
from emulators.hubspot.errors import contact_exists, invalid, invalid_properties, not_found
from emulators.hubspot.links import End, Links
from emulators.hubspot.pipelines import Pipelines
from emulators.hubspot.properties import Properties
from emulators.hubspot.records import Record, Records
from emulators.hubspot.schema import BY_ALIAS, ObjectType
from emulators.hubspot.stamps import iso
from emulators.hubspot.validation import check_properties

FIRST_ID = 50_001
CORRELATIONS = uuid.UUID("6f1c2a5e-9f63-4c58-9a0b-8a3c5c7b2d10")


@dataclass(frozen=True)
class _Write:
    """One write as a stale read needs to know it: what came with it and after it is hidden."""

    number: int
    at: datetime
    submissions_before: int


class Portal:
    """One HubSpot account; every method expects the emulator's lock to be held."""

    def __init__(self, clock: Clock, portal_id: int) -> None:
        self.clock, self.portal_id = clock, portal_id
        self.clear()

    def clear(self) -> None:
        self.records = Records()
        self.links = Links(self.records)
        self.owners: dict[str, dict[str, Any]] = {}
        self.forms: dict[str, dict[str, Any]] = {}
        self.submissions: list[dict[str, Any]] = []
        self.properties, self.pipelines = Properties(), Pipelines()
        self._writes: list[_Write] = []
        self._next_id, self._answers = FIRST_ID, 0

    def new_id(self) -> str:
        self._next_id += 1
        return str(self._next_id - 1)

    def correlation_id(self) -> str:
        self._answers += 1
        return str(uuid.uuid5(CORRELATIONS, f"{self.portal_id}/{self._answers}"))

    def open_write(self) -> None:
        """From here on everything belongs to one write, which a stale read will not see."""
        self.records.write += 1
        self._writes.append(_Write(self.records.write, self.clock.now(), len(self.submissions)))

    def undo_write(self) -> None:
        """A refused write leaves nothing behind."""
        self._writes.pop()
        self.records.undo()
        self.links.undo()

    @contextmanager
    def as_of_earlier(self, age: timedelta) -> Iterator[None]:
        """Within it the portal is as it was that long ago; no age at all means before the latest write."""
        moment, submissions = self.clock.now() - age, self.submissions
        since = next((write for write in self._writes if write.at > moment), None) if age else next(reversed(self._writes), None)
        if since is not None:
            self.records.hidden_from, self.submissions = since.number, submissions[: since.submissions_before]
        try:
            yield
        finally:
            self.records.hidden_from, self.submissions = None, submissions

    def create(self, kind: ObjectType, properties: Any, *, record_id: str | None = None, own: bool = False) -> Record:
        """A checked new record; raises HubSpotError for bad properties or a unique value that is taken. `own`: see check_properties."""
        values = check_properties(kind, properties, self.properties.of(kind), creating=True, own=own)
        self._refuse_taken(kind, values, owner_id=None)
        now = self.clock.now()
        given = {"lifecyclestage": "lead"} if kind.name == "contacts" else {}
        placed = self.pipelines.placed(kind, {**given, **values})
        filled = {name: value for name, value in placed.items() if value != ""}
        record = Record(kind.name, record_id or self.new_id(), filled, now, now)
        return self._store(kind, record, now)

    def update(self, kind: ObjectType, record: Record, properties: Any, *, own: bool = False) -> Record:
        """An empty value clears the property."""
        values = check_properties(kind, properties, self.properties.of(kind), own=own)
        self._refuse_taken(kind, values, owner_id=record.id)
        placed = self.pipelines.placed(kind, {**record.properties, **values})
        merged = {name: value for name, value in placed.items() if value != ""}
        now = self.clock.now()
        return self._store(kind, replace(record, properties=merged, updated_at=now), now)

    def archive(self, record: Record) -> None:
        now = self.clock.now()
        self.records.put(replace(record, archived_at=now, updated_at=now), at=now)

    def purge(self, kind: ObjectType, record: Record) -> None:
        """Forget the record and everything that was associated with it, as GDPR asks; nothing finds it any more."""
        self.links.cut_all((kind.name, record.id))
        self.records.purge(record)

    def merge(self, kind: ObjectType, primary: Record, merged: Record) -> Record:
        survivor = self.records.merge(primary, merged, at=self.clock.now())
        self.links.move((kind.name, merged.id), (kind.name, primary.id))
        return survivor

    def existing(self, kind: ObjectType, record_id: str, *, archived: bool = False) -> Record:
        """The record itself, or the one it was merged into; raises HubSpotError when there is none."""
        record = self.records.surviving(kind, record_id)
        if record is None or (record.archived_at is not None) != archived:
            raise not_found(kind.singular.upper(), [record_id])
        return record

    def resolve(self, kind: ObjectType, value: str, id_property: str | None) -> str:
        """The id of the record with this value of a unique property; raises HubSpotError when there is none or it is not unique."""
        if id_property in (None, "hs_object_id"):
            return value
        if kind.name == "contacts" and id_property == "email":
            found = self.records.id_by_email(value)
        elif self.properties.of(kind).get(id_property or "", {}).get("hasUniqueValue"):
            found = next((one.id for one in self.records.alive(kind) if one.properties.get(str(id_property)) == value), None)
        else:
            raise invalid(f"{id_property} is not a unique property of {kind.name}")
        if found is None:
            raise not_found(kind.singular.upper(), [value])
        return found

    def primary_company_id(self, contact_id: str) -> str | None:
        linked = self.links.of(("contacts", contact_id), "companies")
        return next((company_id for company_id, type_ids in linked if PRIMARY["contacts", "companies"] in type_ids), None)

    def seed(self, data: Mapping[str, Any]) -> None:
        """Add `properties`, `labels`, `owners`, `forms`, `objects`, `associations` and `submissions`; ids are the seed's own."""
        for alias, definitions in data.get("properties", {}).items():
            self.properties.seed(BY_ALIAS[alias], definitions, self.clock.now())
        self.links.labels.update({int(type_id): label for type_id, label in data.get("labels", {}).items()})
        self.owners.update(_by_id(data.get("owners", ())))
        self.forms.update(_by_id(data.get("forms", ())))
        self.open_write()
        for alias, rows in data.get("objects", {}).items():
            for row in rows:
                self._seed_record(BY_ALIAS[alias], dict(row))
        for row in data.get("associations", ()):
            self._seed_association(row)
        self.submissions.extend(self._seeded_submission(row) for row in data.get("submissions", ()))

    def dump(self) -> dict[str, Any]:
        return {
            "portal_id": self.portal_id,
            "next_id": self._next_id,
            "answers": self._answers,
            "objects": self.records.dump(),
            "associations": self.links.dump(),
            "labels": self.links.dump_labels(),
            "properties": self.properties.dump(),
            "pipelines": self.pipelines.dump(),
            "owners": list(self.owners.values()),
            "forms": list(self.forms.values()),
            "submissions": self.submissions,
        }

    def load(self, data: Mapping[str, Any]) -> None:
        self._next_id, self._answers = data["next_id"], data["answers"]
        self.records.load(data["objects"])
        self.links.load(data["associations"], data["labels"])
        self.properties.load(data["properties"])
        self.pipelines.load(data["pipelines"])
        self.owners, self.forms = _by_id(data["owners"]), _by_id(data["forms"])
        self.submissions = [dict(row) for row in data["submissions"]]

    def _store(self, kind: ObjectType, record: Record, now: datetime) -> Record:
        computed = {kind.created: iso(record.created_at), kind.modified: iso(now), "hs_object_id": record.id}
        email = record.properties.get("email")
        if kind.name == "contacts" and email:
            computed["hs_email_domain"] = email.rpartition("@")[2]
        stored = replace(record, properties={**record.properties, **computed})
        self.records.put(stored, at=now)
        return stored

    def _refuse_taken(self, kind: ObjectType, values: Mapping[str, str], *, owner_id: str | None) -> None:
        """E-mail addresses of contacts and every property that was defined to be unique."""
        email = values.get("email") if kind.name == "contacts" else None
        taken = self.records.id_by_email(email) if email else None
        if taken is not None and taken != owner_id:
            raise contact_exists(taken)
        definitions = self.properties.of(kind)
        for name, value in values.items():
            if value and name != "email" and definitions[name]["hasUniqueValue"]:
                self._refuse_repeated(kind, name, value, owner_id)

    def _refuse_repeated(self, kind: ObjectType, name: str, value: str, owner_id: str | None) -> None:
        other = next((one.id for one in self.records.alive(kind) if one.properties.get(name) == value), None)
        if other is not None and other != owner_id:
            raise invalid_properties([(name, "CONFLICTING_UNIQUE_VALUE", f"Cannot set {name} to {value}. {other} already has that value.")])

    def _seed_record(self, kind: ObjectType, row: dict[str, Any]) -> None:
        """`{"id": "101", "email": ...}`: ids are numbers, and generated ones stay clear of them."""
        record_id = row.pop("id", None)
        if record_id is not None:
            self._next_id = max(self._next_id, int(record_id) + 1)
        self.create(kind, row, record_id=None if record_id is None else str(record_id), own=True)

    def _seeded_submission(self, row: Mapping[str, Any]) -> dict[str, Any]:
        email = next((field["value"].lower() for field in row["values"] if field["name"] == "email"), None)
        values = [{"objectTypeId": "0-1", **field} for field in row["values"]]
        given = {"conversionId": self.correlation_id(), "pageUrl": "", "pageName": "", "email": email}
        return {**given, **row, "values": values}

    def _seed_association(self, row: Mapping[str, Any]) -> None:
        one, other = _end(row["from"]), _end(row["to"])
        if row.get("types"):
            self.links.join(one, other, list(row["types"]))
        else:
            self.links.join_plain(one, other)


def _end(text: str) -> End:
    """`contacts/101` → ("contacts", "101")."""
    kind, _, record_id = text.partition("/")
    return BY_ALIAS[kind].name, record_id


def _by_id(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(row["id"]): {**row, "id": str(row["id"])} for row in rows}
