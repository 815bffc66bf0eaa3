"""Drafts come and go, deliveries die, the operator does as they please: no time is held for two people, nothing is left behind."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.domain.draft import DraftState
from shared.domain.holds import FoundHold, Hold, HoldState
from shared.domain.lease import LEASE_FOR
from shared.ports.errors import OutcomeUnknown, Permanent, SalesAgentError, Transient
from tests.builders import PROSPECT, at
from tests.unit.stages.holding import OTHER, TUESDAY, WEDNESDAY, Holding
from tests.unit.stages.world import StageWorld

WEATHER = {
    "fine": {},
    "fails before": {"before": Transient("Calendar is away")},
    "fails after": {"after": OutcomeUnknown("no answer from Calendar")},
    "cannot be asked": {"away": Transient("Calendar is away")},
    "refuses": {"before": Permanent("readers only")},
}
PEOPLE = (PROSPECT, PROSPECT, OTHER, "sam@third.example")


class Offers(RuleBasedStateMachine):
    """Four drafts, two of them to one person, offer overlapping choices of two times."""

    @initialize()
    def begin(self) -> None:
        self.holding = Holding(StageWorld())
        self.theirs: dict[str, FoundHold] = {}
        for number, person in enumerate(PEOPLE, start=1):
            times = (TUESDAY, WEDNESDAY) if number % 2 else (TUESDAY,)
            self.holding.placed(number, *times, recipient=person)

    def under(self, weather: str) -> None:
        sky = WEATHER[weather]
        self.holding.calendar.before, self.holding.calendar.after = sky.get("before"), sky.get("after")
        self.holding.calendar.away = sky.get("away")

    @rule(number=st.integers(1, 4), weather=st.sampled_from(list(WEATHER)))
    def pubsub_delivers(self, number: int, weather: str) -> None:
        self.under(weather)
        try:
            self.holding.hold(number)
        except SalesAgentError:
            return

    @rule(weather=st.sampled_from(list(WEATHER)))
    def rounds_are_made(self, weather: str) -> None:
        self.under(weather)
        self.holding.release()

    @rule(number=st.integers(1, 4), state=st.sampled_from([DraftState.SUPERSEDED, DraftState.REJECTED, DraftState.SENT_BY_OPERATOR]))
    def a_draft_is_decided(self, number: int, state: DraftState) -> None:
        draft = self.holding.world.draft(f"draft-{number}")
        if draft.state is DraftState.PENDING:
            self.holding.world.put(draft.model_copy(update={"state": state}))

    @rule(minutes=st.sampled_from([1, 2, 60, 60 * 10]))
    def time_passes(self, minutes: int) -> None:
        self.holding.world.later(minutes=minutes)

    @precondition(lambda self: self.holding.calendar.standing)
    @rule(data=st.data(), deletes=st.booleans())
    def the_operator_takes_one_over_or_deletes_it(self, data: st.DataObject, deletes: bool) -> None:
        event_id = data.draw(st.sampled_from(sorted(one.event_id for one in self.holding.calendar.standing)))
        if deletes:
            self.holding.calendar.change(event_id, cancelled=True, start=None, end=None)
            self.theirs.pop(event_id, None)
        else:
            self.holding.calendar.change(event_id, touched=True)
            self.theirs[event_id] = self.holding.calendar.events[event_id]

    @invariant()
    def nobody_shares_a_time_with_somebody_else(self) -> None:
        ours = [one for one in self.holding.calendar.standing if not one.touched]
        for time in (TUESDAY, WEDNESDAY):
            assert len({one.party for one in ours if one.start == time}) <= 1

    @invariant()
    def every_event_of_ours_belongs_to_a_hold_that_is_not_over(self) -> None:
        open_ones = {one.id for one in self.everything() if one.state in (HoldState.WANTED, HoldState.HELD)}
        assert {one.hold_id for one in self.holding.calendar.standing if not one.touched} <= open_ones

    @invariant()
    def what_a_person_made_their_own_stands_as_they_left_it(self) -> None:
        assert {id: self.holding.calendar.events[id] for id in self.theirs} == self.theirs

    @invariant()
    def a_hold_that_ended_says_why(self) -> None:
        assert all(one.reason for one in self.everything() if one.state not in (HoldState.WANTED, HoldState.HELD))

    def everything(self) -> list[Hold]:
        return list(self.holding.world.store.everything(Hold))

    def teardown(self) -> None:
        """In fine weather everything ends, and nothing of ours stays in the calendar once its time has come."""
        self.under("fine")
        for number in range(1, 5):
            self.holding.world.clock.advance(LEASE_FOR)
            self.holding.hold(number)
        self.holding.world.later(hours=0)
        self.holding.world.clock.advance(at(days=3) - at())
        self.holding.release()
        assert all(one.state not in (HoldState.WANTED, HoldState.HELD) for one in self.everything())
        assert {one.event_id for one in self.holding.calendar.standing} == set(self.theirs)


Offers.TestCase.settings = settings(max_examples=80, stateful_step_count=20)
TestOffers = Offers.TestCase
