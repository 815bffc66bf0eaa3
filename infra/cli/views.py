"""How running runs look: a table that fills itself in a terminal, a line per step when piped, nothing for --json."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from infra.cli.client import Found
from infra.cli.telling import shorten
from infra.cli.watching import View
from infra.cli.wording import safe

STATES = ("received", "planned", "drafted", "gated", "placed", "logged", "done")
FAILED = "failed"
LONGEST_NOTE = 110


class Quiet:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None

    def submitted(self, name: str, email: str, form: str) -> None: ...
    def moved(self, email: str, step: Found, *, seconds: float) -> None: ...


class Lines(Quiet):
    """A line per step."""

    def __init__(self, out: Console) -> None:
        self._out, self._names = out, dict[str, str]()

    def submitted(self, name: str, email: str, form: str) -> None:
        self._names[email.lower()] = name
        self._line("", name, "submitted", f"“{form}”")

    def moved(self, email: str, step: Found, *, seconds: float) -> None:
        self._line(f"{max(seconds, 0):.2f} s", self._names.get(email, email), step["state"], step["note"])

    def _line(self, at: str, name: str, state: str, note: str) -> None:
        self._out.print(safe(f"{at:>8}  {name:<16}  {state:<9}  {shorten(note, LONGEST_NOTE)}".rstrip()))


class Growing(Quiet):
    """A row per run, a column per state, with the seconds it took to get there."""

    def __init__(self, out: Console) -> None:
        self._rows: dict[str, tuple[str, str]] = {}
        self._reached: dict[tuple[str, str], str] = {}
        self._live = Live(console=out, refresh_per_second=12, get_renderable=self._table)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._live.stop()

    def submitted(self, name: str, email: str, form: str) -> None:
        self._rows[email.lower()] = (name, form)
        self._live.refresh()

    def moved(self, email: str, step: Found, *, seconds: float) -> None:
        self._reached[email, step["state"]] = f"{max(seconds, 0):.1f} s"
        self._live.refresh()

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, 1), header_style="dim")
        table.add_column("")
        for state in STATES:
            table.add_column(state, justify="right", min_width=6)
        for email, (name, _) in self._rows.items():
            table.add_row(safe(name), *(self._cell(email, state) for state in STATES))
        return table

    def _cell(self, email: str, state: str) -> Text:
        failed = self._reached.get((email, FAILED))
        if state == STATES[-1] and failed:
            return Text(FAILED, style="red")
        return Text(self._reached.get((email, state), "·"), style="green")


def view_for(out: Console, *, quiet: bool) -> View:
    """What suits where the output goes."""
    if quiet:
        return Quiet()
    return Growing(out) if out.is_terminal else Lines(out)
