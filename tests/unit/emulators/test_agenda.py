"""The agenda against a list that is sorted each time, and the waits between attempts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.agenda import Agenda, backoff

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
steps = st.lists(st.tuples(st.sampled_from(["put", "drop", "pop"]), st.sampled_from("abcd"), st.integers(0, 5)))


@given(steps)
def test_an_agenda_answers_like_a_list_that_is_sorted_each_time(steps: list[tuple[str, str, int]]) -> None:
    agenda, model = Agenda(), dict[str, tuple[int, int]]()
    for arrivals, (action, ticket, moment) in enumerate(steps):
        if action == "put":
            agenda.put(ticket, START + timedelta(seconds=moment))
            model[ticket] = (moment, arrivals)
        elif action == "drop":
            agenda.drop(ticket)
            model.pop(ticket, None)
        else:
            due = sorted((key, name) for name, key in model.items() if key[0] <= moment)
            expected = due[0][1] if due else None
            assert agenda.pop_due(START + timedelta(seconds=moment)) == expected
            model.pop(expected or "", None)
        earliest = min(((key, name) for name, key in model.items()), default=None)
        assert agenda.first() == (earliest and (START + timedelta(seconds=earliest[0][0]), earliest[1]))
        assert len(agenda) == len(model)
        assert agenda.due(ticket) == (START + timedelta(seconds=model[ticket][0]) if ticket in model else None)


@given(st.integers(1, 10**6), st.floats(0, 600), st.floats(0, 3600), st.integers(0, 100))
def test_waits_never_shrink_and_stay_between_least_and_most(failures: int, least: float, most: float, doublings: int) -> None:
    bounds = {"least": timedelta(seconds=least), "most": timedelta(seconds=most), "doublings": doublings}
    wait = backoff(failures, **bounds)
    assert bounds["least"] <= wait <= max(bounds["least"], bounds["most"])
    assert wait <= backoff(failures + 1, **bounds)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 240), (7, 300), (8, 300)])
def test_waits_follow_the_example_google_gives(failures: int, seconds: int) -> None:
    wait = backoff(failures, least=timedelta(seconds=10), most=timedelta(seconds=300), doublings=3)
    assert wait == timedelta(seconds=seconds)
