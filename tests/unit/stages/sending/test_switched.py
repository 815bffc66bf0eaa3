"""The kill switch is turned: people hear of it, whatever dies in between, and on its release what it held goes on at once."""

import json
from io import StringIO

import pytest

from shared.domain.outbox import Queue
from shared.domain.sends import SendState
from shared.domain.work import Work
from shared.ports.alerts import Alert, AlertKind
from shared.runtime.alerts import LoggedAlerts
from shared.runtime.logging import EventLog
from shared.stages.chores.sweep import sweep
from shared.stages.policy.policies import Policies
from shared.stages.sending.switched import after_turn, is_turn
from tests.builders import WORKSPACE
from tests.unit.stages.wire import MARIA, SendingWorld


class Told:
    """The Alerts port, remembered."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []

    def tell(self, *, alert: Alert) -> None:
        self.alerts.append(alert)


@pytest.fixture
def at() -> SendingWorld:
    """Three are approved."""
    world = SendingWorld(pace={"gap_s": 0, "jitter_s": 0})
    for number in (1, 2, 3):
        world.placed(number)
    world.sync()
    for number in (1, 2, 3):
        world.approve(number)
    return world


def policies(at: SendingWorld) -> Policies:
    return Policies(store=at.store, outbox=at.outbox, clock=at.clock, audit=at.world.audit)


def kill(at: SendingWorld) -> None:
    policies(at).kill(workspace_id=WORKSPACE, by=MARIA, reason="Ana has called: stop")


def release(at: SendingWorld) -> None:
    policies(at).release(workspace_id=WORKSPACE, by=MARIA, reason="it was a misunderstanding")


def turn(at: SendingWorld) -> Work:
    """The task that the last turn owed."""
    owed = at.outbox.flushed[-1]
    assert owed.destination == Queue.TEND_SENDS
    return Work.model_validate(owed.payload)


def tell(at: SendingWorld, work: Work, told: Told) -> int:
    assert is_turn(work)
    return after_turn(work, store=at.store, outbox=at.outbox, clock=at.clock, alerts=told)


def test_whoever_raises_it_has_people_told(at):
    kill(at)
    told = Told()
    assert tell(at, turn(at), told) == 0
    [alert] = told.alerts
    assert (alert.kind, alert.about, alert.workspace_id, alert.at) == (AlertKind.KILLED, "v000002", WORKSPACE, at.clock.now())
    assert "Ana" not in alert.model_dump_json()


def test_a_task_that_was_not_published_is_published_by_the_sweep(at):
    at.outbox.dead = True
    kill(at)
    assert at.outbox.flushed[-1].destination == Queue.SEND
    at.outbox.dead = False
    at.later(minutes=2)
    sweep(store=at.store, outbox=at.outbox, clock=at.clock)
    assert is_turn(turn(at))


def test_a_second_turn_to_the_same_side_tells_nothing(at):
    kill(at)
    flushed = len(at.outbox.flushed)
    kill(at)
    assert len(at.outbox.flushed) == flushed


def test_its_release_calls_at_once_what_it_held_and_nothing_else(at):
    at.left_by_itself(3)
    kill(at)
    at.deliver(1)
    release(at)
    told = Told()
    assert tell(at, turn(at), told) == 1
    assert told.alerts[0].kind is AlertKind.RELEASED
    at.deliver(1)
    assert at.state(1) is SendState.SETTLED


def test_a_release_that_is_delivered_twice_calls_each_once(at):
    kill(at)
    at.later(minutes=1)
    at.deliver(1)
    at.deliver(2)
    release(at)
    work = turn(at)
    assert [tell(at, work, Told()), tell(at, work, Told())] == [2, 0]


def test_a_release_that_comes_after_it_was_raised_again_calls_nobody(at):
    kill(at)
    at.later(minutes=1)
    at.deliver(1)
    release(at)
    work = turn(at)
    kill(at)
    assert tell(at, work, Told()) == 0


def test_an_alert_is_a_line_of_the_highest_severity_and_of_ids_only(at):
    stream = StringIO()
    alerts = LoggedAlerts(log=EventLog(project="p", least="ERROR", stream=stream))
    kill(at)
    after_turn(turn(at), store=at.store, outbox=at.outbox, clock=at.clock, alerts=alerts)
    assert json.loads(stream.getvalue()) == {
        "severity": "ALERT",
        "message": "alert",
        "workspace_id": WORKSPACE,
        "outcome": "kill switch raised",
        "entity": "v000002",
    }
