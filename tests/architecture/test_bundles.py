"""Bundles: the same bytes every time, and each enough to serve its function from an empty folder."""

import hashlib
import json
import sys
import zipfile
from pathlib import Path

import pytest

from infra.bundle import files_of, main, write_bundle
from infra.manifests import FUNCTIONS, load_all
from tests.architecture.served import served
from tests.architecture.sources import ROOT

NAMES = sorted(path.parent.name for path in FUNCTIONS.glob("*/main.py"))
REFUSALS = {401, 403, 404}
"""404: no link of ours. 503: who signs is asked of Secret Manager, which here is nowhere. A missing module or a bug would be 500."""


@pytest.mark.parametrize("name", NAMES)
def test_an_unzipped_bundle_serves_its_function_from_an_empty_folder(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(write_bundle(load_all()[name], out=tmp_path / "out")) as bundle:
        bundle.extractall(tmp_path / "empty")
    result = served(name, tmp_path / "empty")
    assert result.status in REFUSALS
    assert not _from_the_checkout(result.files)


@pytest.mark.parametrize("name", NAMES)
def test_every_module_behind_an_answer_comes_from_the_bundle(name: str) -> None:
    held = {path.as_posix() for path in files_of(load_all()[name])}
    loaded = {Path(file).relative_to(ROOT).as_posix() for file in _from_the_checkout(served(name, ROOT).files)}
    assert loaded <= held


def test_two_builds_of_a_bundle_are_the_same_bytes_under_the_same_name(tmp_path: Path) -> None:
    manifest = load_all()[NAMES[0]]
    first, second = (write_bundle(manifest, out=tmp_path / place) for place in ("one", "two"))
    assert first.name == second.name == f"{manifest.name}-{hashlib.sha256(first.read_bytes()).hexdigest()[:16]}.zip"
    assert first.read_bytes() == second.read_bytes()


def test_a_bundle_holds_no_code_of_another_function_and_nothing_that_stays_home() -> None:
    for name, manifest in load_all().items():
        held = {path.as_posix() for path in files_of(manifest)}
        assert {"main.py", "requirements.txt", f"functions/{name}/main.py"} <= held
        assert not [path for path in held if path.startswith(("infra/", "emulators/", "tests/"))]
        assert not [path for path in held if path.startswith("functions/") and path.count("/") == 2 and f"/{name}/" not in path]


def test_the_command_writes_every_bundle_it_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*NAMES[:2], "--out", str(tmp_path)]) == 0
    assert sorted(path.name.partition("-")[0] for path in tmp_path.glob("*.zip")) == NAMES[:2]
    printed = capsys.readouterr().out
    assert all(name in printed for name in NAMES[:2])


def test_the_index_names_the_newest_bundle_of_every_function_that_has_one(tmp_path: Path) -> None:
    (tmp_path / "bundles.json").write_text(json.dumps({NAMES[0]: "older.zip", NAMES[1]: "kept.zip", "gone": "gone.zip"}))
    assert main([NAMES[0], "--out", str(tmp_path)]) == 0
    [newest] = [path.name for path in tmp_path.glob("*.zip")]
    assert json.loads((tmp_path / "bundles.json").read_text()) == {NAMES[0]: newest, NAMES[1]: "kept.zip"}


def test_an_unknown_function_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["no_such_function"])
    complaint = capsys.readouterr().err
    assert all(name in complaint for name in NAMES)


def _from_the_checkout(files: dict[str, str]) -> list[str]:
    """Loaded files of the repository, third-party packages of its environment apart."""
    return [file for file in files.values() if file.startswith(f"{ROOT}/") and not file.startswith(f"{sys.prefix}/")]
