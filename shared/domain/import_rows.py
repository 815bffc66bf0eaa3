"""Which rows of a table can be imported, and what is wrong with the others. Pure; used by imports."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from shared.domain.entity import Value
from shared.domain.ids import derived_id
from shared.domain.submission import FormEntry, FormField
from shared.domain.tables import Row, Table

LONGEST_EMAIL, LONGEST_VALUE, LONGEST_ROW = 254, 10_000, 40_000
"""An address by RFC 5321; the others as much as is read of a form."""
EARLIEST, AHEAD = datetime(1970, 1, 2, tzinfo=UTC), timedelta(minutes=5)
LOCAL = r"(?=.{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
LABEL = r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?"
EMAIL = re.compile(rf"{LOCAL}@(?:{LABEL}\.)+{LABEL}")
NOBODYS = (".invalid", ".localhost")
"""Domains nobody can have."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
MOMENT_NAMES = frozenset({"submittedat", "submitted"})


class Accepted(Value):
    """A row as a submission of the import's form."""

    row: int
    entry: FormEntry


class Refused(Value):
    """Names row and column, never the value."""

    row: int
    column: str
    reason: str
    fix: str


def checked(table: Table, *, form: str, now: datetime) -> tuple[list[Accepted], list[Refused]]:
    """Every row, in one of the two lists. One row a contact: a second one with the same address is refused."""
    accepted: list[Accepted] = []
    refused: list[Refused] = []
    seen: dict[str, int] = {}
    for row in table.rows:
        found = _checked(table, row, form=form, now=now)
        if isinstance(found, Refused):
            refused.append(found)
        elif found.email in seen:
            name = table.header[table.email]
            refused.append(Refused(row=row.number, column=name, reason=f"the same address as in row {seen[found.email]}", fix="keep one"))
        else:
            seen[found.email] = row.number
            accepted.append(Accepted(row=row.number, entry=found))
    return accepted, refused


def _checked(table: Table, row: Row, *, form: str, now: datetime) -> FormEntry | Refused:
    wrong = next(_faults(table, row), None)
    if wrong is not None:
        return wrong
    told = {name: value.strip() for name, value in zip(table.header, row.values, strict=True)}
    email = told.pop(table.header[table.email]).lower()
    named = next((name for name in told if re.sub(r"[^a-z]", "", name.lower()) in MOMENT_NAMES), "")
    given = told.pop(named, "")
    moment = _moment(given)
    if given and (moment is None or not EARLIEST <= moment <= now + AHEAD):
        reason = "not a moment" if moment is None else "not between 1970 and now"
        return Refused(row=row.number, column=named, reason=reason, fix="write it like 2026-11-23T09:00:00Z, or leave it empty")
    fields = (FormField(name="email", value=email), *(FormField(name=name, value=value) for name, value in told.items() if value))
    key = "" if moment else derived_id("row", *(part for one in sorted(fields, key=lambda one: one.name) for part in (one.name, one.value)))
    return FormEntry(form_id=form, form_name=form, submitted_at=moment or now, email=email, fields=fields, imported=True, key=key)


def _faults(table: Table, row: Row) -> Iterator[Refused]:
    if len(row.values) != len(table.header):
        counted = f"{len(row.values)} cells, the header has {len(table.header)}"
        yield Refused(row=row.number, column="", reason=counted, fix="look for a missing or superfluous separator or quotation mark")
        return
    column, email = table.header[table.email], row.values[table.email].strip()
    reason = _email_fault(email)
    if reason:
        yield Refused(row=row.number, column=column, reason=reason, fix="write one address like name@company.com")
    elif not email.isascii():
        yield Refused(row=row.number, column=column, reason="a domain that HubSpot does not take", fix="write it in its form xn--…")
    for name, value in zip(table.header, row.values, strict=True):
        if len(value) > LONGEST_VALUE:
            yield Refused(row=row.number, column=name, reason=f"longer than {LONGEST_VALUE} characters", fix="shorten it")
        if CONTROL.search(value):
            yield Refused(row=row.number, column=name, reason="holds a control character", fix="remove what cannot be seen")
    if sum(map(len, row.values)) > LONGEST_ROW:
        yield Refused(row=row.number, column="", reason=f"longer than {LONGEST_ROW} characters altogether", fix="shorten it")


def _email_fault(email: str) -> str:
    if not email:
        return "empty"
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email):
        return "not an e-mail address"
    return "an address nobody can have" if email.lower().endswith(NOBODYS) else ""


def _moment(text: str) -> datetime | None:
    """ISO 8601, in UTC unless it says otherwise, or milliseconds since 1970."""
    try:
        read = datetime.fromtimestamp(int(text) / 1000, UTC) if re.fullmatch(r"[0-9]{12,13}", text) else datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
