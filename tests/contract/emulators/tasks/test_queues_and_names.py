"""Queues and tasks as resources: defaults, views, names that stay taken, refusals and a state that survives a restart."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import tasks_v2

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.settling import Settler
from emulators.tasks.routes import TasksEmulator
from tests.contract.emulators.endpoint import Endpoint
from tests.contract.emulators.tasks.conftest import LOCATION, SEND, START

Enqueue = Callable[..., Any]
HOUR = timedelta(hours=1)


def test_a_new_queue_gets_googles_defaults(client: Any) -> None:
    made = client.create_queue(parent=LOCATION, queue={"name": f"{LOCATION}/queues/plain"})
    assert made.state == tasks_v2.Queue.State.RUNNING
    limits, retry = made.rate_limits, made.retry_config
    assert (limits.max_dispatches_per_second, limits.max_concurrent_dispatches, limits.max_burst_size) == (500, 1000, 100)
    assert (retry.max_attempts, retry.max_doublings) == (100, 16)
    assert (retry.min_backoff, retry.max_backoff) == (timedelta(milliseconds=100), timedelta(hours=1))
    assert client.get_queue(name=made.name) == made


def test_queues_are_listed_in_pages_and_deleted(client: Any, clock: Clock) -> None:
    names = [client.create_queue(parent=LOCATION, queue={"name": f"{LOCATION}/queues/q{n}"}).name for n in range(5)]
    assert [queue.name for queue in client.list_queues(request={"parent": LOCATION, "page_size": 2})] == names
    client.delete_queue(name=names[0])
    with pytest.raises(exceptions.NotFound):
        client.get_queue(name=names[0])
    with pytest.raises(exceptions.FailedPrecondition, match="existed too recently"):
        client.create_queue(parent=LOCATION, queue={"name": names[0]})
    clock.advance(timedelta(days=4))
    client.create_queue(parent=LOCATION, queue={"name": names[0]})


def test_a_second_queue_of_the_same_name_is_refused(client: Any, queue: Any) -> None:
    with pytest.raises(exceptions.AlreadyExists, match="Requested entity already exists"):
        client.create_queue(parent=LOCATION, queue={"name": SEND})


@pytest.mark.parametrize(
    "settings",
    [
        {"name": f"{LOCATION}/queues/under_score"},
        {"name": "projects/other/locations/x/queues/q"},
        {"rate_limits": {"max_dispatches_per_second": 501}},
        {"retry_config": {"max_attempts": -2}},
    ],
)
def test_a_queue_out_of_googles_limits_is_refused(client: Any, settings: dict) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        client.create_queue(parent=LOCATION, queue={"name": f"{LOCATION}/queues/q"} | settings)


def test_updating_a_queue_that_is_not_there_creates_it(client: Any) -> None:
    name = f"{LOCATION}/queues/new"
    client.update_queue(queue={"name": name, "retry_config": {"max_attempts": 3}})
    assert client.get_queue(name=name).retry_config.max_attempts == 3


def test_an_update_keeps_what_the_mask_does_not_name(client: Any, queue: Any) -> None:
    changes = {"name": SEND, "rate_limits": {"max_dispatches_per_second": 1}, "retry_config": {"max_attempts": 7}}
    changed = client.update_queue(queue=changes, update_mask={"paths": ["rate_limits"]})
    assert (changed.rate_limits.max_dispatches_per_second, changed.retry_config.max_attempts) == (1, 5)
    with pytest.raises(exceptions.InvalidArgument):
        client.update_queue(queue=changes, update_mask={"paths": ["state"]})


def test_a_task_without_a_name_gets_one_and_shows_no_body_by_default(client: Any, enqueue: Enqueue) -> None:
    made = enqueue("secret", at=HOUR)
    short = made.name.removeprefix(f"{SEND}/tasks/")
    assert short.isdigit()
    assert made.http_request.body == b""
    assert made.create_time.timestamp() == START.timestamp()
    assert made.dispatch_deadline == timedelta(minutes=10)
    assert enqueue(at=HOUR).name != made.name
    full = client.get_task(request={"name": made.name, "response_view": tasks_v2.Task.View.FULL})
    assert full.http_request.body == b"secret"


def test_tasks_are_listed_by_their_moment(client: Any, enqueue: Enqueue) -> None:
    for name, minutes in (("c", 3), ("a", 1), ("b", 2)):
        enqueue(name=name, at=timedelta(minutes=minutes))
    listed = client.list_tasks(request={"parent": SEND, "page_size": 2})
    assert [task.name.rsplit("/", 1)[-1] for task in listed] == ["a", "b", "c"]


def test_the_name_of_a_waiting_a_finished_and_a_deleted_task_stays_taken(
    client: Any, enqueue: Enqueue, settler: Settler, endpoint: Endpoint
) -> None:
    enqueue(name="waiting", at=HOUR / 2)
    enqueue(name="finished")
    client.delete_task(name=enqueue(name="deleted", at=HOUR).name)
    settler.settle()
    for name in ("waiting", "finished", "deleted"):
        with pytest.raises(exceptions.AlreadyExists, match="Requested entity already exists"):
            enqueue(name=name)
    settler.advance(timedelta(minutes=59))
    with pytest.raises(exceptions.AlreadyExists):
        enqueue(name="finished")
    settler.advance(timedelta(minutes=1))
    enqueue(name="finished")
    with pytest.raises(exceptions.AlreadyExists):
        enqueue(name="waiting")
    settler.settle()
    assert len(endpoint.deliveries) == 3


def test_a_finished_task_is_not_found(client: Any, enqueue: Enqueue, settler: Settler) -> None:
    name = enqueue(name="done").name
    settler.settle()
    for ask in (client.get_task, client.delete_task, client.run_task):
        with pytest.raises(exceptions.NotFound):
            ask(name=name)


def test_a_task_needs_its_queue(client: Any) -> None:
    with pytest.raises(exceptions.FailedPrecondition, match="Queue does not exist"):
        client.create_task(parent=SEND, task={"http_request": {"url": "http://send.example"}})


@pytest.mark.parametrize(
    "settings",
    [
        {"name": "has.dots"},
        {"name": "x" * 501},
        {"at": timedelta(days=31)},
        {"dispatch_deadline": timedelta(seconds=14)},
        {"dispatch_deadline": timedelta(minutes=31)},
        {"http": {"url": "ftp://send.example"}},
        {"http": {"http_method": "GET"}},
        {"body": "x" * 1_000_001},
    ],
)
def test_a_task_out_of_googles_limits_is_refused(enqueue: Enqueue, settings: dict) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        enqueue(**settings)


def test_a_lost_answer_to_create_leaves_the_task_behind(enqueue: Enqueue, client: Any, emulator: TasksEmulator) -> None:
    emulator.faults.add(Fault("tasks.CreateTask", Kind.DROP_AFTER, times=1))
    with pytest.raises(exceptions.ServiceUnavailable):
        enqueue(name="once", at=HOUR)
    with pytest.raises(exceptions.AlreadyExists):
        enqueue(name="once", at=HOUR)


def test_state_survives_a_restart(
    client: Any, enqueue: Enqueue, endpoint: Endpoint, settler: Settler, emulator: TasksEmulator, clock: Clock
) -> None:
    endpoint.statuses = [404]
    for name in ("failed", "done"):
        enqueue(f"{name} once", name=name)
        settler.settle()
    enqueue("scheduled", name="scheduled", at=HOUR)
    endpoint.gate.clear()
    endpoint.arrived.clear()
    enqueue("under way", name="running")
    assert endpoint.arrived.wait(5)
    client.run_task(name=enqueue("forced", at=HOUR).name)
    kept = json.loads(json.dumps(emulator.dump()))
    endpoint.gate.set()
    settler.settle()
    endpoint.deliveries.clear()

    emulator.load(kept)
    settler.settle()
    assert sorted(endpoint.bodies) == ["forced", "under way"]
    settler.advance(timedelta(seconds=10))
    assert endpoint.deliveries[-1].headers["x-cloudtasks-taskexecutioncount"] == "1"
    settler.advance(HOUR - timedelta(seconds=11))
    with pytest.raises(exceptions.AlreadyExists):
        enqueue(name="done")
    settler.advance(timedelta(seconds=1))
    assert endpoint.bodies[2:] == ["failed once", "scheduled"]


def test_a_reset_forgets_everything(client: Any, enqueue: Enqueue, emulator: TasksEmulator) -> None:
    enqueue(at=HOUR)
    emulator.reset()
    assert list(client.list_queues(parent=LOCATION)) == []
    assert emulator.next_due() is None
