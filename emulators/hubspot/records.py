"""The CRM records of a portal with every version they had, so a search index can lag and a read can be stale."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from emulators.hubspot.schema import OBJECT_TYPES, ObjectType


@dataclass(frozen=True)
class Record:
    """One object; `properties` holds strings only, and no key for what is unset."""

    kind: str
    id: str
    properties: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None
    merged_into: str | None = None

    def to_json(self) -> dict[str, Any]:
        moments = {name: value.isoformat() for name, value in self._moments().items()}
        return {"kind": self.kind, "id": self.id, "properties": dict(self.properties), "merged_into": self.merged_into, **moments}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Record":
        moments = {name: datetime.fromisoformat(data[name]) for name in ("created_at", "updated_at", "archived_at") if data.get(name)}
        return cls(kind=data["kind"], id=data["id"], properties=data["properties"], merged_into=data.get("merged_into"), **moments)

    def _moments(self) -> dict[str, datetime]:
        known = {"created_at": self.created_at, "updated_at": self.updated_at, "archived_at": self.archived_at}
        return {name: value for name, value in known.items() if value is not None}


@dataclass(frozen=True)
class _Version:
    write: int
    at: datetime
    record: Record


@dataclass
class Records:
    """Versions by type and id; `write` numbers the writes of the portal, those from `hidden_from` on are hidden from a stale read."""

    write: int = 0
    hidden_from: int | None = None
    _versions: dict[str, dict[str, list[_Version]]] = field(default_factory=lambda: {kind.name: {} for kind in OBJECT_TYPES})
    _emails: dict[str, str] = field(default_factory=dict)

    def shows(self, write: int) -> bool:
        return self.hidden_from is None or write < self.hidden_from

    def put(self, record: Record, *, at: datetime) -> None:
        versions = self._versions[record.kind].setdefault(record.id, [])
        self._index_email(versions[-1].record if versions else None, record)
        versions.append(_Version(self.write, at, record))

    def find(self, kind: ObjectType, record_id: str) -> Record | None:
        """The record as it is, archived or merged away included; None when there never was one."""
        return self._latest(self._versions[kind.name].get(record_id, ()))

    def surviving(self, kind: ObjectType, record_id: str) -> Record | None:
        """The same, following merges to the record that survived."""
        record = self.find(kind, record_id)
        while record is not None and record.merged_into is not None:
            record = self.find(kind, record.merged_into)
        return record

    def id_by_email(self, email: str) -> str | None:
        return self._emails.get(email.strip().lower())

    def alive(self, kind: ObjectType) -> Iterator[Record]:
        for versions in self._versions[kind.name].values():
            record = self._latest(versions)
            if record is not None and _is_alive(record):
                yield record

    def indexed(self, kind: ObjectType, by: datetime) -> Iterator[Record]:
        """What a search index that has seen all writes up to `by` knows."""
        for versions in self._versions[kind.name].values():
            record = self._latest([version for version in versions if version.at <= by])
            if record is not None and _is_alive(record):
                yield record

    def merge(self, primary: Record, merged: Record, *, at: datetime) -> Record:
        """The primary keeps its id and values, gains what it lacked, and answers to the other's id and e-mail from now on."""
        ids = [*_listed(primary, "hs_merged_object_ids"), *_listed(merged, "hs_merged_object_ids"), merged.id]
        emails = [*_listed(primary, "hs_additional_emails"), *_listed(merged, "hs_additional_emails")]
        if "email" in merged.properties:
            emails.append(merged.properties["email"])
        inherited = {key: value for key, value in merged.properties.items() if key not in primary.properties}
        properties = {**inherited, **primary.properties, "hs_merged_object_ids": ";".join(ids)}
        if emails:
            properties["hs_additional_emails"] = ";".join(emails)
        survivor = replace(primary, properties=properties, updated_at=at)
        self.put(replace(merged, merged_into=primary.id), at=at)
        self.put(survivor, at=at)
        return survivor

    def purge(self, record: Record) -> None:
        """Forget every version, and those of the records that were merged into it."""
        table = self._versions[record.kind]
        for record_id in [record.id, *_listed(record, "hs_merged_object_ids")]:
            table.pop(record_id, None)
        for email in [email for email, owner_id in self._emails.items() if owner_id == record.id]:
            del self._emails[email]

    def history(self, record: Record, name: str) -> list[tuple[datetime, str]]:
        """What a property was, from when on, the latest value first."""
        changes: list[tuple[datetime, str]] = []
        for version in self._versions[record.kind].get(record.id, ()):
            value = version.record.properties.get(name, "")
            if value != (changes[-1][1] if changes else ""):
                changes.append((version.at, value))
        return changes[::-1]

    def undo(self) -> None:
        """Forget what the write in hand has put."""
        self._emails.clear()
        for table in self._versions.values():
            for record_id, versions in list(table.items()):
                kept = [version for version in versions if version.write != self.write]
                if kept:
                    table[record_id] = kept
                    self._index_email(None, kept[-1].record)
                else:
                    del table[record_id]

    def dump(self) -> list[dict[str, Any]]:
        return [versions[-1].record.to_json() for table in self._versions.values() for versions in table.values()]

    def load(self, rows: list[Mapping[str, Any]]) -> None:
        for row in rows:
            record = Record.from_json(row)
            self.put(record, at=record.updated_at)

    def _latest(self, versions: "list[_Version] | tuple[()]") -> Record | None:
        seen = versions if self.hidden_from is None else [version for version in versions if self.shows(version.write)]
        return seen[-1].record if seen else None

    def _index_email(self, before: Record | None, after: Record) -> None:
        if after.kind != "contacts":
            return
        for email in _emails(before):
            if self._emails.get(email) == after.id:
                del self._emails[email]
        if _is_alive(after):
            self._emails.update(dict.fromkeys(_emails(after), after.id))


def _is_alive(record: Record) -> bool:
    return record.archived_at is None and record.merged_into is None


def _emails(record: Record | None) -> list[str]:
    if record is None:
        return []
    return [email.lower() for email in (*_listed(record, "email"), *_listed(record, "hs_additional_emails"))]


def _listed(record: Record, name: str) -> list[str]:
    return [part for part in record.properties.get(name, "").split(";") if part]
