"""Mail that goes out another way than through Gmail: by a mail server that says at once, by a carrier that tells later."""

from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest

from shared.domain.approval import ApprovalState
from shared.domain.audit import AuditEntry
from shared.domain.carrying import CarrierEvent, Word
from shared.domain.draft import DraftState
from shared.domain.quotas import QuotaBook
from shared.domain.sends import SEND_LEASE, TOLD_WITHIN, SendState
from shared.domain.suppression import Cause, Suppression
from shared.domain.ways import SmtpServer, Way
from shared.ports.errors import Busy, OutcomeUnknown, Permanent, ReconnectNeeded, Transient
from shared.stages.sending import resolve_send
from shared.stages.sending.bringing_home import NOT_KEPT
from shared.stages.sending.send import NOBODY_TOLD
from tests.builders import an_operator
from tests.unit.stages.crashing import Death
from tests.unit.stages.trouble import Plan, Trouble
from tests.unit.stages.wire import KINDS, SendingWorld

ANA = KINDS[0].recipient
SERVER = SmtpServer(host="mail.northwind.example")


def world(way: Way) -> SendingWorld:
    """Two drafts stand, the second in a thread; both are approved."""
    at = SendingWorld(pace={"hold_s": 15, "gap_s": 0, "jitter_s": 0})
    at.staff(an_operator(way=way, smtp=SERVER))
    for number in (1, 2):
        at.placed(number)
    at.sync()
    for number in (1, 2):
        at.approve(number)
    return at


@pytest.fixture
def at() -> SendingWorld:
    return world(Way.SMTP)


@pytest.fixture
def carried() -> SendingWorld:
    return world(Way.SENDGRID)


def told(at: SendingWorld, word: Word, *, id: str = "", number: int = 1, address: str = "", **changes: Any) -> CarrierEvent:
    return CarrierEvent(
        id=id or f"e-{word}",
        word=word,
        at=at.clock.now(),
        address=address or KINDS[number - 1].recipient,
        send_id=at.send(number).id,
        receipt="X1",
        **changes,
    )


def places(at: SendingWorld) -> set[str]:
    return {one.send_id for book in at.store.everything(QuotaBook) for one in book.reservations}


def breaking(at: SendingWorld, name: str, way: str) -> None:
    trouble = Trouble()
    trouble.begin(Plan(0, way, name=name))
    at.through = trouble.through


# Any way
def test_the_way_is_decided_with_the_approval(at):
    at.staff(an_operator())
    assert at.send(1).way is Way.SMTP
    at.left_by_itself(1)
    assert "send_draft" not in at.mailbox.calls


def test_it_leaves_as_it_was_approved_under_an_id_of_ours_and_comes_home(at):
    at.left_by_itself(2)
    [left] = at.mailbox.left
    sent, read = at.send(2), message_from_bytes(left.raw)
    assert (sent.state, sent.departure.receipt) == (SendState.SETTLED, "queued")
    assert sent.departure.message_id == read["Message-ID"] == f"<{sent.id}@northwind.example>"
    assert (read["X-Sales-Agent-Send"], read["In-Reply-To"]) == (sent.id, "<m2@theirs.example>")
    [(copy, raw)] = at.mailbox.kept
    assert (raw, copy.thread_id, sent.departure.gmail_message_id) == (left.raw, "t-2", copy.gmail_message_id)
    assert at.gmail_id(2) not in at.mailbox.drafts
    assert (at.draft(2).state, places(at)) == (DraftState.SENT, {sent.id})


def test_the_draft_stands_until_it_is_known_to_have_left(at):
    at.mailbox.on_wire = lambda gmail_draft_id, _raw: standing.append(gmail_draft_id in at.mailbox.drafts)
    standing: list[bool] = []
    at.mailbox.sending = "fails before"
    at.left_by_itself(1)
    assert (standing, at.gmail_id(1) in at.mailbox.drafts) == ([True], True)


