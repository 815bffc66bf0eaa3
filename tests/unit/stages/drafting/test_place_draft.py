"""Place: the draft stands in Gmail once, in its conversation, and never in the place of a person's work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from shared.domain.draft import Draft, DraftState, OpenDraft, Placement, draft_hash, open_draft_id
from shared.domain.ids import DraftId
from shared.domain.lease import LEASE_FOR, Lease
from shared.domain.outbox import Channel
from shared.domain.planning import Context
from shared.domain.run import RunState
from shared.ports.errors import Busy, NotFound, OperatorLeft, OutcomeUnknown, Permanent, SalesAgentError, Transient
from shared.ports.mailbox import FoundDraft
from shared.ports.store import Write
from shared.stages.drafting.place_draft import place_draft
from tests.builders import MONDAY, PROSPECT, WORKSPACE, a_context, a_draft_text, a_form_entry, a_job, a_placement, a_workspace, at
from tests.fakes.mailbox import MemoryMailbox
from tests.fakes.store import MemoryStore
from tests.unit.stages.world import JO, StageWorld, a_gated_run, a_judged_draft, work

CONVERSATION = open_draft_id(workspace_id=WORKSPACE, mailbox="maria@northwind.example", recipient=PROSPECT, thread_id="")
PERSONS = FoundDraft(gmail_draft_id="r-p", gmail_message_id="gm-p", thread_id="new-r-p", ours="", content_hash="theirs")


def submitted(moment: datetime) -> Context:
    return a_context(job=a_job(entry=a_form_entry(submitted_at=moment)))


class Unlucky(MemoryMailbox):
    """Raises `before` instead of, or `after` having, written."""

    before: SalesAgentError | None = None
    after: SalesAgentError | None = None

    def _keep(self, gmail_draft_id: str, draft: Draft) -> Placement:
        if self.before:
            raise self.before
        kept = super()._keep(gmail_draft_id, draft)
        if self.after:
            raise self.after
        return kept


class Placing:
    """A gated run, its judged draft, and the operator's mailbox."""

    def __init__(self, world: StageWorld) -> None:
        self.world, self.mailbox = world, Unlucky()
        self.operators: list[str] = []
        world.put(a_gated_run(context=submitted(MONDAY)), a_judged_draft())

    def __call__(self, id: str = "run_1") -> None:
        def mailbox_of(operator: Any) -> MemoryMailbox:
            self.operators.append(operator.id)
            return self.mailbox.of(operator)

        place_draft(work(id), store=self.world.store, outbox=self.world.outbox, clock=self.world.clock, mailbox=mailbox_of)

    def newer(self, number: int = 2, **changes: Any) -> None:
        """Another run of the same person, who submitted later."""
        begun = {"context": submitted(at(hours=number))}
        text = a_draft_text(subject=f"Draft {number}")
        self.world.put(
            a_gated_run(**{"id": f"run_{number}", "draft_id": f"draft-{number}", **begun, **changes}),
            a_judged_draft(id=DraftId(f"draft-{number}"), run_id=f"run_{number}", text=text),
        )

    @property
    def pointer(self) -> OpenDraft:
        return self.world.one(OpenDraft)

    @property
    def subjects(self) -> list[str]:
        return [draft.text.subject for _, draft in self.mailbox.drafts.values()]

    def edit(self) -> None:
        """A person changes what stands there."""
        for id, (found, draft) in self.mailbox.drafts.items():
            self.mailbox.drafts[id] = found.model_copy(update={"content_hash": "edited"}), draft


@pytest.fixture
def placing(world: StageWorld) -> Placing:
    return Placing(world)


def test_a_gated_draft_is_placed_and_the_crm_is_next(placing: Placing):
    placing.world.later(minutes=4)
    placing()
    draft, run = placing.world.draft(), placing.world.run()
    [(found, _)] = placing.mailbox.drafts.values()
    assert (draft.placement.gmail_draft_id, draft.state, draft.updated_at) == (found.gmail_draft_id, DraftState.PENDING, at(minutes=4))
    assert (run.state, run.placement_note, run.history[-1].note) == (RunState.PLACED, "", "placed")
    assert (run.history[-1].stage, run.history[-1].at, placing.operators) == ("place_draft", at(minutes=4), ["maria"])
    owed, told = placing.world.outbox.flushed
    assert (owed.id, owed.channel, owed.destination) == ("run_1-placed", Channel.TASK, "crm")
    assert (told.id, told.channel, told.destination) == ("draft-1-placed", Channel.EVENT, "draft.placed")
    assert (told.payload["id"], told.trace_id) == ("draft-1", "trace-1")


