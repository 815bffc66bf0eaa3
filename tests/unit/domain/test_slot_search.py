"""The arithmetic of meeting times: business days, free starts, and which of them to offer."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.domain.slot_search import APART, LENGTH, LOOK_AHEAD_DAYS, Search, Side
from shared.domain.slots import Busy
from shared.domain.workspace import WorkingHours
from tests.builders import busy

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
OFFICE = WorkingHours(timezone="UTC", start=time(9), end=time(17))
NIGHT_SHIFT = WorkingHours(timezone="Europe/Madrid", start=time(1), end=time(4), weekdays=(6,))


def a_search(
    *,
    ours: WorkingHours = OFFICE,
    theirs: WorkingHours = OFFICE,
    earliest: datetime = MONDAY,
    off: set[date] = frozenset(),
    theirs_off: set[date] = frozenset(),
) -> Search:
    return Search(operator=Side(ours, frozenset(off)), recipient=Side(theirs, frozenset(theirs_off)), earliest=earliest)


def clock(moment: datetime, zone: str = "UTC") -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime("%a %H:%M")


def on(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_three_business_days_are_looked_at():
    assert a_search().days() == (date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25))


def test_a_weekend_and_the_holidays_of_either_side_are_no_business_days():
    search = a_search(earliest=on(26, 8), off={date(2026, 11, 27)}, theirs_off={date(2026, 12, 1)})
    assert search.days() == (date(2026, 11, 26), date(2026, 11, 30), date(2026, 12, 2))


@pytest.mark.parametrize(("hour", "minute", "first"), [(16, 30, 23), (16, 31, 24)])
def test_today_counts_while_a_whole_slot_is_left_in_it(hour: int, minute: int, first: int):
    assert a_search(earliest=on(23, hour, minute)).days()[0].day == first


def test_the_search_for_business_days_ends_after_two_weeks():
    closed = {MONDAY.date() + timedelta(days=number) for number in range(LOOK_AHEAD_DAYS)}
    search = a_search(off=closed)
    assert search.days() == ()
    assert search.until() == search.earliest
    assert search.free([]) == ()


def test_the_calendar_is_needed_until_the_midnight_that_ends_the_last_day():
    madrid = OFFICE.model_copy(update={"timezone": "Europe/Madrid"})
    assert a_search(ours=madrid).until() == on(25, 23)


def test_a_day_offers_every_half_hour_from_opening_to_closing():
    first_day = [one for one in a_search().free([]) if one < on(24, 0)]
    assert (clock(first_day[0]), clock(first_day[-1]), len(first_day)) == ("Mon 09:00", "Mon 16:30", 16)


def test_a_slot_that_needs_the_minute_of_closing_is_not_offered():
    early = OFFICE.model_copy(update={"end": time(9, 59)})
    assert [clock(one) for one in a_search(ours=early, theirs=early).free([])] == ["Mon 09:00", "Tue 09:00", "Wed 09:00"]


def test_the_first_start_is_never_before_the_earliest_moment():
    assert clock(a_search(earliest=on(23, 10, 1)).free([])[0]) == "Mon 10:30"
    assert clock(a_search(earliest=on(23, 10)).free([])[0]) == "Mon 10:00"
    assert clock(a_search(earliest=on(23, 10) + timedelta(microseconds=1)).free([])[0]) == "Mon 10:30"


def test_only_hours_in_which_both_work_are_free():
    new_york = OFFICE.model_copy(update={"timezone": "America/New_York"})
    first_day = [clock(one) for one in a_search(theirs=new_york).free([]) if one < on(24, 0)]
    assert first_day == ["Mon 14:00", "Mon 14:30", "Mon 15:00", "Mon 15:30", "Mon 16:00", "Mon 16:30"]


def test_their_holiday_is_judged_by_their_calendar():
    auckland = OFFICE.model_copy(update={"timezone": "Pacific/Auckland"})
    late = OFFICE.model_copy(update={"start": time(19), "end": time(23)})
    free = a_search(ours=late, theirs=auckland, theirs_off={date(2026, 11, 24)}).free([])
    assert {clock(one, "Pacific/Auckland").split()[0] for one in free} == {"Wed", "Thu", "Fri"}


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        (busy(on(23, 9)), False),
        (busy(on(23, 8, 30)), True),
        (busy(on(23, 8, 31)), False),
        (busy(on(23, 9, 30)), True),
        (busy(on(23, 9, 29), minutes=1), False),
        (busy(on(23, 9, 10), minutes=5), False),
        (busy(on(22, 0), minutes=5 * 24 * 60), False),
    ],
)
def test_a_slot_is_free_only_if_nothing_taken_touches_it(taken: Busy, free: bool):
    assert (on(23, 9) in a_search().free([taken])) is free


def test_a_buffer_keeps_time_free_on_both_sides_of_what_is_taken():
    search = replace(a_search(), buffer=timedelta(minutes=15))
    free = [clock(one) for one in search.free([busy(on(23, 10, 45), minutes=30)]) if one < on(23, 13)]
    assert free == ["Mon 09:00", "Mon 09:30", "Mon 10:00", "Mon 11:30", "Mon 12:00", "Mon 12:30"]


def test_beyond_the_date_line_a_business_day_is_judged_by_the_date_they_have_meanwhile():
    west = OFFICE.model_copy(update={"timezone": "America/Los_Angeles", "start": time(13), "end": time(17)})
    east = OFFICE.model_copy(update={"timezone": "Australia/Sydney"})
    tuesday_off = a_search(ours=west, theirs=east, theirs_off={date(2026, 11, 24)})
    assert tuesday_off.days() == (date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26))  # Monday there is their Tuesday


def test_a_narrow_choice_is_better_than_a_single_time():
    noon = OFFICE.model_copy(update={"start": time(12), "end": time(13)})
    search = a_search(ours=noon, theirs=noon)
    one_day = [one for one in search.free([]) if one < on(24, 0)]
    assert [clock(one) for one in search.chosen(one_day, wanted=3, soonest=True)] == ["Mon 12:00", "Mon 12:30"]


def test_a_zone_off_by_a_quarter_offers_its_own_half_hours():
    kathmandu = OFFICE.model_copy(update={"timezone": "Asia/Kathmandu"})
    assert {clock(one, "Asia/Kathmandu")[-2:] for one in a_search(ours=kathmandu, theirs=kathmandu).free([])} == {"00", "30"}


def test_the_hour_that_does_not_exist_is_not_offered():
    search = a_search(ours=NIGHT_SHIFT, theirs=NIGHT_SHIFT, earliest=datetime(2026, 3, 28, 22, tzinfo=UTC))
    night = [one for one in search.free([]) if one < search.earliest + timedelta(days=1)]
    assert [clock(one, "Europe/Madrid") for one in night] == ["Sun 01:00", "Sun 01:30", "Sun 03:00", "Sun 03:30"]


def test_the_hour_the_clock_shows_twice_is_not_offered():
    search = a_search(ours=NIGHT_SHIFT, theirs=NIGHT_SHIFT, earliest=datetime(2026, 10, 24, 22, tzinfo=UTC))
    night = [one for one in search.free([]) if one < search.earliest + timedelta(days=1)]
    told = [one.astimezone(ZoneInfo("Europe/Madrid")).strftime("%H:%M %Z") for one in night]
    assert told == ["01:00 CEST", "01:30 CEST", "03:00 CET", "03:30 CET"]


def test_an_hour_that_only_they_see_twice_is_not_offered_either():
    utc_night = NIGHT_SHIFT.model_copy(update={"timezone": "UTC", "start": time(0)})
    search = a_search(ours=utc_night, theirs=NIGHT_SHIFT, earliest=datetime(2026, 10, 24, 22, tzinfo=UTC))
    night = [one for one in search.free([]) if one < search.earliest + timedelta(days=1)]
    assert [clock(one) for one in night] == ["Sun 02:00", "Sun 02:30"]  # 03:00 and 03:30 in Madrid


@pytest.mark.parametrize(
    ("hour", "minute", "minutes"),
    [(9, 0, 60), (9, 30, 30), (10, 0, 0), (11, 30, 0), (11, 45, 15), (13, 0, 60), (14, 0, 0), (16, 0, 0), (16, 30, 30)],
)
def test_discomfort_counts_the_minutes_outside_the_good_hours(hour: int, minute: int, minutes: int):
    assert Side(OFFICE).discomfort(on(23, hour, minute)) == minutes


def test_comfort_is_judged_for_both():
    lisbon_behind = OFFICE.model_copy(update={"timezone": "Atlantic/Azores"})  # an hour behind UTC
    assert a_search(theirs=lisbon_behind).preference(on(23, 10)) == (60, on(23, 10))


def test_one_slot_per_day_is_chosen_at_a_good_hour():
    search = a_search()
    assert [clock(one) for one in search.chosen(search.free([]), wanted=3, soonest=False)] == ["Mon 10:00", "Tue 10:00", "Wed 10:00"]


def test_when_it_is_urgent_the_very_first_free_slot_leads():
    search = a_search()
    assert [clock(one) for one in search.chosen(search.free([]), wanted=3, soonest=True)] == ["Mon 09:00", "Tue 10:00", "Wed 10:00"]


def test_the_better_hour_outranks_the_sooner_one_unless_it_is_urgent():
    free = (on(23, 9), on(24, 10))
    assert a_search().chosen(free, wanted=3, soonest=False) == (on(24, 10), on(23, 9))
    assert a_search().chosen(free, wanted=3, soonest=True) == (on(23, 9), on(24, 10))


def test_a_single_day_offers_several_times_apart_from_each_other():
    search = a_search()
    one_day = [one for one in search.free([]) if one < on(24, 0)]
    chosen = sorted(search.chosen(one_day, wanted=3, soonest=False))
    assert [clock(one) for one in chosen] == ["Mon 10:00", "Mon 14:00", "Mon 16:00"]
    assert chosen[2] - chosen[1] == APART


def test_no_more_than_wanted_are_chosen():
    search = a_search()
    assert len(search.chosen(search.free([]), wanted=2, soonest=False)) == 2
    assert search.chosen([], wanted=3, soonest=True) == ()


def test_a_slot_lasts_half_an_hour():
    assert timedelta(minutes=30) == LENGTH
