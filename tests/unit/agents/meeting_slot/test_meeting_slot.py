"""Meeting slots: times both sides work, in the words of the recipient's zone."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agents.meeting_slot.agent import FreeBusySlots
from shared.agents.meeting_slot.places import country_code, public_holidays, working_week
from shared.agents.meeting_slot.wording import spoken
from shared.agents.meeting_slot.zones import zone_name
from shared.domain.planning import Priority
from shared.domain.slots import Busy, Slot
from shared.domain.workspace import WorkingHours
from tests.architecture.sources import ROOT
from tests.builders import MONDAY, PROSPECT, a_hold, an_operator, at, busy
from tests.cases import cases_of
from tests.fakes.calendar import MemoryCalendar

NOTICE = an_operator().call_notice
ASKED = {"recipient": PROSPECT, "contact_timezone": "", "contact_country": "", "contact_phone": "", "urgency": Priority.NORMAL}


def propose(*taken: Busy, now: datetime = MONDAY, hours: WorkingHours | None = None, **asked: Any) -> Sequence[Slot]:
    operator = an_operator(**({"hours": hours} if hours else {}))
    return FreeBusySlots(calendar=MemoryCalendar(*taken).of).propose(operator=operator, now=now, **{**ASKED, **asked})


@pytest.mark.parametrize(("asked", "expected"), cases_of("meeting_slot"))
def test_the_offer_suits_both_sides_and_the_urgency(asked: dict[str, str], expected: list[str]):
    slots = propose(
        now=datetime.fromisoformat(asked["now"]),
        contact_timezone=asked["timezone"],
        contact_country=asked["country"],
        urgency=Priority(asked["urgency"]),
    )
    assert [one.spoken for one in slots] == expected


def test_a_taken_hour_is_not_offered_and_its_neighbour_is():
    first, second = datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 24, 9, 30, tzinfo=UTC)  # 10:00 and 10:30 in Madrid
    assert first in {one.start for one in propose()}
    starts = {one.start for one in propose(busy(first))}
    assert first not in starts
    assert second in starts


def test_a_minute_of_overlap_is_an_overlap():
    first = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert first not in {one.start for one in propose(busy(first + timedelta(minutes=29), minutes=1))}
    assert first in {one.start for one in propose(busy(first + timedelta(minutes=30), minutes=30))}


def test_a_slot_that_ends_a_minute_after_hours_is_not_offered():
    nine_to_last_call = WorkingHours(timezone="UTC", start=time(9), end=time(9, 59), weekdays=(0, 1, 2, 3, 4))
    assert {(one.start.hour, one.start.minute) for one in propose(now=at(days=1), hours=nine_to_last_call)} == {(9, 0)}


def test_a_day_with_no_time_left_for_a_call_does_not_count_as_one_of_the_three():
    late = datetime(2026, 11, 23, 13, 15, tzinfo=UTC)  # three hours later it is 17:15 in Madrid
    assert [one.spoken.split(" at ")[0] for one in propose(now=late)] == [
        "Tuesday 24 November",
        "Wednesday 25 November",
        "Thursday 26 November",
    ]


def test_a_full_calendar_offers_nothing():
    assert propose(busy(MONDAY, minutes=14 * 24 * 60)) == ()


def test_one_free_day_still_offers_a_choice_of_times_apart_from_each_other():
    rest = busy(datetime(2026, 11, 24, 0, tzinfo=UTC), minutes=14 * 24 * 60)
    starts = sorted(one.start for one in propose(rest))
    assert len(starts) >= 2
    assert all(later - sooner >= timedelta(hours=2) for sooner, later in pairwise(starts))


def test_the_calendar_is_asked_once_for_the_whole_search():
    calendar = MemoryCalendar()
    FreeBusySlots(calendar=calendar.of).propose(operator=an_operator(), now=MONDAY, **ASKED)
    assert calendar.asked == [(MONDAY + NOTICE, datetime(2026, 11, 25, 23, tzinfo=UTC))]


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    zone=st.sampled_from(["", "Europe/Oslo", "America/Los_Angeles", "Asia/Dubai", "Pacific/Auckland"]),
    country=st.sampled_from(["", "Norway", "United States", "United Arab Emirates", "Japan"]),
    taken=st.lists(st.integers(0, 24 * 16), max_size=20),
)
def test_what_was_looked_up_before_the_recipient_was_known_makes_the_same_offer(now: datetime, zone: str, country: str, taken: list[int]):
    now = now.replace(tzinfo=UTC)
    calendar = MemoryCalendar(*(busy(now + timedelta(hours=hour)) for hour in taken))
    agent = FreeBusySlots(calendar=calendar.of)
    asked = {**ASKED, "operator": an_operator(), "now": now, "contact_timezone": zone, "contact_country": country}
    agenda = agent.look(operator=an_operator(), recipient=PROSPECT, now=now - timedelta(seconds=1))
    assert agent.propose(**asked, agenda=agenda) == agent.propose(**asked)


@pytest.mark.parametrize(
    ("country", "now", "reads"),
    [
        ("Norway", MONDAY, 1),
        ("Norway", datetime(2026, 5, 12, 8, tzinfo=UTC), 1),  # Thursday the 14th is a day off there
        ("Saudi Arabia", datetime(2026, 11, 25, 8, tzinfo=UTC), 2),  # a Wednesday; nobody works on Friday there
    ],
)
def test_a_calendar_looked_at_far_enough_is_not_asked_again(country: str, now: datetime, reads: int):
    calendar = MemoryCalendar()
    agent = FreeBusySlots(calendar=calendar.of)
    agenda = agent.look(operator=an_operator(), recipient=PROSPECT, now=now)
    agent.propose(**{**ASKED, "contact_country": country}, operator=an_operator(), now=now, agenda=agenda)
    assert len(calendar.asked) == reads


def test_what_is_held_for_the_recipient_is_no_hindrance_in_what_was_looked_up():
    calendar, first = MemoryCalendar(), propose()[0]
    calendar.hold(hold=a_hold(start=first.start, workspace_id=an_operator().workspace_id), event_id="e1")
    agent = FreeBusySlots(calendar=calendar.of)
    assert agent.look(operator=an_operator(), recipient=PROSPECT, now=MONDAY).taken == ()
    assert agent.look(operator=an_operator(), recipient="another@brightleaf.example", now=MONDAY).taken == (busy(first.start),)


def test_an_operator_who_never_works_offers_nothing_and_asks_no_calendar():
    assert propose(hours=WorkingHours(timezone="Europe/Madrid", weekdays=())) == ()
    idle = an_operator(hours=WorkingHours(timezone="Europe/Madrid", weekdays=()))
    calendar = MemoryCalendar()
    assert FreeBusySlots(calendar=calendar.of).look(operator=idle, recipient=PROSPECT, now=MONDAY).taken == ()
    assert calendar.asked == []


def test_a_slot_is_evidence_of_itself():
    [first, *_] = propose(contact_timezone="Europe/Lisbon")
    assert first.evidence.id == "slot.1"
    assert first.evidence.text == first.spoken
    assert first.timezone == "Europe/Lisbon"
    assert first.evidence.label == "Free in Maria Costa's calendar"


def test_the_reason_tells_the_operators_hour_where_it_differs():
    [lisbon, *_] = propose(contact_timezone="Europe/Lisbon")
    [madrid, *_] = propose(contact_timezone="Europe/Madrid")
    assert lisbon.reason == "You are free: the soonest of these, at a good hour for both; 15:00 for you."
    assert madrid.reason == "You are free: the soonest of these, at a good hour for both."


ZONES = [
    "Europe/Madrid",
    "America/New_York",
    "Australia/Lord_Howe",  # its summer time is half an hour
    "Asia/Kathmandu",
    "Africa/Cairo",  # its clocks change at midnight
    "Pacific/Chatham",
    "America/St_Johns",
    "UTC",
]
CHANGES = [
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 10, 25, tzinfo=UTC),
    datetime(2026, 3, 8, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
]
CHANGES += [
    datetime(2026, 4, 24, tzinfo=UTC),
    datetime(2026, 4, 5, tzinfo=UTC),
    datetime(2026, 10, 4, tzinfo=UTC),
    datetime(2026, 9, 27, tzinfo=UTC),
]


@st.composite
def working_hours(draw: st.DrawFn) -> WorkingHours:
    opens = draw(st.integers(0, 20 * 60))
    closes = draw(st.integers(opens + 1, 24 * 60 - 1))
    weekdays = tuple(draw(st.sets(st.integers(0, 6), min_size=1)))
    return WorkingHours(timezone=draw(st.sampled_from(ZONES)), start=clock_time(opens), end=clock_time(closes), weekdays=weekdays)


def clock_time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


moments = st.builds(lambda change, minutes: change + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-4 * 1440, 1440))
intervals = st.lists(st.tuples(st.integers(-60, 6 * 1440), st.integers(1, 900)), max_size=8)


@given(hours=working_hours(), zone=st.sampled_from(["", *ZONES]), now=moments, taken=intervals, urgency=st.sampled_from(Priority))
def test_across_every_change_of_clocks_slots_are_free_thirty_real_minutes_in_working_time(
    hours: WorkingHours, zone: str, now: datetime, taken: list[tuple[int, int]], urgency: Priority
):
    blocks = [busy(now + timedelta(minutes=start), minutes=length) for start, length in taken]
    slots = propose(*blocks, now=now, hours=hours, contact_timezone=zone, urgency=urgency)
    theirs = WorkingHours(timezone=zone or hours.timezone)
    for slot in slots:
        assert slot.start.tzinfo is UTC
        assert slot.end - slot.start == timedelta(minutes=30)
        assert slot.start >= now + NOTICE
        assert not any(slot.start < one.end and one.start < slot.end for one in blocks)
        for side in (hours, theirs):
            assert all(inside(side, slot.start + timedelta(minutes=minute)) for minute in range(30))
    starts = [one.start for one in slots]
    assert len(set(starts)) == len(starts) <= 3
    assert len({start.astimezone(ZoneInfo(hours.timezone)).date() for start in starts}) <= 3


def inside(hours: WorkingHours, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(hours.timezone))
    return hours.start <= local.time() < hours.end and local.weekday() in hours.weekdays


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Lisbon", "Monday 23 November at 09:00 (WET)"),
        ("Asia/Kathmandu", "Monday 23 November at 14:45 (UTC+5:45)"),
        ("America/Sao_Paulo", "Monday 23 November at 06:00 (UTC-3)"),
        ("Pacific/Auckland", "Monday 23 November at 22:00 (NZDT)"),
    ],
)
def test_a_time_is_told_in_the_recipients_zone(zone: str, expected: str):
    assert spoken(MONDAY, zone=zone) == expected


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Europe/Lisbon", "Europe/Lisbon"),
        ("Europe/Nowhere", ""),
        ("Europe", ""),
        ("../../etc/passwd", ""),
        ("/etc/localtime", ""),
        ("x" * 5000, ""),
        ("", ""),
        ("Lisbon time", ""),
    ],
)
def test_a_zone_somebody_typed_is_a_zone_or_nothing(told: str, name: str):
    assert zone_name(told) == name


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("PT", "PT"),
        ("pt", "PT"),
        ("Portugal", "PT"),
        ("UK", "GB"),
        ("united kingdom", "GB"),
        ("USA", "US"),
        ("Atlantis", ""),
        ("", ""),
        ("../..", ""),
    ],
)
def test_a_country_somebody_typed_is_a_code_or_nothing(told: str, code: str):
    assert country_code(told) == code


@given(st.text(max_size=30))
def test_no_country_name_breaks_the_search(told: str):
    code = country_code(told)
    assert public_holidays(code, frozenset({2026})) is not None
    assert working_week(code, on=MONDAY.date())


def test_a_contact_in_the_operators_own_holiday_is_not_called_on_it():
    on_the_holiday = propose(now=at(days=14, hours=2), contact_timezone="Europe/Madrid")  # 7 December; the 8th is a holiday in Spain
    assert all(one.start.day != 8 for one in on_the_holiday)


def test_the_holidays_of_one_country_are_read_without_loading_the_others() -> None:
    told = "import sys; from shared.agents.meeting_slot.places import public_holidays; public_holidays('SE', frozenset({2026}))"
    count = "; print(*(name for name in sys.modules if name.startswith('holidays.countries.')))"
    answer = subprocess.run([sys.executable, "-c", told + count], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["holidays.countries.sweden"]
