"""Resolving a parked send: the mailbox is asked first, and a person's word decides only what it cannot tell."""

import pytest

from shared.domain.audit import AuditEntry
from shared.domain.draft import DraftState
from shared.domain.sends import SendState
from shared.ports.errors import NotFound, Transient
from shared.stages.sending.resolve_send import NotParked, Word, WordNeeded, resolve_send
from tests.builders import WORKSPACE
from tests.unit.stages.wire import MARIA, SendingWorld


@pytest.fixture
def at() -> SendingWorld:
    """A send that was parked: nobody heard the end of the call, and the draft is gone."""
    world = SendingWorld()
    world.placed(1)
    world.sync()
    world.approve(1)
    world.mailbox.sending = "arrives late"
    world.left_by_itself(1)
    world.mailbox.sending = "fine"
    return world


def parked(at: SendingWorld, *, left: bool) -> None:
    if left:
        at.mailbox.arrive_late()
        at.mailbox.forget_sent(at.mailbox.left[0].mail.gmail_message_id)
    else:
        at.mailbox.delete(at.gmail_id(1))
    at.later(minutes=6)
    at.deliver(1)
    assert at.state(1) is SendState.PARKED


def test_a_mail_that_is_found_after_all_has_left_whatever_anybody_says(at):
    parked(at, left=True)
    at.mailbox.forgot.clear()
    assert at.resolve(1, Word.NOT_LEFT).state is SendState.SETTLED
    assert (at.send(1).departure.message_id, at.draft(1).state) == (at.mailbox.left[0].mail.message_id, DraftState.SENT)


def test_a_draft_that_stands_after_all_has_not_left_and_goes_on(at):
    kept = at.mailbox.drafts[at.gmail_id(1)]
    parked(at, left=False)
    at.mailbox.drafts[kept[0].gmail_draft_id] = kept
    assert at.resolve(1).state is SendState.APPROVED
    at.deliver(1)
    assert (at.state(1), len(at.mailbox.left)) == (SendState.SETTLED, 1)


def test_when_the_mailbox_cannot_tell_a_person_has_to(at):
    parked(at, left=False)
    with pytest.raises(WordNeeded) as caught:
        at.resolve(1)
    assert (caught.value.field, caught.value.status, at.state(1)) == ("word", 409, SendState.PARKED)


def test_what_a_person_saw_leave_has_left(at):
    parked(at, left=True)
    assert at.resolve(1, Word.LEFT).state is SendState.SETTLED
    assert (at.send(1).reason, at.draft(1).state) == ("left without a trace in the mailbox", DraftState.SENT)
    assert told(at) == [("send.sent", MARIA, "maria says that it left")]


def test_what_a_person_knows_did_not_leave_is_cancelled_and_its_draft_is_gone(at):
    parked(at, left=False)
    assert at.resolve(1, Word.NOT_LEFT).state is SendState.CANCELLED
    assert at.draft(1).state is DraftState.DISCARDED
    assert told(at) == [("send.cancelled", MARIA, "maria says that it did not leave")]


def told(at: SendingWorld) -> list[object]:
    return [(one.action, one.actor, one.reason) for one in at.store.everything(AuditEntry) if one.actor == MARIA][1:]


def test_resuming_is_told_in_the_audit_log(at):
    kept = at.mailbox.drafts[at.gmail_id(1)]
    parked(at, left=False)
    at.mailbox.drafts[kept[0].gmail_draft_id] = kept
    at.resolve(1)
    assert told(at) == [("send.resumed", MARIA, "the draft still stands in Gmail: it has not left")]


def test_only_what_is_parked_can_be_resolved(at):
    with pytest.raises(NotParked, match="the send is claimed, not parked"):
        at.resolve(1, Word.LEFT)


def test_a_mailbox_that_is_away_decides_nothing(at):
    parked(at, left=False)

    def away(**_: object) -> None:
        raise Transient("Gmail is away")

    at.mailbox.find_draft = away  # type: ignore[method-assign, assignment]
    with pytest.raises(Transient):
        at.resolve(1, Word.NOT_LEFT)
    assert at.state(1) is SendState.PARKED


def test_a_send_nobody_knows_is_not_found(at):
    with pytest.raises(NotFound):
        resolve_send(WORKSPACE, "send_nothing", word=None, actor=MARIA, desk=at.desk())
