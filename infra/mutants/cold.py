"""Mutants of what runs at import (tables, constants, defaults): a fresh process imports the broken module. For infra.mutants.session."""

import json
import subprocess
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType

import pytest

from infra.manifests import ROOT
from infra.mutants.mutations import Mutation, mutated

OPTIONS = ["-o", "addopts=", "--import-mode=importlib", "-m", "not nightly"]


def tried(path: Path, mutation: Mutation, tests: list[str]) -> str:
    """Runs the tests, in this order, until one fails."""
    order = json.dumps({"path": str(path), "site": mutation.site, "variant": mutation.variant, "tests": tests})
    code = subprocess.run([sys.executable, "-m", "infra.mutants.cold"], input=order, text=True, cwd=ROOT, capture_output=True).returncode
    return "survived" if code == 0 else "killed"


class _BrokenSource(SourceFileLoader):
    """Loads one file with one change in it."""

    def __init__(self, name: str, path: str, *, site: int, variant: int) -> None:
        super().__init__(name, path)
        self._change = {"site": site, "variant": variant}

    def get_code(self, fullname: str) -> CodeType:
        text = Path(self.path).read_text(encoding="utf-8")
        return compile(mutated(text, **self._change), self.get_filename(fullname), "exec")


class _BrokenImports:
    """The first finder asked: answers for one module only."""

    def __init__(self, path: Path, *, site: int, variant: int) -> None:
        self._name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        self._loader = _BrokenSource(self._name, str(path), site=site, variant=variant)

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        return spec_from_loader(name, self._loader) if name == self._name else None


class _InThisOrder:
    """A pytest plugin: most likely to fail first."""

    def __init__(self, tests: list[str]) -> None:
        self._rank = {test: number for number, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self._rank.get(item.nodeid, len(self._rank)))


def main() -> int:
    order = json.load(sys.stdin)
    sys.meta_path.insert(0, _BrokenImports(Path(order["path"]), site=order["site"], variant=order["variant"]))
    files = sorted({test.partition("::")[0] for test in order["tests"]})
    return int(pytest.main([*files, "-x", "-q", "-p", "no:cacheprovider", *OPTIONS], plugins=[_InThisOrder(order["tests"])]))


if __name__ == "__main__":
    sys.exit(main())
