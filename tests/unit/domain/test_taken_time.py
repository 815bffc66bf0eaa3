"""What is taken in a calendar, against looking at every entry."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.slots import Busy, TakenTime
from tests.builders import at

minutes = st.integers(0, 300)
entries = st.builds(lambda start, length: Busy(start=at(minutes=start), end=at(minutes=start + length)), minutes, st.integers(0, 120))


@given(busy=st.lists(entries, max_size=8), start=minutes, length=st.integers(1, 90), buffer=st.integers(0, 30))
def test_a_time_is_free_when_no_entry_lies_in_it_or_nearer_than_the_buffer(busy: list[Busy], start: int, length: int, buffer: int):
    first, last, apart = at(minutes=start), at(minutes=start + length), timedelta(minutes=buffer)
    in_the_way = [one for one in busy if first - apart < one.end and one.start < last + apart]
    assert TakenTime(busy, buffer=apart).leaves_free(first, last) is not bool(in_the_way)
