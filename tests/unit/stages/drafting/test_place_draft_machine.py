"""A conversation in which runs place drafts, deliveries die and the operator does as they please: a person's work is never touched."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.domain.draft import Draft, DraftState, OpenDraft, Placement
from shared.domain.ids import DraftId
from shared.domain.lease import LEASE_FOR
from shared.domain.run import Run, RunState
from shared.ports.errors import OutcomeUnknown, SalesAgentError, Transient
from shared.ports.mailbox import FoundDraft
from shared.stages.drafting.place_draft import place_draft
from tests.builders import a_draft_text, at
from tests.fakes.mailbox import MemoryMailbox
from tests.unit.stages.world import StageWorld, a_gated_run, a_judged_draft, work

WEATHER = ["fine", "fails before", "fails after", "arrives late"]


RUNS = 4


class Stormy(MemoryMailbox):
    """Writes, does not write, writes without saying so, or says nothing and creates a little later."""

    def __init__(self) -> None:
        super().__init__()
        self.weather = "fine"
        self.under_way: list[tuple[str, Draft]] = []

    def arrive(self) -> None:
        for id, draft in self.under_way:
            super()._keep(id, draft)
        self.under_way.clear()

    def _keep(self, gmail_draft_id: str, draft: Draft) -> Placement:
        if self.weather == "fails before":
            raise Transient("Gmail is away")
        id = gmail_draft_id if gmail_draft_id in self.drafts else f"r-{len(self.calls)}"
        if self.weather == "arrives late" and id not in self.drafts:
            self.under_way.append((id, draft))
            raise OutcomeUnknown("no answer from Gmail")
        kept = super()._keep(id, draft)
        if self.weather == "fails after":
            raise OutcomeUnknown("no answer from Gmail")
        return kept


class Conversation(RuleBasedStateMachine):
    """One mailbox, one person."""

    @initialize()
    def begin(self) -> None:
        self.world, self.mailbox = StageWorld(), Stormy()
        self.touched: dict[str, FoundDraft] = {}
        for number in range(1, RUNS + 1):
            text = a_draft_text(subject=f"Draft {number}")
            self.world.put(
                a_gated_run(id=f"run_{number}", draft_id=f"draft-{number}", created_at=at(minutes=number)),
                a_judged_draft(id=DraftId(f"draft-{number}"), run_id=f"run_{number}", text=text),
            )

    @rule(number=st.integers(1, RUNS))
    def pubsub_delivers(self, number: int) -> None:
        self.mailbox.weather, self.world.outbox.dead = "fine", False
        self.deliver(number)

    @rule(number=st.integers(1, RUNS), weather=st.sampled_from(WEATHER), dies=st.booleans())
    def pubsub_delivers_in_bad_weather(self, number: int, weather: str, dies: bool) -> None:
        self.mailbox.weather, self.world.outbox.dead = weather, dies
        self.deliver(number)

    @rule(seconds=st.sampled_from([1, 60, 90]))
    def time_passes(self, seconds: int) -> None:
        if seconds > 1:
            self.mailbox.arrive()
        self.world.later(seconds=seconds)

    @precondition(lambda self: set(self.mailbox.drafts) - set(self.touched))
    @rule(data=st.data())
    def the_operator_edits_a_draft(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(set(self.mailbox.drafts) - set(self.touched))))
        found, draft = self.mailbox.drafts[id]
        self.touched[id] = found.model_copy(update={"content_hash": f"edited {id}"})
        self.mailbox.drafts[id] = self.touched[id], draft

    @rule()
    def the_operator_writes_a_draft_of_their_own(self) -> None:
        id = f"own-{len(self.touched)}"
        own = FoundDraft(gmail_draft_id=id, gmail_message_id=id, thread_id=id, ours="", content_hash=id)
        self.touched[id] = own
        self.mailbox.drafts[id] = own, a_judged_draft()

    @precondition(lambda self: self.mailbox.drafts)
    @rule(data=st.data())
    def the_operator_sends_or_deletes_a_draft(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(self.mailbox.drafts)))
        del self.mailbox.drafts[id]
        self.touched.pop(id, None)

    def deliver(self, number: int) -> SalesAgentError | None:
        ports = {"store": self.world.store, "outbox": self.world.outbox, "clock": self.world.clock}
        try:
            place_draft(work(f"run_{number}"), mailbox=self.mailbox.of, **ports)
        except SalesAgentError as error:
            return error
        return None

    @invariant()
    def what_a_person_touched_stands_as_they_left_it(self) -> None:
        assert {id: self.mailbox.drafts[id][0] for id in self.touched} == self.touched

    @invariant()
    def at_most_one_untouched_draft_of_ours_stands(self) -> None:
        assert len([id for id in self.mailbox.drafts if id not in self.touched]) <= 1

    @invariant()
    def a_placed_run_owes_or_has_published_its_task(self) -> None:
        runs = [one for one in self.world.store.everything(Run) if one.state is RunState.PLACED]
        told = {f"{one.draft_id}-placed" for one in runs if not one.placement_note}
        placed = {f"{one.id}-placed" for one in runs} | told
        assert placed == {one.id for one in (*self.world.outbox.flushed, *self.world.owed)}

    @invariant()
    def a_run_without_a_placed_draft_says_why(self) -> None:
        for run in self.world.store.everything(Run):
            if run.state is RunState.PLACED:
                draft = self.world.draft(run.draft_id)
                assert (draft.placement is None) == bool(run.placement_note)
                assert draft.placement is not None or draft.state is not DraftState.PENDING

    def teardown(self) -> None:
        """In fine weather and after any lease every run ends, and no conversation stays claimed."""
        self.mailbox.weather, self.world.outbox.dead = "fine", False
        self.mailbox.arrive()
        for number in range(1, RUNS + 1):
            self.world.clock.advance(LEASE_FOR)
            assert self.deliver(number) is None
        assert all(one.state is RunState.PLACED for one in self.world.store.everything(Run))
        assert all(one.lease is None for one in self.world.store.everything(OpenDraft))


Conversation.TestCase.settings = settings(max_examples=80, stateful_step_count=20)
TestConversation = Conversation.TestCase
