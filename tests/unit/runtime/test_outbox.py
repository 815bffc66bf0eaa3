"""The outbox publisher: at least once, each destination for itself, and never an exception for what the sweep can do later."""

import io
import json
import threading
from collections.abc import Sequence

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.domain.outbox import Channel, Outgoing
from shared.ports.errors import Permanent, Transient
from shared.ports.store import Create, Write
from shared.runtime.logging import EventLog
from shared.runtime.outbox import OutboxPublisher
from tests.builders import WORKSPACE, at
from tests.fakes.outbox import MemoryBus, MemoryTasks
from tests.fakes.store import MemoryStore


def an_event(number: int, topic: str = "lead.planned") -> Outgoing:
    return Outgoing(
        id=f"run_{number}-event",
        workspace_id=WORKSPACE,
        channel=Channel.EVENT,
        destination=topic,
        payload={"workspace_id": WORKSPACE, "id": f"run_{number}"},
        trace_id=f"trace-{number}",
        created_at=at(),
    )


def a_task(number: int, queue: str = "crm") -> Outgoing:
    changes = {"id": f"run_{number}-task", "channel": Channel.TASK, "destination": queue, "not_before": at(minutes=number)}
    return an_event(number).model_copy(update=changes)


class Publishing:
    def __init__(self) -> None:
        self.store, self.bus, self.tasks, self.stream = MemoryStore(), MemoryBus(), MemoryTasks(), io.StringIO()
        log = EventLog(project="p", stream=self.stream)
        self.publisher = OutboxPublisher(bus=self.bus, tasks=self.tasks, store=self.store, log=log)

    def flush(self, *entries: Outgoing) -> None:
        for one in entries:
            if one.id not in self.left:
                self.store.commit(Create(one))
        self.publisher.flush(entries=entries)

    @property
    def left(self) -> list[str]:
        return [one.id for one in self.store.everything(Outgoing)]

    @property
    def logged(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def publishing() -> Publishing:
    return Publishing()


def test_events_and_tasks_are_published_and_then_deleted(publishing: Publishing):
    publishing.flush(an_event(1), a_task(2))
    [(topic, payload, attributes)] = publishing.bus.sent
    assert (topic, payload) == ("lead.planned", {"workspace_id": WORKSPACE, "id": "run_1"})
    assert attributes == {"trace_id": "trace-1", "workspace_id": WORKSPACE}
    assert publishing.tasks.tasks == {"run_2-task": ("crm", {"workspace_id": WORKSPACE, "id": "run_2"}, "trace-2", at(minutes=2))}
    assert (publishing.left, publishing.logged) == ([], [])


def test_the_events_of_one_topic_are_one_call_and_everything_is_deleted_in_one(publishing: Publishing):
    entries = [an_event(number) for number in range(50)]
    publishing.flush(*entries)
    publishing.store.trips.clear()
    publishing.publisher.flush(entries=entries)
    assert (publishing.bus.calls, publishing.store.trips) == (2, ["commit"])


def test_no_destination_waits_for_another(publishing: Publishing):
    meeting = threading.Barrier(3, timeout=10)
    publish, enqueue = publishing.bus.publish, publishing.tasks.enqueue
    publishing.bus.publish = lambda **told: (meeting.wait(), publish(**told))[1]  # type: ignore[method-assign]
    publishing.tasks.enqueue = lambda **told: (meeting.wait(), enqueue(**told))[1]  # type: ignore[method-assign]
    publishing.flush(an_event(1), an_event(2, "draft.gated"), a_task(3))
    assert publishing.left == []


def test_nothing_owed_is_nothing_done(publishing: Publishing):
    publishing.flush()
    assert (publishing.bus.calls, publishing.tasks.calls, publishing.store.trips) == (0, 0, [])


@pytest.mark.parametrize("error", [Transient("Pub/Sub is away"), Permanent("no such topic")])
def test_a_topic_that_refuses_keeps_its_own_entries_and_nobody_elses(publishing: Publishing, error: Transient):
    publishing.bus.failures["lead.planned"] = error
    publishing.flush(an_event(1), an_event(2, "draft.gated"), a_task(3))
    assert publishing.left == ["run_1-event"]
    assert [topic for topic, *_ in publishing.bus.sent] == ["draft.gated"]
    assert list(publishing.tasks.tasks) == ["run_3-task"]
    [entry] = publishing.logged
    assert (entry["severity"], entry["count"], entry["detail"], entry["error"]) == ("WARNING", 1, error.detail, type(error).__name__)


def test_a_queue_that_refuses_is_not_asked_for_every_task(publishing: Publishing):
    publishing.tasks.failures["crm"] = Transient("Cloud Tasks is away")
    publishing.flush(*(a_task(number) for number in range(9)), an_event(99))
    assert (publishing.tasks.calls, len(publishing.left), len(publishing.bus.sent)) == (1, 9, 1)
    assert publishing.logged[0]["count"] == 9


def test_tasks_accepted_before_the_queue_gave_up_are_done(publishing: Publishing):
    class GivesUp(MemoryTasks):
        def enqueue(self, **asked: object) -> None:
            if self.calls == 2:
                raise Transient("Cloud Tasks is away")
            super().enqueue(**asked)

    publishing.tasks = GivesUp()
    publishing.publisher = OutboxPublisher(
        bus=publishing.bus, tasks=publishing.tasks, store=publishing.store, log=EventLog(project="p", stream=publishing.stream)
    )
    publishing.flush(*(a_task(number) for number in range(5)))
    assert publishing.left == ["run_2-task", "run_3-task", "run_4-task"]


class DiesDeleting(MemoryStore):
    """A store out of reach at the moment of deletion."""

    def commit(self, *writes: Write) -> Sequence[object]:
        if not all(isinstance(write, Create) for write in writes):
            raise Transient("Firestore is away")
        return super().commit(*writes)


def test_what_cannot_be_deleted_is_published_again_later(publishing: Publishing):
    healthy, dying = publishing.store, DiesDeleting()
    dying.__dict__.update(healthy.__dict__)
    log = EventLog(project="p", stream=publishing.stream)
    OutboxPublisher(bus=publishing.bus, tasks=publishing.tasks, store=dying, log=log).flush(entries=[an_event(1)])
    assert publishing.logged[0]["detail"] == "Firestore is away"
    publishing.flush(an_event(1))
    assert (len(publishing.bus.sent), publishing.left) == (2, [])


class Deliveries(RuleBasedStateMachine):
    """Topics and queues come and go: what is deleted was published, what was not published is still stored."""

    def __init__(self) -> None:
        super().__init__()
        self.world = Publishing()
        self.known: dict[str, Outgoing] = {}

    @rule(what=st.sampled_from([an_event, a_task]), to=st.sampled_from("ab"))
    def owe(self, what: object, to: str) -> None:
        entry = what(len(self.known), to)
        self.known[entry.id] = entry
        self.world.store.commit(Create(entry))

    @rule(down=st.sets(st.sampled_from("ab")))
    def weather_changes(self, down: set[str]) -> None:
        self.world.bus.failures = {name: Transient("away") for name in down}
        self.world.tasks.failures = {name: Permanent("gone") for name in down}

    @rule(number=st.integers(1, 4))
    def flush_the_oldest(self, number: int) -> None:
        self.world.publisher.flush(entries=[self.known[id] for id in self.world.left[:number]])

    @invariant()
    def nothing_is_lost(self) -> None:
        published = {payload["id"] for _, payload, _ in self.world.bus.sent} | {one[1]["id"] for one in self.world.tasks.tasks.values()}
        waiting = {self.known[id].payload["id"] for id in self.world.left}
        assert published | waiting == {one.payload["id"] for one in self.known.values()}

    def teardown(self) -> None:
        self.weather_changes(set())
        self.flush_the_oldest(len(self.known))
        assert self.world.left == []


Deliveries.TestCase.settings = settings(max_examples=30, stateful_step_count=12)
TestDeliveries = Deliveries.TestCase
