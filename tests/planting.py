"""Any stored document, every field filled with what is found again wherever it shows; used by the proof that workspaces are apart."""

import types
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

from shared.domain.entity import Entity
from shared.domain.ids import WorkspaceId
from tests.builders import at

WORD, NUMBER, YEAR = "zebrafinch", 76543210, 2031
PLANTED = (WORD, str(NUMBER), str(YEAR))
"""What must show nowhere. Of an enumeration every workspace has the same few values."""
DEEPEST = 8

E = TypeVar("E", bound=Entity)
PLAIN: Mapping[type, object] = {
    object: WORD,
    str: WORD,
    bytes: WORD.encode(),
    bool: True,
    int: NUMBER,
    float: float(NUMBER),
    datetime: at().replace(year=YEAR),
    date: date(YEAR, 3, 3),
    time: time(9),
    timedelta: timedelta(seconds=NUMBER),
    dict: {},
}


def planted(kind: type[E], *, workspace_id: WorkspaceId, id: str) -> E:
    """Optional fields are filled as well. Not validated: nothing but the store is meant to hold it.

    Lists are filtered by what is true of a document, and by what is not: with an id in `-not`, nothing is.
    """
    filled: E = _model(kind, 0)
    no = {name: False for name, field in kind.model_fields.items() if field.annotation is bool} if id.endswith("-not") else {}
    return filled.model_copy(update={"id": id, "workspace_id": workspace_id, **no})


def _model(kind: type[Any], depth: int) -> Any:
    return kind.model_construct(**{name: _value(field.annotation, depth + 1) for name, field in kind.model_fields.items()})


def _value(wanted: Any, depth: int) -> Any:
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        return _value(arguments[0], depth)
    if origin is Literal:
        return arguments[0]
    if origin in (Union, types.UnionType):
        return _value(next(one for one in arguments if one is not type(None)), depth)
    if origin in (tuple, list, frozenset, Sequence):
        sequence = tuple if origin is Sequence else origin
        return sequence(_value(one, depth) for one in arguments if one is not ...) if depth < DEEPEST else sequence()
    if origin in (dict, Mapping):
        return {_value(arguments[0], depth): _value(arguments[1], depth)}
    return _single(getattr(wanted, "__supertype__", wanted), depth)


def _single(wanted: Any, depth: int) -> Any:
    if isinstance(wanted, type) and issubclass(wanted, BaseModel):
        return _model(wanted, depth)
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return next(iter(wanted))
    if wanted not in PLAIN:
        raise LookupError(f"nothing can be planted as {wanted}: add it to PLAIN")
    return PLAIN[wanted]
