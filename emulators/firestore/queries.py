"""A structured query as a plan: where, implicit orders, cursors, offset, limit, nearest neighbours, projection; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from emulators.firestore.fields import NAME, Path, parse_path, selected
from emulators.firestore.filters import Predicate, compile_filter, inequality_fields
from emulators.firestore.names import Scope
from emulators.firestore.nearest import nearest
from emulators.firestore.refusals import check_query
from emulators.firestore.state import Reading, Record
from emulators.firestore.values import Key, key_of
from emulators.firestore.wire import Pb, Query


@dataclass(frozen=True)
class Order:
    path: Path
    descending: bool


@dataclass(frozen=True)
class Plan:
    """A checked query. `matching` gives the records it finds, `shaped` what is sent of each."""

    query: Pb
    scope: Scope
    where: Predicate
    orders: tuple[Order, ...]
    inequalities: frozenset[Path]

    @property
    def counts(self) -> bool:
        """Whether a document is found or not may depend on others."""
        return bool(self.query.offset) or self.query.HasField("limit") or self.query.HasField("find_nearest")

    def accepts(self, record: Record) -> bool:
        """Whether a document in scope belongs to the result, limit and offset apart."""
        return all(test(record) for test in self._tests)

    def matching(self, reading: Reading) -> list[Record]:
        found = [record for record in reading.scan(self.scope) if self.accepts(record)] if self._tests else list(reading.scan(self.scope))
        if self.query.HasField("find_nearest") and not self.query.offset and not self.query.HasField("limit"):
            return nearest(reading, found, self.query.find_nearest)  # sorts for itself
        for order in reversed(self.orders):
            found.sort(key=lambda record, path=order.path: record.key(path), reverse=order.descending)  # type: ignore[misc]
        found = found[self.query.offset :]
        if self.query.HasField("limit"):
            found = found[: self.query.limit.value]
        return nearest(reading, found, self.query.find_nearest) if self.query.HasField("find_nearest") else found

    def shaped(self, record: Record) -> Pb:
        if not self.query.HasField("select"):
            return record.document
        paths = [parse_path(field.field_path) for field in self.query.select.fields]
        return selected(record.document, [path for path in paths if path != NAME])

    @cached_property
    def _tests(self) -> list[Callable[[Record], bool]]:
        """What a document has to pass; every document has a name."""
        tests: list[Callable[[Record], bool]] = [self.where] if self.query.HasField("where") else []
        if paths := [order.path for order in self.orders if order.path != NAME]:
            tests.append(lambda record: all(record.key(path) is not None for path in paths))
        if self.query.HasField("start_at"):
            tests.append(self._after_start(self.query.start_at))
        if self.query.HasField("end_at"):
            tests.append(self._before_end(self.query.end_at))
        return tests

    def _after_start(self, cursor: Pb) -> Callable[[Record], bool]:
        position = self._position(cursor)
        return (lambda record: position(record) >= 0) if cursor.before else (lambda record: position(record) > 0)

    def _before_end(self, cursor: Pb) -> Callable[[Record], bool]:
        position = self._position(cursor)
        return (lambda record: position(record) < 0) if cursor.before else (lambda record: position(record) <= 0)

    def _position(self, cursor: Pb) -> Callable[[Record], int]:
        """Says whether a record comes before (-1), at (0) or after (1) the cursor, which may name only the first orders."""
        bounds = list(zip(self.orders, [key_of(value) for value in cursor.values], strict=False))

        def position(record: Record) -> int:
            for order, bound in bounds:
                side = _compare(record.key(order.path) or (), bound)
                if side:
                    return -side if order.descending else side
            return 0

        return position


def plan(parent: str, query: Pb, *, aggregated: Sequence[Path] = ()) -> Plan:
    """Raises InvalidArgument for a query the service refuses. Summed and averaged fields order the result like compared ones."""
    check_query(parent, query, aggregated)
    inequalities = inequality_fields(query.where)
    orders = _orders(query, inequalities.union(aggregated))
    return Plan(query, _scope(parent, query), compile_filter(query.where), orders, inequalities)


def _scope(parent: str, query: Pb) -> Scope:
    for selector in query.from_:
        return Scope(parent, selector.collection_id, selector.all_descendants)
    return Scope(parent, "", all_descendants=True)


def _orders(query: Pb, implied: frozenset[Path]) -> tuple[Order, ...]:
    """The given orders, then the implied ones by name, then the document's name, all in the direction of the last given one."""
    orders = [Order(parse_path(order.field.field_path), order.direction == Query.DESCENDING) for order in query.order_by]
    descending = orders[-1].descending if orders else False
    given = {order.path for order in orders}
    missing = sorted(implied - given - {NAME})
    orders += [Order(path, descending) for path in missing]
    return tuple(orders if NAME in given else [*orders, Order(NAME, descending)])


def _compare(left: Key, right: Key) -> int:
    return (left > right) - (left < right)
