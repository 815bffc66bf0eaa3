"""Generated documents: written, compared, and refused with the command that renews them."""

from pathlib import Path

import pytest

from infra.generated import table, up_to_date, write_or_check
from infra.manifests import InvalidManifest


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return tmp_path / "pipeline.md"


def test_a_written_document_passes_the_check_until_its_content_changes(document: Path) -> None:
    assert write_or_check(document, lambda: "new", about="", arguments=[]) == 0
    assert document.read_text() == "new"
    assert write_or_check(document, lambda: "new", about="", arguments=["--check"]) == 0
    assert not up_to_date(document, "newer")


def test_an_old_document_fails_the_check_and_is_left_as_it_was(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document.write_text("old")
    assert write_or_check(document, lambda: "new", about="", arguments=["--check"]) == 1
    assert capsys.readouterr().err.endswith("/pipeline.md is out of date: run `make docs`\n")
    assert document.read_text() == "old"


def test_a_document_that_was_never_written_is_not_up_to_date(document: Path) -> None:
    assert not up_to_date(document, "")


def test_a_broken_manifest_is_told_without_a_traceback(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> str:
        raise InvalidManifest("functions/plan/function.yaml: cpu: is missing")

    assert write_or_check(document, broken, about="", arguments=[]) == 1
    assert capsys.readouterr().err == "functions/plan/function.yaml: cpu: is missing\n"


def test_a_bar_in_a_cell_does_not_end_the_cell() -> None:
    assert list(table(["a", "b"], [["x|y", ""]])) == ["| a | b |", "| --- | --- |", "| x\\|y |  |"]
