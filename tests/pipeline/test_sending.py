"""From the form to the recipient's mailbox: approved, held for a moment, sent once, read back; and every way to stop it."""

from typing import Any

import httpx
import pytest

from emulators.faults import Kind
from shared.domain.approval import Approval, ApprovalState
from shared.domain.audit import Actor, ActorKind, AuditEntry
from shared.domain.draft import Draft, DraftState
from shared.domain.outbox import Queue
from shared.domain.policy import KillSwitch, Rules, default_policy
from shared.domain.sends import Send, SendState
from shared.ports.errors import Rejected
from shared.ports.store import Put
from shared.stages.deciding.approving import approve, fingerprint_shown
from shared.stages.sending.cancel import NotCancelled, cancel
from shared.wiring import ports
from tests.pipeline.world import JONAS, World

MARA = Actor(kind=ActorKind.PERSON, id="mara")


@pytest.fixture
def world(world: World) -> World:
    """Jonas reads mail here too; sending to him is allowed, and mailboxes are listened to."""
    world.suite.gmail.mailbox(JONAS)
    decide(world)
    world.let_come(Queue.SYNC_MAILBOX, Queue.TEND_SENDS)
    world.submit()
    world.settle()
    return world


def decide(world: World, **rules: Any) -> None:
    usual = {"mode": "SEND_ALLOWED", "allowed_recipients": (JONAS,)}
    world.store.commit(Put(default_policy(world.workspace_id).model_copy(update={"rules": Rules(**{**usual, **rules}), "version": 1})))


def only_draft(world: World) -> Draft:
    [draft] = world.drafts
    return draft


def approved(world: World) -> None:
    draft = only_draft(world)
    shown = fingerprint_shown(draft, world.seeded.operator.name)
    approve(world.workspace_id, draft.id, fingerprint=shown, actor=MARA, trace_id="journey", desk=ports.desk)
    world.settle()


def only_send(world: World) -> Send:
    [send] = world.all(Send)
    return send


def received(world: World) -> list[Any]:
    return list(world.suite.gmail.mailboxes[JONAS].messages.values())


def test_an_approved_mail_leaves_once_after_its_hold_and_is_read_back(world: World) -> None:
    approved(world)
    assert (received(world), only_send(world).state) == ([], SendState.APPROVED)
    world.advance(minutes=2)
    [mail] = received(world)
    send = only_send(world)
    assert (send.state, send.departure.message_id) == (SendState.SETTLED, mail.mime["Message-ID"])  # type: ignore[union-attr]
    assert (mail.mime["X-Sales-Agent-Draft"], mail.mime["Subject"]) == (only_draft(world).id, only_draft(world).text.subject)
    assert (only_draft(world).state, world.gmail_drafts()) == (DraftState.SENT, [])
    assert [one.state for one in world.all(Approval)] == [ApprovalState.USED]
    world.advance(hours=2)
    assert len(received(world)) == 1
    assert sorted(one.action for one in world.all(AuditEntry)) == ["draft.approved", "send.sent"]
    assert (world.outbox, world.dead_letters) == ([], [])


def test_a_mail_taken_back_within_its_hold_does_not_leave(world: World) -> None:
    approved(world)
    cancelled = cancel(world.workspace_id, only_send(world).id, actor=MARA, desk=ports.desk)
    assert cancelled.state is SendState.CANCELLED
    world.advance(hours=1)
    assert (received(world), only_draft(world).state) == ([], DraftState.PENDING)
    assert [one.state for one in world.all(Approval)] == [ApprovalState.WITHDRAWN]


def test_what_has_left_cannot_be_taken_back(world: World) -> None:
    approved(world)
    world.advance(minutes=2)
    with pytest.raises(NotCancelled, match="it has left"):
        cancel(world.workspace_id, only_send(world).id, actor=MARA, desk=ports.desk)


def test_the_kill_switch_stops_what_is_queued_and_letting_go_lets_it_leave(world: World) -> None:
    approved(world)
    decide(world, kill_switch=KillSwitch(on=True, by="mara", reason="wrong price"))
    world.advance(minutes=30)
    assert (received(world), only_send(world).state, only_send(world).reason) == ([], SendState.HELD, "the kill switch is on")
    decide(world)
    world.advance(minutes=10)
    assert (len(received(world)), only_send(world).state) == (1, SendState.SETTLED)


def test_an_answer_whose_word_is_lost_is_looked_for_and_never_sent_again(world: World) -> None:
    world.fail("gmail", "drafts.send", Kind.DROP_AFTER, times=1)
    approved(world)
    world.advance(minutes=2)
    assert (len(received(world)), only_send(world).state) == (1, SendState.CLAIMED)
    world.advance(minutes=10)
    assert (len(received(world)), only_send(world).state) == (1, SendState.SETTLED)


def test_a_call_that_never_arrived_is_made_again_after_a_look(world: World) -> None:
    world.fail("gmail", "drafts.send", Kind.DROP_BEFORE, times=1)
    approved(world)
    world.advance(minutes=10)
    assert (len(received(world)), only_send(world).state) == (1, SendState.SETTLED)


def test_an_answer_of_theirs_before_the_hold_is_over_stops_it(world: World) -> None:
    approved(world)
    world.suite.gmail.deliver(
        world.seeded.operator.email,
        {"from": JONAS, "to": world.seeded.operator.email, "subject": "Never mind", "text": "We chose another."},
    )
    world.advance(minutes=5)
    assert (received(world), only_send(world).state) == ([], SendState.VOIDED)
    assert only_send(world).reason == "they have written since this was approved"


def test_nobody_who_is_not_on_the_list_is_written_to_outside_production(world: World) -> None:
    approved(world)
    decide(world, allowed_recipients=())
    world.advance(minutes=5)
    assert (received(world), only_send(world).state) == ([], SendState.VOIDED)


def test_a_draft_the_operator_has_sent_by_hand_is_noticed_and_cannot_be_approved(world: World) -> None:
    [draft_id] = world.gmail_drafts()
    draft = world.mailbox.drop_draft(draft_id)
    world.suite.gmail.deliver(world.seeded.operator.email, draft.raw)
    world.advance(minutes=6)
    assert only_draft(world).state is DraftState.SENT_BY_OPERATOR
    with pytest.raises(Rejected):
        approved(world)


def asked(world: World, path: str, **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.seeded.api_token}"}
    return httpx.post(f"{world.suite.urls['functions']}/api/{path}", json=body, headers=headers, timeout=30)


def test_undo_takes_the_send_back_with_the_approval(world: World) -> None:
    approved(world)
    answer = asked(world, f"drafts/{only_draft(world).id}/undo")
    assert (answer.status_code, answer.json()["state"]) == (200, "pending")
    world.advance(minutes=10)
    assert (only_send(world).state, received(world)) == (SendState.CANCELLED, [])


def test_the_api_cancels_once_and_says_when_there_is_nothing_to_resolve(world: World) -> None:
    approved(world)
    send = only_send(world)
    first, again = (asked(world, f"sends/{send.id}/cancel") for _ in range(2))
    assert [(one.status_code, one.json()["state"]) for one in (first, again)] == [(200, "cancelled")] * 2
    nothing = asked(world, f"sends/{send.id}/resolve", word="left")
    assert (nothing.status_code, nothing.json()["detail"]) == (409, "the send is cancelled, not parked: there is nothing to resolve")
    assert asked(world, "sends/send_of-nobody/cancel").status_code == 404
    assert asked(world, f"sends/{send.id}/resolve", word="perhaps").status_code == 400