def test_a_draft_that_was_not_placed_is_not_announced(placing: Placing):
    placing.mailbox.drafts["r-p"] = PERSONS, a_judged_draft()
    placing()
    assert placing.world.outbox.destinations == ["crm"]


def test_the_conversation_remembers_which_draft_stands_in_it(placing: Placing):
    placing()
    assert placing.pointer == OpenDraft(
        id=CONVERSATION, workspace_id=WORKSPACE, draft_id=DraftId("draft-1"), since=MONDAY, placement=placing.world.draft().placement
    )


def test_a_redelivery_touches_no_mailbox_and_publishes_what_was_left(placing: Placing):
    placing.world.outbox.dead = True
    placing()
    placing.world.outbox.dead = False
    calls = list(placing.mailbox.calls)
    placing()
    assert placing.mailbox.calls == calls
    assert (sorted(placing.world.outbox.destinations), placing.world.owed) == (["crm", "draft.placed"], [])


def test_an_operators_own_draft_is_left_alone(placing: Placing):
    placing.mailbox.drafts["r-p"] = PERSONS, a_judged_draft()
    placing()
    reason = "the operator has a draft of their own in this conversation"
    assert list(placing.mailbox.drafts) == ["r-p"]
    assert (placing.world.draft().state, placing.world.draft().state_reason) == (DraftState.SUPERSEDED, reason)
    assert placing.world.draft().placement is None
    assert (placing.world.run().state, placing.world.run().placement_note) == (RunState.PLACED, reason)
    assert placing.pointer.lease is None
    assert placing.world.outbox.destinations == ["crm"]


# A newer submission of the same person


def test_a_newer_draft_takes_the_place_of_the_one_nobody_touched(placing: Placing):
    placing()
    placing.newer()
    placing("run_2")
    assert placing.subjects == ["Draft 2"]
    earlier = placing.world.draft()
    assert (earlier.state, earlier.state_reason) == (DraftState.SUPERSEDED, "refreshed the draft that stood there")
    assert (placing.pointer.draft_id, placing.pointer.since) == ("draft-2", at(hours=2))
    assert placing.pointer.placement == placing.world.draft("draft-2").placement
    assert placing.world.run("run_2").placement_note == ""


def test_a_draft_a_person_works_on_stays_and_is_known_as_edited(placing: Placing):
    placing()
    placing.edit()
    placing.newer()
    placing("run_2")
    reason = "the operator is working on an earlier draft in this conversation"
    assert placing.subjects == ["Your logistics summit"]
    assert (placing.world.draft().state, placing.world.draft("draft-2").state) == (DraftState.EDITED_OUTSIDE, DraftState.SUPERSEDED)
    assert (placing.world.draft().state_reason, placing.world.run("run_2").placement_note) == (reason, reason)
    assert (placing.pointer.draft_id, placing.pointer.since, placing.pointer.lease) == ("draft-1", MONDAY, None)


def test_what_is_known_as_edited_is_not_moved_again(placing: Placing):
    placing()
    placing.edit()
    for number in (2, 3):
        placing.newer(number)
        placing(f"run_{number}")
    assert placing.world.draft().state is DraftState.EDITED_OUTSIDE
    assert placing.world.run("run_3").state is RunState.PLACED


def test_a_draft_the_operator_threw_away_or_sent_makes_room(placing: Placing):
    placing()
    placing.mailbox.drafts.clear()
    placing.newer()
    placing("run_2")
    assert (placing.subjects, placing.world.draft().state) == (["Draft 2"], DraftState.DISCARDED)


def test_an_older_run_never_takes_the_place_of_a_newer_ones_draft(placing: Placing):
    placing.newer()
    placing("run_2")
    placing()
    assert placing.subjects == ["Draft 2"]
    reason = "a newer submission of the same person has its draft here"
    assert (placing.world.run().state, placing.world.run().placement_note) == (RunState.PLACED, reason)
    assert (placing.world.draft().state, placing.world.draft().state_reason) == (DraftState.SUPERSEDED, reason)
    assert placing.pointer.draft_id == "draft-2"