def test_what_the_operator_has_made_of_the_draft_meanwhile_is_theirs(at):
    breaking(at, "keep_sent", "fails before")
    with pytest.raises(Transient):
        at.left_by_itself(1)
    at.mailbox.edit(at.gmail_id(1))
    at.deliver(1)
    assert (at.state(1), at.gmail_id(1) in at.mailbox.drafts) == (SendState.SETTLED, True)


@pytest.mark.parametrize("way", ["dies after", "fails after"])
def test_a_copy_of_which_nobody_heard_is_looked_for_and_not_kept_twice(at, way):
    breaking(at, "keep_sent", way)
    with pytest.raises((Death, OutcomeUnknown)):
        at.left_by_itself(1)
    at.deliver(1)
    assert (at.state(1), len(at.mailbox.kept), len(at.mailbox.left)) == (SendState.SETTLED, 1, 1)


def test_a_mailbox_that_keeps_no_copy_does_not_keep_it_from_being_settled(at, monkeypatch):
    def refused(**_: Any) -> Any:
        raise Permanent("the mailbox is full")

    monkeypatch.setattr(at.mailbox, "keep_sent", refused)
    at.left_by_itself(1)
    assert (at.state(1), at.send(1).reason) == (SendState.SETTLED, NOT_KEPT + "the mailbox is full")
    assert at.gmail_id(1) not in at.mailbox.drafts


def test_a_mailbox_that_has_to_be_connected_again_is_waited_for(at, monkeypatch):
    def revoked(**_: Any) -> Any:
        raise ReconnectNeeded("consent was withdrawn")

    with monkeypatch.context() as patches:
        patches.setattr(at.mailbox, "keep_sent", revoked)
        with pytest.raises(ReconnectNeeded):
            at.left_by_itself(1)
    assert at.state(1) is SendState.SENT
    at.deliver(1)
    assert (at.state(1), len(at.mailbox.left)) == (SendState.SETTLED, 1)


@pytest.mark.parametrize("weather", ["fails before", "fails after", "arrives late"])
def test_an_end_nobody_knows_is_parked_and_never_tried_again(at, weather):
    at.mailbox.sending = weather
    at.left_by_itself(1)
    assert at.state(1) is SendState.CLAIMED
    at.mailbox.sending = "fine"
    at.mailbox.arrive_late()
    at.later(seconds=SEND_LEASE.total_seconds() + 1)
    for _ in range(3):
        at.deliver(1)
    assert (at.state(1), at.send(1).reason) == (SendState.PARKED, NOBODY_TOLD)
    assert len(at.mailbox.left) == (weather != "fails before")
    assert at.send(1).id in places(at)


def test_a_delivery_that_died_is_parked_though_its_draft_stands(at):
    breaking(at, "bring_out", "dies before")
    with pytest.raises(Death):
        at.left_by_itself(1)
    at.later(minutes=6)
    at.deliver(1)
    assert (at.state(1), at.mailbox.left, at.gmail_id(1) in at.mailbox.drafts) == (SendState.PARKED, [], True)


@pytest.mark.parametrize(("weather", "state"), [("refuses", SendState.APPROVED), ("rejects", SendState.FAILED)])
def test_what_is_refused_is_tried_later_or_fails_and_its_draft_stands(at, weather, state):
    at.mailbox.sending = weather
    at.left_by_itself(1)
    assert (at.state(1), at.gmail_id(1) in at.mailbox.drafts, places(at)) == (state, True, set())
    if state is SendState.FAILED:
        assert at.draft(1).state is DraftState.PENDING


def test_a_parked_mail_that_did_not_leave_asks_again_and_can_be_approved(at):
    at.mailbox.sending = "fails before"
    at.left_by_itself(1)
    at.mailbox.sending = "fine"
    at.later(minutes=6)
    at.deliver(1)
    with pytest.raises(resolve_send.WordNeeded):
        at.resolve(1)
    assert at.resolve(1, resolve_send.Word.NOT_LEFT).state is SendState.CANCELLED
    assert at.draft(1).state is DraftState.PENDING
    at.approve(1)
    at.left_by_itself(1)
    assert (at.state(1), len(at.mailbox.left)) == (SendState.SETTLED, 1)


