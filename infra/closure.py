"""What a function needs in order to run: the files its code can import, found by reading and not by running it. For infra.bundle."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

SHIPPED = frozenset({"main", "functions", "shared"})
STAYS_HOME = frozenset({"infra", "emulators", "tests"})
NOT_RUN = frozenset({"README.md", "cases.jsonl", "function.yaml"})
"""Lie beside code that ships and are read by people, evaluations and the build only."""


class CannotBundle(ValueError):
    """The function's code refers to something that cannot be shipped; the message names both."""


class NeedsOthers(Protocol):
    """An entry of the registry in shared/wiring.py."""

    @property
    def target(self) -> str: ...

    @property
    def needs(self) -> tuple[str, ...]: ...


def closure(modules: Iterable[str], *, root: Path) -> tuple[Path, ...]:
    """The files, relative to root and sorted, that these modules and everything they import consist of."""
    waiting, seen = list(modules), set[str]()
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += [*_packages_above(module, root), *imports_of(module, root=root)]
    sources = {_source(module, root) for module in seen}
    data = {one for source in sources for one in _data_beside(source)}
    return tuple(sorted(path.relative_to(root) for path in sources | data))


def registry_modules(names: Iterable[str], *, registry: Mapping[str, NeedsOthers]) -> tuple[str, ...]:
    """The modules behind registry entries and behind all they need, sorted; CannotBundle for an unknown name."""
    return tuple(sorted({registry[name].target.partition(":")[0] for name in needed(names, registry=registry)}))


def needed(names: Iterable[str], *, registry: Mapping[str, NeedsOthers]) -> frozenset[str]:
    """These registry entries and all they need; CannotBundle for an unknown name."""
    waiting, seen = list(names), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in registry:
            raise CannotBundle(f"{name} is not in the registry of shared/wiring.py")
        if name not in seen:
            seen.add(name)
            waiting += registry[name].needs
    return frozenset(seen)


def imports_of(module: str, *, root: Path) -> set[str]:
    """The project's modules this one imports, at its top, inside a function, or by name with `import_module`.

    Type-checking imports never run and don't count.
    """
    path = _source(module, root)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = set[str]()
    for node in _running(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        for name in _imported(node, package):
            _refuse_what_stays_home(name, path)
            found |= _modules_in(name, path, root)
    return found


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    """Dotted names; the last part may be a module or something in one."""
    if isinstance(node, ast.Call) and any(ast.unparse(one).endswith("import_module") for one in (node.func, *node.args)):
        yield from (str(one.value) for one in node.args if isinstance(one, ast.Constant))
    elif isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        yield from (f"{base}.{alias.name}" for alias in node.names)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield from _running(other)
        else:
            yield from _running(child)


def _refuse_what_stays_home(name: str, path: Path) -> None:
    if name.partition(".")[0] in STAYS_HOME:
        raise CannotBundle(f"{path} imports {name}, which never ships")


def _modules_in(name: str, importer: Path, root: Path) -> set[str]:
    """The module a dotted name means, and the one it is taken from; CannotBundle when ours lead nowhere."""
    if name.partition(".")[0] not in SHIPPED:
        return set()
    if not root.joinpath(*name.split(".")[:-1]).exists() and not _exists(name.rpartition(".")[0], root):
        raise CannotBundle(f"{importer} imports {name}, which does not exist")
    return {one for one in (name, name.rpartition(".")[0]) if _exists(one, root)}


def _packages_above(module: str, root: Path) -> list[str]:
    """A folder without __init__.py is a package too, but brings no file."""
    parts = module.split(".")
    above = (".".join(parts[:length]) for length in range(1, len(parts)))
    return [one for one in above if _exists(one, root)]


def _exists(module: str, root: Path) -> bool:
    return any(path.is_file() for path in _candidates(module, root))


def _source(module: str, root: Path) -> Path:
    for path in _candidates(module, root):
        if path.is_file():
            return path
    raise CannotBundle(f"module {module} does not exist: {_candidates(module, root)[0].relative_to(root)} is missing")


def _candidates(module: str, root: Path) -> tuple[Path, Path]:
    path = root.joinpath(*module.split("."))
    return path.with_suffix(".py"), path / "__init__.py"


def _data_beside(source: Path) -> Iterator[Path]:
    """Prompts, templates and tables in the folder of a module that ships; nothing hidden."""
    for path in source.parent.iterdir():
        if path.is_file() and path.suffix != ".py" and path.name not in NOT_RUN and not path.name.startswith("."):
            yield path
