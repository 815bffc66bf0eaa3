"""Many mails of one mailbox at once: they leave one after the other, and each comes for its turn rather than all for every turn."""

from datetime import timedelta
from itertools import pairwise

import pytest

from shared.domain.outbox import Queue
from shared.domain.quotas import QuotaBook
from shared.domain.sends import Send, SendState
from shared.domain.work import Work
from shared.ports.errors import Busy
from shared.ports.store import Write
from shared.stages.sending.send import send
from tests.builders import WORKSPACE
from tests.unit.stages.wire import Kind, SendingWorld

GAP = timedelta(seconds=20)


def crowd(number: int, **pace: int) -> SendingWorld:
    """So many approved at the same time."""
    at = SendingWorld(pace={"hold_s": 15, "gap_s": 20, "jitter_s": 10, **pace})
    at.production = True
    for one in range(1, number + 1):
        at.placed(one, Kind(f"p{one}@one.example"))
    at.sync()
    for one in range(1, number + 1):
        at.approve(one)
    return at


def deliver_all(at: SendingWorld, *, late_s: float = 0) -> int:
    """Each task at its time, or that much later, until nothing waits; how many deliveries that took."""
    done: set[str] = set()
    count = 0
    while due := sorted(
        (one.not_before or at.clock.now(), one.id, one) for one in at.outbox.flushed if one.destination == Queue.SEND and one.id not in done
    ):
        when, id, task = due[0]
        wait = (when - at.clock.now()).total_seconds() + late_s
        at.later(seconds=max(0.0, wait))
        send(Work.model_validate(task.payload), wire=at.wire())
        done.add(id)
        count += 1
    return count


@pytest.mark.parametrize("number", [10, 40])
@pytest.mark.parametrize("late_s", [0, 4])
def test_so_many_sends_need_a_few_deliveries_each(number, late_s):
    at = crowd(number)
    assert deliver_all(at, late_s=late_s) <= 3 * number
    assert [one.state for one in at.store.everything(Send)] == [SendState.SETTLED] * number


def test_never_two_within_the_gap():
    at = crowd(12)
    deliver_all(at, late_s=3)
    began = sorted(one.attempts[-1].at for one in at.store.everything(Send))
    assert all(later - earlier >= GAP for earlier, later in pairwise(began))


def test_whoever_comes_new_goes_behind_those_who_wait():
    at = crowd(3)
    at.left_by_itself(1)
    at.deliver(2)
    at.deliver(3)
    turns = [at.send(number).due_at for number in (2, 3)]
    assert turns[1] - turns[0] >= GAP
    at.placed(4, Kind("p4@one.example"))
    at.approve(4)
    at.later(seconds=16)
    at.deliver(4)
    assert at.send(4).due_at - turns[1] >= GAP


def test_two_that_ask_for_a_turn_at_once_never_get_the_same(monkeypatch):
    at = crowd(3)
    at.left_by_itself(1)
    commit = at.store.commit

    def rival_first(*writes: Write) -> object:
        if any(isinstance(getattr(one, "entity", None), QuotaBook) for one in writes):
            monkeypatch.setattr(at.store, "commit", commit)
            at.deliver(3)
        return commit(*writes)

    monkeypatch.setattr(at.store, "commit", rival_first)
    with pytest.raises(Busy):
        at.deliver(2)
    at.deliver(2)
    assert at.send(2).due_at - at.send(3).due_at >= GAP


def test_a_turn_that_is_given_up_is_nobodys():
    at = crowd(2)
    at.left_by_itself(1)
    at.deliver(2)
    at.cancel(2)
    assert [one for book in at.store.everything(QuotaBook) for one in book.line] == []


def test_a_turn_that_was_missed_long_ago_stands_in_nobodys_way():
    at = crowd(3)
    at.left_by_itself(1)
    at.deliver(2)
    at.later(hours=2)
    at.sync()
    at.deliver(3)
    assert at.state(3) is SendState.SETTLED
    assert at.store.get(QuotaBook, workspace_id=WORKSPACE, id="mailbox-maria") is not None
