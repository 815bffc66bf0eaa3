"""Which rows of a list can be suppressed, and what is wrong with the others. Pure; used by suppression lists."""

import re
from collections.abc import Iterator
from datetime import datetime

from shared.domain.entity import Value
from shared.domain.import_rows import Refused
from shared.domain.moments import written_moment
from shared.domain.suppression import Cause, Scope, Subject, normal, subject_from, too_wide, usable
from shared.domain.tables import NAMES_OF_EMAIL, Row, Table, table_from

CAUSES = {
    **{cause.value: cause for cause in Cause},
    **dict.fromkeys(("unsubscribe", "unsubscribed", "optout", "opted_out", "do_not_contact"), Cause.OPT_OUT),
    **dict.fromkeys(("spam", "complained", "spam_complaint"), Cause.COMPLAINT),
    **dict.fromkeys(("bounced", "hard_bounce"), Cause.BOUNCE),
}
HEADER = b"email\n"

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet takes for a formula (https://owasp.org/www-community/attacks/CSV_Injection), and what looks like one made harmless."""


def defused(cell: str) -> str:
    """As a cell of an exported list: a spreadsheet shows it, and runs nothing."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """Exactly what was defused."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


class SuppressedRow(Value):
    """`ends` None: never."""

    row: int
    subject: Subject
    cause: Cause
    ends: datetime | None = None


def list_from(body: bytes) -> tuple[Table, int]:
    """A table with an email column, or plain lines without a header; with how far its rows are ahead. Raises UnreadableTableError."""
    first = next((line for line in body.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()), b"").decode(errors="replace")
    cells = [cell.strip().strip('"').casefold() for cell in re.split("[,;\t]", first)]
    plain = len(cells) == 1 and cells[0] not in NAMES_OF_EMAIL and cells[0][:1] not in ("", "[", "{")
    return (table_from(HEADER + body.removeprefix(b"\xef\xbb\xbf")), 1) if plain else (table_from(body), 0)


def checked_list(table: Table, *, ahead: int, cause: Cause, now: datetime) -> tuple[list[SuppressedRow], list[Refused]]:
    """Every row, in one of the two lists. `cause` is of those that name none; what stands twice is refused the second time."""
    accepted: list[SuppressedRow] = []
    refused: list[Refused] = []
    seen: dict[tuple[Scope, str], int] = {}
    for row in table.rows:
        found = _checked(table, row, cause=cause, now=now)
        if isinstance(found, Refused):
            refused.append(found.model_copy(update={"row": found.row - ahead}))
            continue
        key = (found.subject.scope, normal(found.subject))
        if key in seen:
            reason = f"the same as in row {seen[key]}"
            refused.append(Refused(row=row.number - ahead, column=table.header[table.email], reason=reason, fix="keep one"))
            continue
        seen[key] = row.number - ahead
        accepted.append(found.model_copy(update={"row": row.number - ahead}))
    return accepted, refused


def _checked(table: Table, row: Row, *, cause: Cause, now: datetime) -> SuppressedRow | Refused:
    if len(row.values) != len(table.header):
        counted = f"{len(row.values)} cells, the header has {len(table.header)}"
        return Refused(row=row.number, column="", reason=counted, fix="look for a missing or superfluous separator or quotation mark")
    told = {name.casefold(): restored(value).strip() for name, value in zip(table.header, row.values, strict=True)}
    value, scope, said = restored(row.values[table.email]).strip(), told.get("scope", ""), told.get("cause", "")
    wrong = next(_faults(row.number, table.header[table.email], value, scope, said, told.get("expires_at", ""), now), None)
    if wrong is not None:
        return wrong
    subject = subject_from(value, Scope(scope) if scope else None)
    meant = CAUSES[_plain(said)] if said else cause
    return SuppressedRow(row=row.number, subject=subject, cause=meant, ends=written_moment(told.get("expires_at", "")))


def _faults(number: int, column: str, value: str, scope: str, cause: str, ends: str, now: datetime) -> Iterator[Refused]:
    if scope and scope not in set(Scope):
        yield Refused(row=number, column="scope", reason="not a scope", fix="write address, domain or company")
        return
    if not value:
        yield Refused(row=number, column=column, reason="empty", fix="write an address like name@company.com, or a domain like company.com")
        return
    subject = subject_from(value, Scope(scope) if scope else None)
    if not usable(subject):
        yield Refused(row=number, column=column, reason=f"no {subject.scope}", fix="write one address or one domain")
    elif too_wide(subject):
        yield Refused(row=number, column=column, reason="a domain that belongs to everybody", fix="write the addresses instead")
    if cause and _plain(cause) not in CAUSES:
        yield Refused(row=number, column="cause", reason="not a cause", fix=f"write one of {', '.join(Cause)}, or leave it empty")
    if ends and ((moment := written_moment(ends)) is None or moment <= now):
        yield Refused(
            row=number, column="expires_at", reason="not a moment to come", fix="write it like 2027-11-23T09:00:00Z, or leave it empty"
        )


def _plain(cause: str) -> str:
    return re.sub(r"[\s-]+", "_", cause.strip().casefold())
