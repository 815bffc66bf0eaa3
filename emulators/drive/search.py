"""Drive's search language for `q`, parsed by recursive descent into a predicate over file resources."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from emulators.drive import errors

TOKEN = re.compile(r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<word>[A-Za-z][A-Za-z0-9_.]*)|(?P<sign><=|>=|!=|=|<|>)|(?P<bracket>[(){}]))""")
WORD = re.compile(r"\w+", re.UNICODE)
HIDDEN = ("fullText", "people")
WRITERS = ("owner", "organizer", "fileOrganizer", "writer")
PEOPLE = {"owners": ("owner",), "writers": WRITERS, "readers": (*WRITERS, "commenter", "reader")}
VISIBILITIES = ("anyoneCanFind", "anyoneWithLink", "domainCanFind", "domainWithLink", "limited")
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
}

Found = dict[str, Any]
"""A file resource, with what only the search may see under the HIDDEN keys."""
Test = Callable[[Found], bool]


def compiled(query: str, *, root: str) -> Test:
    """The predicate behind a query; `root` is the folder the alias names. Raises Invalid Value for `q` when it is not a query."""
    parser = _Parser(query or "trashed = true or trashed = false", root)
    test = parser.either()
    parser.expect_end()
    return test


class _Parser:
    def __init__(self, query: str, root: str) -> None:
        self._tokens = _tokens(query)
        self._root = root
        self._index = 0

    def either(self) -> Test:
        tests = [self._both()]
        while self._take("or"):
            tests.append(self._both())
        return lambda file: any(test(file) for test in tests)

    def expect_end(self) -> None:
        if self._index != len(self._tokens):
            raise errors.invalid_value("q")

    def _both(self) -> Test:
        tests = [self._term()]
        while self._take("and"):
            tests.append(self._term())
        return lambda file: all(test(file) for test in tests)

    def _term(self) -> Test:
        if self._take("not"):
            negated = self._term()
            return lambda file: not negated(file)
        if self._take("("):
            inner = self.either()
            self._must_take(")")
            return inner
        token = self._next()
        return self._membership(token) if token.startswith("'") else self._comparison(token)

    def _membership(self, literal: str) -> Test:
        self._must_take("in")
        collection, wanted = self._next(), _unquoted(literal)
        if collection == "parents":
            folder = self._root if wanted == "root" else wanted
            return lambda file: folder in file.get("parents", [])
        if collection in PEOPLE:
            roles = PEOPLE[collection]
            return lambda file: any(one.get("emailAddress") == wanted and one["role"] in roles for one in file["people"])
        raise errors.invalid_value("q")

    def _has(self, field: str) -> Test:
        """`properties has { key='a' and value='b' }`."""
        wanted: dict[str, str] = {}
        for opening, name in (("{", "key"), ("and", "value")):
            for word in (opening, name, "="):
                self._must_take(word)
            wanted[name] = _unquoted(self._next())
        self._must_take("}")
        return lambda file: bool(file.get(field, {}).get(wanted["key"]) == wanted["value"])

    def _comparison(self, field: str) -> Test:
        if field in ("properties", "appProperties") and self._take("has"):
            return self._has(field)
        sign, value = self._next(), self._next()
        return _contains(field, _unquoted(value)) if sign == "contains" else self._compared(field, sign, value)

    def _compared(self, field: str, sign: str, value: str) -> Test:
        if field == "sharedWithMe" and value in ("true", "false"):
            return lambda file: ("sharedWithMeTime" in file) == (value == "true")
        if field in ("trashed", "starred") and sign in ("=", "!=") and value in ("true", "false"):
            return lambda file: COMPARE[sign](bool(file.get(field)), value == "true")
        if field in ("name", "mimeType") and sign in ("=", "!="):
            return lambda file: COMPARE[sign](file[field].lower(), _unquoted(value).lower())
        if field == "visibility" and sign in ("=", "!=") and _unquoted(value) in VISIBILITIES:
            return lambda file: COMPARE[sign](_visibility(file), _unquoted(value))
        if field == "shortcutDetails.targetId" and sign in ("=", "!="):
            return lambda file: COMPARE[sign](file.get("shortcutDetails", {}).get("targetId"), _unquoted(value))
        if field in ("modifiedTime", "createdTime") and sign in COMPARE:
            limit = _moment(_unquoted(value))
            return lambda file: COMPARE[sign](_moment(file[field]), limit)
        raise errors.invalid_value("q")

    def _next(self) -> str:
        if self._index >= len(self._tokens):
            raise errors.invalid_value("q")
        self._index += 1
        return self._tokens[self._index - 1]

    def _take(self, word: str) -> bool:
        if self._index < len(self._tokens) and self._tokens[self._index].lower() == word:
            self._index += 1
            return True
        return False

    def _must_take(self, word: str) -> None:
        if not self._take(word):
            raise errors.invalid_value("q")


def _tokens(query: str) -> list[str]:
    tokens, position, rest = [], 0, query.rstrip()
    while position < len(rest):
        found = TOKEN.match(rest, position)
        if found is None:
            raise errors.invalid_value("q")
        tokens.append(found.group().strip())
        position = found.end()
    return tokens


def _unquoted(literal: str) -> str:
    if not literal.startswith("'"):
        raise errors.invalid_value("q")
    return re.sub(r"\\(.)", r"\1", literal[1:-1])


def _visibility(file: Found) -> str:
    """How widely a file is shared, by its widest permission."""
    for kind in ("anyone", "domain"):
        for one in file["people"]:
            if one["type"] == kind:
                return f"{kind}{'CanFind' if one.get('allowFileDiscovery') else 'WithLink'}"
    return "limited"


def _contains(field: str, wanted: str) -> Test:
    """Names and types match word prefixes, text matches whole words (or a phrase in double quotes)."""
    if field == "name":
        return lambda file: has_prefix(file["name"], wanted)
    if field == "mimeType":
        return lambda file: file["mimeType"].startswith(wanted)
    if field == "fullText":
        return lambda file: has_words(f"{file['name']} {file.get('description', '')} {file['fullText']}", wanted)
    raise errors.invalid_value("q")


def has_prefix(name: str, wanted: str) -> bool:
    """Whether the wanted words follow each other in the name, the last one possibly only begun."""
    words, parts = WORD.findall(name.lower()), WORD.findall(wanted.lower())
    if not parts:
        return True
    length = len(parts)
    windows = (words[start : start + length] for start in range(len(words) - length + 1))
    return any(window[:-1] == parts[:-1] and window[-1].startswith(parts[-1]) for window in windows)


def has_words(text: str, wanted: str) -> bool:
    words, parts = WORD.findall(text.lower()), WORD.findall(wanted.lower())
    if wanted.strip().startswith('"'):
        return any(words[start : start + len(parts)] == parts for start in range(len(words) - len(parts) + 1))
    return set(parts) <= set(words)


def _moment(value: str) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise errors.invalid_value("q") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
