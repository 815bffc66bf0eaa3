"""Whatever comes whenever: each draft that waits is told soon, nobody is told all the time, and nothing is told that was decided."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.notice_books import RHYTHMS, URGENT
from shared.domain.notices import Concern
from tests.unit.stages.told import ToldWorld

ORDINARY = RHYTHMS[Concern.APPROVALS]
LATEST = ORDINARY.gaps[0] + timedelta(seconds=1)
"""A gap is never longer, and never begins again."""
SECONDS = st.integers(0, 900)
ARRIVALS = st.lists(st.tuples(SECONDS, st.booleans(), st.one_of(st.none(), SECONDS)), min_size=1, max_size=25)
"""After how many seconds the next one comes, whether it is urgent, and how long after it came somebody decides."""


@settings(max_examples=150, deadline=None)
@given(ARRIVALS)
def test_every_waiting_draft_is_told_in_time_and_never_too_often(arrivals):
    at = ToldWorld(by_mail=False)
    came, decisions, urgent = {}, [], {}
    for number, (pause, is_urgent, decided_after) in enumerate(arrivals):
        moment = at.clock.now() + timedelta(seconds=pause)
        decisions = _run(at, moment, decisions)
        at.waits(number, urgent=is_urgent)
        came[number], urgent[number] = moment, is_urgent
        if decided_after is not None:
            decisions.append((moment + timedelta(seconds=decided_after), number))
    _run(at, at.clock.now() + timedelta(hours=1), decisions)
    decided = {number: came[number] + timedelta(seconds=arrivals[number][2]) for number in came if arrivals[number][2] is not None}
    first_told = _first_told(at)
    for number, moment in came.items():
        late = moment + (URGENT.gaps[0] if urgent[number] else LATEST)
        if decided.get(number, late + LATEST) > late:
            assert first_told[number] <= late, f"{number} came at {moment}"
        assert number not in decided or number not in first_told or first_told[number] <= decided[number]
    moments = [one.at for one in at.slack()]
    assert all(later - earlier >= URGENT.gaps[0] for earlier, later in pairwise(moments))
    if not any(urgent.values()):
        assert all(later - earlier >= ORDINARY.gaps[0] for earlier, later in pairwise(moments))


def _run(at, until, decisions):
    """Decisions fall when they are due; what is due later is left."""
    for moment, number in sorted(one for one in decisions if one[0] <= until):
        at.run_until(moment)
        at.decided(number)
    at.run_until(until)
    return [one for one in decisions if one[0] > until]


def _first_told(at):
    """When each was told of by name: a notice names at most five, so what it counted counts."""
    told = {}
    for key in at.book().told:
        number = int(key.removeprefix("draft_").removesuffix("-0"))
        told[number] = at.told_at.get(key)
    return {number: moment for number, moment in told.items() if moment is not None}
