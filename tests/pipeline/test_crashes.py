"""Every stage dies at every ninth step (nightly: at each), found by counting: the same final state, one Gmail draft, note and task."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from shared.domain.holds import HoldState
from shared.domain.run import RunState
from shared.wiring import ports
from tests.pipeline.stepping import Steps, raise_crash, to_the_end_of_the_run
from tests.pipeline.world import ENUMERATION, JONAS, World

HORIZON = 17 / 60
"""Hours: three rounds, and a sweep after the last of them."""

MARKER = re.compile(r"SA-[a-z0-9_-]+")

pytestmark = [pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"), pytest.mark.embedded(ENUMERATION)]


def final_state(world: World) -> dict[str, Any]:
    """What stands in the end, without what depends on the minute it was written (offered times, Gmail's message ids)."""
    return {
        "runs": [(run.id, run.state, [step.state for step in run.history], run.placement_note) for run in world.runs],
        "drafts": [(draft.id, draft.state, draft.text.subject, draft.placement is not None) for draft in world.drafts],
        "gmail": [(draft.id in world.gmail_draft_text(one)) for draft in world.drafts for one in world.gmail_drafts()],
        "notes": [MARKER.findall(note["properties"]["hs_note_body"]) for note in world.notes()],
        "tasks": [MARKER.findall(task["properties"]["hs_task_body"]) for task in world.tasks()],
        "holds": [(hold.draft_id, hold.state, hold.lease) for hold in world.holds],
        "held": sorted(event["extendedProperties"]["private"]["salesAgentHold"] in ids(world) for event in world.held_events),
        "events": {(hint.state, hint.run_id) for hint in world.hints},
        "owed": world.outbox,
        "dead": world.dead_letters,
    }


def ids(world: World) -> set[str]:
    """Of the holds that are in force."""
    return {hold.id for hold in world.holds if hold.state is HoldState.HELD}


def journey(world: World, steps: Steps) -> dict[str, Any]:
    world.rewind()
    ports.interpose(steps.interpose)
    world.submit(JONAS)
    world.run_to_the_end(hours=HORIZON)
    return final_state(world)


@contextmanager
def healthy(world: World) -> Iterator[tuple[list[str], dict[str, Any]]]:
    steps = Steps()
    end = journey(world, steps)
    yield to_the_end_of_the_run(steps.names), end


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.nightly)])
def test_a_crash_at_any_step_changes_nothing_in_the_end(world: World, every: int) -> None:
    with healthy(world) as (names, expected):
        assert expected["runs"][0][1] is RunState.DONE
        assert len(names) > 30
        wrong = []
        for index, name in list(enumerate(names))[::every]:
            for after in (False, True):
                end = journey(world, Steps(doom=raise_crash, at=index, after=after))
                if end != expected:
                    wrong.append((index, name, "after" if after else "before", _difference(end, expected)))
        assert not wrong, "\n".join(map(str, wrong))


def _difference(end: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    return {key: (end[key], expected[key]) for key in expected if end[key] != expected[key]}
