"""What becomes of drafts and sends whose operator was removed from the workspace: nothing leaves, nothing is lost, and it says why."""

import pytest

from shared.domain.approval import ApprovalState
from shared.domain.draft import DraftState
from shared.domain.ids import OperatorId
from shared.domain.sends import SEND_LEASE, SendState
from shared.ports.errors import OperatorLeft, Transient
from shared.stages.deciding.approving import NotApproved
from shared.stages.deciding.reject import RejectionReason, reject
from shared.stages.deciding.snooze import snooze
from shared.stages.deciding.write_draft import write_draft
from shared.stages.reading.drafts_and_sends import draft
from shared.stages.sending.resolve_send import Word, WordNeeded
from tests.builders import WORKSPACE, an_operator
from tests.unit.stages.wire import MARIA, SendingWorld
from tests.unit.stages.world import JO, work

LEFT = "its operator, maria, is no longer in this workspace"


@pytest.fixture
def at() -> SendingWorld:
    """Two drafts of Maria's stand; the first is approved."""
    world = SendingWorld()
    world.placed(1)
    world.placed(2)
    world.sync()
    world.approve(1)
    return world


def remove_maria(at: SendingWorld) -> None:
    at.staff(JO)


def bring_maria_back(at: SendingWorld) -> None:
    at.staff(an_operator(), JO)


def test_what_waits_has_failed_and_says_why_and_its_draft_asks_again(at):
    remove_maria(at)
    at.left_by_itself(1)
    assert at.mailbox.left == []
    assert (at.state(1), at.send(1).reason) == (SendState.FAILED, f"{LEFT}: nothing was sent")
    assert (at.draft(1).state, at.approvals()[0].state) == (DraftState.PENDING, ApprovalState.WITHDRAWN)


def test_what_may_have_left_is_parked_and_a_persons_word_resolves_it(at):
    at.mailbox.sending = "fails after"
    at.left_by_itself(1)
    remove_maria(at)
    at.later(seconds=SEND_LEASE.total_seconds() + 1)
    at.deliver(1)
    assert (at.state(1), at.send(1).reason[: len(LEFT)]) == (SendState.PARKED, LEFT)
    with pytest.raises(WordNeeded):
        at.resolve(1)
    assert at.resolve(1, Word.LEFT).state is SendState.SETTLED
    assert at.draft(1).state is DraftState.SENT


def test_what_was_sent_is_settled_without_the_mailbox(at):
    read_back = at.mailbox.sent_mail

    def away(**_: object) -> None:
        raise Transient("Gmail is away")

    at.mailbox.sent_mail = away
    with pytest.raises(Transient):
        at.left_by_itself(1)
    at.mailbox.sent_mail = read_back
    remove_maria(at)
    at.deliver(1)
    assert (at.state(1), at.send(1).history[-1].note) == (SendState.SETTLED, LEFT)


def test_it_can_still_be_taken_back(at):
    remove_maria(at)
    assert at.cancel(1).state is SendState.CANCELLED


def test_a_draft_of_theirs_cannot_be_approved_until_they_are_back(at):
    remove_maria(at)
    with pytest.raises(NotApproved, match=f"{LEFT}: reject it, or have them added again"):
        at.approve(2)
    bring_maria_back(at)
    assert at.approve(2).send is not None


def test_a_draft_of_theirs_can_be_read_and_rejected_and_not_put_off(at):
    remove_maria(at)
    assert draft(workspace_id=WORKSPACE, id="draft_2", store=at.store, now=at.clock.now())["operator"] is None
    with pytest.raises(OperatorLeft, match=LEFT):
        snooze(WORKSPACE, "draft_2", until="tomorrow", actor=MARIA, desk=at.desk())
    assert reject(WORKSPACE, "draft_2", reason=RejectionReason.HANDLED, note="", actor=MARIA, desk=at.desk()).state is DraftState.REJECTED


def test_what_was_approved_to_stand_in_gmail_asks_again(at):
    at.set_rules(mode="DRAFT_ONLY")
    at.approve(2)
    remove_maria(at)
    write_draft(work("draft_2"), desk=at.desk())
    assert (at.draft(2).state, at.draft(2).state_reason) == (DraftState.PENDING, LEFT)
    write_draft(work("draft_2"), desk=at.desk())
    assert at.draft(2).state is DraftState.PENDING


def test_the_mailbox_sync_reads_those_who_are_there(at):
    remove_maria(at)
    read = at.sync()
    assert (read.read, read.disconnected, read.postponed) == (1, (), ())
    assert at.draft(2).operator_id == OperatorId("maria")
