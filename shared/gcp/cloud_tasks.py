"""The Tasks port on Cloud Tasks: named tasks that call a queue's worker function with an identity token."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from google.api_core import exceptions as google_errors

from shared.domain.outbox import QUEUE_WORKER, Queue, address_of
from shared.gcp.rpc import Method, opened
from shared.ports.clock import Clock, Ids
from shared.ports.errors import Permanent, Transient
from shared.resilience.backoff import repeated

CREATE_TASK = Method(
    service="google.cloud.tasks.v2.CloudTasks",
    name="CreateTask",
    host="cloudtasks.googleapis.com",
    routed_by="parent",
    messages={
        "Timestamp": "1 seconds int64; 2 nanos int32",
        "Header": "1 key string; 2 value string",
        "OidcToken": "1 service_account_email string; 2 audience string",
        "HttpRequest": "1 url string; 2 http_method int32; 3 headers Header*; 4 body bytes; 6 oidc_token OidcToken",
        "Task": "1 name string; 3 http_request HttpRequest; 4 schedule_time Timestamp",
        "CreateTaskRequest": "1 parent string; 2 task Task",
    },
    request="CreateTaskRequest",
    response="Task",
)
"""https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2"""
POST = 1


class TasksSettings(Protocol):
    @property
    def google_cloud_project(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def tasks_emulator_host(self) -> str: ...
    @property
    def functions_url(self) -> str: ...
    @property
    def invoker_email(self) -> str: ...


class CloudTasks:
    """A finished task's name stays taken for an hour: enqueuing it again is what we want to be harmless."""

    def __init__(self, *, settings: TasksSettings, clock: Clock, ids: Ids) -> None:
        self._clock, self._ids = clock, ids
        self._rpc = opened(CREATE_TASK, emulator_host=settings.tasks_emulator_host)
        self._settings = settings

    def enqueue(self, *, queue: str, name: str, payload: Mapping[str, str], trace_id: str, not_before: datetime | None = None) -> None:
        parent = f"projects/{self._settings.google_cloud_project}/locations/{self._settings.region}/queues/{queue}"
        url = self._settings.functions_url.rstrip("/") + address_of(_worker_of(queue))
        called = {
            "http_method": POST,
            "url": url,
            "headers": [{"key": "Content-Type", "value": "application/json"}, {"key": "X-Trace-Id", "value": trace_id}],
            "body": json.dumps(dict(payload)).encode(),
            "oidc_token": {"service_account_email": self._settings.invoker_email, "audience": url},
        }
        task = {"name": f"{parent}/tasks/{name}", "http_request": called} | _scheduled(not_before)
        repeated(lambda: self._once(parent, task), clock=self._clock, ids=self._ids)

    def _once(self, parent: str, task: Mapping[str, Any]) -> None:
        try:
            self._rpc(parent=parent, task=task)
        except google_errors.AlreadyExists:
            return
        except (google_errors.NotFound, google_errors.FailedPrecondition) as error:  # Google says either, also of a queue just created
            raise Permanent(f"{parent} does not exist", source="tasks", raw=str(error)) from None
        except google_errors.GoogleAPICallError as error:
            raise Transient(f"Cloud Tasks did not accept for {parent}", source="tasks", raw=str(error)) from None


def _worker_of(queue: str) -> str:
    if queue not in set(Queue):
        raise Permanent(f"queue {queue} has no worker", source="tasks")
    return QUEUE_WORKER[Queue(queue)]


def _scheduled(moment: datetime | None) -> dict[str, Any]:
    if moment is None:
        return {}
    return {"schedule_time": {"seconds": int(moment.timestamp()), "nanos": moment.microsecond * 1000}}
