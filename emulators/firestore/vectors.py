"""Vector fields as float32 matrices, and the exact search over them; loaded with numpy when a query first asks for neighbours."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from emulators.firestore.fields import Path, lookup, parse_path
from emulators.firestore.state import Record
from emulators.firestore.values import is_vector
from emulators.firestore.wire import Pb, Query

Floats = np.ndarray[Any, np.dtype[Any]]
Measure = Query.FindNearest
ELEMENT = np.dtype([("head", "V3"), ("number", "<f8")])
"""How one double of an array lies on the wire: the tags and lengths of the Value around it, then the number."""

SLACK = 1e-5
"""How far a float32 distance may be off, as a share of the numbers it is made of; what is this close is computed again exactly."""


class Column:
    """The vectors of one field and dimension in one collection, row by row, in step with the documents."""

    def __init__(self, path: Path, dimension: int, records: Iterable[Record]) -> None:
        self._path, self._dimension = path, dimension
        self._rows: dict[str, int] = {}
        self._names: list[str] = []
        self._matrix: Floats = np.empty((64, dimension), np.float32)
        self._squares: Floats = np.empty(64, np.float32)
        for record in records:
            self.put(record)

    def put(self, record: Record) -> None:
        """A new version of a document, which may have no such vector any more."""
        self.drop(record.name)
        vector = vector_at(record.document, self._path)
        if vector is None or len(vector) != self._dimension:
            return
        if len(self._names) == len(self._matrix):
            self._matrix = np.concatenate([self._matrix, np.empty_like(self._matrix)])
            self._squares = np.concatenate([self._squares, np.empty_like(self._squares)])
        row = self._rows[record.name] = len(self._names)
        self._names.append(record.name)
        with np.errstate(over="ignore"):
            self._matrix[row] = vector
            self._squares[row] = self._matrix[row] @ self._matrix[row]

    def drop(self, name: str) -> None:
        """The last row takes the place of the one that goes."""
        row = self._rows.pop(name, None)
        if row is None:
            return
        last = self._names.pop()
        if last != name:
            self._names[row], self._rows[last] = last, row
            self._matrix[row], self._squares[row] = self._matrix[len(self._names)], self._squares[len(self._names)]

    def of(self, records: Sequence[Record]) -> tuple[list[Record], Floats, Floats]:
        """Those of the records that have a vector here, their vectors and the squares of their lengths, in the same order."""
        rows = self._rows
        having = [record for record in records if record.name in rows]
        chosen = [rows[record.name] for record in having]
        if chosen == list(range(len(self._names))):
            return having, self._matrix[: len(chosen)], self._squares[: len(chosen)]
        return having, self._matrix[chosen], self._squares[chosen]


def vector_at(document: Pb, path: Path) -> Floats | None:
    """The doubles of a vector field; None where there is no vector."""
    value = lookup(document.fields, path)
    if value is None or not is_vector(value):
        return None
    return doubles(value)


def doubles(vector: Pb) -> Floats:
    """Read off the wire format: asking a message for each of its numbers takes twenty times as long."""
    elements = np.frombuffer(vector.map_value.fields["value"].array_value.SerializeToString(), ELEMENT)
    return elements["number"].astype(np.float64)


def scored(column: Column, records: Sequence[Record], wanted: Pb) -> list[tuple[float, Record]]:
    """Exact distances of the records that may be among the closest, in no order."""
    having, vectors, squares = column.of(records)
    if not having:
        return []
    query, path = doubles(wanted.query_vector), parse_path(wanted.vector_field.field_path)
    most = min(wanted.limit.value, len(having))
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        rough, error = _MEASURES[wanted.distance_measure](vectors @ query.astype(np.float32), squares, float(np.linalg.norm(query)))
        limit = np.partition(rough, most - 1)[most - 1] + 2 * error
    near = [having[row] for row in np.flatnonzero(~(rough > limit))]  # what is no number is looked at exactly too
    return [(_distance(vector_at(record.document, path), query, wanted.distance_measure), record) for record in near]


def _distance(vector: Any, query: Floats, measure: int) -> float:
    if measure == Measure.EUCLIDEAN:
        return float(np.linalg.norm(vector - query))
    product = float(vector @ query)
    if measure == Measure.DOT_PRODUCT:
        return product
    lengths = float(np.linalg.norm(vector)) * float(np.linalg.norm(query))
    return 1.0 - product / lengths if lengths else 1.0


def _euclidean(products: Floats, squares: Floats, length: float) -> tuple[Floats, float]:
    """Squared, less the query's own square: that changes no order. Answers the rough distances and how far they may be off."""
    return squares - 2 * products, SLACK * (float(squares.max()) + length**2)


def _cosine(products: Floats, squares: Floats, length: float) -> tuple[Floats, float]:
    return -products / (np.sqrt(squares) * length), SLACK


def _dot(products: Floats, squares: Floats, length: float) -> tuple[Floats, float]:
    return -products, SLACK * math.sqrt(float(squares.max())) * length


_MEASURES: dict[int, Callable[[Floats, Floats, float], tuple[Floats, float]]] = {
    Measure.EUCLIDEAN: _euclidean,
    Measure.COSINE: _cosine,
    Measure.DOT_PRODUCT: _dot,
}
