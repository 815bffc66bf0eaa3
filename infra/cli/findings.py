"""One line of `sdr doctor`, and what all of them together mean."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from infra.cli.wording import safe


class Health(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


COLOURS = {Health.OK: "green", Health.WARN: "yellow", Health.FAIL: "red"}


@dataclass(frozen=True)
class Finding:
    """`fix` is empty when there is nothing to do."""

    check: str
    health: Health
    detail: str
    fix: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)


def fine(check: str, detail: str) -> Finding:
    return Finding(check, Health.OK, detail)


def doubtful(check: str, detail: str, fix: str) -> Finding:
    return Finding(check, Health.WARN, detail, fix)


def broken(check: str, detail: str, fix: str) -> Finding:
    return Finding(check, Health.FAIL, detail, fix)


def healthy(findings: Sequence[Finding]) -> bool:
    return all(one.health is not Health.FAIL for one in findings)


def report(findings: Sequence[Finding]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for _ in range(2):
        grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for one in findings:
        grid.add_row(Text(one.health, style=COLOURS[one.health]), safe(one.check), safe(one.detail + (f" → {one.fix}" if one.fix else "")))
    return Group(grid)
