"""What documents put in backticks and call ours, resolved: paths, modules, members of classes, events; for the tests in this folder."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

from shared.domain.outbox import Topic
from tests.architecture.sources import ALL, ROOT, dotted, sources

FENCED = re.compile(r"(?ms)^ *```.*?^ *```")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"\w[\w.<>{},*-]*(?:/[\w.<>{},*-]+)+/?")
CHOICE = re.compile(r"\{([^{}]*,[^{}]*)\}")
VARIABLE = re.compile(r"<\w+>|\{\w+\}")
SOURCE = re.compile(r".*\.(?:py|md|tf|yaml|jsonl?|j2|toml)")
MODULE = re.compile(r"(?<![\w./-])(?:emulators|functions|infra|shared|tests)(?:\.\w+)+")
MEMBER = re.compile(r"(?<![\w./-])([A-Z]+[a-z]\w*)\.(\w+)")
EVENT = re.compile(rf"(?<![\w./-])(?:{'|'.join(sorted({topic.partition('.')[0] for topic in Topic}))})\.\w+")
BUILT = "build"
"""Written by `make bundle` and others, and not committed."""


def unresolved(document: str, text: str) -> Iterator[str]:
    """Whatever this document names as ours and is not there."""
    for code in CODE.findall(FENCED.sub("", text)):
        yield from (word for word in code.split() if PATH.fullmatch(word) and not _is_place(document, word))
        yield from (name for name in MODULE.findall(code) if not _is_import(name))
        yield from (f"{name}.{member}" for name, member in MEMBER.findall(code) if member not in _members(name))
        yield from (event for event in EVENT.findall(code) if event not in set(Topic))


def _is_place(document: str, path: str) -> bool:
    """Seen from the root, from `shared`, or from beside the document. Without a folder of ours and a source at its end it is no path."""
    first = path.partition("/")[0]
    if first == BUILT:
        return True
    roots = [root for root in (ROOT, ROOT / "shared", (ROOT / document).parent) if (root / first).is_dir()]
    if not roots:
        return not SOURCE.fullmatch(path)
    return all(any(any(root.glob(VARIABLE.sub("*", one).rstrip("/"))) for root in roots) for one in _choices(path))


def _choices(path: str) -> Iterator[str]:
    """`a/{b,c}` is two paths."""
    parts = CHOICE.split(path)
    yield from ("".join(one) for one in product(*(part.split(",") if number % 2 else [part] for number, part in enumerate(parts))))


def _is_import(name: str) -> bool:
    """A package, a module, or a name at the top of one."""
    place = ROOT / name.replace(".", "/")
    if place.is_dir() or place.with_suffix(".py").is_file():
        return True
    module, _, last = name.rpartition(".")
    files = [path for path in (_module(module), _module(f"{module}.__init__")) if path.is_file()]
    return last in {one for path in files for source in sources(str(path)) for one in _assigned(source.tree)}


def _module(name: str) -> Path:
    return (ROOT / name.replace(".", "/")).with_suffix(".py")


@cache
def _classes() -> dict[str, list[ast.ClassDef]]:
    found = defaultdict(list)
    for source in sources(*ALL):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(node)
    return dict(found)


def _members(name: str) -> set[str]:
    """Of all classes of this name, inherited ones too; none for what is no class of ours."""
    own = {one for node in _classes().get(name, []) for one in _assigned(node)}
    bases = {dotted(base).rpartition(".")[2] for node in _classes().get(name, []) for base in node.bases} - {name}
    return own.union(*(_members(base) for base in bases))


def _assigned(node: ast.Module | ast.ClassDef) -> Iterator[str]:
    """Names the body defines; in a class also what its methods set on `self`."""
    yield from (one.name for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef))
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.id
        if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store) and dotted(one.value) == "self":
            yield one.attr
