"""The Tasks port on Cloud Tasks: named tasks that call a queue's worker function with an identity token."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from google.api_core import exceptions as google_errors
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports.grpc import CloudTasksGrpcTransport

from shared.domain.outbox import QUEUE_WORKER, Queue, address_of
from shared.gcp.channels import insecure_transport
from shared.ports.clock import Clock, Ids
from shared.ports.errors import Permanent, Transient
from shared.resilience.backoff import repeated

TIMEOUT_S = 10.0


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
        host = settings.tasks_emulator_host
        transport = insecure_transport(CloudTasksGrpcTransport, host) if host else None
        self._client = tasks_v2.CloudTasksClient(transport=transport) if transport else tasks_v2.CloudTasksClient()
        self._settings = settings

    def enqueue(self, *, queue: str, name: str, payload: Mapping[str, str], trace_id: str, not_before: datetime | None = None) -> None:
        parent = self._client.queue_path(self._settings.google_cloud_project, self._settings.region, queue)
        url = self._settings.functions_url.rstrip("/") + address_of(_worker_of(queue))
        task = tasks_v2.Task(
            name=f"{parent}/tasks/{name}",
            schedule_time=not_before,
            http_request=tasks_v2.HttpRequest(
                http_method=tasks_v2.HttpMethod.POST,
                url=url,
                headers={"Content-Type": "application/json", "X-Trace-Id": trace_id},
                body=json.dumps(dict(payload)).encode(),
                oidc_token=tasks_v2.OidcToken(service_account_email=self._settings.invoker_email, audience=url),
            ),
        )
        repeated(lambda: self._once(parent, task), clock=self._clock, ids=self._ids)

    def _once(self, parent: str, task: tasks_v2.Task) -> None:
        try:
            self._client.create_task(parent=parent, task=task, retry=None, timeout=TIMEOUT_S)
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
