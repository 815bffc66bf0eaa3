"""Dispatches of tasks: when, with which headers, how often again, and how many at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from google.api_core import exceptions

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.settling import Settler
from emulators.tasks.routes import TasksEmulator
from tests.contract.emulators.endpoint import Endpoint
from tests.contract.emulators.tasks.conftest import LOCATION, SEND, START

Enqueue = Callable[..., Any]
HOUR = timedelta(hours=1)


def test_a_task_is_dispatched_with_its_body_and_googles_headers(enqueue: Enqueue, endpoint: Endpoint, settler: Settler) -> None:
    enqueue('{"run": "r1"}', name="send-r1", http={"headers": {"Content-Type": "application/json", "X-Trace": "t", "user-agent": "mine"}})
    settler.settle()
    (delivery,) = endpoint.deliveries
    assert (delivery.method, delivery.json) == ("POST", {"run": "r1"})
    shown = {key: delivery.headers[key] for key in delivery.headers if key.startswith(("x-", "content-type", "user-agent"))}
    assert shown == {
        "content-type": "application/json",
        "user-agent": "Google-Cloud-Tasks",
        "x-trace": "t",
        "x-cloudtasks-queuename": "send",
        "x-cloudtasks-taskname": "send-r1",
        "x-cloudtasks-taskretrycount": "0",
        "x-cloudtasks-taskexecutioncount": "0",
        "x-cloudtasks-tasketa": f"{START.timestamp():.6f}",
    }


def test_a_body_without_a_content_type_goes_as_octets_and_any_method_goes(enqueue: Enqueue, endpoint: Endpoint, settler: Settler) -> None:
    enqueue("x")
    enqueue("", http={"http_method": "GET", "url": f"{endpoint.url}?page=2"})
    settler.settle()
    first, second = sorted(endpoint.deliveries, key=lambda delivery: delivery.method, reverse=True)
    assert first.headers["content-type"] == "application/octet-stream"
    assert (second.method, second.path) == ("GET", "/hook?page=2")


@pytest.mark.parametrize(("audience", "expected"), [("https://send.example", "https://send.example"), ("", "{url}")])
def test_a_task_carries_an_identity_token(enqueue: Enqueue, endpoint: Endpoint, settler: Settler, audience: str, expected: str) -> None:
    enqueue(http={"oidc_token": {"service_account_email": "tasks@sdr.example", "audience": audience}})
    settler.settle()
    assert endpoint.deliveries[0].headers["authorization"] == f"Bearer tasks@sdr.example for {expected.format(url=endpoint.url)}"


@pytest.mark.parametrize("scope", ["", "https://www.googleapis.com/auth/datastore"])
def test_a_task_for_a_google_api_carries_an_access_token(enqueue: Enqueue, endpoint: Endpoint, settler: Settler, scope: str) -> None:
    enqueue(http={"oauth_token": {"service_account_email": "tasks@sdr.example", "scope": scope}})
    settler.settle()
    expected = scope or "https://www.googleapis.com/auth/cloud-platform"
    assert endpoint.deliveries[0].headers["authorization"] == f"Bearer tasks@sdr.example may {expected}"


def test_a_scheduled_task_waits_for_its_moment(enqueue: Enqueue, endpoint: Endpoint, settler: Settler, emulator: TasksEmulator) -> None:
    enqueue("later", at=timedelta(minutes=5))
    enqueue("sooner", at=timedelta(minutes=2))
    enqueue("in the past", at=-timedelta(minutes=5))
    settler.settle()
    assert endpoint.bodies == ["in the past"]
    assert emulator.next_due() == START + timedelta(minutes=2)
    settler.advance(timedelta(minutes=5))
    assert endpoint.bodies == ["in the past", "sooner", "later"]


def test_retries_double_then_grow_by_steps_and_end_at_the_last_attempt(
    client: Any, endpoint: Endpoint, enqueue: Enqueue, settler: Settler, clock: Clock
) -> None:
    client.update_queue(queue={"name": SEND, "retry_config": {"max_attempts": 9}}, update_mask={"paths": ["retry_config.max_attempts"]})
    endpoint.statuses = [500] * 99
    moments = []
    endpoint.on_delivery = lambda _: moments.append(clock.now())
    name = enqueue().name
    settler.run_until_quiet(horizon=timedelta(days=1))
    seconds = [round((later - earlier).total_seconds()) for earlier, later in pairwise(moments)]
    assert seconds == [10, 20, 40, 80, 160, 240, 300, 300]  # the example of RetryConfig.max_doublings
    with pytest.raises(exceptions.NotFound):
        client.get_task(name=name)


def test_attempts_go_on_until_the_retry_duration_is_over_too(client: Any, endpoint: Endpoint, enqueue: Enqueue, settler: Settler) -> None:
    retry = {"max_attempts": 2, "max_retry_duration": timedelta(seconds=100), "min_backoff": timedelta(seconds=30), "max_doublings": 16}
    client.update_queue(queue={"name": SEND, "retry_config": retry})
    endpoint.statuses = [500] * 99
    enqueue()
    settler.run_until_quiet(horizon=HOUR)
    assert len(endpoint.deliveries) == 4  # at 0, 30, 90 and 210 seconds


def test_a_tasks_own_retry_config_comes_first(endpoint: Endpoint, enqueue: Enqueue, settler: Settler) -> None:
    endpoint.statuses = [500] * 99
    enqueue(retry_config={"max_attempts": 2})
    settler.run_until_quiet(horizon=HOUR)
    assert len(endpoint.deliveries) == 2


def test_the_headers_tell_retries_executions_and_the_previous_answer(enqueue: Enqueue, endpoint: Endpoint, settler: Settler) -> None:
    endpoint.statuses = [500, 404, 409]
    enqueue()
    settler.run_until_quiet(horizon=HOUR)
    told = [
        tuple(
            delivery.headers.get(f"x-cloudtasks-task{name}") for name in ("retrycount", "executioncount", "previousresponse", "retryreason")
        )
        for delivery in endpoint.deliveries
    ]
    assert told == [
        ("0", "0", None, None),
        ("1", "0", "500", "HTTP status code 500"),
        ("2", "1", "404", "HTTP status code 404"),
        ("3", "2", "409", "HTTP status code 409"),
    ]


def test_a_function_that_is_down_is_tried_again(enqueue: Enqueue, client: Any, settler: Settler) -> None:
    name = enqueue(http={"url": "http://127.0.0.1:9/down"}).name
    settler.settle()
    task = client.get_task(name=name)
    assert (task.dispatch_count, task.response_count) == (1, 0)
    assert task.schedule_time.timestamp() == (START + timedelta(seconds=10)).timestamp()
    assert task.last_attempt.response_status.code != 0


def test_no_more_tasks_run_at_once_than_the_queue_allows(
    client: Any, enqueue: Enqueue, endpoint: Endpoint, settler: Settler, emulator: TasksEmulator, clock: Clock
) -> None:
    client.update_queue(queue={"name": SEND, "rate_limits": {"max_concurrent_dispatches": 2}})
    pair = threading.Barrier(2, timeout=5)
    endpoint.on_delivery = lambda _: pair.wait()
    endpoint.gate.clear()
    for _ in range(6):
        enqueue()
    assert clock.wait_for(lambda: emulator.in_flight() == 2, at_most_s=60)
    assert emulator.next_due() is None
    endpoint.gate.set()
    settler.settle()
    assert (len(endpoint.deliveries), endpoint.most_at_once) == (6, 2)


def test_a_rate_limit_spreads_tasks_over_time(client: Any, enqueue: Enqueue, endpoint: Endpoint, settler: Settler) -> None:
    client.update_queue(queue={"name": SEND, "rate_limits": {"max_dispatches_per_second": 2}})
    for _ in range(20):
        enqueue()
    settler.settle()
    assert len(endpoint.deliveries) == 10
    settler.advance(timedelta(seconds=2))
    assert len(endpoint.deliveries) == 14
    settler.advance(timedelta(seconds=3))
    assert len(endpoint.deliveries) == 20


def test_a_paused_queue_keeps_its_tasks_until_it_is_resumed(
    client: Any, enqueue: Enqueue, endpoint: Endpoint, settler: Settler, emulator: TasksEmulator
) -> None:
    assert client.pause_queue(name=SEND).state.name == "PAUSED"
    enqueue()
    settler.advance(HOUR)
    assert (endpoint.deliveries, emulator.next_due()) == ([], None)
    assert client.resume_queue(name=SEND).state.name == "RUNNING"
    settler.settle()
    assert len(endpoint.deliveries) == 1


def test_run_dispatches_at_once_even_from_a_paused_queue(client: Any, enqueue: Enqueue, endpoint: Endpoint, settler: Settler) -> None:
    client.pause_queue(name=SEND)
    name = enqueue("now", at=HOUR).name
    enqueue("not this")
    client.run_task(name=name)
    settler.settle()
    assert endpoint.bodies == ["now"]
    with pytest.raises(exceptions.NotFound):
        client.run_task(name=name)


def test_run_dispatches_a_task_that_already_runs_and_one_success_is_enough(
    client: Any, enqueue: Enqueue, endpoint: Endpoint, settler: Settler
) -> None:
    pair = threading.Barrier(2, timeout=5)
    endpoint.on_delivery = lambda _: pair.wait()
    endpoint.statuses = [500, 200]
    name = enqueue().name
    assert endpoint.arrived.wait(5)
    client.run_task(name=name)
    settler.run_until_quiet(horizon=HOUR)
    assert endpoint.most_at_once == 2
    assert len(endpoint.deliveries) == 2


def test_a_failure_waits_for_the_other_run_of_the_same_task(
    client: Any, enqueue: Enqueue, endpoint: Endpoint, settler: Settler, emulator: TasksEmulator, clock: Clock
) -> None:
    both, let_go = threading.Barrier(2, timeout=5), threading.Event()

    def hold_the_second(_: object) -> None:
        if both.wait() == 0:
            assert let_go.wait(10)

    endpoint.on_delivery, endpoint.statuses = hold_the_second, [500, 500]
    name = enqueue().name
    assert endpoint.arrived.wait(5)
    client.run_task(name=name)
    assert clock.wait_for(lambda: len(endpoint.deliveries) == 2 and emulator.in_flight() == 1, at_most_s=60)
    assert emulator.next_due() is None
    endpoint.on_delivery = lambda _: None
    let_go.set()
    settler.run_until_quiet(horizon=HOUR)
    assert len(endpoint.deliveries) == 3


def test_a_deleted_task_is_not_dispatched(client: Any, enqueue: Enqueue, endpoint: Endpoint, settler: Settler) -> None:
    client.delete_task(name=enqueue(at=timedelta(seconds=15)).name)
    settler.advance(HOUR)
    assert endpoint.deliveries == []


def test_a_task_deleted_while_it_runs_is_not_tried_again(
    client: Any, enqueue: Enqueue, endpoint: Endpoint, settler: Settler, emulator: TasksEmulator
) -> None:
    endpoint.gate.clear()
    endpoint.statuses = [500]
    name = enqueue().name
    assert endpoint.arrived.wait(5)
    assert client.get_task(name=name).dispatch_count == 1
    client.delete_task(name=name)
    assert emulator.in_flight() == 1
    endpoint.gate.set()
    settler.advance(HOUR)
    assert len(endpoint.deliveries) == 1


def test_purging_empties_the_queue(client: Any, enqueue: Enqueue, endpoint: Endpoint, settler: Settler) -> None:
    for _ in range(3):
        enqueue(at=HOUR)
    assert client.purge_queue(name=SEND).purge_time.timestamp() == START.timestamp()
    settler.advance(2 * HOUR)
    assert endpoint.deliveries == []


@pytest.mark.parametrize(("kind", "arrivals"), [(Kind.DUPLICATE, 2), (Kind.DROP_BEFORE, 1), (Kind.DROP_AFTER, 2), (Kind.STATUS, 1)])
def test_a_delivery_fault_strikes_once_and_the_task_still_runs(
    enqueue: Enqueue, endpoint: Endpoint, settler: Settler, emulator: TasksEmulator, kind: Kind, arrivals: int
) -> None:
    emulator.faults.add(Fault("tasks.deliver.send", kind, times=1))
    enqueue()
    settler.run_until_quiet(horizon=HOUR)
    assert len(endpoint.deliveries) == arrivals


def test_a_reordered_task_runs_after_the_next_one(enqueue: Enqueue, endpoint: Endpoint, settler: Settler, emulator: TasksEmulator) -> None:
    emulator.faults.add(Fault("tasks.deliver.send", Kind.REORDER, times=1))
    enqueue("first")
    settler.settle()
    enqueue("second")
    settler.settle()
    assert endpoint.bodies == ["second", "first"]


def test_queues_do_not_hold_each_other_up(client: Any, enqueue: Enqueue, endpoint: Endpoint, settler: Settler) -> None:
    crm = client.create_queue(parent=LOCATION, queue={"name": f"{LOCATION}/queues/crm"}).name
    client.pause_queue(name=SEND)
    enqueue("stuck")
    client.create_task(parent=crm, task={"http_request": {"url": endpoint.url, "body": b"free"}})
    settler.settle()
    assert endpoint.bodies == ["free"]
