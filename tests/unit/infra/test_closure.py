"""The import closure: which files a function needs, found by reading its code."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.closure import CannotBundle, closure, registry_modules


@dataclass(frozen=True)
class Entry:
    target: str
    needs: tuple[str, ...] = ()


def project(folder: Path, **files: str) -> Path:
    """A project of modules given as dotted names with underscores doubled for dots: shared__domain__run."""
    for name, text in files.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in list(folder.rglob("*.py")):
        for parent in path.parents:
            if parent == folder:
                break
            (parent / "__init__.py").touch()
    return folder


def names(modules: list[str], root: Path) -> set[str]:
    return {path.as_posix() for path in closure(modules, root=root) if path.name != "__init__.py"}


@pytest.mark.parametrize(
    "statement",
    [
        "import shared.domain.run",
        "from shared.domain import run",
        "from shared.domain.run import Run",
        "from .domain import run",
        "from .domain.run import Run",
        "from . import domain\nfrom .domain import run as r",
        "def later():\n    from shared.domain.run import Run",
        "try:\n    import shared.domain.run\nexcept ImportError:\n    pass",
        "import os, shared.domain.run as run",
        "from importlib import import_module\nfound = import_module('shared.domain.run')",
        "import importlib\nfrom functools import partial\nlater = partial(importlib.import_module, 'shared.domain.run')",
    ],
)
def test_every_way_to_import_a_module_brings_its_file(tmp_path: Path, statement: str) -> None:
    root = project(tmp_path, shared__one=statement, shared__domain__run="Run = 1", shared__domain__other="")
    assert names(["shared.one"], root) == {"shared/one.py", "shared/domain/run.py"}


def test_a_relative_import_two_levels_up_is_resolved(tmp_path: Path) -> None:
    root = project(tmp_path, shared__a__b__one="from ...domain.run import Run", shared__domain__run="Run = 1")
    assert "shared/domain/run.py" in names(["shared.a.b.one"], root)


def test_imports_are_followed_to_the_end_and_circles_end(tmp_path: Path) -> None:
    root = project(tmp_path, shared__a="import shared.b", shared__b="import shared.c", shared__c="import shared.a", shared__d="")
    assert names(["shared.a"], root) == {"shared/a.py", "shared/b.py", "shared/c.py"}


def test_what_the_package_itself_imports_comes_along(tmp_path: Path) -> None:
    root = project(tmp_path, shared__domain__run="", shared__extra="")
    (root / "shared/domain/__init__.py").write_text("from shared import extra")
    assert {path.as_posix() for path in closure(["shared.domain.run"], root=root)} == {
        "shared/__init__.py",
        "shared/domain/__init__.py",
        "shared/domain/run.py",
        "shared/extra.py",
    }


def test_a_type_checking_import_never_runs_and_stays_home(tmp_path: Path) -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shared.b\nelse:\n    import shared.c"
    root = project(tmp_path, shared__a=text, shared__b="", shared__c="")
    assert names(["shared.a"], root) == {"shared/a.py", "shared/c.py"}


def test_a_prompt_beside_an_agent_comes_along_and_its_cases_do_not(tmp_path: Path) -> None:
    root = project(tmp_path, shared__agents__writer__agent="")
    for name in ("prompt.md.j2", "cases.jsonl", "README.md", ".DS_Store"):
        (root / "shared/agents/writer" / name).touch()
    assert names(["shared.agents.writer.agent"], root) == {"shared/agents/writer/agent.py", "shared/agents/writer/prompt.md.j2"}


@pytest.mark.parametrize("home", ["infra.suite", "emulators.clock", "tests.builders"])
def test_code_that_ships_may_not_import_what_stays_home(tmp_path: Path, home: str) -> None:
    root = project(tmp_path, shared__a=f"import {home}")
    with pytest.raises(CannotBundle, match=rf"shared/a.py imports {home}"):
        closure(["shared.a"], root=root)


def test_a_module_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotBundle, match=r"shared\.gone does not exist: shared/gone\.py is missing"):
        closure(["shared.gone"], root=project(tmp_path, shared__a=""))


def test_an_import_that_leads_nowhere_is_named_with_its_importer(tmp_path: Path) -> None:
    with pytest.raises(CannotBundle, match=r"shared/a\.py imports shared\.gone\.Thing, which does not exist"):
        closure(["shared.a"], root=project(tmp_path, shared__a="from shared.gone import Thing"))


def test_a_folder_without_an_init_file_is_still_a_package(tmp_path: Path) -> None:
    root = project(tmp_path, functions__plan__main="import shared.one", shared__one="")
    (root / "functions/plan/__init__.py").unlink()
    assert {path.as_posix() for path in closure(["functions.plan.main"], root=root)} == {
        "functions/__init__.py",
        "functions/plan/main.py",
        "shared/__init__.py",
        "shared/one.py",
    }


def test_a_registry_entry_brings_what_it_needs_and_what_that_needs() -> None:
    registry = {
        "crm": Entry("shared.connectors.hubspot.adapter:HubSpotCrm", ("http", "store")),
        "http": Entry("shared.runtime.http:Client"),
        "store": Entry("shared.gcp.firestore:Store", ("crm",)),
        "files": Entry("shared.connectors.drive.adapter:Drive"),
    }
    assert registry_modules(["crm"], registry=registry) == (
        "shared.connectors.hubspot.adapter",
        "shared.gcp.firestore",
        "shared.runtime.http",
    )


def test_an_unknown_registry_entry_is_named() -> None:
    with pytest.raises(CannotBundle, match="crm is not in the registry"):
        registry_modules(["crm"], registry={})
