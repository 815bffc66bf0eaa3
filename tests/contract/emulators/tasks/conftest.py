"""Cloud Tasks on a frozen clock with the unmodified client pointed at it over an insecure channel."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from emulators.clock import Clock
from emulators.serving import GrpcServer
from emulators.tasks.routes import TasksEmulator
from tests.contract.emulators.endpoint import Accounts, Endpoint

LOCATION = "projects/sdr/locations/europe-west1"
SEND = f"{LOCATION}/queues/send"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=START)


@pytest.fixture
def emulator(clock: Clock) -> Iterator[TasksEmulator]:
    emulator = TasksEmulator(clock, identity=Accounts())
    yield emulator
    emulator.close()


@pytest.fixture
def client(emulator: TasksEmulator) -> Iterator[Any]:
    server = GrpcServer([emulator], workers=8).start()
    with grpc.insecure_channel(server.address) as channel:
        yield tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
    server.stop()


@pytest.fixture
def queue(client: Any) -> Any:
    retry = {"min_backoff": timedelta(seconds=10), "max_backoff": timedelta(seconds=300), "max_doublings": 3, "max_attempts": 5}
    return client.create_queue(parent=LOCATION, queue={"name": SEND, "retry_config": retry})


@pytest.fixture
def enqueue(client: Any, queue: Any, endpoint: Endpoint) -> Callable[..., Any]:
    """Creates a task that posts to the endpoint; `at` is its delay, `name` its short id."""

    def create(body: str = "x", *, name: str = "", at: timedelta | None = None, **settings: Any) -> Any:
        http = {"url": endpoint.url, "http_method": "POST", "body": body.encode()} | settings.pop("http", {})
        task = {"http_request": http} | settings
        if name:
            task["name"] = f"{SEND}/tasks/{name}"
        if at is not None:
            task["schedule_time"] = START + at
        return client.create_task(parent=SEND, task=task)

    return create
