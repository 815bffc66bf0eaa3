"""The running invariants of what is sent: each holds on a healthy store and names what breaks it."""

from datetime import timedelta
from typing import Any

import pytest

from infra.cli import sending_invariants as invariants
from infra.cli.findings import Health
from shared.domain.carrying import Told, Word
from shared.domain.entity import Entity
from shared.domain.heard import MailboxState
from shared.domain.ids import OperatorId
from shared.domain.sends import Departure, SendState
from shared.domain.ways import Way
from shared.domain.wire import LISTENING
from shared.ports.store import Put
from tests.builders import MONDAY, WORKSPACE
from tests.fakes.store import MemoryStore
from tests.unit.domain.test_wire import a_send, an_approval


def a_store(*entities: Entity) -> MemoryStore:
    store = MemoryStore()
    store.commit(*(Put(one) for one in entities))
    return store


def sends_found(*entities: Entity, after: timedelta = timedelta(0)) -> tuple[Health, str]:
    found = invariants.approved_mails_are_accounted_for(a_store(*entities), WORKSPACE, now=MONDAY + after)
    return found.health, found.detail


def sent(id: str, **changes: Any) -> Entity:
    return a_send(**{"id": id, "approval_id": an_approval().id, "state": SendState.SETTLED, "due_at": MONDAY, **changes})


def test_what_left_once_is_counted() -> None:
    assert sends_found() == (Health.OK, "none yet")
    assert sends_found(an_approval(), sent("send_1"), sent("send_2", draft_id="draft-2")) == (Health.OK, "2 settled")


def test_a_draft_that_left_twice_is_the_first_thing_told() -> None:
    health, told = sends_found(an_approval(), sent("send_1"), sent("send_2", state=SendState.SENT))
    assert (health, "has left more than once" in told) == (Health.FAIL, True)


def test_a_send_nobody_approved_is_told() -> None:
    assert sends_found(sent("send_1")) == (Health.FAIL, "send_1 has no approval")


@pytest.mark.parametrize("state", [SendState.APPROVED, SendState.HELD, SendState.CLAIMED])
def test_a_send_may_be_due_for_a_quarter_of_an_hour_and_not_longer(state: SendState) -> None:
    waiting = (an_approval(), sent("send_1", state=state))
    assert sends_found(*waiting, after=invariants.OVERDUE)[0] is Health.OK
    assert sends_found(*waiting, after=invariants.OVERDUE + timedelta(seconds=1)) == (Health.FAIL, "1 are overdue, first send_1")


def test_a_parked_send_asks_for_somebody() -> None:
    found = invariants.approved_mails_are_accounted_for(
        a_store(an_approval(), sent("send_1", state=SendState.PARKED)), WORKSPACE, now=MONDAY
    )
    assert (found.health, found.fix) == (Health.WARN, "sdr resolve send_1")


def heard(**changes: Any) -> MailboxState:
    usual = {"id": "mara", "workspace_id": WORKSPACE, "operator_id": OperatorId("mara"), "cursor": "7", "read_at": MONDAY}
    return MailboxState(**{**usual, **changes})


def test_a_mailbox_that_is_not_listened_to_is_told() -> None:
    def found(*states: Entity, after: timedelta = timedelta(0)) -> tuple[Health, str]:
        finding = invariants.mailboxes_are_heard(a_store(*states), WORKSPACE, now=MONDAY + after)
        return finding.health, finding.detail

    assert found()[0] is Health.OK
    assert found(heard(), after=LISTENING) == (Health.OK, "1 listened to")
    assert found(heard(), after=LISTENING + timedelta(seconds=1)) == (Health.FAIL, "mara was last read at 23 Nov 09:00 UTC")
    assert found(heard(trouble="consent was withdrawn")) == (Health.FAIL, "mara: consent was withdrawn")


def test_a_carrier_that_tells_nothing_is_told_of() -> None:
    def found(**changes: Any) -> Health:
        left = Departure(thread_id="", at=MONDAY)
        send = sent("send_1", state=SendState.SENT, departure=left, **{"way": Way.SENDGRID, **changes})
        later = MONDAY + invariants.TOLD_SOON + timedelta(seconds=1)
        return invariants.carriers_tell(a_store(an_approval(), send), WORKSPACE, now=later).health

    told = (Told(id="e-1", word=Word.PROCESSED, at=MONDAY),)
    assert (found(), found(told=told), found(way=Way.SMTP)) == (Health.WARN, Health.OK, Health.OK)
