"""What the functions' log complains of."""

import json
from pathlib import Path

from infra.cli.complaints import AT_MOST, complaints


def a_log(folder: Path, *entries: object) -> Path:
    path = folder / "functions.log"
    path.write_text("".join(f"{entry if isinstance(entry, str) else json.dumps(entry)}\n" for entry in entries))
    return path


def test_the_most_frequent_complaint_comes_first_with_its_count(tmp_path: Path) -> None:
    slow = {"severity": "WARNING", "function": "plan", "message": "request not served", "detail": "HubSpot cannot be reached"}
    bug = {"severity": "ERROR", "function": "gate", "message": "bug"}

    assert complaints(a_log(tmp_path, bug, slow, {"severity": "INFO", "message": "served"}, slow)) == [
        "plan: HubSpot cannot be reached (2 times)",
        "gate: bug",
    ]


def test_lines_that_are_no_entries_are_passed_over(tmp_path: Path) -> None:
    assert complaints(a_log(tmp_path, "Traceback (most recent call last):", "[]", "1")) == []
    assert complaints(tmp_path / "none.log") == []


def test_only_a_handful_is_told(tmp_path: Path) -> None:
    many = [{"severity": "ERROR", "function": "plan", "detail": str(number)} for number in range(AT_MOST + 3)]

    assert len(complaints(a_log(tmp_path, *many))) == AT_MOST
