"""The table of faults: which call is hit is decided by the rule alone, and a rule that could never strike is refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.faults import CALLS, DELIVERIES, Fault, Faults, Kind, Meaningless

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def faults() -> Faults:
    faults = Faults()
    faults.know(["bus.Publish", "bus.Pull"], CALLS)
    faults.know(["bus.Get"], CALLS | {Kind.STALE})
    faults.know(["bus.deliver.*"], DELIVERIES)
    return faults


def struck(faults: Faults, route: str, calls: int) -> list[bool]:
    return [faults.strike(route, NOW) is not None for _ in range(calls)]


@given(st.floats(0, 1), st.integers(0, 1000), st.integers(1, 300))
def test_the_same_seed_hits_the_same_calls_whatever_else_goes_on(share: float, seed: int, calls: int) -> None:
    alone, busy = Faults(), Faults()
    for table in (alone, busy):
        table.add(Fault("bus.Publish", Kind.STATUS, probability=share, seed=seed))
    busy.add(Fault("bus.Get", Kind.STATUS, probability=0.5, seed=seed))
    seen = []
    for _ in range(calls):
        busy.strike("bus.Get", NOW)
        seen.append(busy.strike("bus.Publish", NOW) is not None)
    assert struck(alone, "bus.Publish", calls) == seen


def test_a_tenth_of_all_calls_is_one_rule() -> None:
    faults = Faults()
    faults.add(Fault("*", Kind.STATUS, probability=0.1, seed=3))
    assert 800 < sum(struck(faults, "bus.Publish", 10_000)) < 1200


@pytest.mark.parametrize(("probability", "hits"), [(0, 0), (1, 20)])
def test_never_and_always_are_exact(probability: float, hits: int) -> None:
    faults = Faults()
    faults.add(Fault("*", Kind.STATUS, probability=probability))
    assert sum(struck(faults, "x", 20)) == hits


@pytest.mark.parametrize("probability", [-0.1, 1.1])
def test_a_share_that_is_none_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Fault("*", Kind.STATUS, probability=probability)


def test_times_after_and_the_window_count_matching_calls_only() -> None:
    faults = Faults()
    faults.add(Fault("a", Kind.STATUS, after=2, times=1))
    assert [faults.strike(route, NOW) is not None for route in ("a", "b", "a", "a", "a")] == [False, False, False, True, False]
    faults.add(Fault("c", Kind.STATUS, since=NOW, until=NOW + timedelta(seconds=1)))
    moments = (NOW - timedelta(seconds=1), NOW, NOW + timedelta(seconds=1))
    assert [faults.strike("c", moment) is not None for moment in moments] == [False, True, False]


@pytest.mark.parametrize(
    ("route", "kind", "possible"),
    [
        ("bus.Publish", Kind.STALE, "delay"),
        ("bus.Publish", Kind.REORDER, "status"),
        ("bus.P*", Kind.REORDER, "duplicate"),
        ("bus.deliver.plan", Kind.MALFORMED, "reorder"),
        ("bus.deliver.*", Kind.STALE, "drop_after"),
    ],
)
def test_a_kind_that_changes_nothing_there_is_refused_with_what_is_possible(faults: Faults, route: str, kind: Kind, possible: str) -> None:
    with pytest.raises(Meaningless, match=f"{kind} changes nothing on .*possible there: .*{possible}"):
        faults.add(Fault(route, kind))


@pytest.mark.parametrize("route", ["bus.Publsh", "mail.*", "deliver.plan", ""])
def test_a_route_there_is_none_of_is_refused(faults: Faults, route: str) -> None:
    with pytest.raises(Meaningless, match="no route is called"):
        faults.add(Fault(route, Kind.STATUS))


@pytest.mark.parametrize("route", ["*", "bus.*", "bus.deliver.plan", "*.deliver.*", "bus.*.plan", "b?s.deliver.p*", "bus.[a-z]eliver.x"])
def test_a_glob_that_some_delivery_fits_is_accepted(faults: Faults, route: str) -> None:
    faults.add(Fault(route, Kind.REORDER))
    assert faults.strike("bus.deliver.plan" if route != "bus.[a-z]eliver.x" else "bus.deliver.x", NOW) is not None


def test_a_wide_rule_passes_over_the_routes_where_it_means_nothing(faults: Faults) -> None:
    faults.add(Fault("bus.*", Kind.REORDER, times=1))
    faults.add(Fault("bus.*", Kind.STATUS))
    strikes = [faults.strike(route, NOW) for route in ("bus.Publish", "bus.deliver.plan", "bus.deliver.plan")]
    assert [strike.kind if strike else None for strike in strikes] == [Kind.STATUS, Kind.REORDER, Kind.STATUS]


@given(st.text("ab.*?", max_size=8), st.text("ab.", max_size=8))
def test_whatever_a_glob_can_hit_it_may_name(glob: str, route: str) -> None:
    one = Faults()
    one.add(Fault(glob, Kind.STATUS))
    hits = one.strike(route, NOW) is not None
    other = Faults()
    other.know([route], CALLS)
    try:
        other.add(Fault(glob, Kind.STATUS))
    except Meaningless:
        assert not hits
    else:
        assert hits