def test_a_parked_mail_that_left_comes_home(at):
    at.mailbox.sending = "fails after"
    at.left_by_itself(1)
    at.later(minutes=6)
    at.deliver(1)
    settled = at.resolve(1, resolve_send.Word.LEFT)
    assert (settled.state, settled.departure.message_id) == (SendState.SETTLED, at.mailbox.left[0].mail.message_id)
    assert (len(at.mailbox.kept), at.gmail_id(1) in at.mailbox.drafts) == (1, False)


# A carrier that tells
def test_what_the_carrier_has_taken_is_sent_and_settled_when_it_says_so(carried):
    carried.left_by_itself(1)
    carried.deliver(1)
    assert (carried.state(1), carried.gmail_id(1) in carried.mailbox.drafts, carried.mailbox.kept) == (SendState.SENT, True, [])
    assert carried.tell(told(carried, Word.PROCESSED), told(carried, Word.DELIVERED)) == 2
    assert carried.state(1) is SendState.SENT
    assert f"{carried.send(1).id}-{carried.send(1).round}" in {one.id for one in carried.outbox.flushed}
    carried.deliver(1)
    sent = carried.send(1)
    assert (sent.state, sent.reason, len(carried.mailbox.kept)) == (SendState.SETTLED, "", 1)
    assert (sent.departure.message_id, carried.gmail_id(1) in carried.mailbox.drafts) == (f"<{sent.id}@northwind.example>", False)


def test_a_batch_that_comes_again_changes_nothing(carried):
    carried.left_by_itself(1)
    batch = [told(carried, Word.DELIVERED)]
    assert (carried.tell(*batch), carried.tell(*batch)) == (1, 0)
    carried.deliver(1)
    before = carried.send(1)
    assert (carried.tell(*batch), carried.send(1)) == (0, before)


def test_delivered_before_processed_settles_as_well(carried):
    carried.left_by_itself(1)
    carried.tell(told(carried, Word.DELIVERED))
    carried.deliver(1)
    carried.tell(told(carried, Word.PROCESSED), told(carried, Word.DEFERRED, reason="451 later"))
    assert (carried.state(1), len(carried.send(1).told)) == (SendState.SETTLED, 3)


@pytest.mark.parametrize(("word", "suppressed"), [(Word.BOUNCED, True), (Word.BLOCKED, False)])
def test_what_their_server_refuses_has_left_and_says_so(carried, word, suppressed):
    carried.left_by_itself(1)
    carried.tell(told(carried, word, reason="550 5.1.1 nobody here"))
    carried.deliver(1)
    sent = carried.send(1)
    assert (sent.state, sent.reason) == (SendState.SETTLED, f"their mail server has not taken it ({word}): 550 5.1.1 nobody here")
    assert (carried.draft(1).state, sent.id in places(carried)) == (DraftState.SENT, True)
    assert [one.cause for one in carried.store.everything(Suppression)] == ([Cause.BOUNCE] if suppressed else [])
    assert f"send.{word}" in {one.action for one in carried.store.everything(AuditEntry)}


def test_what_the_carrier_drops_has_not_left_and_asks_again(carried):
    carried.left_by_itself(1)
    carried.tell(told(carried, Word.DROPPED, reason="Spam Content"))
    assert (carried.state(1), carried.send(1).reason) == (SendState.FAILED, "SendGrid has not sent it: Spam Content")
    assert (carried.draft(1).state, places(carried)) == (DraftState.PENDING, set())
    assert [one.state for one in carried.approvals() if one.draft_id == "draft_1"] == [ApprovalState.WITHDRAWN]
    assert carried.gmail_id(1) in carried.mailbox.drafts
    carried.tell(told(carried, Word.PROCESSED))
    assert carried.state(1) is SendState.FAILED
    carried.approve(1)
    carried.left_by_itself(1)
    assert carried.state(1) is SendState.SENT


