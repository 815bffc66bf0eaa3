"""The Tasks port on Cloud Tasks: a named task calls its queue's worker once, signed, and never before its time."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports.grpc import CloudTasksGrpcTransport

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.serving import GrpcServer
from emulators.settling import Settler
from emulators.tasks.routes import TasksEmulator
from shared.gcp.cloud_tasks import CloudTasks
from shared.ports.errors import Permanent, Transient
from shared.runtime.settings import Settings
from tests.builders import MONDAY, at
from tests.contract.emulators.endpoint import Accounts, Endpoint
from tests.fakes.clock import CountingIds, FixedClock

LOCATION = "projects/sales-agent-local/locations/europe-west1"
WORK = {"workspace_id": "northwind", "id": "run_1"}
INVOKER = "invoker@sales-agent-local.iam.gserviceaccount.com"


class Queue:
    """The adapter, the emulator behind it, and the function its tasks call."""

    def __init__(self, emulator: TasksEmulator, clock: Clock, address: str, endpoint: Endpoint) -> None:
        self.emulator, self.endpoint, self.clock = emulator, endpoint, FixedClock()
        self.base = endpoint.url.removesuffix("/hook")
        settings = Settings(tasks_emulator_host=address, functions_url=self.base + "/")
        self.tasks = CloudTasks(settings=settings, clock=self.clock, ids=CountingIds())
        self._settler = Settler(clock, [emulator])

    def enqueue(self, name: str = "run_1-placed", *, queue: str = "crm", **more: Any) -> None:
        self.tasks.enqueue(queue=queue, name=name, payload=WORK, trace_id="trace-1", **more)

    def settle(self, **later: float) -> list[str]:
        """Lets time pass; the paths called so far."""
        self._settler.advance(timedelta(**later))
        return [one.path for one in self.endpoint.deliveries]

    def fail(self, kind: Kind = Kind.STATUS, *, code: str = "UNAVAILABLE", times: int | None = None) -> None:
        self.emulator.faults.add(Fault(route="tasks.CreateTask", kind=kind, body=code, times=times))


@pytest.fixture
def queue() -> Iterator[Queue]:
    clock = Clock(frozen_at=MONDAY)
    emulator = TasksEmulator(clock, identity=Accounts())
    server = GrpcServer([emulator], workers=4).start()
    with grpc.insecure_channel(server.address) as channel, Endpoint() as endpoint:
        client = tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
        client.create_queue(parent=LOCATION, queue={"name": f"{LOCATION}/queues/crm"})
        yield Queue(emulator, clock, server.address, endpoint)
    emulator.close()
    server.stop()


def test_a_task_calls_its_queues_worker_with_payload_trace_and_identity(queue: Queue):
    queue.enqueue()
    assert queue.settle(seconds=1) == ["/log-to-crm"]
    [delivery] = queue.endpoint.deliveries
    assert (delivery.method, json.loads(delivery.body), delivery.headers["content-type"]) == ("POST", WORK, "application/json")
    assert delivery.headers["x-trace-id"] == "trace-1"
    assert delivery.headers["authorization"] == f"Bearer {INVOKER} for {queue.base}/log-to-crm"
    assert delivery.headers["x-cloudtasks-taskname"] == "run_1-placed"


def test_a_second_task_of_the_same_name_is_accepted_and_changes_nothing(queue: Queue):
    queue.enqueue()
    queue.enqueue()
    assert len(queue.settle(seconds=1)) == 1


def test_a_finished_tasks_name_stays_taken_and_that_is_fine(queue: Queue):
    queue.enqueue()
    queue.settle(seconds=1)
    queue.enqueue()
    assert len(queue.settle(minutes=1)) == 1


def test_a_task_is_not_called_before_its_time(queue: Queue):
    queue.enqueue(not_before=at(minutes=10))
    assert queue.settle(minutes=9) == []
    assert queue.settle(minutes=2) == ["/log-to-crm"]


@pytest.mark.parametrize("code", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "INTERNAL"])
def test_a_queue_that_is_away_for_a_moment_is_asked_again(queue: Queue, code: str):
    queue.fail(code=code, times=3)
    queue.enqueue()
    assert (len(queue.settle(seconds=1)), len(queue.clock.pauses)) == (1, 3)


def test_a_queue_that_stays_away_is_transient(queue: Queue):
    queue.fail()
    with pytest.raises(Transient, match="queues/crm") as away:
        queue.enqueue()
    assert (away.value.source, queue.settle(seconds=1)) == ("tasks", [])


def test_a_task_whose_answer_was_lost_is_there_once(queue: Queue):
    queue.fail(Kind.DROP_AFTER, times=1)
    queue.enqueue()
    assert len(queue.settle(seconds=1)) == 1


def test_a_queue_nobody_created_is_a_failure_for_good(queue: Queue):
    other = CloudTasks(
        settings=Settings(tasks_emulator_host=queue.tasks._settings.tasks_emulator_host, region="europe-north1"),
        clock=queue.clock,
        ids=CountingIds(),
    )
    with pytest.raises(Permanent, match="does not exist"):
        other.enqueue(queue="crm", name="n", payload=WORK, trace_id="t")
    assert queue.clock.pauses == []


def test_a_queue_without_a_worker_is_a_failure_for_good(queue: Queue):
    with pytest.raises(Permanent, match="queue fax has no worker"):
        queue.enqueue(queue="fax")
