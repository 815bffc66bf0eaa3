"""Lost webhooks, repaired by looking at the forms; late ones, which then change nothing; and all of it under trouble."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from emulators.faults import Kind
from shared.domain.hints import HintSource, HintState
from shared.domain.outbox import Queue
from shared.domain.polling import FORMS, FormPolls
from shared.domain.run import RunState
from tests.pipeline.test_chaos import assert_everything_happened_once, let_loose
from tests.pipeline.world import CONTACT, GUIDE, JONAS, World

IDA = "ida.vang@halden-foods.example"


@pytest.fixture
def polled(world: World) -> World:
    world.let_come(Queue.POLL_FORMS)
    return world


def polls(world: World) -> FormPolls:
    found = world.store.get(FormPolls, workspace_id=world.workspace_id, id=FORMS)
    assert found is not None
    return found.entity


def assert_one_of_each(world: World) -> None:
    assert world.only_run.state is RunState.DONE
    assert (len(world.gmail_drafts()), len(world.notes()), len(world.tasks())) == (1, 1, 1)
    assert {hint.state for hint in world.hints} == {HintState.RESOLVED}
    assert (world.outbox, world.dead_letters) == ([], [])


def test_a_lost_webhook_is_repaired_by_the_poll_and_ends_in_one_draft(polled: World) -> None:
    polled.suite.hubspot.announcer.hooks.clear()
    polled.submit(JONAS)
    polled.advance(minutes=12)

    assert_one_of_each(polled)
    assert [hint.announced.source for hint in polled.hints] == [HintSource.POLL]
    assert polled.only_run.history[0].stage == "poll_forms"
    assert (polls(polled).seen, polls(polled).repaired, polls(polled).waiting, polls(polled).trouble) == (1, 1, 0, "")


def test_a_webhook_that_comes_after_the_poll_changes_nothing(polled: World) -> None:
    polled.suite.hubspot.hold_deliveries()
    polled.submit(JONAS)
    polled.advance(minutes=12)
    assert polled.only_run.state is RunState.DONE
    before = polled.only_run

    polled.suite.hubspot.release_deliveries()
    polled.run_to_the_end()

    assert polled.only_run == before
    assert_one_of_each(polled)
    assert {hint.announced.source for hint in polled.hints} == {HintSource.POLL, HintSource.WORKFLOW}


def test_two_submissions_that_are_announced_by_the_same_request_are_two_runs_once_the_form_is_read(polled: World) -> None:
    """Same body, same millisecond: the second request is a repetition for all that anybody can see."""
    polled.suite.hubspot.hold_deliveries()
    for question in ("Could we see a demo?", "How long does a pilot take?"):
        polled.submit(JONAS, message=question)
        polled.advance(milliseconds=10)
    polled.suite.hubspot.release_deliveries()
    polled.settle()
    assert len(polled.hints) == len(polled.runs) == 1

    polled.advance(minutes=12)
    assert_everything_happened_once(polled)
    assert Counter(hint.announced.source for hint in polled.hints) == {HintSource.WORKFLOW: 1, HintSource.POLL: 1}
    assert polls(polled).repaired == 1


def test_a_webhook_in_time_leaves_the_poll_nothing_to_announce(polled: World) -> None:
    polled.advance(seconds=1)
    polled.submit(JONAS)
    polled.advance(minutes=12)

    assert [hint.announced.source for hint in polled.hints] == [HintSource.WORKFLOW]
    assert (polls(polled).seen, polls(polled).repaired) == (1, 0)
    assert_one_of_each(polled)


def test_a_known_contact_on_a_form_without_a_webhook_is_answered_too(polled: World) -> None:
    """The seed's portal has no webhook that tells of it."""
    polled.submit(IDA, form=CONTACT, firstname="Ida", lastname="Vang", message="Which data do you need for a pilot?")
    polled.settle()
    assert not polled.hints
    polled.advance(minutes=12)

    assert_one_of_each(polled)


def test_what_was_there_before_the_workspace_was_connected_starts_nothing(polled: World) -> None:
    polled.suite.clock.advance(-timedelta(days=2))
    polled.suite.hubspot.announcer.hooks.clear()
    polled.submit(JONAS)
    polled.suite.clock.advance(timedelta(days=2))
    polled.advance(minutes=12)

    assert not polled.runs
    assert polls(polled).seen == 0


def test_an_hour_without_hubspot_repairs_everything_afterwards_and_rings_meanwhile(
    polled: World, capfd: pytest.CaptureFixture[str]
) -> None:
    polled.suite.hubspot.announcer.hooks.clear()
    polled.advance(minutes=5)
    polled.fail("hubspot", "submissions.list", until=polled.suite.clock.now() + timedelta(minutes=70))
    for person in (JONAS, IDA):
        polled.submit(person, form=GUIDE)
    polled.advance(minutes=69)
    assert not polled.runs
    assert polls(polled).trouble
    assert "forms have not been polled for an hour" in capfd.readouterr().out

    polled.run_to_the_end(hours=0.5)
    assert sorted(run.recipient for run in polled.runs) == sorted((JONAS, IDA))
    assert {run.state for run in polled.runs} == {RunState.DONE}


def test_another_workspaces_submissions_are_not_this_ones(polled: World) -> None:
    """Two workspaces on one machine, one of them without a portal that answers."""
    other = polled.seeded.workspace.model_copy(update={"id": "elsewhere", "crm": polled.seeded.workspace.crm.model_copy()})
    crm = other.crm.model_copy(update={"portal_id": "5500002", "token_secret": "hubspot-token-elsewhere"})
    polled.store.save_workspace(workspace=other.model_copy(update={"crm": crm, "canary": False}))
    polled.suite.hubspot.announcer.hooks.clear()
    polled.submit(JONAS)
    polled.advance(minutes=12)

    assert_one_of_each(polled)
    found = polled.store.get(FormPolls, workspace_id=other.id, id=FORMS)
    assert found is not None
    assert (found.entity.seen, bool(found.entity.trouble)) == (0, True)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.nightly) for seed in range(3, 60))])
def test_with_polling_any_trouble_and_lost_webhooks_end_the_same(polled: World, seed: int) -> None:
    kind = random.Random(seed).choice((Kind.DROP_BEFORE, Kind.DROP_AFTER))
    polled.fail("hubspot", "deliver.*", kind=kind, times=2)
    let_loose(polled, seed)
    assert_everything_happened_once(polled)
