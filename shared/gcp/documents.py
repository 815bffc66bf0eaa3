"""Entities as Firestore documents and back; used by the store."""

from datetime import datetime, time
from enum import Enum
from typing import Any, TypeVar

from google.cloud.firestore_v1.vector import Vector
from pydantic import BaseModel

from shared.domain.nearness import vector_fields

M = TypeVar("M", bound=BaseModel)

INNER_ARRAY = "_array"
"""Firestore refuses an array directly inside an array: the inner one is wrapped in a map with this key."""


def to_document(model: BaseModel) -> dict[str, Any]:
    """Native maps, arrays and timestamps, so that documents can be queried and read in Google's console."""
    searched = vector_fields(type(model))
    return {name: _vector(value) if name in searched else _encoded(value, inside_array=False) for name, value in model.model_dump().items()}


def from_document(kind: type[M], document: dict[str, Any]) -> M:
    """A field of type Vector that is empty, or was not asked for, has its default."""
    absent = {name for name in vector_fields(kind) if document.get(name) is None}
    return kind.model_validate({name: _decoded(value) for name, value in document.items() if name not in absent})


def _vector(value: tuple[float, ...]) -> Vector | None:
    """Firestore knows no vector without dimensions."""
    return Vector(value) if value else None


def _encoded(value: Any, *, inside_array: bool) -> Any:
    if isinstance(value, dict):
        return {name: _encoded(one, inside_array=False) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        array = [_encoded(one, inside_array=True) for one in value]
        return {INNER_ARRAY: array} if inside_array else array
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, time) and not isinstance(value, datetime):
        return value.isoformat()
    return value


def _decoded(value: Any, *, inside_array: bool = False) -> Any:
    """Only what stands directly in an array can be our wrapping: elsewhere the key is somebody's data."""
    if isinstance(value, Vector):
        return tuple(value)
    if isinstance(value, dict):
        if inside_array and value.keys() == {INNER_ARRAY}:
            return _decoded(value[INNER_ARRAY])
        return {name: _decoded(one) for name, one in value.items()}
    return [_decoded(one, inside_array=True) for one in value] if isinstance(value, list) else value
