"""Whoever makes it so owes the notice in the same commit: failures, letters, sends, mailboxes and portals, each once."""

from datetime import timedelta

import pytest

from shared.domain.notices import Concern, Matter
from shared.domain.outbox import Outgoing, Queue
from shared.domain.pauses import Pause
from shared.domain.run import RunState
from shared.domain.work import Work
from shared.ports.errors import Permanent, ReconnectNeeded
from shared.stages.drafting.failures import FailureBook
from shared.stages.listening.sync_mailbox import sync_mailbox
from tests.builders import OPERATOR, WORKSPACE, a_run
from tests.unit.stages.wire import SendingWorld
from tests.unit.stages.world import StageWorld


def owed(store) -> list[Matter]:
    """Left to the sweep."""
    found = [one for one in store.everything(Outgoing) if one.destination == Queue.NOTIFY]
    return [matter for one in found if (matter := Matter.from_work(one.payload["id"])) is not None]


@pytest.fixture
def world() -> StageWorld:
    return StageWorld()


@pytest.fixture
def book(world) -> FailureBook:
    return FailureBook(store=world.store, clock=world.clock)


def fail(book, *, work_id="run_1", function="draft") -> None:
    book.record(function=function, work=Work(workspace_id=WORKSPACE, id=work_id), error=Permanent("it cannot be"))


def test_a_run_that_fails_owes_one_notice_and_its_letter_none(world, book):
    world.put(a_run(state=RunState.PLANNED))
    fail(book)
    fail(book)
    work = Work(workspace_id=WORKSPACE, id="run_1").model_dump_json()
    book.quarantine(function="draft", source="q", delivery_id="d", payload=work, attributes={}, reason="no", attempts=5)
    assert owed(world.store) == [Matter(concern=Concern.RUNS, id="run_1", occasion="failed")]


def test_a_canary_that_fails_owes_nothing(world, book):
    world.put(a_run(state=RunState.PLANNED, synthetic=True))
    fail(book)
    assert owed(world.store) == []


def test_a_letter_owes_a_notice_unless_it_is_nobodys_or_a_notice_itself(world, book):
    fail(book, work_id="lost", function="hold_slots")
    fail(book, work_id="lost", function="hold_slots")
    fail(book, work_id="tell-slack-runs-1", function="notify")
    book.quarantine(function="plan", source="q", delivery_id="d", payload="?", attributes={}, reason="no", attempts=1)
    assert [one.concern for one in owed(world.store)] == [Concern.LETTERS]


def test_a_portal_that_lets_nobody_in_owes_one_notice_a_day(world, book):
    refused = ReconnectNeeded("the token is dead", source="hubspot")
    for number in (1, 2):
        world.put(a_run(id=f"run_{number}", state=RunState.PLANNED))
        book.pause(function="plan", work=Work(workspace_id=WORKSPACE, id=f"run_{number}"), error=refused)
    assert owed(world.store) == [Matter(concern=Concern.RECONNECT, id="hubspot", occasion="20261123")]
    book.pause(function="plan", work=Work(workspace_id=WORKSPACE, id="run_1"), error=ReconnectNeeded("dead", source="gmail"))
    assert len(owed(world.store)) == 1
    assert len(world.store.everything(Pause)) == 2


@pytest.fixture
def at() -> SendingWorld:
    world = SendingWorld(pace={"gap_s": 0, "jitter_s": 0})
    told = world.store.workspace(workspace_id=WORKSPACE).model_copy(update={"slack_channel": "C0SALES001"})
    world.store.save_workspace(workspace=told)
    world.placed(1)
    world.sync()
    return world


def test_a_send_that_is_parked_owes_a_notice(at):
    at.approve(1)
    at.mailbox.sending = "fails before"
    at.left_by_itself(1)
    at.mailbox.delete(at.gmail_id(1))
    at.later(minutes=5)
    at.deliver(1)
    assert owed(at.store) == [Matter(concern=Concern.SENDS, id=at.send(1).id, occasion="parked")]


def test_a_draft_that_asks_again_owes_another_notice_than_before(at):
    at.approve(1)
    at.mailbox.arrive(at.draft(1).recipient)
    at.left_by_itself(1)
    assert owed(at.store) == [Matter(concern=Concern.APPROVALS, id="draft_1", occasion="1")]


def test_nothing_is_owed_where_nobody_is_told_and_for_what_a_person_has_done(at):
    at.approve(1)
    at.cancel(1)
    at.world.store.save_workspace(workspace=at.world.workspace)
    at.approve(1)
    at.mailbox.arrive(at.draft(1).recipient)
    at.left_by_itself(1)
    assert owed(at.store) == []


def test_a_mailbox_that_has_to_be_connected_again_is_owed_once_until_it_was(at):
    def read(error: ReconnectNeeded | None) -> None:
        at.later(minutes=5)
        work = Work(workspace_id=WORKSPACE, id="20261123T0900")
        sync_mailbox(work, store=at.store, clock=at.clock, mailbox=lambda _: Through(at.mailbox, error), audit=at.world.audit)

    dead = ReconnectNeeded("consent was withdrawn")
    for _ in range(3):
        read(dead)
    assert [one.id for one in owed(at.store) if one.id == OPERATOR] == [OPERATOR]
    read(None)
    at.clock.advance(timedelta(minutes=5))
    read(dead)
    assert len([one for one in owed(at.store) if one.id == OPERATOR]) == 2


class Through:
    """The mailbox, whose history cannot be read while there is an error."""

    def __init__(self, mailbox, error) -> None:
        self._mailbox, self._error = mailbox, error

    def __getattr__(self, name):
        if self._error is not None and name in ("news", "position"):
            raise self._error
        return getattr(self._mailbox, name)
