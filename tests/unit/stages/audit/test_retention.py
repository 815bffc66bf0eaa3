"""Retention: what is older than a year goes behind a signed checkpoint, never what does not verify, and dying half-way loses nothing."""

import contextlib
from datetime import timedelta

import pytest

from shared.domain.sealing import Checkpoint, Place
from shared.ports.store import Put
from tests.builders import WORKSPACE
from tests.unit.stages.crashing import Death, DyingStore
from tests.unit.stages.logbook import A_YEAR, Logbook


@pytest.fixture
def log() -> Logbook:
    """Ten blocks, ten days apart: the last is 90 days younger than the first."""
    log = Logbook()
    log.write_and_seal(10, each=timedelta(days=10))
    return log


def years_go_by(log: Logbook, *, days: float) -> None:
    """Until the first block is a year and so many days old; then the sealer comes."""
    log.world.clock.advance(A_YEAR + timedelta(days=days - 100))
    log.seal()


def test_nothing_is_dropped_within_the_year(log: Logbook) -> None:
    years_go_by(log, days=0)
    assert (len(log.blocks), log.store.everything(Checkpoint)) == (10, [])


def test_older_blocks_go_with_their_entries_and_the_log_says_from_where_on_it_vouches(log: Logbook) -> None:
    years_go_by(log, days=25)
    assert [one.number for one in log.blocks] == [4, 5, 6, 7, 8, 9, 10]
    assert len(log.entries) == len(log.store.everything(Place)) == 14
    found = log.verified()
    assert (found.flaws, found.since) == ([], 4)
    assert found.since_at == log.store.everything(Checkpoint)[0].sealed_at
    assert log.store.everything(Checkpoint)[0].entries == 6


def test_retention_goes_on_from_its_checkpoint_day_by_day(log: Logbook) -> None:
    years_go_by(log, days=5)
    for _ in range(2):
        log.world.later(days=10)
        log.seal()
    assert log.store.everything(Checkpoint)[0].entries == 6
    assert log.flaws == []


def test_the_newest_block_always_stays_so_that_the_chain_goes_on(log: Logbook) -> None:
    years_go_by(log, days=1000)
    assert [one.number for one in log.blocks] == [10]
    log.write_and_seal(1)
    assert log.blocks[-1].number == 11
    assert log.flaws == []


def test_retention_is_done_once_a_day(log: Logbook) -> None:
    years_go_by(log, days=5)
    log.store.trips.clear()
    log.seal()
    quiet = len(log.store.trips)
    log.world.later(hours=25)
    log.store.trips.clear()
    log.seal()
    assert len(log.store.trips) > quiet


def test_how_long_it_is_kept_can_be_chosen(log: Logbook) -> None:
    log.world.later(days=1)
    log.seal(keep=timedelta(days=30))
    assert [one.number for one in log.blocks] == [9, 10]


def test_what_was_tampered_with_is_not_dropped_and_told(log: Logbook) -> None:
    changed = log.tamper(log.entries[2], reason="nobody said this")
    log.world.clock.advance(A_YEAR)
    done = log.seal()
    assert f"nothing is dropped from the audit log: entry {changed.id} was changed" in done.troubles[0]
    assert len(log.blocks) == 10


def test_a_forged_block_that_claims_to_be_dropped_takes_no_entry_with_it(log: Logbook) -> None:
    years_go_by(log, days=25)
    victim = log.blocks[-1].entries
    log.store.commit(Put(log.blocks[0].model_copy(update={"id": f"{1:012d}", "number": 1, "entries": victim})))
    assert "block 1" in log.told
    log.world.later(days=2)
    assert "nothing is dropped" in log.seal().troubles[0]
    assert {one.id for one in victim} <= {one.id for one in log.entries}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("calls", range(6, 26))
def test_retention_may_die_at_any_call_and_the_log_verifies_before_and_after_the_next(log: Logbook, calls: int, after: bool) -> None:
    log.world.clock.advance(A_YEAR + timedelta(days=-65))
    with contextlib.suppress(Death):
        log.seal(store=DyingStore(log.store, left=calls, after=after))
    assert log.flaws == []
    log.world.later(days=1)
    log.seal()
    assert log.flaws == []
    assert {one.id for one in log.entries} == set(log.chained)
    assert {one.id for one in log.store.everything(Place)} == set(log.chained)
    assert log.store.everything(Checkpoint)[0].number == log.blocks[0].number - 1
    assert log.blocks[0].workspace_id == WORKSPACE


def test_a_long_backlog_of_old_blocks_is_dropped_over_several_runs(log: Logbook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.stages.audit.retention.AT_ONCE", 3)
    years_go_by(log, days=65)
    assert [one.number for one in log.blocks] == [4, 5, 6, 7, 8, 9, 10]
    log.world.later(minutes=1)
    log.seal()
    log.seal()
    assert [one.number for one in log.blocks] == [8, 9, 10]
    assert log.flaws == []
