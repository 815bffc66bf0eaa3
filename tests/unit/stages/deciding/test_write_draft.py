"""Write: Gmail's draft comes to say what ours says, once, whatever becomes of the calls, and never over a person's work."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.approval import ApprovalState
from shared.domain.draft import Draft, DraftState, OpenDraft, Placement, draft_hash
from shared.domain.lease import LEASE_FOR
from shared.domain.verdict import Outcome
from shared.ports.errors import Busy, NotFound, OutcomeUnknown, ReconnectNeeded, Transient
from shared.stages.deciding.approving import NotApproved
from shared.stages.deciding.undo import undo
from shared.stages.deciding.write_draft import write_draft
from shared.stages.listening.catching_up import stands_untouched
from tests.builders import WORKSPACE, a_verdict, a_violation
from tests.unit.stages.desk import JO, DeskWorld
from tests.unit.stages.world import work


@pytest.fixture
def world() -> DeskWorld:
    return DeskWorld()


def pointer(world: DeskWorld) -> OpenDraft:
    return world.one(OpenDraft)


def writes(world: DeskWorld) -> int:
    return world.mailbox.calls.count("replace_draft")


def replacing(world: DeskWorld, doing: Callable[..., Any]) -> None:
    """The next replacement goes like this; `doing` gets the real one and its arguments."""
    real = world.mailbox.replace_draft

    def once(**given: Any) -> Placement:
        world.mailbox.replace_draft = real  # type: ignore[method-assign]
        return doing(real, **given)  # type: ignore[no-any-return]

    world.mailbox.replace_draft = once  # type: ignore[method-assign]


def lost_before(real: Callable[..., Placement], **given: Any) -> Placement:
    raise OutcomeUnknown("no answer from Gmail")


def lost_after(real: Callable[..., Placement], **given: Any) -> Placement:
    real(**given)
    raise OutcomeUnknown("no answer from Gmail")


def test_an_edited_text_comes_to_stand_in_gmail(world: DeskWorld):
    edited = world.say("Thank you, Ana.")
    world.write()
    placement = world.draft().placement
    assert placement is not None
    assert (world.in_gmail.text, placement.revision, placement.content_hash, placement.writing) == (edited.text, 2, draft_hash(edited), ())
    assert (pointer(world).placement, pointer(world).lease) == (placement, None)
    assert stands_untouched(world.draft(), world.mailbox.drafts["r-1"][0])


def test_a_second_delivery_writes_nothing(world: DeskWorld):
    world.say("Thank you, Ana.")
    for _ in range(3):
        world.write()
    assert writes(world) == 1


def test_an_approval_in_draft_only_ends_with_the_approved_bytes_in_gmail(world: DeskWorld):
    world.say("Thank you, Ana.")
    world.approve()
    world.write()
    assert world.mailbox.composed(draft=world.in_gmail) == world.mailbox.composed(draft=world.draft())
    assert (world.draft().state, world.approval.state, world.outbox.destinations) == (
        DraftState.APPROVED,
        ApprovalState.USED,
        ["write-draft", "write-draft"],
    )
    calls = len(world.mailbox.calls)
    world.write()
    assert len(world.mailbox.calls) == calls


def test_what_stands_there_already_as_approved_is_not_written_again(world: DeskWorld):
    world.approve()
    world.write()
    assert (writes(world), world.approval.state) == (0, ApprovalState.USED)


@pytest.mark.parametrize("lost", [lost_before, lost_after])
def test_a_call_of_which_nobody_knows_the_end_is_looked_into_and_not_repeated_blindly(world: DeskWorld, lost: Callable[..., Any]):
    edited = world.say("Thank you, Ana.")
    replacing(world, lost)
    with pytest.raises(OutcomeUnknown):
        world.write()
    with pytest.raises(Busy):
        world.write()
    world.clock.advance(LEASE_FOR)
    world.write()
    assert (world.in_gmail.text, writes(world)) == (edited.text, 1)
    assert stands_untouched(world.draft(), world.mailbox.drafts["r-1"][0])


def test_a_text_edited_while_the_one_before_was_lost_is_no_persons_work(world: DeskWorld):
    world.say("One.")
    replacing(world, lost_after)
    with pytest.raises(OutcomeUnknown):
        world.write()
    edited = world.say("Two.")
    world.clock.advance(LEASE_FOR)
    world.write()
    assert (world.in_gmail.text, world.draft().state) == (edited.text, DraftState.PENDING)


def test_an_approval_meets_its_own_half_told_writing_without_suspicion(world: DeskWorld):
    world.say("One.")
    replacing(world, lost_after)
    with pytest.raises(OutcomeUnknown):
        world.write()
    world.approve()
    world.clock.advance(LEASE_FOR)
    world.write()
    assert (world.draft().state, world.approval.state) == (DraftState.APPROVED, ApprovalState.USED)


def test_somebody_in_copy_is_a_persons_work_even_under_our_own_words(world: DeskWorld):
    world.say("One.")
    replacing(world, lost_after)
    with pytest.raises(OutcomeUnknown):
        world.write()
    world.touch(bare=False)
    with pytest.raises(NotApproved, match="changed in Gmail"):
        world.approve()
    world.clock.advance(LEASE_FOR)
    world.write()
    assert (world.draft().state, writes(world)) == (DraftState.EDITED_OUTSIDE, 1)


def gone(world: DeskWorld) -> None:
    del world.mailbox.drafts["r-1"]


def sent(world: DeskWorld) -> None:
    world.mailbox.send_by_hand("r-1")


@pytest.mark.parametrize("approved", [True, False])
@pytest.mark.parametrize(
    ("did", "state", "reason", "approval"),
    [
        (DeskWorld.touch, DraftState.EDITED_OUTSIDE, "changed in Gmail", ApprovalState.WITHDRAWN),
        (gone, DraftState.DISCARDED, "deleted in Gmail", ApprovalState.WITHDRAWN),
        (sent, DraftState.SENT_BY_OPERATOR, "sent from Gmail", ApprovalState.USED),
    ],
)
def test_what_a_person_did_in_gmail_is_recorded_and_nothing_is_written(
    world: DeskWorld, did: Callable[[DeskWorld], None], state: DraftState, reason: str, approval: ApprovalState, approved: bool
):
    world.say("Thank you, Ana.")
    if approved:
        world.approve()
    did(world)
    world.write()
    assert (world.draft().state, world.draft().state_reason, writes(world), pointer(world).lease) == (state, reason, 0, None)
    assert world.actions[-1] == f"draft.{state}"
    assert not approved or world.approval.state is approval


def test_what_the_gate_refuses_never_reaches_gmail(world: DeskWorld):
    world.gate.answer = a_verdict(outcome=Outcome.FAIL, violations=(a_violation(),))
    world.say("It fails.")
    world.write()
    assert (writes(world), world.in_gmail.revision) == (0, 1)


def test_what_leaves_by_a_send_is_left_to_the_send(world: DeskWorld):
    world.allow_sending()
    world.say("Thank you, Ana.")
    world.approve()
    sent(world)
    world.write()
    assert (world.draft().state, writes(world)) == (DraftState.APPROVED, 0)


def test_a_draft_that_became_a_send_while_it_was_written_is_not_taken_for_the_operators_doing(world: DeskWorld):
    world.allow_sending()
    world.say("Thank you, Ana.")

    def approved_and_sent(**_: Any) -> None:
        world.mailbox.find_draft = real  # type: ignore[method-assign]
        world.approve()
        sent(world)

    real = world.mailbox.find_draft
    world.mailbox.find_draft = approved_and_sent  # type: ignore[method-assign, assignment]
    world.write()
    assert (world.draft().state, pointer(world).lease) == (DraftState.APPROVED, None)


def test_what_people_decide_while_it_is_written_stands(world: DeskWorld):
    world.approve()
    world.put(world.draft().model_copy(update={"placement": world.draft().placement.model_copy(update={"revision": 0})}))  # type: ignore[union-attr]

    def undone_meanwhile(**given: Any) -> Any:
        world.mailbox.find_draft = real  # type: ignore[method-assign]
        undo(WORKSPACE, "draft-1", actor=JO, desk=world.desk)
        return real(**given)

    real = world.mailbox.find_draft
    world.mailbox.find_draft = undone_meanwhile  # type: ignore[method-assign]
    world.write()
    assert (world.draft().state, world.approval.state) == (DraftState.PENDING, ApprovalState.WITHDRAWN)
    assert world.draft().placement.revision == 1  # type: ignore[union-attr]


def test_gmail_away_frees_the_conversation_at_once(world: DeskWorld):
    world.say("Thank you, Ana.")

    def away(real: Any, **_: Any) -> Placement:
        raise Transient("Gmail is away")

    replacing(world, away)
    with pytest.raises(Transient):
        world.write()
    assert pointer(world).lease is None
    world.write()
    assert writes(world) == 1


@pytest.mark.parametrize("error", [NotFound("gone"), ReconnectNeeded("revoked")])
def test_a_draft_that_vanishes_under_the_pen_is_looked_for_again(world: DeskWorld, error: Exception):
    world.say("Thank you, Ana.")

    def vanished(real: Any, **_: Any) -> Placement:
        raise error

    replacing(world, vanished)
    with pytest.raises((Transient, ReconnectNeeded)):
        world.write()
    assert (pointer(world).lease, world.draft().state) == (None, DraftState.PENDING)


def test_bytes_that_would_be_others_than_those_approved_are_asked_for_again(world: DeskWorld):
    world.say("Thank you, Ana.")
    world.approve()
    world.mailbox.sender_name = "Maria Costa-Lima"
    world.write()
    assert (world.draft().state, world.draft().decided_by, world.approval.state) == (DraftState.PENDING, None, ApprovalState.WITHDRAWN)
    assert (world.draft().state_reason, writes(world)) == ("it can no longer be written as it was approved: approve it again", 0)


@pytest.mark.parametrize(("approved", "state"), [(True, DraftState.EXPIRED), (False, DraftState.SUPERSEDED)])
def test_a_draft_whose_place_a_newer_one_has_taken_is_over(world: DeskWorld, approved: bool, state: DraftState):
    world.say("Thank you, Ana.")
    if approved:
        world.approve()
    world.put(pointer(world).model_copy(update={"draft_id": "draft-2"}))
    world.write()
    assert (world.draft().state, world.draft().state_reason, writes(world)) == (state, "a newer draft stands in its place", 0)


def test_a_draft_that_does_not_exist_is_not_found(world: DeskWorld):
    with pytest.raises(NotFound):
        write_draft(work("draft-9"), desk=world.desk)


def test_a_draft_that_was_rejected_is_left_as_it_stands(world: DeskWorld):
    world.say("Thank you, Ana.")
    world.put(world.draft().model_copy(update={"state": DraftState.REJECTED}))
    before: Draft = world.in_gmail
    world.write()
    assert world.in_gmail == before