def test_an_older_submission_announced_later_does_not_count_as_newer(placing: Placing):
    placing.newer(created_at=at(hours=-1))
    placing("run_2")
    placing()
    assert (placing.subjects, placing.pointer.since) == (["Draft 2"], at(hours=2))


def test_two_submissions_of_the_same_moment_are_placed_in_the_order_they_come(placing: Placing):
    placing.newer(context=submitted(MONDAY))
    placing()
    placing("run_2")
    assert placing.subjects == ["Draft 2"]


def test_another_thread_is_another_conversation(placing: Placing):
    placing()
    placing.world.put(a_gated_run(id="run_2", draft_id="draft-2"), a_judged_draft(id=DraftId("draft-2"), run_id="run_2", thread_id="t1"))
    placing("run_2")
    assert len(placing.mailbox.drafts) == len(placing.world.store.everything(OpenDraft)) == 2


def test_a_draft_that_vanishes_between_looking_and_replacing_is_looked_for_again(placing: Placing):
    placing()
    placing.newer()
    placing.mailbox.before = NotFound("the draft is gone")
    with pytest.raises(Transient, match="gone"):
        placing("run_2")
    assert placing.pointer.lease is None
    placing.mailbox.before = None
    placing.mailbox.drafts.clear()
    placing("run_2")
    assert (placing.subjects, placing.world.draft().state) == (["Draft 2"], DraftState.DISCARDED)


# Crashes and unknown outcomes


def test_while_the_outcome_is_unknown_nobody_else_tries(placing: Placing):
    placing.mailbox.after = OutcomeUnknown("no answer from Gmail")
    with pytest.raises(OutcomeUnknown):
        placing()
    placing.mailbox.after = None
    with pytest.raises(Busy):
        placing()
    assert placing.mailbox.calls.count("create_draft") == 1


def test_when_the_lease_has_ended_the_draft_is_found_where_it_had_been_put(placing: Placing):
    placing.mailbox.after = OutcomeUnknown("no answer from Gmail")
    with pytest.raises(OutcomeUnknown):
        placing()
    placing.mailbox.after = None
    placing.world.clock.advance(LEASE_FOR)
    placing()
    draft, [(found, _)] = placing.world.draft(), placing.mailbox.drafts.values()
    assert draft.placement == Placement(
        gmail_draft_id=found.gmail_draft_id,
        gmail_message_id=found.gmail_message_id,
        thread_id=found.thread_id,
        content_hash=draft_hash(draft),
        placed_at=MONDAY + LEASE_FOR,
        url=found.url,
    )
    assert placing.world.run().history[-1].note == "found where an earlier attempt had put it"
    assert placing.world.run().placement_note == ""
    assert placing.mailbox.calls.count("create_draft") == 1


def test_after_a_clean_failure_the_next_delivery_tries_at_once(placing: Placing):
    placing.mailbox.before = Transient("Gmail is away")
    with pytest.raises(Transient):
        placing()
    assert placing.pointer.lease is None
    placing.mailbox.before = None
    placing()
    assert placing.world.run().state is RunState.PLACED


def test_each_attempt_has_a_higher_fence(placing: Placing):
    fences = []
    placing.mailbox.after = OutcomeUnknown("no answer from Gmail")
    for _ in range(2):
        placing.mailbox.drafts.clear()
        with pytest.raises(OutcomeUnknown):
            placing()
        fences.append(placing.pointer.lease.fence)
        placing.world.clock.advance(LEASE_FOR)
    assert (fences, placing.pointer.lease.holder) == ([1, 2], "draft-1")


def test_a_newer_run_replaces_what_an_unfinished_attempt_left_and_the_older_one_ends_quietly(placing: Placing):
    placing.mailbox.after = OutcomeUnknown("no answer from Gmail")
    with pytest.raises(OutcomeUnknown):
        placing()
    placing.mailbox.after = None
    placing.world.clock.advance(LEASE_FOR)
    placing.newer()
    placing("run_2")
    assert (placing.subjects, placing.world.draft().state) == (["Draft 2"], DraftState.SUPERSEDED)
    placing()
    assert (placing.world.run().state, placing.world.draft().state) == (RunState.PLACED, DraftState.SUPERSEDED)
    assert placing.world.run().placement_note == "a newer submission of the same person has its draft here"
    assert placing.subjects == ["Draft 2"]


def test_a_failure_for_good_gives_the_conversation_back(placing: Placing):
    placing.mailbox.before = Permanent("the mailbox is closed")
    with pytest.raises(Permanent, match="closed"):
        placing()
    assert placing.pointer.lease is None
    assert placing.world.run().state is RunState.GATED


