"""`sdr audit verify FILE` as it is typed: a file proves itself, and its refusals say what to do."""

import json
from pathlib import Path

import pytest

from infra.cli.app import main
from infra.cli.failures import ExitCode
from shared.stages.audit.export import json_part
from shared.stages.audit.query import Wanted
from tests.builders import WORKSPACE, at
from tests.unit.stages.logbook import KEY, Logbook


@pytest.fixture
def log() -> Logbook:
    log = Logbook()
    log.write_and_seal(3)
    return log


def written(log: Logbook, folder: Path, **wanted: str) -> Path:
    part = json_part(Wanted(**wanted), workspace_id=WORKSPACE, store=log.store).model_dump(mode="json", exclude={"next"})
    (folder / "log.json").write_text(json.dumps(part | {"exported_at": at().isoformat()}))
    return folder / "log.json"


def test_a_file_verifies_and_says_what_would_prove_more(log: Logbook, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", str(written(log, tmp_path))]) == ExitCode.OK
    told = capsys.readouterr().out
    assert "6 entries in 3 blocks are as the file's seals say." in told
    assert "--head" in told


def test_a_filtered_file_is_proven_by_the_key_only(log: Logbook, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, keys = str(written(log, tmp_path, action="draft.approved0")), tmp_path / "keys"
    keys.write_text(KEY + "\n")
    assert main(["audit", "verify", file]) == ExitCode.FAILED
    assert "1 blocks do not lead to the file's head: only --keys can prove those." in capsys.readouterr().out
    assert main(["audit", "verify", file, "--keys", str(keys)]) == ExitCode.OK


def test_an_edited_file_fails_and_names_the_entry(log: Logbook, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(log, tmp_path)
    content = json.loads(file.read_text())
    content["entries"][2]["action"] = "draft.rejected"
    file.write_text(json.dumps(content))
    assert main(["audit", "verify", str(file), "--json"]) == ExitCode.FAILED
    told = json.loads(capsys.readouterr().out)
    assert [one["where"] for one in told["flaws"]] == [f"entry {content['entries'][2]['id']}"]


@pytest.mark.parametrize("content", ["", "[]", '{"head": 1}', "\ud800"])
def test_what_is_no_export_is_refused_in_words(tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    assert main(["audit", "verify", str(tmp_path / "log.json")]) != ExitCode.OK
    assert "is no export of the audit log" in (told := capsys.readouterr().err) or "cannot be read" in told
    assert main(["audit", "verify", str(tmp_path / "none.json")]) == ExitCode.NOT_FOUND
