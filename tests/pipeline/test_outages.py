"""Vendors that are down, slow, confused or changed under us: what was promised still happens, once."""

from datetime import timedelta

import pytest

from emulators.faults import Kind
from shared.connectors.builtin.writer import VERSION
from shared.domain.draft import DraftState
from shared.domain.run import RunState
from tests.pipeline.world import JONAS, World

WRITES = ("notes.*", "tasks.*", "contacts.update")


def everything_once(world: World) -> bool:
    """One Gmail draft that the run knows of, one note, one task."""
    placed = [draft.placement.gmail_draft_id for draft in world.drafts if draft.placement and draft.state is DraftState.PENDING]
    return placed == world.gmail_drafts() and (len(placed), len(world.notes()), len(world.tasks())) == (1, 1, 1)


def test_hubspot_down_for_an_hour_delays_only_the_crm_entry_which_is_then_written_once(world: World) -> None:
    back = world.suite.clock.now() + timedelta(hours=1)
    for route in WRITES:
        world.fail("hubspot", route, status=503, until=back)
    world.submit(JONAS)
    world.settle()

    assert world.only_run.state is RunState.PLACED
    assert len(world.gmail_drafts()) == 1
    assert not world.notes()

    world.run_to_the_end(hours=2)
    assert world.only_run.state is RunState.DONE
    assert everything_once(world)


def test_hubspot_down_for_an_hour_before_planning_loses_nothing(world: World) -> None:
    world.submit(JONAS)  # the webhook is on its way, then HubSpot's API goes away
    world.fail("hubspot", "*", status=502, until=world.suite.clock.now() + timedelta(hours=1))
    world.settle()
    assert not world.gmail_drafts()

    world.run_to_the_end(hours=3)
    assert world.only_run.state is RunState.DONE
    assert everything_once(world)


@pytest.mark.parametrize("route", ["notes.create", "tasks.create"])
def test_a_crm_entry_that_hubspot_took_without_saying_so_is_not_written_again(world: World, route: str) -> None:
    world.fail("hubspot", route, kind=Kind.DROP_AFTER, times=1)
    world.submit(JONAS)
    world.run_to_the_end()

    assert world.only_run.state is RunState.DONE
    assert everything_once(world)


def test_a_gmail_draft_that_was_created_without_an_answer_is_found_and_not_created_again(world: World) -> None:
    world.fail("gmail", "drafts.create", kind=Kind.DROP_AFTER, times=1)
    world.submit(JONAS)
    world.run_to_the_end()

    assert world.only_run.state is RunState.DONE
    assert everything_once(world)


def test_gmail_that_asks_for_patience_gets_it(world: World) -> None:
    world.fail("gmail", "*", status=429, headers={"Retry-After": "120"}, until=world.suite.clock.now() + timedelta(minutes=5))
    world.submit(JONAS)
    world.run_to_the_end()

    assert world.only_run.state is RunState.DONE
    assert everything_once(world)


def test_a_language_model_writes_the_draft_when_there_is_a_key(world: World) -> None:
    world.use_language_model()
    world.submit(JONAS)
    world.settle()

    [draft] = world.drafts
    assert draft.authorship.model != VERSION
    assert not draft.authorship.fell_back
    assert world.only_run.state is RunState.DONE
    [call] = world.agent_runs
    assert (call.outcome, call.fell_back) == ("ok", False)
    assert call.tokens_in > 0


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"kind": Kind.MALFORMED}, "malformed"),
        ({"kind": Kind.DELAY, "delay_s": 3.0}, "timeout"),
        ({"status": 500}, "unavailable"),
    ],
)
def test_the_built_in_writer_takes_over_from_a_model_that_fails_and_that_is_recorded(
    world: World, fault: dict[str, object], outcome: str
) -> None:
    world.use_language_model()
    world.fail("openai", "chat.completions", **fault)  # type: ignore[arg-type]
    world.submit(JONAS)
    world.run_to_the_end()

    [draft], [call] = world.drafts, world.agent_runs
    assert draft.authorship.model == VERSION
    assert draft.authorship.fell_back
    assert (call.outcome, call.fell_back) == (outcome, True)
    assert "took over" in next(step.note for step in world.only_run.history if step.state is RunState.DRAFTED)
    assert world.only_run.state is RunState.DONE
    assert everything_once(world)


def test_a_draft_that_fails_the_gate_never_reaches_gmail_and_a_person_is_told(world: World) -> None:
    invented = {
        "subject": "Our offer",
        "paragraphs": [{"sentences": [{"text": "We guarantee 87 percent savings by 14 March.", "kind": "inferred", "sources": []}]}],
        "attach": [],
    }
    world.use_language_model()
    world.suite.openai.script(invented, times=None)
    world.submit(JONAS)
    world.run_to_the_end()

    run, [draft] = world.only_run, world.drafts
    assert (run.state, run.failed_stage) == (RunState.FAILED, "gate")
    assert draft.state is DraftState.REJECTED
    assert not world.gmail_drafts()
    assert (len(world.notes()), len(world.tasks())) == (1, 1)
    assert "gate" in world.notes()[0]["properties"]["hs_note_body"].lower()


def test_a_run_that_fails_for_good_leaves_the_owner_a_task_in_hubspot(world: World) -> None:
    world.fail("gmail", "threads.*", status=400)
    world.fail("gmail", "messages.*", status=400)
    world.fail("hubspot", "tasks.create", kind=Kind.DROP_AFTER, times=1)
    world.submit(JONAS)
    world.run_to_the_end()

    run, [task] = world.only_run, world.tasks()
    assert (run.state, run.failed_stage) == (RunState.FAILED, "plan")
    assert run.crm is not None
    assert (run.crm.task_id, world.notes(), world.gmail_drafts()) == (task["id"], [], [])
    assert "yourself" in task["properties"]["hs_task_subject"]
    assert run.failure_reason in task["properties"]["hs_task_body"]


@pytest.mark.nightly  # fourteen hours of rounds; by day test_journeys lets a message end so
def test_a_message_that_used_up_its_deliveries_leaves_the_owner_a_task_too(world: World) -> None:
    world.fail("gmail", "*", status=503)
    world.submit(JONAS)
    world.run_to_the_end(hours=14)

    assert world.only_run.state is RunState.FAILED
    assert [one.function for one in world.dead_letters] == ["plan"]
    assert (len(world.tasks()), len(world.notes())) == (1, 0)


def test_a_model_that_is_away_altogether_leaves_a_plan_without_memory_and_documents_and_says_so(world: World) -> None:
    world.use_language_model()
    world.fail("openai", "*", status=503)
    world.submit(JONAS)
    world.run_to_the_end()

    assert world.only_run.state is RunState.DONE
    assert everything_once(world)
    planned = next(step.note for step in world.only_run.history if step.state is RunState.PLANNED)
    assert "earlier conversations were not searched" in planned
    assert "documents were not searched" in planned
