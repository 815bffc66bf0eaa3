"""Recurrence rules against an implementation nobody here wrote, and the cases it does not cover."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.calendar import recurrence

FIRST = datetime(2026, 1, 31, 9, 30)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
dates = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31)).map(lambda at: at.replace(minute=0, second=0, microsecond=0))
some_days = st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True)
nth_days = st.lists(st.tuples(st.sampled_from([-2, -1, 1, 2, 3, 4, 5]), st.sampled_from(DAYS)), min_size=1, max_size=2, unique=True)
month_days = st.lists(st.sampled_from([-31, -2, -1, 1, 2, 15, 29, 30, 31]), min_size=1, max_size=3, unique=True)
months = st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True)


def joined(values):
    return ",".join(str(value) for value in values)


@st.composite
def rules(draw):
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 20))}")
    if frequency in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        parts.append("BYDAY=" + joined(f"{number}{day}" for number, day in draw(nth_days)))
    elif draw(st.booleans()):
        parts.append("BYDAY=" + joined(draw(some_days)))
    elif frequency != "WEEKLY" and draw(st.booleans()):
        parts.append("BYMONTHDAY=" + joined(draw(month_days)))
    if frequency == "WEEKLY":
        parts.append(f"WKST={draw(st.sampled_from(['MO', 'SU']))}")
    if draw(st.booleans()):
        parts.append("BYMONTH=" + joined(draw(months)))
    return ";".join(parts)


@settings(max_examples=400)
@given(rules(), dates)
def test_rules_mean_what_they_mean_elsewhere(rule, first):
    rrule = pytest.importorskip("dateutil.rrule", reason="python-dateutil comes with hubspot-api-client only")
    theirs = list(islice(rrule.rrulestr(rule, dtstart=first).xafter(first, inc=True), 12))
    horizon = min(theirs[-1] if theirs else first, first + timedelta(days=365 * 30)) + timedelta(days=1)
    ours = recurrence.parsed([f"RRULE:{rule}"]).starts(first.replace(tzinfo=UTC), before=horizon.replace(tzinfo=UTC))
    assert [start.replace(tzinfo=None) for start in islice(ours, 12)] == [start for start in theirs if start < horizon]


@pytest.mark.parametrize(
    ("rule", "starts"),
    [
        ("FREQ=MONTHLY", ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["2026-02-27", "2026-03-31", "2026-04-30"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("FREQ=YEARLY;BYDAY=1MO", ["2027-01-04", "2028-01-03", "2029-01-01"]),
        ("FREQ=DAILY;UNTIL=20260202", ["2026-01-31", "2026-02-01", "2026-02-02"]),
        ("FREQ=DAILY;UNTIL=20260202T093000Z", ["2026-01-31", "2026-02-01", "2026-02-02"]),
        ("FREQ=DAILY;UNTIL=20260202T092959Z", ["2026-01-31", "2026-02-01"]),
    ],
)
def test_rules_expand_to_days(rule, starts):
    found = islice(recurrence.parsed([f"RRULE:{rule}"]).starts(FIRST.replace(tzinfo=UTC), before=None), 3)
    assert [start.date().isoformat() for start in found] == starts


def test_a_meeting_stays_at_its_hour_when_the_clocks_change():
    first = datetime(2026, 10, 24, 9, 0, tzinfo=ZoneInfo("Europe/Madrid"))
    starts = list(islice(recurrence.parsed(["RRULE:FREQ=DAILY"]).starts(first, before=None), 3))
    assert [start.hour for start in starts] == [9, 9, 9]
    assert [start.astimezone(UTC).hour for start in starts] == [7, 8, 8]


def test_a_rule_that_never_matches_ends():
    assert list(recurrence.parsed(["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"]).starts(FIRST.replace(tzinfo=UTC), before=None)) == []


def test_dates_are_added_and_left_out():
    lines = ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260201T093000Z", "RDATE:20260210T120000Z,20260131T093000Z"]
    found = [start.isoformat()[:16] for start in recurrence.parsed(lines).starts(FIRST.replace(tzinfo=UTC), before=None)]
    assert found == ["2026-01-31T09:30", "2026-02-02T09:30", "2026-02-10T12:00"]
