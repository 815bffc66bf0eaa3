"""Tending: whatever should have left and was forgotten is called again, and nothing else is."""

import pytest

from shared.domain.outbox import Queue
from shared.domain.sends import SendState
from shared.ports.errors import Transient
from shared.stages.sending import tend_sends as tending
from tests.unit.stages.crashing import Death
from tests.unit.stages.trouble import Plan, Trouble
from tests.unit.stages.wire import SendingWorld


@pytest.fixture
def at() -> SendingWorld:
    world = SendingWorld()
    for number in (1, 2):
        world.placed(number)
    world.sync()
    world.approve(1)
    return world


def test_a_send_whose_task_was_lost_is_called_again(at):
    at.later(minutes=4)
    assert at.tend() == 1
    owed = at.outbox.flushed[-1]
    assert (owed.destination, owed.id, owed.payload["id"]) == (Queue.SEND, f"{at.send(1).id}-2", at.send(1).id)
    at.deliver(1)
    assert at.state(1) is SendState.SETTLED


def test_one_whose_time_has_not_come_or_has_just_come_is_left_alone(at):
    assert at.tend() == 0
    at.later(minutes=3)
    assert at.tend() == 0


def test_one_that_is_held_until_later_is_left_alone(at):
    at.kill(on=True)
    at.later(minutes=4)
    at.deliver(1)
    assert at.tend() == 0
    at.later(minutes=9)
    assert at.tend() == 1


def test_one_that_somebody_holds_a_lease_on_is_left_alone_until_that_ends(at):
    at.mailbox.sending = "fails before"
    at.later(minutes=4)
    at.deliver(1)
    at.later(minutes=4, seconds=59)
    assert at.tend() == 0
    at.later(minutes=4)
    assert at.tend() == 1


def test_one_that_left_and_was_not_read_back_is_read_back(at):
    def away(**_: object) -> None:
        raise Transient("Gmail is away")

    read = at.mailbox.sent_mail
    at.mailbox.sent_mail = away  # type: ignore[method-assign, assignment]
    at.later(minutes=1)
    with pytest.raises(Transient):
        at.deliver(1)
    at.mailbox.sent_mail = read  # type: ignore[method-assign]
    at.later(minutes=4)
    assert at.tend() == 1
    at.deliver(1)
    assert at.state(1) is SendState.SETTLED


def test_what_is_over_is_left_alone(at):
    at.left_by_itself(1)
    at.approve(2)
    at.cancel(2)
    at.later(hours=1)
    assert at.tend() == 0


def test_every_page_is_looked_at(at, monkeypatch):
    monkeypatch.setattr(tending, "PAGE", 1)
    at.approve(2)
    at.later(minutes=4)
    assert at.tend() == 2


def test_one_that_goes_on_meanwhile_is_not_called_again(at):
    trouble = Trouble()
    at.through = trouble.through
    at.later(minutes=4)

    def task() -> None:
        at.through = lambda _, port: port
        at.deliver(1)

    trouble.begin(Plan(1, "somebody acts", task))
    assert (at.tend(), at.state(1)) == (0, SendState.SETTLED)


def test_a_chore_that_dies_before_publishing_leaves_the_task_in_the_outbox(at):
    trouble = Trouble()
    at.through = trouble.through
    at.later(minutes=4)
    for dies_at in range(20):
        trouble.begin(Plan(dies_at, "dies before"))
        try:
            at.tend()
        except Death:
            continue
        break
    known = {one.id for one in (*at.outbox.flushed, *at.world.owed)}
    assert f"{at.send(1).id}-{at.send(1).round}" in known
