"""Cancelling: within the hold or while held; what is leaving, has left or is over says so and what to do."""

import pytest

from shared.domain.approval import ApprovalState
from shared.domain.audit import AuditEntry
from shared.domain.draft import DraftState
from shared.domain.sends import SendState
from shared.ports.errors import NotFound
from shared.ports.store import Put
from shared.stages.sending.cancel import NotCancelled, cancel
from tests.builders import WORKSPACE
from tests.unit.stages.trouble import Plan, Trouble
from tests.unit.stages.wire import MARIA, SendingWorld


@pytest.fixture
def at() -> SendingWorld:
    world = SendingWorld()
    world.placed(1)
    world.sync()
    world.approve(1)
    return world


def test_within_its_hold_it_is_taken_back_and_the_draft_asks_again(at):
    assert at.cancel(1).state is SendState.CANCELLED
    assert (at.draft(1).state, at.draft(1).state_reason) == (DraftState.PENDING, "taken back by maria")
    assert at.approvals()[0].state is ApprovalState.WITHDRAWN
    [told] = [one for one in at.store.everything(AuditEntry) if one.action == "send.cancelled"]
    assert (told.actor, told.send_id) == (MARIA, at.send(1).id)
    at.left_by_itself(1)
    assert at.mailbox.left == []


def test_while_it_is_held_too(at):
    at.kill(on=True)
    at.left_by_itself(1)
    assert at.cancel(1).state is SendState.CANCELLED


def test_taking_it_back_twice_changes_nothing(at):
    first = at.cancel(1)
    assert at.cancel(1) == first


def test_what_was_taken_back_can_be_approved_again(at):
    at.cancel(1)
    at.approve(1)
    at.left_by_itself(1)
    assert [one.state for one in at.sends(1)] == [SendState.CANCELLED, SendState.SETTLED]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (SendState.CLAIMED, "look again in a few minutes"),
        (SendState.SENT, "cannot be taken back"),
        (SendState.SETTLED, "cannot be taken back"),
        (SendState.PARKED, "resolve it"),
        (SendState.FAILED, "nothing is on its way"),
        (SendState.VOIDED, "nothing is on its way"),
    ],
)
def test_what_cannot_be_taken_back_says_why_and_what_to_do(at, state, told):
    at.store.commit(Put(at.send(1).model_copy(update={"state": state})))
    with pytest.raises(NotCancelled, match=told) as caught:
        at.cancel(1)
    assert (caught.value.status, caught.value.state) == (409, state)


def test_whoever_is_slower_than_the_task_is_told_that_it_has_left(at):
    trouble = Trouble()
    at.through = trouble.through
    at.later(minutes=1)

    def task() -> None:
        at.through = lambda _, port: port
        at.deliver(1)

    trouble.begin(Plan(3, "somebody acts", task))
    with pytest.raises(NotCancelled, match="it has left and cannot be taken back"):
        at.cancel(1)
    assert at.state(1) is SendState.SETTLED


def test_of_two_who_take_it_back_at_once_both_are_told_that_it_is(at):
    trouble = Trouble()
    at.through = trouble.through

    def another() -> None:
        at.through = lambda _, port: port
        at.cancel(1)

    trouble.begin(Plan(3, "somebody acts", another))
    assert at.cancel(1).state is SendState.CANCELLED


def test_a_send_nobody_knows_is_not_found(at):
    with pytest.raises(NotFound):
        cancel(WORKSPACE, "send_nothing", actor=MARIA, desk=at.desk())
