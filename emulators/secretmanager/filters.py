"""The filter language of Secret Manager's lists (https://cloud.google.com/secret-manager/docs/filtering), compiled to a predicate."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from emulators.secretmanager.errors import InvalidArgument

Predicate = Callable[[Any], bool]

TOKEN = re.compile(r'\s*(?:"(?P<text>(?:[^"\\]|\\.)*)"|(?P<sign><=|>=|!=|[-()=:<>])|(?P<word>[^\s()=:<>!"]+))')
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: bool(one == other),
    "!=": lambda one, other: bool(one != other),
    "<": lambda one, other: bool(one < other),
    ">": lambda one, other: bool(one > other),
    "<=": lambda one, other: bool(one <= other),
    ">=": lambda one, other: bool(one >= other),
}


def compiled(expression: str) -> Predicate:
    """A predicate over secrets or versions; the empty expression lets everything through. InvalidArgument for what it cannot read."""
    tokens = _tokens(expression)
    return _Parser(tokens).whole() if tokens else lambda _: True


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens, position, end = [], 0, len(expression.rstrip())
    while position < end:
        match = TOKEN.match(expression, position)
        if match is None:
            raise InvalidArgument(f"Invalid filter: unexpected {expression[position:].strip()[:10]!r}.")
        kind = match.lastgroup or ""
        tokens.append((kind, match[kind]))
        position = match.end()
    return tokens


class _Parser:
    """Terms next to each other are joined by AND; OR binds closer, as in the other Google lists."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens

    def whole(self) -> Predicate:
        predicate = self._conjunction()
        if self._tokens:
            raise InvalidArgument(f"Invalid filter: unexpected {self._tokens[0][1]!r}.")
        return predicate

    def _conjunction(self) -> Predicate:
        terms = [self._alternatives()]
        while self._tokens and self._peek() != ")":
            if self._peek() == "AND":
                self._next()
            terms.append(self._alternatives())
        return lambda item: all(term(item) for term in terms)

    def _alternatives(self) -> Predicate:
        terms = [self._term()]
        while self._peek() == "OR":
            self._next()
            terms.append(self._term())
        return lambda item: any(term(item) for term in terms)

    def _term(self) -> Predicate:
        if self._peek() in ("NOT", "-"):
            self._next()
            negated = self._term()
            return lambda item: not negated(item)
        if self._peek() == "(":
            self._next()
            inner = self._conjunction()
            if self._next() != ")":
                raise InvalidArgument("Invalid filter: a closing parenthesis is missing.")
            return inner
        return self._restriction()

    def _restriction(self) -> Predicate:
        field = self._next()
        if self._peek() != ":" and self._peek() not in COMPARISONS:
            return lambda item: any(field in value for value in _texts(_values(item, "name")))
        sign, value = self._next(), self._next()
        if sign == ":":
            return lambda item: any(value in text for text in _texts(_values(item, field)))
        compare = COMPARISONS[sign]
        return lambda item: any(compare(known, _alike(value, known)) for known in _values(item, field))

    def _peek(self) -> str:
        return self._tokens[0][1] if self._tokens and self._tokens[0][0] != "text" else ""

    def _next(self) -> str:
        if not self._tokens:
            raise InvalidArgument("Invalid filter: it ends too early.")
        return self._tokens.pop(0)[1]


def _values(item: Any, field: str) -> list[Any]:
    """What a field such as `labels.team`, `create_time` or `state` holds; a name is given whole and by its last part."""
    first, _, rest = field.partition(".")
    descriptor = item.DESCRIPTOR.fields_by_name.get(first)
    if descriptor is None:
        raise InvalidArgument(f"Invalid filter: {first} is not a field.")
    value = getattr(item, first)
    if first == "name":
        return [value, value.rsplit("/", 1)[-1]]
    if rest:
        return [value[rest]] if rest in value else []
    if isinstance(value, Timestamp):
        return [value.ToDatetime(UTC)] if item.HasField(first) else []
    if descriptor.enum_type is not None:
        return [descriptor.enum_type.values_by_number[value].name]
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]


def _texts(values: list[Any]) -> list[str]:
    return [value.name if hasattr(value, "DESCRIPTOR") else str(value) for value in values]


def _alike(text: str, known: Any) -> Any:
    try:
        return datetime.fromisoformat(text) if isinstance(known, datetime) else type(known)(text)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(f"Invalid filter: {text!r} does not compare with {known}.") from error
