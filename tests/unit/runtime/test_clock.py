"""Clocks and ids: the suite's file is read as it is written, ids are long, safe in addresses, and never the same."""

import re
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from emulators.clock import Clock as EmulatedClock
from shared.runtime.clock import RandomIds, SuiteClock, SystemClock, clock_for
from shared.runtime.settings import Settings

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_frozen_suite_stands_still_and_is_seen_moving_at_once(tmp_path: Path):
    emulated = EmulatedClock(frozen_at=NOON, path=tmp_path / "clock")
    clock = SuiteClock(tmp_path / "clock")
    assert clock.now() == NOON
    emulated.advance(timedelta(days=3, milliseconds=250))
    assert clock.now() == emulated.now() == NOON + timedelta(days=3, milliseconds=250)
    emulated.advance(timedelta(days=-5))
    assert clock.now() == emulated.now()


def test_a_running_suite_runs_with_the_machine_and_its_offset(tmp_path: Path):
    emulated = EmulatedClock(path=tmp_path / "clock")
    emulated.advance(timedelta(days=365))
    clock = SuiteClock(tmp_path / "clock")
    before, seen, after = emulated.now(), clock.now(), emulated.now()
    assert before <= seen <= after


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), st.integers(-(10**6), 10**6))
def test_every_moment_is_read_as_it_was_written(tmp_path_factory: object, frozen: datetime, offset_s: int):
    path = tmp_path_factory.getbasetemp() / "clock-of-hypothesis"
    path.write_bytes(struct.pack("<dd", frozen.replace(tzinfo=UTC).timestamp(), offset_s))
    expected = frozen.replace(tzinfo=UTC) + timedelta(seconds=offset_s)
    assert abs(SuiteClock(path).now() - expected) < timedelta(milliseconds=1)


def test_pauses_of_virtual_time_cost_nothing(tmp_path: Path):
    EmulatedClock(frozen_at=NOON, path=tmp_path / "clock")
    SuiteClock(tmp_path / "clock").pause(86_400)


def test_the_settings_say_which_clock_it_is(tmp_path: Path):
    EmulatedClock(frozen_at=NOON, path=tmp_path / "clock")
    assert clock_for(Settings(clock_file=str(tmp_path / "clock"))).now() == NOON
    assert isinstance(clock_for(Settings()), SystemClock)


def test_the_machines_clock_is_in_utc_and_pauses_for_real():
    clock = SystemClock()
    before = clock.now()
    clock.pause(0.01)
    assert before.tzinfo is UTC
    assert timedelta(milliseconds=5) < clock.now() - before < timedelta(seconds=5)


def test_ids_are_long_safe_in_addresses_and_never_the_same():
    made = [RandomIds().new() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(re.fullmatch("[0-9a-hjkmnp-tv-z]{26}", one) for one in made)


def test_chance_is_at_least_zero_less_than_one_and_spread():
    drawn = [RandomIds().fraction() for _ in range(1000)]
    assert all(0 <= one < 1 for one in drawn)
    assert min(drawn) < 0.1 < 0.9 < max(drawn)
