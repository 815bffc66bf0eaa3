"""Who may import whom: the contracts in pyproject.toml, and what import-linter cannot say."""

import ast
import sys

import pytest
from importlinter.cli import lint_imports

from tests.architecture.sources import ROOT, sources

PURE = {"pydantic", "shared"}
"""What the domain may import beside the standard library."""
VENDORS_OF_SEVERAL = {"google_oauth"}
"""Google's way to sign in and to report errors, for Gmail, Calendar and Drive."""
SPOKEN_BY_FUNCTIONS = ("pydantic.", "shared.wiring.", "shared.stages.", "shared.domain.", "shared.ports.", "shared.runtime.")


def test_the_import_contracts_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    failed = lint_imports(no_cache=True, no_logo=True)
    assert not failed, capsys.readouterr().out


def test_every_folder_of_modules_is_a_package_that_the_contracts_can_see() -> None:
    folders = {path.parent for place in ("shared", "emulators", "infra") for path in (ROOT / place).rglob("*.py")}
    bare = [str(folder / "__init__.py") for folder in folders if not (folder / "__init__.py").exists()]
    assert not bare, f"missing: {', '.join(bare)}"


def test_a_function_imports_the_wiring_and_what_stages_speak_in_and_no_other_function() -> None:
    bad = [
        f"{source.name} imports {name}"
        for source in sources("functions")
        for name in _imported(source.tree)
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not name.startswith((*SPOKEN_BY_FUNCTIONS, source.name.rpartition("/")[0].replace("/", ".") + "."))
    ]
    assert not bad, bad


def test_only_what_builds_and_tests_imports_functions() -> None:
    bad = [
        source.name for source in sources("shared", "emulators") if any(name.startswith("functions.") for name in _imported(source.tree))
    ]
    assert not bad, bad


def test_the_domain_is_standard_library_and_pydantic_only() -> None:
    bad = [
        f"{source.name} imports {name}"
        for source in sources("shared/domain", "shared/ports")
        for name in _imported(source.tree)
        if name.partition(".")[0] not in PURE | sys.stdlib_module_names
    ]
    assert not bad, bad


@pytest.mark.parametrize("folder", ["shared/agents", "shared/connectors"])
def test_agents_and_connectors_never_import_their_own_kind(folder: str) -> None:
    """What two of them need is a port, or belongs to the vendor they share."""
    families = sorted(path.name for path in (ROOT / folder).iterdir() if (path / "__init__.py").exists())
    package = folder.replace("/", ".")
    bad = [
        f"{source.name} imports {name}"
        for family in families
        for source in sources(f"{folder}/{family}")
        for name in _imported(source.tree)
        if name.startswith(tuple(f"{package}.{other}." for other in families if other not in {family, *VENDORS_OF_SEVERAL}))
    ]
    assert not bad, bad


def test_nothing_is_imported_relatively_or_by_star() -> None:
    bad = [
        f"{source.name}:{node.lineno}"
        for source in sources("main.py", "functions", "shared", "emulators", "infra", "tests")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and (node.level or any(one.name == "*" for one in node.names))
    ]
    assert not bad, bad


def _imported(tree: ast.AST) -> set[str]:
    """Dotted names with a dot at the end, so that a package is a prefix of its modules only."""
    modules = {f"{one.name}." for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    parts = {f"{node.module}.{one.name}." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for one in node.names}
    return modules | parts
