"""Associations between records, in both directions, each with its type ids and the write that made it."""

from collections.abc import Iterator, Mapping
from typing import Any

from emulators.hubspot.association_types import LABELS, PRIMARY, UNLABELLED
from emulators.hubspot.errors import invalid
from emulators.hubspot.records import Records

End = tuple[str, str]
"""(object type, record id)."""


class Links:
    """`labels` are the portal's own (USER_DEFINED) association types: id → label."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.labels: dict[int, str] = {}
        self._inverses: dict[int, int] = {}
        self._types: dict[End, dict[End, dict[int, int]]] = {}

    def join(self, one: End, other: End, type_ids: list[int]) -> None:
        """Associate both ways under these types of the first direction, plus the plain type."""
        plain = plain_type(one[0], other[0])
        for type_id in {plain, *type_ids}:
            self._check(one[0], other[0], type_id)
            self._set(one, other, type_id)
            self._set(other, one, self._inverse(one[0], other[0], type_id))

    def join_plain(self, one: End, other: End) -> int:
        """The default association; a contact's or deal's first company becomes its primary one. Answers the type id."""
        first_company = other[0] == "companies" and not list(self.of(one, "companies"))
        primary = PRIMARY.get((one[0], other[0])) if first_company else None
        self.join(one, other, [] if primary is None else [primary])
        return plain_type(one[0], other[0])

    def far_type(self, kind: str, type_ids: list[int]) -> str:
        """The object type these association types lead to from `kind`; raises HubSpotError when there is none."""
        for pair, type_id in [*UNLABELLED.items(), *PRIMARY.items()]:
            if pair[0] == kind and type_id in type_ids:
                return pair[1]
        raise invalid(f"No association type of {type_ids} starts at {kind}", context={"associationTypeId": [str(one) for one in type_ids]})

    def define(self, label: str, inverse: str | None, new_id: int) -> list[int]:
        """A label of the portal's own for both directions; a different word for the way back gets an id of its own."""
        self.labels[new_id] = label
        if inverse is None:
            return [new_id]
        self.labels[new_id + 1] = inverse
        self._inverses.update({new_id: new_id + 1, new_id + 1: new_id})
        return [new_id, new_id + 1]

    def undo(self) -> None:
        """Forget what the write in hand has joined."""
        for others in self._types.values():
            for other, types in list(others.items()):
                kept = {type_id: write for type_id, write in types.items() if write != self._records.write}
                if kept:
                    others[other] = kept
                else:
                    del others[other]

    def cut(self, one: End, other: End) -> None:
        self._types.get(one, {}).pop(other, None)
        self._types.get(other, {}).pop(one, None)

    def cut_labels(self, one: End, other: End, type_ids: list[int]) -> None:
        """Take these labels away; the plain association stays."""
        for type_id in type_ids:
            if type_id != plain_type(one[0], other[0]):
                self._types.get(one, {}).get(other, {}).pop(type_id, None)
                self._types.get(other, {}).get(one, {}).pop(self._inverse(one[0], other[0], type_id), None)

    def cut_all(self, end: End) -> None:
        for other in list(self._types.get(end, {})):
            self.cut(end, other)

    def of(self, end: End, kind: str) -> Iterator[tuple[str, list[int]]]:
        """(record id, type ids) of what is associated with `end`, in the order it was associated."""
        for other, types in self._types.get(end, {}).items():
            visible = sorted(type_id for type_id, write in types.items() if self._records.shows(write))
            if other[0] == kind and visible:
                yield other[1], visible

    def move(self, old: End, new: End) -> None:
        """After a merge: what was associated with `old` is associated with `new`."""
        for other, types in list(self._types.get(old, {}).items()):
            for type_id in types:
                self._set(new, other, type_id)
                self._set(other, new, self._inverse(old[0], other[0], type_id))
            self.cut(old, other)

    def described(self, type_ids: list[int]) -> list[dict[str, Any]]:
        return [
            {"category": "USER_DEFINED" if type_id in self.labels else "HUBSPOT_DEFINED", "typeId": type_id, "label": self.label(type_id)}
            for type_id in type_ids
        ]

    def label(self, type_id: int) -> str | None:
        return self.labels.get(type_id) or LABELS.get(type_id)

    def dump(self) -> list[list[Any]]:
        return [[*one, *other, list(types)] for one, others in self._types.items() for other, types in others.items()]

    def dump_labels(self) -> dict[str, list[Any]]:
        return {str(type_id): [label, self._inverses.get(type_id)] for type_id, label in self.labels.items()}

    def load(self, rows: list[list[Any]], labels: Mapping[str, list[Any]]) -> None:
        self.labels = {int(type_id): label for type_id, (label, _) in labels.items()}
        self._inverses = {int(type_id): inverse for type_id, (_, inverse) in labels.items() if inverse is not None}
        for kind, record_id, other_kind, other_id, type_ids in rows:
            for type_id in type_ids:
                self._set((kind, record_id), (other_kind, other_id), type_id)

    def _set(self, one: End, other: End, type_id: int) -> None:
        self._types.setdefault(one, {}).setdefault(other, {}).setdefault(type_id, self._records.write)

    def _inverse(self, kind: str, other: str, type_id: int) -> int:
        if type_id == UNLABELLED[kind, other]:
            return UNLABELLED[other, kind]
        if type_id == PRIMARY.get((kind, other)):
            return PRIMARY[other, kind]
        return self._inverses.get(type_id, type_id)

    def _check(self, kind: str, other: str, type_id: int) -> None:
        known = {UNLABELLED.get((kind, other)), PRIMARY.get((kind, other)), *self.labels}
        if type_id not in known:
            raise invalid(
                f"The association type {type_id} does not exist between {kind} and {other}", context={"associationTypeId": [str(type_id)]}
            )


def plain_type(kind: str, other: str) -> int:
    if (kind, other) not in UNLABELLED:
        raise invalid(f"No association type exists between {kind} and {other}")
    return UNLABELLED[kind, other]
