"""A table somebody hands us, as CSV or JSON: what it says, or where it stops being one. Pure; used by imports."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from shared.domain.entity import Value

MOST_BYTES, MOST_ROWS, MOST_COLUMNS, LONGEST_NAME = 5 << 20, 10_000, 100, 100
DELIMITERS = ",;\t"
DECLARED = re.compile(r"sep=([,;|\t])(?:\r\n|\r|\n)", re.IGNORECASE)
"""The line with which a spreadsheet is told how to open the file; it shows the next one as row 1."""
UTF8_MARK, OTHER_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
SAVE_AS = "save the file as CSV in UTF-8"
NAMES_OF_EMAIL = frozenset({"email", "e-mail", "email address", "e-mail address"})


class UnreadableTableError(ValueError):
    """The whole table is refused: what is wrong, where (row 1 is the header), and what to do. Never a value of it."""

    def __init__(self, reason: str, fix: str, *, too_large: bool = False) -> None:
        super().__init__(f"{reason}: {fix}")
        self.too_large = too_large


class Row(Value):
    """`number` as a spreadsheet shows it; `values` in the header's order, as many as the row has."""

    number: int
    values: tuple[str, ...]


class Table(Value):
    """`email` is the place of that column in the header."""

    header: tuple[str, ...]
    email: int
    rows: tuple[Row, ...]


def table_from(body: bytes) -> Table:
    """A JSON array of objects, or CSV with a header. Raises UnreadableTableError."""
    if len(body) > MOST_BYTES:
        raise UnreadableTableError(f"more than {MOST_BYTES >> 20} MB", "import it in several parts", too_large=True)
    text = _text(body)
    _require_something(text)
    table = _from_json(text) if text.lstrip()[0] in "[{" else _from_csv(text)
    if len(table.rows) > MOST_ROWS:
        raise UnreadableTableError(f"more than {MOST_ROWS} rows", "import it in several parts", too_large=True)
    return table


def _require_something(text: str) -> None:
    if not text.strip():
        raise UnreadableTableError("there is nothing in it", "send a header with an email column and a row for each contact")


def _text(body: bytes) -> str:
    if body.startswith(OTHER_MARKS):
        raise UnreadableTableError("it is UTF-16", SAVE_AS)
    nothing = body.find(b"\0")
    if nothing >= 0:
        raise UnreadableTableError(f"byte {nothing + 1} is zero, so this is no text", SAVE_AS)
    try:
        return body.removeprefix(UTF8_MARK).decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UnreadableTableError(f"line {line}: byte {error.start + 1} is not UTF-8", SAVE_AS) from None


def _from_csv(text: str) -> Table:
    told = DECLARED.match(text)
    text = text[told.end() :] if told else text
    _require_something(text)
    delimiter = told[1] if told else _delimiter(text)
    rows = _records(text, delimiter)
    header, email = _header(next(rows).values)
    kept = (row for row in rows if any(value.strip() for value in row.values))
    return Table(header=header, email=email, rows=tuple(_at_most(kept)))


def _delimiter(text: str) -> str:
    """The one under which the first row has an email column; of several the one with the most columns."""

    def fits(delimiter: str) -> tuple[bool, int]:
        try:
            names = next(_records(text, delimiter)).values
        except UnreadableTableError:
            return False, 0
        return any(_is_email(name) for name in names), len(names)

    return max(DELIMITERS, key=fits)


def _records(text: str, delimiter: str) -> Iterator[Row]:
    """Line ends inside quotation marks belong to a value. Blank lines are counted, as a spreadsheet does."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield Row(number=number, values=tuple(next(reader)))
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableTableError(f"row {number}: {_spoken(str(error))}", "correct that row and what follows it") from None


def _spoken(error: str) -> str:
    if "unexpected end" in error:
        return "a quotation mark is opened and never closed"
    if "field larger" in error:
        return f"a value is longer than {csv.field_size_limit()} characters, or a quotation mark is never closed"
    return "a quotation mark stands in the middle of a value"


def _header(given: Sequence[str]) -> tuple[tuple[str, ...], int]:
    names = tuple(name.strip() for name in given)
    if len(names) > MOST_COLUMNS:
        raise UnreadableTableError(f"row 1: {len(names)} columns, at most {MOST_COLUMNS}", "leave out what no mail needs")
    emails = [place for place, name in enumerate(names) if _is_email(name)]
    if len(emails) != 1:
        problem = "no column is called email" if not emails else "several columns are called email"
        fix = "the first row names the columns, one of them email, between commas, semicolons or tabs"
        raise UnreadableTableError(f"row 1: {problem}", fix)
    for place, name in enumerate(names):
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise UnreadableTableError(f"row 1: column {place + 1} has no usable name", f"name it, in at most {LONGEST_NAME} characters")
        if name in names[:place]:
            raise UnreadableTableError(f"row 1: columns {names.index(name) + 1} and {place + 1} have the same name", "rename one of them")
    return names, emails[0]


def _is_email(name: str) -> bool:
    return name.strip().casefold() in NAMES_OF_EMAIL


def _at_most(rows: Iterator[Row]) -> Iterator[Row]:
    """One more than may be, so that too many are noticed without reading them all."""
    for count, row in enumerate(rows):
        yield row
        if count == MOST_ROWS:
            return


def _from_json(text: str) -> Table:
    """Row 2 is the first object: the numbers are those the same table would have as CSV."""
    try:
        objects = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableTableError("it begins like JSON and is none", "send an array of objects, or CSV") from None
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects[: MOST_ROWS + 1]):
        raise UnreadableTableError("it is JSON, but no array of objects", "send one object for each contact")
    objects = objects[: MOST_ROWS + 1]
    header, email = _header(tuple(dict.fromkeys(name for one in objects for name in one)))
    rows = (Row(number=number, values=tuple(_cell(one.get(name)) for name in header)) for number, one in enumerate(_stripped(objects), 2))
    return Table(header=header, email=email, rows=tuple(rows))


def _stripped(objects: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return ({name.strip(): value for name, value in one.items()} for one in objects)


def _cell(value: Any) -> str:
    """Lists and objects stay what they were written as: no value of ours, but no reason to refuse a whole table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
