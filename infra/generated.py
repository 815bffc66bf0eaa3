"""Documents written by the code they describe: written by `make docs`, compared by `--check`. For infra.readme and infra.settings_doc."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from infra.manifests import InvalidManifest


def write_or_check(path: Path, content: Callable[[], str], *, about: str | None, arguments: Sequence[str] | None) -> int:
    """The command line of one generated document; the exit code."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the file is out of date")
    options = parser.parse_args(arguments)
    try:
        return _checked(path, content()) if options.check else _written(path, content())
    except InvalidManifest as error:
        print(error, file=sys.stderr)
        return 1


def up_to_date(path: Path, content: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == content


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a Markdown table."""
    for cells in (columns, ["---"] * len(columns), *rows):
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _checked(path: Path, content: str) -> int:
    if up_to_date(path, content):
        return 0
    print(f"{path.parent.name}/{path.name} is out of date: run `make docs`", file=sys.stderr)
    return 1


def _written(path: Path, content: str) -> int:
    path.write_text(content, encoding="utf-8")
    return 0
