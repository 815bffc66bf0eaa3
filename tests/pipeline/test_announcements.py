"""Announcements that come late, early, all at once or without saying which submission they mean: one run per submission."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from emulators.faults import Kind
from shared.domain.hints import HintState
from shared.domain.run import RunState
from tests.pipeline.world import CONTACT, GUIDE, JONAS, World


def submissions(world: World) -> list[datetime]:
    """As HubSpot has them."""
    return [datetime.fromtimestamp(row["submittedAt"] / 1000, world.start.tzinfo) for row in world.suite.hubspot.portal.submissions]


def assert_one_run_each(world: World, count: int) -> None:
    run_of = [run.context.job.entry.submitted_at for run in world.runs if run.context]
    assert Counter(run_of) == Counter(submissions(world))
    assert len(world.runs) == count
    assert all(run.state is RunState.DONE for run in world.runs)
    assert {hint.state for hint in world.hints} == {HintState.RESOLVED}
    assert (len(world.gmail_drafts()), len(world.notes()), len(world.tasks())) == (1, count, count)


@pytest.mark.parametrize("apart_s", [0.5, 20, 150])
def test_two_submissions_during_an_outage_are_two_runs(world: World, apart_s: float) -> None:
    world.fail("hubspot", "submissions.list", until=world.suite.clock.now() + timedelta(minutes=8))
    world.submit(JONAS)
    world.advance(seconds=apart_s)
    world.submit(JONAS, message="One more thing: do you cover fresh goods?")
    world.run_to_the_end()

    assert_one_run_each(world, 2)


def test_five_submissions_within_a_second_are_five_runs_and_one_draft(world: World) -> None:
    world.fail("hubspot", "submissions.list", until=world.suite.clock.now() + timedelta(minutes=2))
    for number in range(5):
        world.submit(JONAS, message=f"Question number {number + 1}: could we see a demo?")
        world.advance(milliseconds=200)
    world.run_to_the_end()

    assert_one_run_each(world, 5)


def test_two_submissions_whose_announcements_come_an_hour_late_are_two_runs(world: World) -> None:
    world.fail("hubspot", "deliver.*", kind=Kind.DROP_BEFORE, until=world.suite.clock.now() + timedelta(hours=1))
    for message in ("Could we see a demo?", "One more thing: do you cover fresh goods?"):
        world.submit(JONAS, message=message)
        world.advance(minutes=20)
    world.run_to_the_end(hours=3)

    assert_one_run_each(world, 2)


@pytest.mark.parametrize("hours", [23, 30, 71])
def test_a_submission_announced_days_late_is_a_run(world: World, hours: int) -> None:
    world.suite.hubspot.hold_deliveries()
    world.submit(JONAS)
    world.suite.clock.advance(timedelta(hours=hours))
    world.suite.hubspot.release_deliveries()
    world.run_to_the_end()

    assert_one_run_each(world, 1)


def test_an_announcement_that_comes_before_its_submission_can_be_read_is_not_taken_for_the_one_before(world: World) -> None:
    world.submit(JONAS)
    world.settle()
    world.advance(minutes=30)
    world.suite.hubspot.hold_deliveries()
    world.submit(JONAS, message="One more thing: do you cover fresh goods?")
    not_yet_shown = world.suite.hubspot.portal.submissions.pop()
    world.suite.hubspot.release_deliveries()
    world.settle()
    world.advance(minutes=3)
    assert len(world.runs) == 1

    world.suite.hubspot.portal.submissions.append(not_yet_shown)
    world.run_to_the_end()
    assert_one_run_each(world, 2)


def test_one_announcement_repeated_an_hour_later_joins_its_run(world: World) -> None:
    world.submit(JONAS)
    world.settle()
    world.advance(hours=1)
    world.deliver_again()
    world.run_to_the_end()

    assert len(world.hints) == 2
    assert_one_run_each(world, 1)


def test_two_forms_of_one_person_at_once_are_two_runs(world: World) -> None:
    for form in (CONTACT, GUIDE):
        world.submit("lea@nordwind-textil.example", form=form, firstname="Lea", lastname="Brandt")
    world.run_to_the_end()

    assert_one_run_each(world, 2)
