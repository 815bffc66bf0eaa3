"""A window opens at its local hour, on its days, whatever the clock of the place does."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.policy import Window
from shared.domain.send_time import next_open
from tests.builders import MONDAY
from tests.ruling import windows

ZONES = ("Europe/Madrid", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo")
YEARS = 2
STEP = timedelta(minutes=15)


def jumps(zone: str) -> list[datetime]:
    """Every moment of the next two years at which the clock of the place jumps, to the minute."""
    found = []
    place, day = ZoneInfo(zone), timedelta(days=1)
    moment, end = MONDAY, MONDAY + timedelta(days=366 * YEARS)
    while moment < end:
        if moment.astimezone(place).utcoffset() != (moment + day).astimezone(place).utcoffset():
            early, late = moment, moment + day
            while late - early > timedelta(minutes=1):
                middle = early + (late - early) // 2
                same = middle.astimezone(place).utcoffset() == early.astimezone(place).utcoffset()
                early, late = (middle, late) if same else (early, middle)
            found.append(late.replace(second=0, microsecond=0))
        moment += day
    return found


JUMPS = [pytest.param(zone, jump, id=f"{zone}-{jump:%Y-%m-%d}") for zone in ZONES for jump in jumps(zone)]


def shows(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def is_open(window: Window, moment: datetime, zone: str) -> bool:
    local = shows(moment, zone)
    return local.weekday() in window.weekdays and window.start <= local.time() < window.end


def comes_again(moment: datetime, zone: str) -> bool:
    """An hour that the clock shows twice counts the first time only."""
    return shows(moment, zone).fold == 1


def test_every_zone_jumps_four_times_in_two_years() -> None:
    assert len(JUMPS) == 4 * len(ZONES)


@pytest.mark.parametrize(("zone", "jump"), JUMPS)
@pytest.mark.parametrize(
    ("start", "end"), [((8, 0), (18, 0)), ((0, 0), (1, 0)), ((1, 30), (2, 15)), ((2, 0), (3, 0)), ((23, 0), (23, 59)), ((0, 0), (23, 59))]
)
def test_around_a_jump_it_opens_at_the_first_quarter_of_an_hour_that_the_clock_shows_within_it(
    zone: str, jump: datetime, start: tuple[int, int], end: tuple[int, int]
) -> None:
    window = Window(start=time(*start), end=time(*end), weekdays=(0, 1, 2, 3, 4, 5, 6))
    for hours in range(-30, 30, 3):
        at = jump + timedelta(hours=hours)
        opens = next_open(window, at, zone=zone)
        assert opens >= at
        assert is_open(window, opens, zone)
        missed = at
        while missed < opens:
            assert not is_open(window, missed, zone) or comes_again(missed, zone), (at, missed, opens)
            missed += STEP


@given(windows(), st.sampled_from(ZONES), st.integers(0, 366 * YEARS * 24 * 60))
def test_what_it_answers_is_open_and_stays_the_answer(window: Window, zone: str, minutes: int) -> None:
    at = MONDAY + timedelta(minutes=minutes)
    opens = next_open(window, at, zone=zone)
    assert opens >= at
    assert opens.tzinfo is UTC
    assert is_open(window, opens, zone)
    assert next_open(window, opens, zone=zone) == opens
    assert opens == at or not is_open(window, opens - timedelta(minutes=1), zone) or comes_again(opens - timedelta(minutes=1), zone)


def test_a_window_that_one_day_has_not_opens_a_week_later() -> None:
    skipped = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)  # in Madrid the clock goes from 2 to 3 that Sunday
    window = Window(start=time(2), end=time(2, 30), weekdays=(6,))
    assert next_open(window, skipped, zone="Europe/Madrid") == datetime(2027, 4, 4, 0, 0, tzinfo=UTC)
    last = datetime(2027, 3, 21, 1, 30, tzinfo=UTC)
    assert next_open(window, last, zone="Europe/Madrid") == datetime(2027, 4, 4, 0, 0, tzinfo=UTC)
