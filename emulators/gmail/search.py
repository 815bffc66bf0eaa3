"""Gmail's search language for `q`: operators, quotes, minus, OR, braces and parentheses, compiled to a predicate."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SEARCH_ZONE = ZoneInfo("America/Los_Angeles")  # "dates are interpreted as midnight PST": Gmail API guide, Searching for messages
TOKEN = re.compile(
    r'(?P<minus>-)?(?:(?P<field>[a-z_0-9]+):)?(?:(?P<open>[({])|"(?P<quoted>[^"]*)"|(?P<word>[^\s(){}"]+))|(?P<close>[)}])', re.IGNORECASE
)
WORD = re.compile(r"\w+", re.UNICODE)
SPANS = {"h": timedelta(hours=1), "d": timedelta(days=1), "m": timedelta(days=30), "y": timedelta(days=365)}
HIDDEN = frozenset({"SPAM", "TRASH"})
CLOSING = {"(": ")", "{": "}"}


@dataclass(frozen=True)
class Searchable:
    """One message as the search sees it. `places` holds its labels, by id and by name, lower case with hyphens for spaces."""

    sender: str
    to: str
    cc: str
    bcc: str
    subject: str
    text: str
    message_id: str
    places: frozenset[str]
    filenames: tuple[str, ...]
    at: datetime
    size: int = 0
    mailing_list: str = ""
    delivered_to: str = ""
    owner: frozenset[str] = frozenset()
    labelled: bool = False


Test = Callable[[Searchable], bool]


def compiled(query: str, now: datetime) -> Test:
    """The predicate behind a query; an empty query matches everything."""
    return _Parser(query, now).everything()


def looks_into_hidden_places(query: str) -> bool:
    """Whether the query names spam or trash itself: only then are they searched."""
    return re.search(r"\b(?:in|label|is):(?:spam|trash|anywhere)\b", query, re.IGNORECASE) is not None


class _Parser:
    def __init__(self, query: str, now: datetime) -> None:
        self._tokens = list(TOKEN.finditer(query))
        self._index = 0
        self._now = now

    def everything(self) -> Test:
        return _all(self._sequence(field="", closing=""))

    def _sequence(self, *, field: str, closing: str) -> list[Test]:
        """Terms up to the closing bracket; OR joins its two neighbours before anything else does."""
        tests: list[Test] = []
        joining = False
        while (token := self._next()) is not None:
            if token["close"]:
                if token["close"] == closing:
                    break
                continue
            if token["word"] == "OR" and not token["field"]:
                joining = bool(tests)
                continue
            test = self._term(token, field)
            tests = [*tests[:-1], _any([tests[-1], test])] if joining else [*tests, test]
            joining = False
        return tests

    def _next(self) -> re.Match[str] | None:
        if self._index >= len(self._tokens):
            return None
        self._index += 1
        return self._tokens[self._index - 1]

    def _term(self, token: re.Match[str], outer_field: str) -> Test:
        field = (token["field"] or outer_field).lower()
        if token["open"]:
            tests = self._sequence(field=field, closing=CLOSING[token["open"]])
            test = _any(tests) if token["open"] == "{" else _all(tests)
        else:
            test = self._leaf(field, token["quoted"] if token["quoted"] is not None else token["word"])
        return _not(test) if token["minus"] else test

    def _leaf(self, field: str, value: str) -> Test:
        if field in MOMENTS:
            return MOMENTS[field](value, self._now)
        if field in OPERATORS:
            return OPERATORS[field](value)
        return _says(f"{field} {value}" if field else value)


def _all(tests: Iterable[Test]) -> Test:
    kept = tuple(tests)
    return lambda message: all(test(message) for test in kept)


def _any(tests: Iterable[Test]) -> Test:
    kept = tuple(tests)
    return lambda message: any(test(message) for test in kept)


def _not(test: Test) -> Test:
    return lambda message: not test(message)


def contains_phrase(text: str, phrase: str) -> bool:
    """Whole words in this order, case-insensitive: Gmail never matches inside a word."""
    wanted = WORD.findall(phrase.lower())
    words = WORD.findall(text.lower())
    return any(words[start : start + len(wanted)] == wanted for start in range(len(words) - len(wanted) + 1))


def _says(phrase: str) -> Test:
    return lambda m: any(contains_phrase(text, phrase) for text in (m.subject, m.text, m.sender, m.to, m.cc, *m.filenames))


def _place(value: str) -> Test:
    if value.lower() == "read":
        return _not(_place("unread"))
    place = {"drafts": "draft", "anywhere": ""}.get(value.lower(), value.lower())
    return lambda m: not place or place in m.places


def _has(value: str) -> Test:
    wanted = value.lower()
    if wanted in ("userlabels", "nouserlabels"):
        return lambda m: m.labelled is (wanted == "userlabels")
    return lambda m: wanted == "attachment" and bool(m.filenames)


def _correspondent(value: str, *fields: str) -> Test:
    """`me` is any of the owner's own addresses."""
    if value.lower() == "me":
        return lambda m: any(contains_phrase(getattr(m, field), address) for field in fields for address in m.owner)
    return lambda m: any(contains_phrase(getattr(m, field), value) for field in fields)


