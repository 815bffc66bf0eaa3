"""The mutation tester as a whole, on one small module of the domain."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra.manifests import ROOT

SPECIMEN = "tests/unit/infra/mutants/test_specimen.py"
ELSEWHERE = "tests/unit/infra/mutants/test_mutations.py"


def run(report: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra.mutants", "--report", str(report), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_good_tests_kill_every_mutant_and_the_report_says_so(tmp_path: Path) -> None:
    answer = run(tmp_path / "report.json", "shared/domain/transitions.py", "--tests", SPECIMEN)
    report = json.loads((tmp_path / "report.json").read_text())
    assert answer.returncode == 0, answer.stderr + answer.stdout
    assert (report["killed_percent"], report["unnoticed"]) == (100, [])
    assert report["files"]["shared/domain/transitions.py"]["killed"] >= 3


def test_what_no_test_notices_is_named_and_fails_the_floor(tmp_path: Path) -> None:
    answer = run(tmp_path / "report.json", "shared/domain/transitions.py", "--tests", ELSEWHERE)
    assert answer.returncode == 1
    assert "shared/domain/transitions.py:21 not reached: target in " in answer.stdout


def test_tests_that_fail_by_themselves_are_told_before_any_mutant_is_tried(tmp_path: Path) -> None:
    answer = run(tmp_path / "report.json", "shared/domain/transitions.py", "--tests", "tests/unit/infra/no_such_test.py")
    assert answer.returncode == 2
    assert "the tests fail without any mutant" in answer.stderr
    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize("place", ["infra/generated.py", "shared/../emulators"])
def test_code_that_may_touch_files_is_not_broken(tmp_path: Path, place: str) -> None:
    answer = run(tmp_path / "report.json", place)
    assert answer.returncode == 2
    assert "is outside shared/" in answer.stderr