@pytest.mark.parametrize(
    ("reason", "cause"),
    [("Unsubscribed Address", Cause.OPT_OUT), ("Spam Reporting Address", Cause.COMPLAINT), ("Bounced Address", Cause.BOUNCE)],
)
def test_whom_the_carrier_does_not_write_to_we_do_not_either(carried, reason, cause):
    carried.left_by_itself(1)
    carried.tell(told(carried, Word.DROPPED, reason=reason))
    assert [one.cause for one in carried.store.everything(Suppression)] == [cause]


@pytest.mark.parametrize(("word", "cause"), [(Word.COMPLAINED, Cause.COMPLAINT), (Word.UNSUBSCRIBED, Cause.OPT_OUT)])
@pytest.mark.parametrize("send_id", ["", "send_of-nobody"])
def test_whoever_complains_or_unsubscribes_is_never_written_to_again(carried, word, cause, send_id):
    carried.tell(told(carried, word).model_copy(update={"send_id": send_id}))
    assert [(one.cause, one.shown) for one in carried.store.everything(Suppression)] == [(cause, ANA)]
    carried.left_by_itself(1)
    assert (carried.state(1), carried.mailbox.left) == (SendState.VOIDED, [])


@pytest.mark.parametrize("parked", [False, True])
@pytest.mark.parametrize(
    ("word", "state"), [(Word.PROCESSED, SendState.SENT), (Word.DELIVERED, SendState.SENT), (Word.DROPPED, SendState.FAILED)]
)
def test_an_event_ends_what_nobody_knew(carried, parked, word, state):
    carried.mailbox.sending = "fails after"
    carried.left_by_itself(1)
    if parked:
        carried.later(minutes=6)
        carried.deliver(1)
    assert carried.state(1) is (SendState.PARKED if parked else SendState.CLAIMED)
    carried.tell(told(carried, word))
    assert carried.state(1) is state
    if state is SendState.SENT:
        assert (carried.send(1).departure.receipt, carried.draft(1).state) == ("X1", DraftState.SENT)


def test_an_event_while_the_call_is_being_made_comes_again(carried):
    breaking(carried, "bring_out", "dies after")
    with pytest.raises(Death):
        carried.left_by_itself(1)
    with pytest.raises(Busy):
        carried.tell(told(carried, Word.PROCESSED), told(carried, Word.COMPLAINED, number=2))
    assert [one.shown for one in carried.store.everything(Suppression)] == [KINDS[1].recipient]  # the others were heard
    carried.later(minutes=6)
    carried.tell(told(carried, Word.PROCESSED))
    assert carried.state(1) is SendState.SENT


def test_what_seemed_to_be_refused_and_was_not_is_not_sent_again(carried):
    carried.mailbox.sending = "refuses"
    carried.left_by_itself(1)
    carried.mailbox.sending = "fine"
    assert carried.state(1) is SendState.APPROVED
    carried.tell(told(carried, Word.PROCESSED))
    carried.later(hours=1)
    carried.deliver(1)
    assert (carried.state(1), carried.mailbox.left) == (SendState.SENT, [])


def test_somebody_in_copy_is_noted_and_decides_nothing(carried):
    carried.left_by_itself(1)
    carried.tell(told(carried, Word.DROPPED, address="boss@one.example", reason="Invalid"))
    [noted] = carried.send(1).told
    assert (carried.state(1), noted.about) == (SendState.SENT, "boss@one.example")


def test_events_of_another_way_or_of_a_mail_we_do_not_know_change_nothing(at):
    at.left_by_itself(1)
    before = at.send(1)
    assert at.tell(told(at, Word.DROPPED), told(at, Word.DELIVERED).model_copy(update={"send_id": "send_else"})) == 0
    assert at.send(1) == before


def test_a_carrier_that_tells_nothing_is_not_waited_for_for_ever(carried):
    carried.left_by_itself(1)
    carried.later(seconds=(TOLD_WITHIN - timedelta(minutes=10)).total_seconds())
    assert carried.tend() == 1  # the other one, that nobody has called
    carried.later(minutes=20)
    carried.sync()
    carried.tend()
    carried.deliver(1)
    assert (carried.state(1), carried.send(1).reason) == (SendState.SETTLED, "SendGrid has told nothing of it for three days")
