"""What a listener may listen to: named documents or a query. Each target knows what its client has, and says what is new."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from emulators.firestore.names import check_document_name, collection_of
from emulators.firestore.queries import Plan
from emulators.firestore.state import Reading, Record
from emulators.firestore.wire import ListenResponse, Pb, TargetChange, timestamp_of


class Selection(Protocol):
    """What a target selects. `look` answers the names it has considered and the records found among them; `changed` are the
    documents that may differ from the last look, None when any may."""

    def look(self, reading: Reading, changed: Collection[str] | None) -> tuple[Collection[str] | None, dict[str, Record]]: ...
    def sent(self, record: Record) -> Pb: ...


class Named:
    """Documents by their names; the client is told of a missing one as well."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)
        for name in self.names:
            check_document_name(name)

    def look(self, reading: Reading, changed: Collection[str] | None) -> tuple[Collection[str] | None, dict[str, Record]]:
        considered = self.names if changed is None else self.names.intersection(changed)
        return considered, {name: record for name in considered if (record := reading.get(name))}

    def sent(self, record: Record) -> Pb:
        return record.document


class Queried:
    """What a query finds. Without limit and offset every document is judged by itself, so a change costs no search."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def look(self, reading: Reading, changed: Collection[str] | None) -> tuple[Collection[str] | None, dict[str, Record]]:
        if changed is not None:
            changed = [name for name in changed if self._plan.scope.covers(collection_of(name))]
            if not changed or not self._plan.counts:
                stored = (record for name in changed if (record := reading.get(name)))
                return changed, {record.name: record for record in stored if self._plan.accepts(record)}
        return None, {record.name: record for record in self._plan.matching(reading)}

    def sent(self, record: Record) -> Pb:
        return self._plan.shaped(record)


@dataclass
class Target:
    """One target of one stream; `known` are the update times of what its client holds, by document name."""

    id: int
    selection: Selection
    known: dict[str, int] = field(default_factory=dict)

    def news(self, reading: Reading, changed: Collection[str] | None, read_us: int) -> list[Pb]:
        """What the client has to hear to be up to date, removals first."""
        considered, found = self.selection.look(reading, changed)
        gone = [name for name in (self.known if considered is None else considered) if name in self.known and name not in found]
        new = [record for name, record in found.items() if self.known.get(name) != record.updated_us]
        for name in gone:
            del self.known[name]
        self.known.update((record.name, record.updated_us) for record in new)
        return [self.left(reading, name, read_us) for name in gone] + [self._changed(record) for record in new]

    def left(self, reading: Reading, name: str, read_us: int) -> Pb:
        """Says that a document is gone, or has only left the result."""
        told = {"document": name, "removed_target_ids": [self.id], "read_time": timestamp_of(read_us)}
        return ListenResponse(document_delete=told) if reading.get(name) is None else ListenResponse(document_remove=told)

    def changed(self, kind: int, **more: Pb) -> Pb:
        """A change of the target itself: added, removed, current, reset."""
        return ListenResponse(target_change=TargetChange(target_change_type=kind, target_ids=[self.id], **more))

    def _changed(self, record: Record) -> Pb:
        return ListenResponse(document_change={"document": self.selection.sent(record), "target_ids": [self.id]})
