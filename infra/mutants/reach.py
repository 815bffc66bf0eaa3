"""Which tests reach which lines: one run of all tests under coverage, in a child of the collected session. For infra.mutants.session."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage
import pytest


@dataclass(frozen=True)
class Reach:
    """`tests[path][line]` are the tests that ran this line; `seconds` is how long each took; `failed` must be empty."""

    tests: dict[str, dict[int, list[str]]]
    seconds: dict[str, float]
    failed: list[str]

    def of(self, path: Path, lines: Iterable[int]) -> list[str]:
        """The tests that ran any of these lines, quickest first."""
        known = self.tests.get(str(path), {})
        return self._quickest_first({test for line in lines for test in known.get(line, ())})

    def of_file(self, path: Path) -> list[str]:
        return self._quickest_first({test for tests in self.tests.get(str(path), {}).values() for test in tests})

    def duration(self, tests: Iterable[str]) -> float:
        return sum(self.seconds.get(test, 0.0) for test in tests)

    def _quickest_first(self, tests: Iterable[str]) -> list[str]:
        return sorted(tests, key=lambda test: (self.seconds.get(test, 0.0), test))


class ReachRecorder:
    """A pytest plugin: the running test is the context in which lines are recorded."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = [str(path) for path in paths]
        self._coverage = coverage.Coverage(data_file=None, config_file=False, include=self._paths)
        self._coverage.set_option("run:disable_warnings", ["no-data-collected"])
        self._seconds: dict[str, float] = {}
        self._failed: list[str] = []
        self._coverage.start()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._coverage.switch_context(nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration
        if report.failed:
            self._failed.append(report.nodeid)

    def result(self) -> dict[str, Any]:
        """JSON-safe; `read` turns it back."""
        self._coverage.stop()
        data = self._coverage.get_data()
        tests = {path: data.contexts_by_lineno(path) for path in self._paths if path in data.measured_files()}
        return {"tests": tests, "seconds": self._seconds, "failed": self._failed}


def read(result: dict[str, Any]) -> Reach:
    """What `ReachRecorder.result` said, from JSON, where lines have become texts."""
    tests = {path: {int(line): [one for one in names if one] for line, names in lines.items()} for path, lines in result["tests"].items()}
    return Reach(tests, result["seconds"], result["failed"])
