"""One pytest session collects every test; each mutant then lives in a fork of it. For infra.mutants.__main__."""

import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from _pytest.main import pytest_runtestloop as run_collected

from infra.mutants import cold
from infra.mutants.mutations import Mutation, mutated, mutations
from infra.mutants.reach import Reach, ReachRecorder, read
from infra.mutants.trial import DIED, TIMED_OUT, Trial, in_children

KILLED, SURVIVED, NOT_REACHED, UNPATCHABLE = "killed", "survived", "not reached", "unpatchable"
SLACK_S, PATIENCE = 5.0, 10.0
"""A mutant may take PATIENCE times as long as its tests did, and SLACK_S more, before it counts as stuck (and as noticed)."""
WARM_UP_S = 900.0


@dataclass(frozen=True)
class Mutant:
    """One change in one file."""

    path: Path
    mutation: Mutation


Tell = Callable[[Mutant, str], None]


class MutationSession:
    """A pytest plugin that takes the place of the run: first every test once, then the tests of every mutant."""

    def __init__(self, paths: list[Path], *, workers: int, tell: Tell) -> None:
        self._paths, self._workers, self._tell = paths, workers, tell
        self.failed: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self) -> None:
        """A failing example is all we want to know: it needs no shrinking and no memory of it."""
        import hypothesis  # pytest's own plugin must be the first to import it

        phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
        hypothesis.settings.register_profile("mutants", phases=phases, database=None, deadline=None, derandomize=True)
        hypothesis.settings.load_profile("mutants")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        reach = self._reach(session)
        self.failed = reach.failed
        if not self.failed:
            self._try_all(session, reach)
        return True

    def _reach(self, session: pytest.Session) -> Reach:
        def work() -> dict[str, Any]:
            recorder = ReachRecorder(self._paths)
            session.config.pluginmanager.register(recorder)
            session.config.option.maxfail = 0
            run_collected(session)
            return recorder.result()

        [(_, result)] = in_children([Trial("reach", work, WARM_UP_S, shows_errors=True)], at_once=1)
        if result in (DIED, TIMED_OUT):
            return Reach({}, {}, [f"the run of all tests {result}"])
        return read(result)

    def _try_all(self, session: pytest.Session, reach: Reach) -> None:
        unpatchable: list[Mutant] = []
        for mutant, result in in_children(self._warm_trials(session, reach), at_once=self._workers):
            if result == UNPATCHABLE:
                unpatchable.append(mutant)
            else:
                self._tell(mutant, result if result in (SURVIVED, NOT_REACHED) else KILLED)
        for mutant, result in in_children(self._cold_trials(reach, unpatchable), at_once=self._workers):
            self._tell(mutant, result if result == SURVIVED else KILLED)

    def _warm_trials(self, session: pytest.Session, reach: Reach) -> Iterator[Trial[Mutant]]:
        items = {item.nodeid: item for item in session.items}
        for mutant in self._mutants():
            tests = reach.of(mutant.path, mutant.mutation.lines)
            if not mutant.mutation.imported:
                chosen = [items[test] for test in tests]
                limit_s = SLACK_S + PATIENCE * reach.duration(tests)
                yield Trial(mutant, lambda mutant=mutant, chosen=chosen: _tried(session, mutant, chosen), limit_s)  # type: ignore[misc]

    def _cold_trials(self, reach: Reach, unpatchable: list[Mutant]) -> Iterator[Trial[Mutant]]:
        every = sorted(reach.seconds, key=lambda test: reach.seconds[test])
        for mutant in [*unpatchable, *(one for one in self._mutants() if one.mutation.imported)]:
            tests = list(dict.fromkeys([*reach.of_file(mutant.path), *every]))
            limit_s = 12 * SLACK_S + PATIENCE * reach.duration(tests)
            yield Trial(mutant, lambda mutant=mutant, tests=tests: cold.tried(mutant.path, mutant.mutation, tests), limit_s)  # type: ignore[misc]

    def _mutants(self) -> Iterator[Mutant]:
        for path in self._paths:
            yield from (Mutant(path, one) for one in mutations(path.read_text(encoding="utf-8")))


def _tried(session: pytest.Session, mutant: Mutant, chosen: list[pytest.Item]) -> str:
    """In a fork: change the code where it lives, then run the tests that reach it until one fails."""
    if not chosen:
        return NOT_REACHED
    text = mutant.path.read_text(encoding="utf-8")
    tree = mutated(text, site=mutant.mutation.site, variant=mutant.mutation.variant)
    if not _patched(compile(tree, str(mutant.path), "exec")):
        return UNPATCHABLE
    session.items = chosen
    session.config.option.maxfail = 1
    try:
        run_collected(session)
    except (session.Failed, session.Interrupted):
        return KILLED
    return KILLED if session.testsfailed else SURVIVED


def _patched(module: CodeType) -> bool:
    """Gives every living function of the file its new code; False when a function's closure no longer fits."""
    new = dict(_codes(module))
    for living in gc.get_objects():
        if isinstance(living, FunctionType) and living.__code__.co_filename == module.co_filename:
            code = new.get((living.__code__.co_qualname, living.__code__.co_firstlineno))
            if code is not None and len(code.co_freevars) != len(living.__closure__ or ()):
                return False
            if code is not None:
                living.__code__ = code
    return True


def _codes(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield (one.co_qualname, one.co_firstlineno), one
            yield from _codes(one)


def run(tests: list[str], paths: list[Path], *, workers: int, tell: Tell) -> list[str]:
    """Tells the verdict on every mutant; returns the tests that fail without one, in which case none is told."""
    plugin = MutationSession(paths, workers=workers, tell=tell)
    code = pytest.main([*tests, "-p", "no:cacheprovider", "-p", "no:terminal", "--capture=no", *cold.OPTIONS], plugins=[plugin])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) and not plugin.failed:
        return [f"pytest could not collect the tests (exit code {code}, {sys.executable} -m pytest {' '.join(tests)} says why)"]
    return plugin.failed
