"""Approve: a person lets exactly what they saw leave; whatever speaks against it is said, all of it, before anything is stored."""

import base64
from collections.abc import Sequence

import pytest

from shared.domain.approval import ApprovalState
from shared.domain.draft import Draft, DraftState
from shared.domain.heard import Heard, heard_id
from shared.domain.policy import Guardrails, Mode
from shared.domain.sends import Send, SendState
from shared.domain.suppression import Cause, Scope, Subject
from shared.domain.verdict import Outcome
from shared.ports.errors import Conflict, NotFound, Transient
from shared.stages.deciding.approving import NotApproved, approve
from shared.stages.deciding.approving_many import Wanted, approve_many
from tests.builders import PROSPECT, WORKSPACE, a_policy, a_thread, a_verdict, a_violation, at
from tests.unit.stages.desk import JO, MARIA, DeskWorld
from tests.unit.stages.world import Surroundings

FAILED = a_verdict(outcome=Outcome.FAIL, violations=(a_violation(reason="It asks for two things."),))


@pytest.fixture
def world() -> DeskWorld:
    return DeskWorld()


def refused(world: DeskWorld, fingerprint: str = "") -> tuple[str, ...]:
    before = (world.draft(), world.actions, world.owed)
    with pytest.raises(NotApproved) as refusal:
        world.approve(fingerprint)
    assert (world.draft(), world.actions, world.owed) == before
    assert refusal.value.status == 409
    return refusal.value.reasons


def test_in_draft_only_the_approved_bytes_are_kept_and_owed_to_gmail(world: DeskWorld):
    world.later(minutes=5)
    approved = world.approve()
    assert (approved.send, world.store.everything(Send)) == (None, [])
    assert (world.draft().state, world.draft().decided_by, world.draft().decided_at) == (DraftState.APPROVED, MARIA, at(minutes=5))
    assert base64.urlsafe_b64decode(world.approval.raw) == world.mailbox.composed(draft=world.draft())
    assert (world.approval.state, world.approval.revision, world.approval.actor) == (ApprovalState.GIVEN, 1, MARIA)
    assert (world.outbox.destinations, world.actions) == (["write-draft"], ["draft.approved"])


def test_where_sending_is_allowed_an_approval_is_a_send_that_waits_for_its_hold(world: DeskWorld):
    world.allow_sending()
    send = world.approve().send
    assert send == world.one(Send)
    assert (send.state, send.recipient, send.due_at) == (SendState.APPROVED, PROSPECT, at(seconds=15))
    assert world.outbox.destinations == ["send"]
    assert world.outbox.flushed[0].not_before == at(seconds=15)


def test_an_operator_who_may_not_send_gets_the_bytes_in_gmail(world: DeskWorld):
    world.put(a_policy(mode=Mode.SEND_ALLOWED, send_operators=("jo",)))
    assert world.approve().send is None
    assert world.outbox.destinations == ["write-draft"]


def test_who_comes_second_is_told_who_and_when(world: DeskWorld):
    world.later(hours=1)
    seen = world.fingerprint
    world.approve(by=JO)
    assert refused(world, seen) == ("the draft is approved already by jo at 2026-11-23 10:00 UTC",)


def test_of_two_at_once_one_approves_and_the_other_is_told_who_it_was(world: DeskWorld):
    seen, composed = world.fingerprint, world.mailbox.composed

    def meanwhile(*, draft: Draft, files: Sequence[bytes]) -> bytes:
        world.mailbox.composed = composed  # type: ignore[method-assign]
        world.approve(seen, by=JO)
        return composed(draft=draft)

    world.mailbox.composed = meanwhile  # type: ignore[method-assign]
    with pytest.raises(Conflict, match="approved already by jo at 2026-11-23 09:00 UTC"):
        world.approve(seen)
    assert (world.draft().decided_by, world.draft().approvals, world.outbox.destinations) == (JO, 1, ["write-draft"])


def test_of_an_approval_and_an_edit_at_once_the_edit_is_told(world: DeskWorld):
    seen, composed = world.fingerprint, world.mailbox.composed

    def meanwhile(*, draft: Draft, files: Sequence[bytes]) -> bytes:
        world.say("Hello there.")
        return composed(draft=draft)

    world.mailbox.composed = meanwhile  # type: ignore[method-assign]
    with pytest.raises(Conflict, match="the text was changed by maria at 2026-11-23 09:00 UTC: look again"):
        world.approve(seen)
    assert world.draft().state is DraftState.PENDING


def test_nobody_approves_a_text_they_did_not_see(world: DeskWorld):
    seen = world.fingerprint
    world.say("Hello there.")
    assert refused(world, seen) == ("the draft has changed since you looked at it: look again",)


def test_everything_that_our_books_know_against_it_is_said_at_once(world: DeskWorld):
    world.put(world.draft().model_copy(update={"verdict": FAILED, "times_in_doubt": ("Tuesday at 15:00",)}))
    world.put(a_policy(guardrails=Guardrails(employees_at_least=500)))
    world.put(Heard(id=heard_id(WORKSPACE, PROSPECT), workspace_id=WORKSPACE, at=at(minutes=1), thread_id="t1", gmail_message_id="m"))
    world.suppress(Subject(scope=Scope.ADDRESS, value=PROSPECT), Cause.OPT_OUT, by=MARIA)
    world.later(minutes=2)
    assert refused(world) == (
        "the gate: It asks for two things.",
        "suppressed: they asked not to be written to",
        "They have 120 employees, and only companies with 500 or more may be contacted.",
        "they have written since this was drafted: reject it and answer them from Gmail",
        "it offers Tuesday at 15:00, which could not be held in the calendar: edit it out",
    )


