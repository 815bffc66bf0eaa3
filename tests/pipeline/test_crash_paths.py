"""The less usual ways through the pipeline, each crashed at every step (every thirtieth one at each commit): the same end as without."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from emulators.hubspot.schema import BY_ALIAS
from shared.domain.run import RunState
from shared.wiring import ports
from tests.pipeline.stepping import Steps, raise_crash, to_the_end_of_the_run
from tests.pipeline.test_crashes import HORIZON, final_state
from tests.pipeline.world import ENUMERATION, GUIDE, JONAS, World

LEA = "lea@nordwind-textil.example"
OWN_DRAFT = (
    b"From: mara@tidewater.example\r\nTo: jonas.keller@halden-foods.example\r\nSubject: Re: Forecasting for chilled products\r\n\r\nHi J"
)
EVERY = 60
GIVEN_UP = 22 / 60
"""Hours: a hint without a submission is ignored after ten and a half minutes; dying in just that delivery costs ten more."""

pytestmark = [pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"), pytest.mark.embedded(ENUMERATION)]


@dataclass(frozen=True)
class Path:
    """What has happened before, what happens while processes die, and how it ends: state of the last run, Gmail drafts, notes."""

    before: Callable[[World], object]
    happens: Callable[[World], object]
    ends: tuple[RunState, int, int]
    hours: float = HORIZON


def nothing(_: World) -> None:
    """No history."""


def answered(world: World) -> None:
    world.submit(JONAS)
    world.settle()
    world.advance(minutes=30)


def edited(world: World) -> None:
    answered(world)
    [gmail_id] = world.gmail_drafts()
    thread_id = world.mailbox.draft_message(gmail_id).thread_id
    text = world.gmail_draft_text(gmail_id).encode() + b"PS: I wrote this myself.\r\n"
    world.mailbox.replace_draft(gmail_id, text, at=world.suite.clock.now(), thread_id=thread_id)


def thrown_away(world: World) -> None:
    answered(world)
    world.mailbox.drop_draft(world.gmail_drafts()[0])


def begun_by_the_operator(world: World) -> None:
    thread_id = next(iter(world.mailbox.messages.values())).thread_id
    world.mailbox.add_draft(OWN_DRAFT, at=world.suite.clock.now(), thread_id=thread_id)


def asks_again(world: World) -> None:
    world.submit(JONAS, message="One more thing: do you also have an example for fresh goods?")


def unknown_to_the_crm(world: World) -> None:
    """The contact HubSpot made for the form is deleted before anybody looks."""
    world.suite.hubspot.hold_deliveries()
    world.submit(LEA, form=GUIDE, firstname="Lea", lastname="Brandt", message="Is there a guide for textiles?")
    portal = world.suite.hubspot.portal
    contact_id = portal.records.id_by_email(LEA)
    assert contact_id is not None
    portal.archive(portal.existing(BY_ALIAS["contacts"], contact_id))
    world.suite.hubspot.release_deliveries()


PATHS = {
    "a second submission refreshes the draft": Path(answered, asks_again, (RunState.DONE, 1, 2)),
    "the operator has edited the draft": Path(edited, asks_again, (RunState.DONE, 1, 2)),
    "the operator has thrown the draft away": Path(thrown_away, asks_again, (RunState.DONE, 1, 2)),
    "the operator has begun a draft": Path(begun_by_the_operator, asks_again, (RunState.DONE, 1, 1)),
    "the gate refuses": Path(
        lambda world: world.earn_a_refusal(LEA),
        lambda world: world.submit(LEA, form=GUIDE, firstname="Lea", lastname="Brandt"),
        (RunState.FAILED, 0, 1),
    ),
    "there is nothing to do": Path(
        nothing, lambda world: world.submit(JONAS, message="Please do not contact me any more."), (RunState.DONE, 0, 1)
    ),
    "the contact is created": Path(nothing, unknown_to_the_crm, (RunState.DONE, 1, 1), hours=GIVEN_UP),
}


def journey(world: World, path: Path, steps: Steps) -> dict[str, Any]:
    world.rewind()
    path.before(world)
    ports.interpose(steps.interpose)
    path.happens(world)
    world.run_to_the_end(hours=path.hours)
    fates = sorted(draft.state for draft in world.drafts)
    contacts = sorted(str(one["properties"].get("email")) for one in world.crm("contacts"))
    return final_state(world) | {"fates": fates, "contacts": contacts}


def crashed_everywhere(world: World, path: Path, *, every: int) -> list[object]:
    """Where the end was another one."""
    steps = Steps()
    expected = journey(world, path, steps)
    newest = max(world.runs, key=lambda run: run.created_at)
    assert (newest.state, len(world.gmail_drafts()), len(world.notes())) == path.ends
    wrong: list[object] = []
    for number, name in list(enumerate(to_the_end_of_the_run(steps.names)))[::every]:
        for after in (False, True):
            end = journey(world, path, Steps(doom=raise_crash, at=number, after=after))
            if end != expected:
                different = {key: (end[key], expected[key]) for key in expected if end[key] != expected[key]}
                wrong.append((number, name, "after" if after else "before", different))
    return wrong


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_crash_at_some_steps_of_an_unusual_path_changes_nothing_in_the_end(world: World, path: Path) -> None:
    wrong = crashed_everywhere(world, path, every=EVERY)
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.nightly
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_crash_at_any_step_of_an_unusual_path_changes_nothing_in_the_end(world: World, path: Path) -> None:
    wrong = crashed_everywhere(world, path, every=1)
    assert not wrong, "\n".join(map(str, wrong))
