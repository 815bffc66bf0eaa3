"""Sending: what is approved leaves once, or waits, or says why it does not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.approval import ApprovalState
from shared.domain.audit import AuditEntry
from shared.domain.draft import DraftState
from shared.domain.outbox import Queue
from shared.domain.policy import Window
from shared.domain.quotas import QuotaBook
from shared.domain.sends import SEND_LEASE, SendState
from shared.domain.work import Work
from shared.ports.errors import Busy, NotFound, Permanent, ReconnectNeeded, Transient
from shared.stages.sending.send import send
from tests.builders import WORKSPACE
from tests.unit.stages.crashing import Death
from tests.unit.stages.trouble import Plan, Trouble
from tests.unit.stages.wire import KINDS, Kind, SendingWorld


@pytest.fixture
def at() -> SendingWorld:
    """Four drafts stand, the mailbox is listened to, the first is approved."""
    world = SendingWorld()
    for number in (1, 2, 3, 4):
        world.placed(number)
    world.sync()
    world.approve(1)
    return world


def places(at: SendingWorld) -> set[str]:
    return {one.send_id for book in at.store.everything(QuotaBook) for one in book.reservations}


def actions(at: SendingWorld) -> list[str]:
    return [one.action for one in at.store.everything(AuditEntry)]


def test_after_its_hold_it_leaves_as_it_was_approved_and_is_read_back(at):
    at.left_by_itself(1)
    [left] = at.mailbox.left
    sent = at.send(1)
    assert (sent.state, sent.departure.message_id) == (SendState.SETTLED, left.mail.message_id)
    assert [one.state for one in sent.history] == ["approved", "claimed", "sent", "settled"]
    assert (at.draft(1).state, at.approvals()[0].state) == (DraftState.SENT, ApprovalState.USED)
    assert places(at) == {sent.id}
    assert actions(at) == ["draft.approved", "send.sent"]


def test_a_task_that_comes_again_sends_nothing(at):
    at.left_by_itself(1)
    at.deliver(1)
    assert len(at.mailbox.left) == 1


def test_a_task_that_comes_within_the_hold_waits_for_its_time(at):
    with pytest.raises(Busy, match="due in 15 s"):
        at.deliver(1)
    assert at.mailbox.left == []


def test_an_old_task_that_comes_long_before_the_time_owes_nothing(at):
    at.kill(on=True)
    at.left_by_itself(1)
    flushed = len(at.outbox.flushed)
    at.deliver(1)
    assert (at.state(1), len(at.outbox.flushed)) == (SendState.HELD, flushed)


def test_a_send_nobody_knows_is_not_found(at):
    with pytest.raises(NotFound):
        send(Work(workspace_id=WORKSPACE, id="send_nothing"), wire=at.wire())


def test_while_the_kill_switch_is_on_it_is_held_and_goes_on_afterwards(at):
    at.kill(on=True)
    at.left_by_itself(1)
    assert (at.state(1), at.send(1).reason, places(at)) == (SendState.HELD, "the kill switch is on", set())
    history = len(at.send(1).history)
    at.later(minutes=6)
    at.deliver(1)
    assert len(at.send(1).history) == history  # it goes on waiting for the same: no line for every look
    at.kill(on=False)
    at.later(minutes=6)
    at.deliver(1)
    assert at.state(1) is SendState.SETTLED


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"mode": "DRAFT_ONLY"}, "sending is not allowed any more: the mode is DRAFT_ONLY for this operator"),
        ({"send_operators": ("jo",)}, "sending is not allowed any more: the mode is DRAFT_ONLY for this operator"),
        ({"allowed_recipients": ()}, "outside production only allow-listed recipients are sent to"),
        ({"guardrails": {"excluded_companies": ("one.example",)}}, "“one.example” is on the list of companies that are not contacted."),
    ],
)
def test_what_the_policy_forbids_meanwhile_asks_again(at, rules: dict[str, Any], reason):
    at.set_rules(**rules)
    at.left_by_itself(1)
    assert (at.state(1), at.send(1).reason, at.mailbox.left) == (SendState.VOIDED, reason, [])
    assert (at.draft(1).state, at.draft(1).state_reason, at.draft(1).decided_by) == (DraftState.PENDING, reason, None)
    assert at.approvals()[0].state is ApprovalState.WITHDRAWN


def test_in_production_anybody_may_be_written_to(at):
    at.set_rules(allowed_recipients=())
    at.production = True
    at.left_by_itself(1)
    assert at.state(1) is SendState.SETTLED


def test_over_a_quota_it_is_held_until_there_is_room(at):
    at.set_rules(quotas={"answers_per_mailbox_per_day": 1})
    at.left_by_itself(1)
    at.approve(2)
    at.left_by_itself(2)
    held = at.send(2)
    assert held.state is SendState.HELD
    assert held.reason.startswith("Answers from this mailbox today: 1 of 1 used; there is room again Tue 24 Nov, 00:00")
    at.later(hours=24)
    at.deliver(2)
    assert at.state(2) is SendState.SETTLED


def test_two_mails_of_one_mailbox_leave_with_a_gap(at):
    at.approve(2)
    at.left_by_itself(1)
    at.deliver(2)
    assert (at.state(2), at.send(2).reason) == (SendState.HELD, "other mails of this mailbox leave before it")
    assert at.send(2).due_at == at.clock.now() + timedelta(seconds=20 + 5)  # the gap, and half of the jitter
    at.left_by_itself(2)
    assert at.state(2) is SendState.SETTLED


def test_outside_the_recipients_hours_outreach_waits(at):
    at.set_rules(window=Window())
    at.later(hours=11)
    at.approve(3)
    assert at.send(3).due_at.hour == 8  # in Lisbon, where Carl is
    at.deliver(3)
    assert (at.state(3), at.mailbox.left) == (SendState.APPROVED, [])
    at.later(hours=12)
    at.deliver(3)
    assert at.state(3) is SendState.SETTLED


def test_nothing_leaves_from_a_mailbox_that_cannot_be_listened_to(at):
    at.mailbox.news = _revoked  # type: ignore[method-assign]
    at.left_by_itself(1)
    assert (at.state(1), at.send(1).reason) == (SendState.HELD, "the mailbox is not being listened to")


def _revoked(**_: Any) -> Any:
    raise ReconnectNeeded("consent was revoked")


def test_a_mail_of_theirs_that_nobody_has_read_yet_stops_it(at):
    at.mailbox.arrive("ana@one.example")
    at.left_by_itself(1)
    assert (at.state(1), at.send(1).reason) == (SendState.VOIDED, "they have written since this was approved")


@pytest.mark.parametrize("sender", ["ana@one.example", "Ana.New@gmail.com", "ananew@googlemail.com"])
def test_what_they_write_from_another_of_their_addresses_stops_it_too(sender):
    world = SendingWorld()
    world.placed(1, Kind("ana+demo@one.example"), contact={"other_emails": ("ana.new@gmail.com",)})
    world.set_rules(allowed_recipients=("one.example",))
    world.sync()
    world.approve(1)
    world.mailbox.arrive(sender)
    world.left_by_itself(1)
    assert (world.state(1), world.send(1).reason) == (SendState.VOIDED, "they have written since this was approved")


def test_a_mail_of_theirs_that_comes_while_it_is_being_claimed_stops_it(at):
    news, asked = at.mailbox.news, list[str]()

    def read_just_before_they_write(**named: Any) -> Any:
        told = news(**named)
        if not asked:
            at.mailbox.arrive("ana@one.example")
        asked.append("news")
        return told

    at.mailbox.news = read_just_before_they_write  # type: ignore[method-assign]
    at.left_by_itself(1)
    assert (at.state(1), [one.state for one in at.send(1).history]) == (SendState.VOIDED, ["approved", "claimed", "voided"])


def test_what_a_machine_of_theirs_wrote_stops_nothing(at):
    at.mailbox.arrive("ana@one.example", automatic=True)
    at.left_by_itself(1)
    assert at.state(1) is SendState.SETTLED


def test_a_mail_that_was_known_when_it_was_approved_stops_nothing(at):
    at.mailbox.arrive("carl@three.example")
    at.later(hours=3)
    at.sync()
    at.placed(5, KINDS[2], created_at=at.clock.now())
    at.approve(5)
    at.left_by_itself(5)
    assert at.state(5) is SendState.SETTLED


@pytest.mark.parametrize(
    ("act", "draft"),
    [("edit", DraftState.EDITED_OUTSIDE), ("delete", DraftState.DISCARDED), ("send_by_hand", DraftState.SENT_BY_OPERATOR)],
)
@pytest.mark.parametrize("between", [False, True], ids=["before the task", "after the claim"])
def test_what_the_operator_does_in_gmail_stands(at, act, draft, between):
    at.later(minutes=1)
    if between:
        before(at, "find_draft", lambda: getattr(at.mailbox, act)(at.gmail_id(1)))
    else:
        getattr(at.mailbox, act)(at.gmail_id(1))
    at.deliver(1)
    assert (at.state(1), at.draft(1).state) == (SendState.VOIDED, draft)
    assert [one.by_hand for one in at.mailbox.left] == [True] * (act == "send_by_hand")


def before(at: SendingWorld, name: str, act: Callable[[], object]) -> None:
    """Somebody acts just before this call to the mailbox is made for the first time; a draft is looked at after the claim only."""
    call, done = getattr(at.mailbox, name), list[object]()

    def called(**asked: Any) -> Any:
        if not done:
            done.append(act())
        return call(**asked)

    setattr(at.mailbox, name, called)


def test_a_refusal_for_now_is_tried_again_when_gmail_says(at):
    at.mailbox.sending = "refuses"
    at.left_by_itself(1)
    assert (at.state(1), at.send(1).due_at - at.clock.now(), places(at)) == (SendState.APPROVED, timedelta(minutes=2), set())
    assert [one.outcome for one in at.send(1).attempts] == ["refused"]
    at.mailbox.sending = "fine"
    at.later(minutes=3)
    at.deliver(1)
    assert at.state(1) is SendState.SETTLED


def test_a_refusal_for_good_fails_and_asks_again(at):
    at.mailbox.sending = "rejects"
    at.left_by_itself(1)
    assert (at.state(1), at.send(1).reason, places(at)) == (SendState.FAILED, "Gmail does not want this mail", set())
    assert at.draft(1).state is DraftState.PENDING
    at.mailbox.sending = "fine"
    at.approve(1)
    at.left_by_itself(1)
    assert [one.state for one in at.sends(1)] == [SendState.FAILED, SendState.SETTLED]


def test_a_draft_that_gmail_will_not_show_for_good_fails_and_does_not_wait_for_ever(at):
    def refuses(**_: Any) -> Any:
        raise Permanent("Gmail will not show this draft")

    at.mailbox.find_draft = refuses  # type: ignore[method-assign]
    at.left_by_itself(1)
    assert (at.state(1), at.send(1).reason, places(at)) == (SendState.FAILED, "Gmail will not show this draft", set())
    assert (at.draft(1).state, at.mailbox.left) == (DraftState.PENDING, [])


def test_after_an_unknown_end_nobody_looks_for_five_minutes(at):
    at.mailbox.sending = "fails after"
    at.left_by_itself(1)
    assert (at.state(1), at.send(1).due_at) == (SendState.CLAIMED, at.clock.now() + SEND_LEASE)
    with pytest.raises(Busy):
        at.deliver(1)
    assert "send.unknown" in actions(at)


def test_a_mail_that_left_without_a_word_is_found_and_not_sent_again(at):
    at.mailbox.sending = "fails after"
    at.left_by_itself(1)
    at.later(minutes=5)
    at.deliver(1)
    assert (at.state(1), len(at.mailbox.left)) == (SendState.SETTLED, 1)


def test_a_draft_that_still_stands_after_five_minutes_has_not_left_and_is_sent(at):
    at.mailbox.sending = "fails before"
    at.left_by_itself(1)
    at.mailbox.sending = "fine"
    at.later(minutes=5)
    at.deliver(1)
    assert (at.state(1), len(at.mailbox.left)) == (SendState.SETTLED, 1)
    assert [one.outcome for one in at.send(1).attempts] == ["unknown", "sent"]


def test_when_neither_the_draft_nor_the_mail_is_there_a_person_has_to_say(at):
    at.mailbox.sending = "fails before"
    at.left_by_itself(1)
    at.mailbox.delete(at.gmail_id(1))
    at.later(minutes=5)
    at.deliver(1)
    assert (at.state(1), at.draft(1).state, places(at)) == (SendState.PARKED, DraftState.APPROVED, {at.send(1).id})


def test_not_found_at_the_very_call_proves_nothing_and_is_looked_into(at):
    at.later(minutes=1)
    before(at, "send_draft", lambda: at.mailbox.send_by_hand(at.gmail_id(1)))
    at.deliver(1)
    assert at.state(1) is SendState.CLAIMED
    at.later(minutes=5)
    at.deliver(1)
    assert (at.state(1), len(at.mailbox.left)) == (SendState.SETTLED, 1)


def test_a_claim_that_has_grown_old_is_not_used(at):
    """A process that stood still between its claim and its call."""
    at.later(minutes=1)
    before(at, "find_draft", lambda: at.later(minutes=4, seconds=30))
    with pytest.raises(Busy, match="claimed too long ago"):
        at.deliver(1)
    assert at.mailbox.left == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_process_may_die_at_any_call(after):
    """Each time another world: whatever is left behind, the mail leaves once and the ledger says so."""
    for dies_at in range(60):
        at = SendingWorld()
        at.placed(1)
        at.sync()
        at.approve(1)
        at.later(minutes=1)
        trouble = Trouble()
        at.through = trouble.through
        trouble.begin(Plan(dies_at, "dies after" if after else "dies before"))
        try:
            at.deliver(1)
        except Death:
            trouble.begin(None)
        else:
            assert dies_at > 15, "the wire is never reached with so few calls"
            return
        at.later(minutes=10)
        at.tend()
        at.deliver(1)
        assert (at.state(1), len(at.mailbox.left)) == (SendState.SETTLED, 1), dies_at


def test_every_wait_owes_the_task_of_its_next_round(at):
    at.mailbox.sending = "refuses"
    at.left_by_itself(1)
    owed = at.outbox.flushed[-1]
    assert (owed.destination, owed.id, owed.not_before) == (Queue.SEND, f"{at.send(1).id}-2", at.send(1).due_at)


def test_a_conversation_that_has_gone_on_asks_again(at):
    at.approve(2)
    at.later(minutes=1)
    theirs = at.mailbox.arrive("someone.else@two.example", thread_id="t-2")
    at.deliver(2)
    assert (at.state(2), at.send(2).reason) == (SendState.VOIDED, "the conversation has gone on since this was approved")
    assert theirs.thread_id == "t-2"


def test_gmail_being_away_before_the_claim_leaves_everything_as_it_was(at):
    def away(**_: Any) -> Any:
        raise Transient("Gmail is away")

    at.mailbox.news = away  # type: ignore[method-assign]
    at.later(minutes=1)
    with pytest.raises(Transient):
        at.deliver(1)
    assert at.state(1) is SendState.APPROVED


def test_a_newer_draft_of_ours_in_its_place_is_told_as_that(at):
    at.later(minutes=1)
    at.mailbox.replace_draft(gmail_draft_id=at.gmail_id(1), draft=at.draft(3).model_copy(update={"id": "draft_9"}))
    at.deliver(1)
    assert (at.state(1), at.draft(1).state) == (SendState.VOIDED, DraftState.SUPERSEDED)
