"""Queues by name and the backlog that deliveries take from. Pure: no clock, no threads, no sockets."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from emulators.push import Account, Answer, Push
from emulators.tasks.errors import AlreadyExists, FailedPrecondition, NotFound
from emulators.tasks.queue import Entry, Queue

QUEUE_NAME_REMEMBERED = timedelta(days=3)
"""https://cloud.google.com/tasks/docs/deleting-appengine-queues-and-tasks#deleting_queues"""
DISPATCH_DEADLINE_S = 600.0
METHODS = ["POST", "POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"]


class TasksState:
    def __init__(self) -> None:
        self.queues: dict[str, Queue] = {}
        self._deleted: dict[str, datetime] = {}
        self._named = 0

    def add_queue(self, resource: Any, now: datetime) -> Queue:
        if resource.name in self.queues:
            raise AlreadyExists
        if self._deleted.get(resource.name, now) > now:
            raise FailedPrecondition("The queue cannot be created because a queue with this name existed too recently.")
        self.queues[resource.name] = Queue(resource, now)
        return self.queues[resource.name]

    def queue(self, name: str) -> Queue:
        if name not in self.queues:
            raise NotFound
        return self.queues[name]

    def queue_for_tasks(self, name: str, now: datetime) -> Queue:
        """As `queue`, in the words that calls about tasks use for a missing one."""
        if name in self.queues:
            return self.queues[name]
        if self._deleted.get(name, now) > now:
            raise FailedPrecondition("The queue no longer exists, though a queue with this name existed recently.")
        raise FailedPrecondition("Queue does not exist.")

    def delete_queue(self, name: str, now: datetime) -> None:
        self.queue(name)
        del self.queues[name]
        self._deleted[name] = now + QUEUE_NAME_REMEMBERED

    def entry(self, name: str) -> Entry:
        return self.queue(queue_of(name)).entry(name)

    def unused_id(self) -> str:
        """Twenty digits, as Google numbers tasks that were created without a name."""
        self._named += 1
        return str(int(hashlib.sha256(str(self._named).encode()).hexdigest(), 16))[:20]

    # Backlog
    def next_due(self) -> datetime | None:
        return min((due for each in self.queues.values() if (due := each.next_due()) is not None), default=None)

    def take(self, now: datetime) -> Push | None:
        due = [(moment, name) for name, each in self.queues.items() if (moment := each.next_due()) is not None and moment <= now]
        if not due:
            return None
        return _push(self.queues[min(due)[1]].take(now))

    def answered(self, push: Push, answer: Answer, now: datetime) -> None:
        queue = self.queues.get(queue_of(push.ticket))
        if queue is not None:
            queue.landed(push.ticket, answer, now)

    # Persistence
    def dump(self) -> dict[str, Any]:
        deleted = {name: until.isoformat() for name, until in self._deleted.items()}
        return {"named": self._named, "deleted": deleted, "queues": [queue.dump() for queue in self.queues.values()]}

    def load(self, data: Mapping[str, Any], now: datetime) -> None:
        queues = [Queue.load(each, now) for each in data["queues"]]
        self._named = data["named"]
        self._deleted = {name: datetime.fromisoformat(until) for name, until in data["deleted"].items()}
        self.queues = {queue.name: queue for queue in queues}


def queue_of(task_name: str) -> str:
    return task_name.rsplit("/tasks/", 1)[0]


def _push(entry: Entry) -> Push:
    task, target = entry.task, entry.task.http_request
    deadline = task.dispatch_deadline.ToTimedelta().total_seconds()
    return Push(
        ticket=task.name,
        route=f"tasks.deliver.{queue_of(task.name).rsplit('/', 1)[-1]}",
        method=METHODS[target.http_method],
        url=target.url,
        headers=_headers(entry),
        body=target.body,
        timeout_s=deadline or DISPATCH_DEADLINE_S,
        account=_account(target),
    )


def _account(target: Any) -> Account:
    if target.HasField("oauth_token"):
        return Account(target.oauth_token.service_account_email, scope=target.oauth_token.scope)
    return Account(target.oidc_token.service_account_email, audience=target.oidc_token.audience)


def _headers(entry: Entry) -> dict[str, str]:
    """https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler; Google's own win over the task's."""
    task = entry.task
    own = {
        "User-Agent": "Google-Cloud-Tasks",
        "X-CloudTasks-QueueName": queue_of(task.name).rsplit("/", 1)[-1],
        "X-CloudTasks-TaskName": task.name.rsplit("/", 1)[-1],
        "X-CloudTasks-TaskRetryCount": str(task.dispatch_count - 1),
        "X-CloudTasks-TaskExecutionCount": str(entry.answered_below_500),
        "X-CloudTasks-TaskETA": f"{task.schedule_time.ToDatetime(UTC).timestamp():.6f}",
    }
    if entry.last_status is not None:
        own["X-CloudTasks-TaskPreviousResponse"] = str(entry.last_status)
    if entry.retry_reason:
        own["X-CloudTasks-TaskRetryReason"] = entry.retry_reason
    replaced = {name.lower() for name in own} | {"host", "content-length"}
    given = {name: value for name, value in task.http_request.headers.items() if name.lower() not in replaced}
    if task.http_request.body and "content-type" not in {name.lower() for name in given}:
        given["Content-Type"] = "application/octet-stream"
    return given | own