def test_what_they_wrote_after_the_mailbox_was_read_speaks_against_a_draft_written_later():
    world = DeskWorld(knows_until=at(hours=-6), created_at=at(minutes=10), answers="m-own")
    heard = Heard(id=heard_id(WORKSPACE, PROSPECT), workspace_id=WORKSPACE, at=at(hours=-5), thread_id="t2", gmail_message_id="m")
    world.put(heard)
    assert refused(world) == ("they have written since this was drafted: reject it and answer them from Gmail",)
    world.put(heard.model_copy(update={"at": at(hours=-7)}))
    assert world.approve()


def test_a_mail_that_came_while_the_mailbox_was_read_and_is_answered_speaks_against_nothing():
    world = DeskWorld(knows_until=at(hours=-6), answers="m-own")
    world.put(Heard(id=heard_id(WORKSPACE, PROSPECT), workspace_id=WORKSPACE, at=at(hours=-5), thread_id="t2", gmail_message_id="m-own"))
    assert world.approve()


def test_outside_production_whom_we_would_not_send_to_is_not_approved_to_be_sent(world: DeskWorld):
    world.surroundings = Surroundings("dev")
    world.allow_sending()
    assert refused(world) == (f"outside production nobody is sent to who is not among the policy's allowed_recipients: {PROSPECT}",)
    world.put(a_policy(mode=Mode.SEND_ALLOWED, allowed_recipients=(PROSPECT,)))
    assert world.approve().send is not None


def test_outside_production_whatever_the_operator_sends_themselves_can_be_approved(world: DeskWorld):
    world.surroundings = Surroundings("dev")
    assert world.approve().send is None


def test_a_draft_that_stands_nowhere_or_was_never_judged_is_not_approved(world: DeskWorld):
    world.put(world.draft().model_copy(update={"verdict": None, "placement": None}))
    assert refused(world) == ("the gate has not judged it yet", "it does not stand in Gmail")


@pytest.mark.parametrize("changes", [{}, {"content_hash": "other words"}])
def test_what_a_person_saved_in_gmail_is_not_approved_here(world: DeskWorld, changes: dict[str, str]):
    world.touch(**changes)
    assert refused(world) == ("it was changed in Gmail: send it from there",)


def test_what_is_gone_from_gmail_is_not_approved(world: DeskWorld):
    del world.mailbox.drafts["r-1"]
    assert refused(world) == ("it does not stand in Gmail any more",)


def test_a_conversation_that_has_gone_on_is_not_answered_as_if_it_had_not():
    world = DeskWorld(thread_id="t1", reply_to_message_id="<m0@brightleaf.example>")
    world.mailbox.threads.append(a_thread())
    assert refused(world) == ("the conversation has gone on since this was drafted: write it anew, or reject it and answer from Gmail",)


def test_a_draft_that_cannot_be_a_mail_is_refused_by_its_field():
    assert refused(DeskWorld(recipient_name="Ana\r\nBcc: x@y.example")) == ("recipient_name contains a line break or control character",)


def test_whoever_approves_needs_no_reminder_and_no_other_text(world: DeskWorld):
    world.put(world.draft().model_copy(update={"snoozed_until": at(days=1)}))
    world.approve()
    assert world.draft().snoozed_until is None


def test_a_draft_of_another_workspace_is_not_there(world: DeskWorld):
    with pytest.raises(NotFound, match="draft draft-1 does not exist"):
        approve("elsewhere", "draft-1", fingerprint="x", actor=MARIA, trace_id="t", desk=world.desk)


def test_a_crash_before_publishing_leaves_the_task_to_the_sweep(world: DeskWorld):
    world.outbox.dead = True
    world.approve()
    assert [one.destination for one in world.owed] == ["write-draft"]


def test_of_many_each_has_its_own_outcome_and_what_the_gate_refused_is_named(world: DeskWorld):
    other = world.draft().model_copy(update={"id": "draft-2", "verdict": FAILED})
    world.put(other)
    wanted = [Wanted("draft-1", world.fingerprint), Wanted("draft-2", world.fingerprint), Wanted("draft-9", "x"), Wanted("draft-1", "y")]
    first, failed, missing, again = approve_many(WORKSPACE, wanted, actor=MARIA, trace_id="t", desk=world.desk)
    assert (first.approved is not None, failed.approved, missing.approved, again.approved) == (True, None, None, None)
    assert (failed.reasons, failed.missing) == (("the gate: It asks for two things.",), False)
    assert (missing.reasons, missing.missing) == (("draft draft-9 does not exist",), True)
    assert again.reasons == ("the draft is approved already by maria at 2026-11-23 09:00 UTC",)
    assert (world.draft().state, world.draft("draft-2").state) == (DraftState.APPROVED, DraftState.PENDING)


def test_gmail_away_for_one_of_many_keeps_none_of_the_others(world: DeskWorld):
    def away(**_: object) -> None:
        raise Transient("Gmail is away")

    world.mailbox.find_draft = away  # type: ignore[method-assign, assignment]
    [one] = approve_many(WORKSPACE, [Wanted("draft-1", world.fingerprint)], actor=MARIA, trace_id="t", desk=world.desk)
    assert one.reasons == ("Gmail could not be asked just now: try again",)
