"""Calls made at the same time: all of them end, results keep their order, and the first failure counts."""

import threading
from contextvars import ContextVar
from functools import partial

import pytest

from shared.ports.errors import Transient
from shared.resilience.together import AT_ONCE, KEPT, all_of, together

traced: ContextVar[str] = ContextVar("traced")


def meeting_of(parties: int) -> threading.Barrier:
    """Lets nobody pass until so many are there; who waits in vain fails."""
    return threading.Barrier(parties, timeout=10)


def test_calls_are_under_way_at_the_same_time():
    meeting = meeting_of(3)
    places = together(meeting.wait, meeting.wait, meeting.wait)
    assert sorted(places) == [0, 1, 2]


def test_results_come_in_the_order_of_the_calls_however_many_there_are():
    assert together(lambda: "a", lambda: 1) == ("a", 1)
    for count in (0, 1, AT_ONCE, 5 * AT_ONCE):
        assert all_of([partial(str, number) for number in range(count)]) == [str(number) for number in range(count)]


def test_the_others_come_to_their_end_before_a_failure_is_told():
    meeting, ended = meeting_of(2), []

    def fails() -> None:
        meeting.wait()
        raise Transient("first")

    def works() -> None:
        meeting.wait()
        ended.append("done")

    with pytest.raises(Transient, match="first"):
        together(fails, works)
    assert ended == ["done"]


def test_of_several_failures_the_first_in_order_is_told():
    def fails(reason: str) -> None:
        raise Transient(reason)

    with pytest.raises(Transient, match="one"):
        together(partial(fails, "one"), partial(fails, "two"))


def test_every_call_knows_whose_request_it_serves():
    traced.set("trace-1")
    assert together(traced.get, traced.get) == ("trace-1", "trace-1")


def test_the_threads_of_one_call_serve_the_next():
    served = {one for _ in range(50) for one in together(threading.get_ident, threading.get_ident)}
    assert len(served) < 10


def test_what_comes_first_is_done_by_whoever_asks():
    here, elsewhere = together(threading.get_ident, threading.get_ident)
    assert here == threading.get_ident() != elsewhere


def test_calls_that_wait_for_calls_of_their_own_never_wait_for_a_thread():
    """More of them meet at the bottom than there are threads to be kept."""
    meeting = meeting_of(AT_ONCE * AT_ONCE * 2)
    assert AT_ONCE * AT_ONCE * 2 > KEPT

    def nested() -> int:
        return len(all_of([partial(together, meeting.wait, meeting.wait)] * AT_ONCE))

    assert all_of([nested] * AT_ONCE) == [AT_ONCE] * AT_ONCE
