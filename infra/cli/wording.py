"""Text for a terminal: consoles, safe text, and the words for what a newcomer has not read about. Used by every command."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

PIPED_WIDTH, READABLE_WIDTH = 160, 110
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a form or a mail could use to draw on our terminal instead of being shown in it."""
COLOURS = {"PASS": "green", "SUCCESS": "green", "WARN": "yellow", "STARTED": "cyan", "PENDING": "cyan", "FAIL": "red", "FAILURE": "red"}


def console() -> Console:
    """For standard output. Piped, it writes plain lines that are not broken at 80 columns."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=PIPED_WIDTH)


def safe(text: object, style: str = "") -> Text:
    """Data as it is, without control characters and without being read as markup."""
    return Text(CONTROL.sub("�", str(text)), style=style)


def coloured(word: object) -> Text:
    return safe(word, COLOURS.get(str(word), ""))


def rows(*pairs: tuple[str, RenderableType | str], indent: int = 2) -> RenderableType:
    """Labels on the left, what they name on the right, folded beside them."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, shown in pairs:
        grid.add_row(label, safe(shown) if isinstance(shown, str) else shown)
    return Padding(grid, (0, 0, 0, indent))


def say(out: Console, *parts: RenderableType, wide: bool = False) -> None:
    """Paragraphs stay readable on wide terminals, tables may be `wide`; piped lines do not end in blanks."""
    width = out.width if wide else min(out.width, READABLE_WIDTH)
    if out.is_terminal:
        for part in parts:
            out.print(part, width=width)
        return
    with out.capture() as caught:
        for part in parts:
            out.print(part, width=width)
    out.file.write("".join(f"{line.rstrip()}\n" for line in caught.get().splitlines()))
    out.file.flush()


def to_json(data: Any) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def excuse(message: str, fix: str) -> None:
    """To standard error, in one or two plain lines."""
    print(f"sdr: {CONTROL.sub('�', message)}", file=sys.stderr)
    if fix:
        print(f"     {fix}", file=sys.stderr)


def command_name() -> str:
    """How this user can call us: from the environment's folder when it is not on the path."""
    launcher = Path(sys.prefix) / "bin" / "sdr"
    on_path = any((Path(folder) / "sdr").exists() for folder in os.environ.get("PATH", "").split(os.pathsep) if folder)
    if on_path or not launcher.exists():
        return "sdr"
    return str(launcher.relative_to(Path.cwd())) if launcher.is_relative_to(Path.cwd()) else str(launcher)
