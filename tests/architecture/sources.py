"""The project's own source files, read and parsed once; for the other tests in this folder."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("main.py", "functions", "shared")
ALL = (*SHIPPED, "emulators", "infra", "tests")


@dataclass(frozen=True)
class Source:
    """One Python file. `name` is its path from the project's root."""

    name: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parsed(self)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def sources(*places: str) -> list[Source]:
    """All Python files under these folders (or these files), sorted."""
    paths = {path for place in places for path in _python_files(ROOT / place)}
    return [_read(path) for path in sorted(paths)]


def functions_of(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end; decorators and blank lines within count, as a reader scrolls past them."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def dotted(node: ast.AST) -> str:
    """`a.b.c` for such an expression, else an empty string."""
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def documents() -> dict[str, str]:
    """Every Markdown document of the project by path, emulators' and connectors' included."""
    folders = ("docs", "functions", "shared", "emulators", "infra")
    found = [*ROOT.glob("*.md"), *(path for folder in folders for path in (ROOT / folder).rglob("*.md"))]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(found)}


def _python_files(place: Path) -> list[Path]:
    return [place] if place.is_file() else list(place.rglob("*.py"))


@cache
def _read(path: Path) -> Source:
    return Source(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))


@cache
def _parsed(source: Source) -> ast.Module:
    return ast.parse(source.text, source.name)
