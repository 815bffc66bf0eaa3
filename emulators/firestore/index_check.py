"""Whether Google could serve a query from the indexes there are, single-field ones merged as documented; names the one that is missing.

https://firebase.google.com/docs/firestore/query-data/index-overview#taking_advantage_of_index_merging
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from emulators.firestore.errors import FailedPrecondition
from emulators.firestore.fields import NAME, Path, parse_path, path_text
from emulators.firestore.filters import EQUALITIES, MEMBERSHIPS, alternatives, operator_of
from emulators.firestore.indexes import ASCENDING, COLLECTION, COLLECTION_GROUP, CONTAINS, DESCENDING, Index, Indexes, Part, Place
from emulators.firestore.queries import Plan
from emulators.firestore.wire import Pb

Equal = frozenset[Part]
"""What is compared for equality: fields as ascending parts, searched arrays as CONTAINS parts."""


@dataclass(frozen=True)
class Need:
    """What one alternative (a query without OR) asks of the indexes: these equalities, then exactly this order, then `any_order`."""

    place: Place
    equal: Equal
    order: Index
    name: str
    any_order: frozenset[Path] = frozenset()
    vector: Part | None = None

    def paths(self) -> set[Path]:
        return {part.path for part in (*self.equal, *self.order)} | self.any_order

    def covered_by(self, index: Index) -> Equal | None:
        """The equalities an index answers in the order that is needed; None if it is of no use."""
        parts, name = _without_name(index)
        if not self.any_order and name != self.name:
            return None
        head, middle, tail = _split(parts, len(self.order), len(self.any_order))
        answered = frozenset(part if part.kind == CONTAINS else replace(part, kind=ASCENDING) for part in head)
        fits = middle == self.order and {part.path for part in tail} == self.any_order and len(answered) == len(head)
        return answered if fits and answered <= self.equal else None


def check(plan: Plan, indexes: Indexes, aggregated: Iterable[Path] = ()) -> None:
    """Raises FailedPrecondition for a query the service would refuse for want of an index."""
    selector = next(iter(plan.query.from_), None)
    if selector is None or not selector.collection_id:
        return
    place = Place(selector.collection_id, COLLECTION_GROUP if selector.all_descendants else COLLECTION)
    for equal in dict.fromkeys(_equal(filters) for filters in alternatives(plan.query.where)):
        need = _need(plan, place, equal, frozenset(aggregated))
        if need.vector is not None:
            if not any(_serves_vectors(index, need, need.vector) for index in indexes.composites.get(place, ())):
                raise _missing(_composite(need))
        elif missing := _missing_part(need, indexes):
            raise _missing(missing)


def _need(plan: Plan, place: Place, equal: Equal, aggregated: frozenset[Path]) -> Need:
    bound = {part.path for part in equal if part.kind != CONTAINS}
    given = {order.path for order in plan.orders[: len(plan.query.order_by)]} | plan.inequalities
    free = aggregated - given - bound
    directed = [Part(order.path, DESCENDING if order.descending else ASCENDING) for order in plan.orders]
    parts = takewhile(lambda part: part.path != NAME, directed)  # names are unique: an order behind them changes nothing
    order = tuple(part for part in parts if part.path not in bound | free)
    name = next(part.kind for part in directed if part.path == NAME)
    return Need(place, frozenset(part for part in equal if part.path != NAME), order, name, free, _vector(plan.query))


def _vector(query: Pb) -> Part | None:
    if not query.HasField("find_nearest"):
        return None
    wanted = query.find_nearest
    return Part(parse_path(wanted.vector_field.field_path), "", len(wanted.query_vector.map_value.fields["value"].array_value.values))


def _missing_part(need: Need, indexes: Indexes) -> dict[str, Any] | None:
    """The index to add in the file's own shape; None if those there are do."""
    covered = [part for index in indexes.usable(need.place, need.paths()) if (part := need.covered_by(index)) is not None]
    if not need.equal:
        unordered = not need.order and not need.any_order and need.name == ASCENDING
        return None if unordered or covered else _smallest(need, indexes)
    left = need.equal.difference(*covered)
    if not left:
        return None
    alone = need if need.order or need.any_order else replace(need, equal=frozenset([min(left, key=lambda part: part.path)]))
    return _smallest(alone, indexes)


def _smallest(need: Need, indexes: Indexes) -> dict[str, Any]:
    """A single-field index where one is enough, which goes into `fieldOverrides` beside the ones the field has already."""
    parts = [*need.equal, *need.order, *(Part(path, ASCENDING) for path in need.any_order)]
    place, part = need.place, parts[0] if len(parts) == 1 else Part((), "")
    there = indexes.kinds(part.path, place.collection_id)
    if len(parts) != 1 or (part.kind, place.scope) in there or (need.order and part.kind != need.name):
        return _composite(need)
    kinds = sorted({*there, (part.kind, place.scope)}, key=lambda one: (one[1], one[0]))
    listed = [{"arrayConfig" if kind == CONTAINS else "order": kind, "queryScope": scope} for kind, scope in kinds]
    return {"collectionGroup": place.collection_id, "fieldPath": path_text(part.path), "indexes": listed}


def _composite(need: Need) -> dict[str, Any]:
    equal = sorted(need.equal, key=lambda part: (part.kind != CONTAINS, part.path))
    parts = [*equal, *need.order, *(Part(path, ASCENDING) for path in sorted(need.any_order))]
    implied = parts[-1].kind if parts and parts[-1].kind != CONTAINS else ASCENDING
    if need.vector is not None:
        parts.append(need.vector)
    elif implied != need.name or not parts:
        parts.append(Part(NAME, need.name))
    return {"collectionGroup": need.place.collection_id, "queryScope": need.place.scope, "fields": [_as_json(part) for part in parts]}


def _as_json(part: Part) -> dict[str, Any]:
    field: dict[str, Any] = {"fieldPath": path_text(part.path)}
    if part.dimension:
        return field | {"vectorConfig": {"dimension": part.dimension, "flat": {}}}
    return field | {"arrayConfig" if part.kind == CONTAINS else "order": part.kind}


def _missing(entry: dict[str, Any]) -> FailedPrecondition:
    where = "fieldOverrides" if "fieldPath" in entry else "indexes"
    return FailedPrecondition(f'The query requires an index. Add to "{where}" of firestore.indexes.json: {json.dumps(entry)}')


def _serves_vectors(index: Index, need: Need, vector: Part) -> bool:
    parts, _ = _without_name(index)
    before = {replace(part, kind=ASCENDING) if part.kind == DESCENDING else part for part in parts[:-1]}
    return parts[-1] == vector and before == {*need.equal, *(replace(part, kind=ASCENDING) for part in need.order)}


def _without_name(index: Index) -> tuple[Index, str]:
    """The parts before `__name__`, and the direction of that: the one given, else the last part's."""
    if index and index[-1].path == NAME:
        return index[:-1], index[-1].kind
    return index, DESCENDING if index and index[-1].kind == DESCENDING else ASCENDING


def _split(parts: Index, middle: int, tail: int) -> tuple[Index, Index, Index]:
    end = len(parts) - tail
    start = end - middle
    return (parts[:start], parts[start:end], parts[end:]) if start >= 0 else (parts, (), ())


def _equal(filters: Iterable[Pb]) -> Equal:
    found = (operator_of(single) for single in filters)
    parts = ((one[0], CONTAINS if one[1] in MEMBERSHIPS else ASCENDING) for one in found if one and one[1] in EQUALITIES | MEMBERSHIPS)
    return frozenset(Part(path, kind) for path, kind in parts)