def _bytes(value: str) -> int:
    found = re.fullmatch(r"(\d+)([km]?)b?", value.lower())
    return int(found[1]) * {"": 1, "k": 1 << 10, "m": 1 << 20}[found[2]] if found else 0


def _same_message_id(value: str) -> Test:
    return lambda m: m.message_id.strip("<>") == value.strip("<>")


def _older(value: str, now: datetime) -> Test:
    limit = now - _span(value)
    return lambda m: m.at < limit


def _newer(value: str, now: datetime) -> Test:
    limit = now - _span(value)
    return lambda m: m.at >= limit


def _before(value: str, now: datetime) -> Test:
    limit = _moment(value, now)
    return lambda m: m.at < limit


def _after(value: str, now: datetime) -> Test:
    limit = _moment(value, now)
    return lambda m: m.at >= limit


def _span(value: str) -> timedelta:
    found = re.fullmatch(r"(\d+)([hdmy])", value.lower())
    return int(found[1]) * SPANS[found[2]] if found else timedelta(0)


def _moment(value: str, now: datetime) -> datetime:
    """Epoch seconds, or a date; what is neither never excludes anything, as in Gmail."""
    if value.isdigit() and len(value) > 8:
        return datetime.fromtimestamp(int(value), UTC)
    found = re.fullmatch(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})", value)
    return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=SEARCH_ZONE) if found else now


OPERATORS: dict[str, Callable[[str], Test]] = {
    "from": lambda value: _correspondent(value, "sender"),
    "to": lambda value: _correspondent(value, "to", "cc", "bcc"),
    "cc": lambda value: _correspondent(value, "cc"),
    "bcc": lambda value: _correspondent(value, "bcc"),
    "deliveredto": lambda value: _correspondent(value, "delivered_to", "to"),
    "list": lambda value: lambda m: contains_phrase(m.mailing_list, value),
    "size": lambda value: lambda m: m.size >= _bytes(value),
    "larger": lambda value: lambda m: m.size >= _bytes(value),
    "smaller": lambda value: lambda m: m.size < _bytes(value),
    "subject": lambda value: lambda m: contains_phrase(m.subject, value),
    "filename": lambda value: lambda m: any(contains_phrase(name, value) for name in m.filenames),
    "in": _place,
    "is": _place,
    "label": _place,
    "category": lambda value: _place(f"category_{value}"),
    "has": _has,
    "rfc822msgid": _same_message_id,
}
MOMENTS: dict[str, Callable[[str, datetime], Test]] = {
    "newer_than": _newer,
    "older_than": _older,
    "after": _after,
    "newer": _after,
    "before": _before,
    "older": _before,
}
