"""Moments that people write: whatever is taken can be reckoned with in every zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.moments import written_moment


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "1969-12-31"])
def test_what_nobody_can_mean_is_no_moment(text: str) -> None:
    assert written_moment(text) is None


def test_a_day_begins_at_midnight_utc() -> None:
    assert written_moment("2026-11-23") == datetime(2026, 11, 23, tzinfo=UTC)


@given(st.datetimes(), st.integers(-14, 14), st.sampled_from(["Pacific/Kiritimati", "Etc/GMT+12", "Europe/Lisbon"]))
def test_whatever_is_taken_can_be_told_in_every_zone(local: datetime, hours: int, zone: str) -> None:
    read = written_moment(f"{local.isoformat()}{hours:+03d}:00")
    if read is not None:
        assert read.astimezone(ZoneInfo(zone)) + timedelta(days=366) > read
