"""`sdr import`: a table of contacts is sent to the product, and what it says of every row is shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from infra.cli.client import Api, Found
from infra.cli.failures import ExitCode, Failure
from infra.cli.wording import command_name, safe, say, to_json

SHOWN = 50
"""Rejected rows on screen; --json has more of them."""


@dataclass(frozen=True)
class Wish:
    """`form` is what the list is called; the file's name when nobody says."""

    file: Path
    form: str
    dry_run: bool
    awaits_answer: bool

    @property
    def list_name(self) -> str:
        return self.form or self.file.stem


def import_file(out: Console, api: Api, wish: Wish, *, as_json: bool) -> bool:
    """False when a row was rejected, new or not: the others are imported all the same."""
    kind = "followup" if wish.awaits_answer else "nurture"
    report = api.import_table(_content(wish.file), form=wish.list_name, dry_run=wish.dry_run, kind=kind)
    to_json(report) if as_json else say(out, page(report), wide=True)
    return not report["rejected"]


def page(report: Found) -> RenderableType:
    """The counts, every rejected row with its remedy, and how to go on."""
    return Group(*_parts(report))


def _parts(report: Found) -> Iterator[RenderableType]:
    verb = "can be imported" if report["dry_run"] else "imported"
    known = f", {report['known']} were there already" if report["known"] else ""
    yield Text(f"{report['accepted']} of {report['rows']} rows {verb}{known}, {report['rejected']} rejected")
    if report["rejected"]:
        yield Text()
        yield _rejected(report["rejected_rows"], report["rejected"])
    if report["unlawful"]:
        yield Text()
        yield Text(f"To {report['unlawful']} of them no mail may leave, unless HubSpot knows more of them:", style="yellow")
        yield _rejected(report["unlawful_rows"], report["unlawful"])
    if report["dry_run"]:
        yield Text("Nothing was written: this was a dry run.", style="dim")
    elif report["accepted"]:
        spread = f" They begin one after the other, within {report['minutes']} minutes." if report["minutes"] else ""
        yield Text(f"{command_name()} runs list shows what becomes of them.{spread}", style="dim")


def _rejected(refused: Sequence[Found], count: int) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("row", "column", "what is wrong", "what to do"):
        table.add_column(header, overflow="fold")
    for one in refused[:SHOWN]:
        table.add_row(str(one["row"]), safe(one["column"]), safe(one["reason"]), safe(one["fix"]))
    more = count - SHOWN
    return Group(table, *([Text(f"and {more} more: --json lists them", style="dim")] if more > 0 else ()))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}", fix="check the path", code=ExitCode.USAGE) from None
