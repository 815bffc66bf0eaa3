"""The filter language of subscriptions (https://cloud.google.com/pubsub/docs/subscription-message-filter), compiled to a predicate."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from emulators.pubsub.errors import InvalidArgument

Attributes = Mapping[str, str]
Predicate = Callable[[Attributes], bool]

LONGEST = 256
TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[\w][\w-]*)|(?P<sign>!=|[-=:.,()]))')


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def compiled(expression: str) -> Predicate:
    """A predicate over a message's attributes; the empty expression lets everything through. InvalidArgument for bad syntax."""
    if not expression.strip():
        return lambda _: True
    if len(expression.encode()) > LONGEST:
        raise InvalidArgument(f"Filter is longer than {LONGEST} bytes.")
    return _Parser(_tokens(expression)).whole()


def _tokens(expression: str) -> list[_Token]:
    tokens, position, end = [], 0, len(expression.rstrip())
    while position < end:
        match = TOKEN.match(expression, position)
        if match is None:
            raise InvalidArgument(f"Invalid filter: unexpected {expression[position:].strip()[:10]!r}.")
        tokens.append(_Token(match.lastgroup or "", match.group(match.lastgroup or 0)))
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent; AND and OR bind alike and may not be mixed without parentheses."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens

    def whole(self) -> Predicate:
        predicate = self._terms()
        if self._tokens:
            raise InvalidArgument(f"Invalid filter: unexpected {self._tokens[0].text!r}.")
        return predicate

    def _terms(self) -> Predicate:
        terms, joiner = [self._term()], self._peek()
        while self._peek() in ("AND", "OR"):
            if self._next() != joiner:
                raise InvalidArgument("Invalid filter: combine AND with OR only through parentheses.")
            terms.append(self._term())
        combine = any if joiner == "OR" else all
        return lambda attributes: combine(term(attributes) for term in terms)

    def _term(self) -> Predicate:
        if self._peek() in ("NOT", "-"):
            self._next()
            negated = self._term()
            return lambda attributes: not negated(attributes)
        if self._peek() == "(":
            self._next()
            inner = self._terms()
            self._expect(")")
            return inner
        return self._has_prefix() if self._peek() == "hasPrefix" else self._comparison()

    def _comparison(self) -> Predicate:
        self._expect("attributes")
        operator = self._next()
        if operator == ":":
            wanted = self._key()
            return lambda attributes: wanted in attributes
        if operator != ".":
            raise InvalidArgument("Invalid filter: expected attributes.KEY or attributes:KEY.")
        key, relation = self._key(), self._next()
        if relation not in ("=", "!="):
            raise InvalidArgument(f"Invalid filter: {relation!r} is not a comparison.")
        value = self._literal()
        return lambda attributes: (attributes.get(key) == value) is (relation == "=")

    def _has_prefix(self) -> Predicate:
        for expected in ("hasPrefix", "(", "attributes", "."):
            self._expect(expected)
        key = self._key()
        self._expect(",")
        prefix = self._literal()
        self._expect(")")
        return lambda attributes: attributes.get(key, "").startswith(prefix) and key in attributes

    def _key(self) -> str:
        if self._tokens and self._tokens[0].kind == "text":
            return self._literal()
        if not self._tokens or self._tokens[0].kind != "word":
            raise InvalidArgument("Invalid filter: an attribute key is missing.")
        return self._next()

    def _literal(self) -> str:
        if not self._tokens or self._tokens[0].kind != "text":
            raise InvalidArgument("Invalid filter: a quoted string is missing.")
        try:
            return str(json.loads(self._next(), strict=False))
        except ValueError as error:
            raise InvalidArgument("Invalid filter: bad escape in a string.") from error

    def _peek(self) -> str:
        return self._tokens[0].text if self._tokens and self._tokens[0].kind != "text" else ""

    def _next(self) -> str:
        if not self._tokens:
            raise InvalidArgument("Invalid filter: it ends too early.")
        return self._tokens.pop(0).text

    def _expect(self, text: str) -> None:
        if self._peek() != text:
            raise InvalidArgument(f"Invalid filter: expected {text!r}.")
        self._next()
