"""Field paths such as ``contact.`first.name` ``: parsing them, and reading, placing, removing and selecting fields by them."""

import re
from collections.abc import Iterable
from functools import lru_cache

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.values import is_vector
from emulators.firestore.wire import Document, Pb

Path = tuple[str, ...]
NAME: Path = ("__name__",)
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_SEGMENT = re.compile(r"(?:([A-Za-z_][A-Za-z_0-9]*)|`((?:[^`\\]|\\.)+)`)(\.|$)")


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Path:
    """The names a field path goes through; raises InvalidArgument where it is malformed."""
    names: list[str] = []
    position, more = 0, bool(text)
    while more:
        match = _SEGMENT.match(text, position)
        if match is None:
            raise InvalidArgument(
                f'Invalid property path "{text}". Unquoted property paths must match regex ([a-zA-Z_][a-zA-Z_0-9]*), '
                r"and quoted property paths must match regex (`(?:[^`\\]|(?:\\.))+`)"
            )
        names.append(match[1] or re.sub(r"\\(.)", r"\1", match[2]))
        position, more = match.end(), match[3] == "."
    if not names:
        raise InvalidArgument("Invalid empty property path string.")
    return tuple(names)


def path_text(path: Path) -> str:
    """The path as it is written, with backticks where a name needs them."""
    return ".".join(name if _SIMPLE.fullmatch(name) else "`{}`".format(re.sub(r"([`\\\\])", r"\\\1", name)) for name in path)


def lookup(fields: Pb, path: Path) -> Pb | None:
    """The value at a path of a `fields` map; None where it, or a map on the way, is missing."""
    value = None
    for name in path:
        if value is not None:
            if not _is_map(value):
                return None
            fields = value.map_value.fields
        if name not in fields:
            return None
        value = fields[name]
    return value


def place(fields: Pb, path: Path, value: Pb) -> None:
    """Sets the value, making (or replacing by) maps on the way."""
    for name in path[:-1]:
        if name in fields and not _is_map(fields[name]):
            del fields[name]
        fields = fields[name].map_value.fields
    fields[path[-1]].CopyFrom(value)


def remove(fields: Pb, path: Path) -> None:
    for name in path[:-1]:
        if name not in fields or not _is_map(fields[name]):
            return
        fields = fields[name].map_value.fields
    if path[-1] in fields:
        del fields[path[-1]]


def _is_map(value: Pb) -> bool:
    """A vector is one value, although it travels as a map."""
    return value.WhichOneof("value_type") == "map_value" and not is_vector(value)


def selected(document: Pb, paths: Iterable[Path]) -> Pb:
    """A copy of the document with only these fields."""
    copy = Document(name=document.name, create_time=document.create_time, update_time=document.update_time)
    for path in paths:
        value = lookup(document.fields, path)
        if value is not None:
            place(copy.fields, path, value)
    return copy


def masked(document: Pb, request: Pb) -> Pb:
    """The document as the `mask` of a read asks for it."""
    if not request.HasField("mask"):
        return document
    return selected(document, [parse_path(text) for text in request.mask.field_paths])
