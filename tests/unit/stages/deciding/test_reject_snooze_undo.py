"""Reject, snooze and undo: small decisions, each with its reason and its record, and nothing in Gmail vanishes."""

from datetime import UTC, datetime

import pytest

from shared.domain.approval import ApprovalState
from shared.domain.audit import AuditEntry
from shared.domain.draft import Draft, DraftState
from shared.domain.rejection import RejectionReason
from shared.domain.sends import Send
from shared.ports.errors import Conflict, NotFound, Rejected
from shared.ports.store import Remove, Write
from shared.stages.deciding.reject import reject
from shared.stages.deciding.snooze import snooze
from shared.stages.deciding.undo import HasASend, undo
from tests.builders import WORKSPACE, at
from tests.unit.stages.desk import JO, MARIA, DeskWorld


@pytest.fixture
def world() -> DeskWorld:
    return DeskWorld()


def rejected(world: DeskWorld, reason: RejectionReason = RejectionReason.BAD_TIMING, note: str = "") -> Draft:
    return reject(WORKSPACE, "draft-1", reason=reason, note=note, actor=MARIA, desk=world.desk)


def snoozed(world: DeskWorld, until: str) -> Draft:
    return snooze(WORKSPACE, "draft-1", until=until, actor=MARIA, desk=world.desk)


def undone(world: DeskWorld) -> Draft:
    return undo(WORKSPACE, "draft-1", actor=JO, desk=world.desk)


def in_between(world: DeskWorld, doing: object) -> None:
    """Somebody acts just before the next commit."""
    commit = world.store.commit

    def late(*writes: Write) -> object:
        world.store.commit = commit  # type: ignore[method-assign]
        doing()  # type: ignore[operator]
        return commit(*writes)

    world.store.commit = late  # type: ignore[method-assign, assignment]


def test_a_rejected_draft_says_why_and_stays_in_gmail(world: DeskWorld):
    world.later(minutes=1)
    draft = rejected(world, note="  after the\nfair ")
    assert (draft.state, draft.state_reason) == (DraftState.REJECTED, "this is not the moment: after the fair")
    assert (draft.decided_by, draft.decided_at) == (MARIA, at(minutes=1))
    assert list(world.mailbox.drafts) == ["r-1"]
    entry = world.one(AuditEntry)
    assert (entry.action, entry.reason, entry.evidence) == ("draft.rejected", "", ("bad_timing",))


def test_another_reason_is_told_in_words(world: DeskWorld):
    with pytest.raises(Rejected, match="what the other reason is"):
        rejected(world, RejectionReason.OTHER, " ")
    with pytest.raises(Rejected, match="at most 500"):
        rejected(world, note="x" * 501)
    assert world.draft().state is DraftState.PENDING


def test_who_rejects_second_is_told_who_was_faster(world: DeskWorld):
    world.approve(by=JO)
    with pytest.raises(Rejected, match="approved already by jo at 2026-11-23 09:00 UTC"):
        rejected(world)


def test_of_two_at_once_one_decides(world: DeskWorld):
    in_between(world, lambda: world.approve(by=JO))
    with pytest.raises(Conflict, match="approved already by jo"):
        rejected(world)
    assert (world.draft().state, world.actions) == (DraftState.APPROVED, ["draft.approved"])


@pytest.mark.parametrize("decide", [rejected, lambda world: snoozed(world, "tomorrow"), undone])
def test_a_draft_that_does_not_exist_is_not_found(world: DeskWorld, decide: object):
    world.put(world.draft().model_copy(update={"workspace_id": "elsewhere", "id": "draft-2"}))
    world.store.commit(Remove(world.draft()))
    with pytest.raises(NotFound, match="draft draft-1 does not exist"):
        decide(world)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("wish", "until"),
    [
        ("in_an_hour", at(hours=1)),
        ("this_afternoon", datetime(2026, 11, 23, 13, tzinfo=UTC)),  # 14:00 in Madrid
        ("tomorrow", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("next_week", datetime(2026, 11, 30, 8, tzinfo=UTC)),
        ("2026-11-25T10:00", datetime(2026, 11, 25, 9, tzinfo=UTC)),
        ("2026-11-25T10:00Z", datetime(2026, 11, 25, 10, tzinfo=UTC)),
        ("now", None),
    ],
)
def test_a_draft_is_snoozed_in_the_operators_own_time(world: DeskWorld, wish: str, until: datetime | None):
    world.put(world.draft().model_copy(update={"snoozed_until": at(days=3)}))
    assert snoozed(world, wish).snoozed_until == until == world.draft().snoozed_until
    assert world.actions == ["draft.snoozed" if until else "draft.woken"]
    assert world.draft().state is DraftState.PENDING


@pytest.mark.parametrize("wish", ["", "never", "2026-11-23T08:00Z", "2027-11-23T08:00Z", "0001-01-01T00:00", "9999-12-31T23:59-23:00"])
def test_a_moment_that_is_none_or_too_far_is_refused(world: DeskWorld, wish: str):
    with pytest.raises(Rejected) as refusal:
        snoozed(world, wish)
    assert refusal.value.field == "until"


def test_an_afternoon_that_has_passed_is_tomorrows(world: DeskWorld):
    world.later(hours=5)
    assert snoozed(world, "this_afternoon").snoozed_until == datetime(2026, 11, 24, 13, tzinfo=UTC)


def test_an_undone_approval_is_withdrawn_and_the_draft_asks_again(world: DeskWorld):
    world.approve()
    given = world.approval
    draft = undone(world)
    assert (draft.state, draft.state_reason, draft.decided_by) == (DraftState.PENDING, "the approval was taken back", None)
    assert (world.approval.state, world.approval.id, world.actions) == (
        ApprovalState.WITHDRAWN,
        given.id,
        ["draft.approved", "draft.undone"],
    )
    again = world.approve().approval
    assert again.id != given.id


def test_an_approval_that_gmail_has_already_can_be_taken_back(world: DeskWorld):
    world.approve()
    world.write()
    assert world.approval.state is ApprovalState.USED
    assert (undone(world).state, world.approval.state) == (DraftState.PENDING, ApprovalState.WITHDRAWN)


def test_an_approval_that_is_a_send_names_the_send_to_cancel(world: DeskWorld):
    world.allow_sending()
    world.approve()
    with pytest.raises(HasASend, match="cancel that") as refusal:
        undone(world)
    assert (refusal.value.send, refusal.value.status) == (world.one(Send), 409)
    assert world.draft().state is DraftState.APPROVED


def test_without_an_approval_there_is_nothing_to_undo(world: DeskWorld):
    with pytest.raises(Rejected, match="no approval to take back: the draft is pending"):
        undone(world)


def test_of_two_who_undo_at_once_the_second_is_told(world: DeskWorld):
    world.approve()
    in_between(world, lambda: undone(world))
    with pytest.raises(Conflict, match="has just changed"):
        undone(world)
    assert world.actions == ["draft.approved", "draft.undone"]
