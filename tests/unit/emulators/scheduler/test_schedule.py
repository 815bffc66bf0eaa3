"""The next moment of a cron line in its time zone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.scheduler.errors import InvalidArgument
from emulators.scheduler.schedule import duration, next_moment, timestamp

moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(["UTC", "utc", "", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])


@given(moments, zones)
def test_the_next_moment_is_always_ahead(now: datetime, zone: str) -> None:
    due = next_moment("*/15 * * * *", zone, after=now)
    assert timedelta(0) < due - now <= timedelta(minutes=75)  # at most an hour is skipped in spring
    assert due.tzinfo is UTC


@given(moments, zones)
def test_a_daily_job_fires_about_once_a_day(now: datetime, zone: str) -> None:
    first = next_moment("30 2 * * *", zone, after=now)
    second = next_moment("30 2 * * *", zone, after=first)
    assert timedelta(hours=22) <= second - first <= timedelta(hours=26)


def test_durations_and_timestamps_read_and_write_as_google_does() -> None:
    assert duration("3.5s") == timedelta(seconds=3.5)
    assert timestamp(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) == "2026-03-02T09:00:00Z"
    with pytest.raises(InvalidArgument):
        duration("1m")
