"""Suppressions on screen and as a file; used by the commands of `sdr suppress` and `sdr forget`."""

import csv
import io
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infra.cli.client import Api, Found
from infra.cli.failures import ExitCode, Failure
from infra.cli.telling import moment
from infra.cli.wording import safe, to_json
from shared.domain.suppression_rows import defused

SHOWN = 50
COLUMNS = {
    "id": "id",
    "key_version": "key_version",
    "scope": "scope",
    "email": "shown",
    "cause": "cause",
    "source": "source",
    "by": "by",
    "at": "at",
    "expires_at": "expires_at",
}
"""Of the file, and what fills them: the list can be imported as it was exported."""


def scope(*, company: bool) -> str | None:
    return "company" if company else None


def utc(given: datetime | None) -> str | None:
    return given.replace(tzinfo=given.tzinfo or UTC).isoformat() if given else None


def content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Failure(f"{file} is not UTF-8", fix="save the file as CSV in UTF-8", code=ExitCode.USAGE) from None
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}", fix="check the path", code=ExitCode.USAGE) from None


def line_page(found: Found) -> RenderableType:
    until = f"until {moment(found['expires_at'])}" if found["expires_at"] else "for ever"
    return safe(f"{found['shown'] or 'Somebody whose name was erased'} is not written to ({found['cause']}), {until}.")


def why_page(found: Found) -> RenderableType:
    if not found["suppressed"]:
        return Text("Nothing forbids writing to them.")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("why not", "since", "by", "source"):
        table.add_column(header, overflow="fold")
    for one in found["because"]:
        table.add_row(safe(one["why"]), moment(one["at"]), safe(one["by"]), safe(one["source"]))
    return table


def lifted_page(found: Found) -> RenderableType:
    return Text(f"Taken back: {found['lifted']}. They may be written to, unless something else forbids it.")


def forgotten_page(found: Found) -> RenderableType:
    gone = f"{found['drafts']} drafts, {found['records']} records and {found['pieces']} pieces of mails are gone"
    left = (
        f" {found['left']} cannot go yet, because a mail is leaving or a time is held: ask again in ten minutes." if found["left"] else ""
    )
    return Text(f"Forgotten: {gone}, and they are never written to again.{left}")


def report_page(found: Found) -> RenderableType:
    return Group(*_report(found))


def _report(found: Found) -> Iterator[RenderableType]:
    verb = "would be added" if found["dry_run"] else "added"
    known = f", {found['known']} were known" if found["known"] else ""
    yield Text(f"{found['added']} of {found['rows']} rows {verb}{known}, {found['rejected']} rejected")
    if found["rejected"]:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for header in ("row", "column", "what is wrong", "what to do"):
            table.add_column(header, overflow="fold")
        for one in found["rejected_rows"][:SHOWN]:
            table.add_row(str(one["row"]), safe(one["column"]), safe(one["reason"]), safe(one["fix"]))
        yield table
    if found["dry_run"]:
        yield Text("Nothing was written: this was a dry run.", style="dim")


def export(api: Api, file: Path | None, *, as_json: bool) -> None:
    """The whole list, page by page."""
    lines = list(_every(api))
    if as_json:
        to_json({"items": lines})
        return
    text = as_csv(lines)
    if file is None:
        sys.stdout.write(text)
        return
    file.write_text(text, encoding="utf-8", newline="")


def as_csv(lines: list[Mapping[str, Any]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([defused(str(one[field])) if one[field] is not None else "" for field in COLUMNS.values()] for one in lines)
    return out.getvalue()


def _every(api: Api) -> Iterator[Mapping[str, Any]]:
    after = ""
    while True:
        page = api.suppressions(after=after)
        yield from page["items"]
        after = page["next"]
        if not after:
            return
