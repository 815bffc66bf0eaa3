"""The functions' process is killed for real at some steps (nightly: at every one) and started anew: the same final state."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.front import READY
from infra.manifests import ROOT
from infra.suite import Suite
from shared.domain.run import RunState
from tests.pipeline.conftest import SETTINGS
from tests.pipeline.stepping import to_the_end_of_the_run
from tests.pipeline.test_crashes import HORIZON, final_state
from tests.pipeline.world import ENUMERATION, JONAS, MONDAY, World

pytestmark = pytest.mark.embedded(ENUMERATION)

NEVER = -1


class ForkingFront:
    """Serves the functions from a forked process; `die_at` arms the next one to kill itself at a step."""

    def __init__(self, tally: Path) -> None:
        self._tally = tally
        self._port = 0
        self._environment: Mapping[str, str] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.pipeline.crash_front"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def start(self, *, port: int, environment: Mapping[str, str]) -> None:
        self._port, self._environment = port, dict(environment)
        self.die_at(NEVER)

    def die_at(self, step: int, *, after: bool = False) -> None:
        """A fresh process, which dies at this step."""
        self._tally.write_text("")
        told = {"port": self._port, "environment": self._environment, "at": step, "after": after, "tally": str(self._tally)}
        self._tell(told, READY)

    def stop(self) -> None:
        self._tell({"stop": True}, "stopped")
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()

    def has_ended(self) -> bool:
        return False

    def steps(self) -> list[str]:
        return self._tally.read_text().splitlines()

    def _tell(self, command: Mapping[str, Any], expected: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.strip() == expected:
                return
        raise RuntimeError("the functions' process is gone")


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> ForkingFront:
    return ForkingFront(tmp_path_factory.mktemp("kills") / "steps")


@pytest.fixture(scope="module")
def killable(front: ForkingFront) -> Iterator[World]:
    with Suite(front=front, frozen_at=MONDAY, settings=SETTINGS) as suite:
        yield World(suite)


def journey(world: World, front: ForkingFront, *, at: int, after: bool = False) -> dict[str, Any]:
    """One submission; when the process dies, another one takes its place before time goes on."""
    front.die_at(at, after=after)
    world.rewind()
    world.submit(JONAS)
    world.settle()
    if at != NEVER:
        front.die_at(NEVER)
    world.run_to_the_end(hours=HORIZON)
    return final_state(world)


@pytest.mark.parametrize("steps", [slice(1, None, 14), pytest.param(slice(None), marks=pytest.mark.nightly)], ids=["some", "every"])
def test_a_killed_process_changes_nothing_in_the_end(killable: World, front: ForkingFront, steps: slice) -> None:
    """Others are crashed in test_crashes."""
    expected = journey(killable, front, at=NEVER)
    names = to_the_end_of_the_run(front.steps())
    assert expected["runs"][0][1] is RunState.DONE
    assert len(names) > 30

    wrong = []
    for index, name in list(enumerate(names))[steps]:
        for after in (False, True):
            end = journey(killable, front, at=index, after=after)
            if end != expected:
                wrong.append((index, name, "after" if after else "before", {key: end[key] for key in end if end[key] != expected[key]}))
    assert not wrong, "\n".join(map(str, wrong))