class Failing(MemoryStore):
    """Lets `healthy` commits through, then raises; or, given a `rival`, lets it act just before one."""

    def __init__(self, world: StageWorld, *, healthy: int = 99, rival: Any = None) -> None:
        self.__dict__.update(world.store.__dict__)
        self.healthy, self.rival = healthy, rival
        world.store = self

    def commit(self, *writes: Write) -> Sequence[object]:
        if self.healthy == 0:
            self.healthy = -1
            if self.rival is None:
                raise Transient("the store is away")
            self.rival()
        self.healthy -= 1
        return super().commit(*writes)


def test_a_lease_that_cannot_be_given_back_ends_by_itself(placing: Placing):
    Failing(placing.world, healthy=1)
    placing.mailbox.before = Transient("Gmail is away")
    with pytest.raises(Transient, match="Gmail"):
        placing()
    assert placing.pointer.lease.until == MONDAY + LEASE_FOR


@pytest.mark.parametrize(("first", "told"), [(True, "is placing"), (False, "just begun")], ids=["the first draft there", "a later one"])
def test_of_two_deliveries_at_once_one_places(placing: Placing, first: bool, told: str):
    if not first:
        placing.world.put(OpenDraft(id=CONVERSATION, workspace_id=WORKSPACE, draft_id=DraftId("draft-0"), since=at(hours=-1)))
    rival = OpenDraft(
        id=CONVERSATION,
        workspace_id=WORKSPACE,
        draft_id=DraftId("draft-9"),
        since=MONDAY,
        lease=Lease(holder="draft-9", until=at(seconds=90), fence=1),
    )
    Failing(placing.world, healthy=0 if first else 1, rival=lambda: placing.world.put(rival))
    with pytest.raises(Busy, match=told):
        placing()
    assert placing.mailbox.calls == []


def test_a_previous_draft_that_changes_meanwhile_does_not_lose_the_new_one(placing: Placing):
    placing()
    placing.newer()
    touched = placing.world.draft().model_copy(update={"state_reason": "looked at", "placement": a_placement()})
    Failing(placing.world, healthy=2, rival=lambda: placing.world.put(touched))
    with pytest.raises(Transient, match="changed"):
        placing("run_2")
    placing.world.clock.advance(LEASE_FOR)
    placing("run_2")
    assert placing.world.run("run_2").state is RunState.PLACED
    assert placing.subjects == ["Draft 2"]


def test_a_conversation_that_is_forgotten_at_that_moment_is_come_back_to(placing: Placing):
    placing.world.put(OpenDraft(id=CONVERSATION, workspace_id=WORKSPACE, draft_id=DraftId("draft-0"), since=at(hours=-1)))

    class Forgetting(MemoryStore):
        def get(self, kind: Any, **which: Any) -> Any:
            return None if kind is OpenDraft else super().get(kind, **which)

    forgetting = Forgetting()
    forgetting.__dict__.update(placing.world.store.__dict__)
    placing.world.store = forgetting
    with pytest.raises(Busy):
        placing()
    assert placing.mailbox.calls == []


def test_a_first_draft_is_claimed_and_placed_without_asking_what_stands_there(placing: Placing):
    trips = placing.world.store.trips
    trips.clear()
    placing()
    assert trips == ["read", "get", "commit", "commit", "commit"]  # run and draft; the claim; the end; the end of what was owed


def test_a_later_one_looks_at_what_stands_there_beside_its_claim(placing: Placing):
    placing()
    placing.newer()
    trips = placing.world.store.trips
    trips.clear()
    placing("run_2")
    assert (trips[:4], sorted(trips[4:6]), trips[6:]) == (["read", "get", "commit", "get"], ["commit", "get"], ["commit", "commit"])


def test_a_draft_of_somebody_who_was_removed_is_placed_nowhere(world: StageWorld):
    world.put(a_gated_run(), a_judged_draft())
    world.store.save_workspace(workspace=a_workspace(operators=(JO,), default_operator=JO.id))
    mailbox = MemoryMailbox()
    with pytest.raises(OperatorLeft, match="maria, is no longer in this workspace"):
        place_draft(work(), store=world.store, outbox=world.outbox, clock=world.clock, mailbox=mailbox.of)
    assert mailbox.calls == []
