"""Somebody wishes to hear no more while a mail to them is on its way: whenever that comes, and whoever dies over it, nothing leaves."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.audit import AuditEntry, by_stage
from shared.domain.draft import DraftState
from shared.domain.sends import SendState
from shared.domain.suppression import STOP, Cause, Scope, Subject, Suppression
from shared.domain.work import Work
from shared.ports.errors import Busy, Rejected
from shared.stages.policy.suppressions import Wish
from shared.stages.policy.wishes import heard_wish
from shared.stages.sending.stopping import after_stop
from tests.builders import WORKSPACE
from tests.unit.stages.crashing import Death, DyingStore
from tests.unit.stages.wire import KINDS, SendingWorld

OUTREACH = 3
WHOM = KINDS[OUTREACH - 1].recipient


def hear(world: SendingWorld, address: str = WHOM) -> None:
    desk = world.desk()
    wish = Wish(Subject(scope=Scope.ADDRESS, value=address), Cause.OPT_OUT, "one-click draft_3")
    heard_wish(wish, workspace_id=WORKSPACE, by=by_stage("unsubscribe"), suppressions=desk.suppressions, outbox=desk.outbox)


def stop(world: SendingWorld) -> int:
    [standing] = world.store.everything(Suppression)
    return after_stop(Work(workspace_id=WORKSPACE, id=f"{STOP}{standing.id}"), desk=world.desk())


class Moment:
    """Lets something happen when a port is asked for one thing."""

    def __init__(self, port: Any, name: str, happens: Callable[[], None]) -> None:
        self._port, self._name, self._happens = port, name, happens

    def __getattr__(self, name: str) -> Any:
        if name == self._name:
            self._name = ""
            self._happens()
        return getattr(self._port, name)


@pytest.fixture
def world() -> SendingWorld:
    made = SendingWorld()
    made.placed(OUTREACH)
    return made


@pytest.mark.parametrize("spelled", [WHOM, WHOM.upper(), WHOM.replace("@", "+news@")])
def test_a_wish_between_approval_and_wire_ends_mail_and_draft(world: SendingWorld, spelled: str) -> None:
    world.approve(OUTREACH)
    hear(world, spelled)
    assert stop(world) == 1
    world.left_by_itself(OUTREACH)
    assert (world.state(OUTREACH), world.draft(OUTREACH).state, world.mailbox.left) == (SendState.VOIDED, DraftState.REJECTED, [])


def test_a_wish_of_which_nobody_has_told_the_send_keeps_it_from_leaving(world: SendingWorld) -> None:
    world.approve(OUTREACH)
    hear(world)
    world.left_by_itself(OUTREACH)
    assert (world.state(OUTREACH), world.mailbox.left) == (SendState.VOIDED, [])
    with pytest.raises(Rejected):
        world.approve(OUTREACH)


def test_a_wish_that_comes_after_the_claim_is_heard_before_the_call(world: SendingWorld) -> None:
    world.approve(OUTREACH)
    moments = Moment(world.mailbox, "find_draft", lambda: hear(world))
    world.through = lambda name, port: moments if name == "mailbox" else port
    world.left_by_itself(OUTREACH)
    assert (world.state(OUTREACH), world.mailbox.left) == (SendState.VOIDED, [])


def test_a_wish_that_comes_with_the_call_waits_for_its_end_and_ends_what_is_left(world: SendingWorld) -> None:
    world.approve(OUTREACH)

    def wished() -> None:
        hear(world)
        with pytest.raises(Busy):
            stop(world)

    moments = Moment(world.mailbox, "send_draft", wished)
    world.through = lambda name, port: moments if name == "mailbox" else port
    world.left_by_itself(OUTREACH)
    stop(world)
    assert world.state(OUTREACH) in (SendState.SENT, SendState.SETTLED)
    assert len(world.mailbox.left) == 1


@pytest.mark.parametrize("after", [False, True])
def test_whenever_a_delivery_dies_the_next_one_brings_the_wish_to_its_end(*, after: bool) -> None:
    for left in range(60):
        world = SendingWorld()
        world.placed(OUTREACH)
        world.approve(OUTREACH)
        dying = DyingStore(world.store, left=left, after=after)
        world.through = lambda name, port, dying=dying: dying if name == "store" else port  # type: ignore[misc]
        try:
            hear(world)
            stop(world)
        except Death:
            lived = False
        else:
            lived = True
        world.through = lambda _name, port: port
        hear(world)
        stop(world)
        world.left_by_itself(OUTREACH)
        added = [one for one in world.store.everything(AuditEntry) if one.action == "suppression.added"]
        assert (world.state(OUTREACH), world.draft(OUTREACH).state, len(added)) == (SendState.VOIDED, DraftState.REJECTED, 1), left
        assert world.mailbox.left == []
        if lived:
            return
    raise AssertionError("it never came to its end")
