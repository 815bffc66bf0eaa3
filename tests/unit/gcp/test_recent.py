"""Readings that stay good: asked once while they are, never longer, and never for what is missing."""

from datetime import timedelta

import pytest

from shared.gcp.recent import MOST, RecentReadings
from tests.fakes.clock import FixedClock

MINUTE = timedelta(minutes=1)


class Shelf:
    def __init__(self) -> None:
        self.clock, self.asked, self.stored = FixedClock(), 0, "first"
        self.recent = RecentReadings(self.clock)

    def __call__(self, path: str = "portals/1", *, good_for: timedelta = MINUTE) -> str | None:
        return self.recent.recall(path, good_for=good_for, read=self._read)

    def _read(self) -> str | None:
        self.asked += 1
        return self.stored


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_a_reading_answers_until_it_is_no_longer_good(shelf: Shelf):
    shelf()
    shelf.stored = "second"
    shelf.clock.advance(MINUTE - timedelta(microseconds=1))
    assert (shelf(), shelf.asked) == ("first", 1)
    shelf.clock.advance(timedelta(microseconds=1))
    assert (shelf(), shelf.asked) == ("second", 2)


def test_what_is_good_for_no_time_is_always_read(shelf: Shelf):
    assert [shelf(good_for=timedelta(0)) for _ in range(2)] == ["first"] * 2
    assert shelf.asked == 2


def test_that_something_is_missing_is_asked_anew_each_time(shelf: Shelf):
    shelf.stored = None
    assert [shelf(), shelf()] == [None, None]
    shelf.stored = "created"
    assert (shelf(), shelf.asked) == ("created", 3)


def test_a_clock_that_jumps_back_makes_no_reading_last_longer(shelf: Shelf):
    shelf()
    shelf.clock.advance(timedelta(hours=-1))
    shelf()
    assert shelf.asked == 2


def test_no_more_is_kept_than_a_process_has_room_for(shelf: Shelf):
    for number in range(MOST + 1):
        shelf(f"portals/{number}")
    assert shelf.asked == MOST + 1
    shelf(f"portals/{MOST}")
    assert shelf.asked == MOST + 1
    shelf("portals/0")
    assert shelf.asked == MOST + 2


def test_what_was_written_here_is_read_anew(shelf: Shelf):
    shelf()
    shelf.stored = "written"
    shelf.recent.forget("portals/1")
    shelf.recent.forget("portals/never-read")
    assert shelf() == "written"
