"""What Cloud Tasks checks of a queue or a task before it accepts it, and the defaults it writes in."""

import re
from datetime import datetime, timedelta
from typing import Any

from emulators.tasks.errors import InvalidArgument
from emulators.tasks.limits import fill_in
from emulators.tasks.state import METHODS

QUEUE_NAME = re.compile(r"projects/[^/]+/locations/[^/]+/queues/[A-Za-z0-9-]{1,100}")
TASK_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")
FURTHEST = timedelta(days=30)
DISPATCH_DEADLINE = (timedelta(seconds=15), timedelta(minutes=30))
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
LARGEST = 1_000_000
"""https://cloud.google.com/tasks/docs/quotas: maximum task size"""


def check_queue(resource: Any, parent: str) -> None:
    if not QUEUE_NAME.fullmatch(resource.name):
        raise InvalidArgument(f"Queue.name {resource.name!r} is not projects/PROJECT_ID/locations/LOCATION_ID/queues/QUEUE_ID.")
    if parent and not resource.name.startswith(f"{parent}/queues/"):
        raise InvalidArgument("The queue name from request must be in the location of the request's parent.")
    if not 0 <= resource.rate_limits.max_dispatches_per_second <= 500 or not 0 <= resource.rate_limits.max_concurrent_dispatches <= 5000:
        raise InvalidArgument("Queue.rate_limits are out of range.")
    if resource.retry_config.max_attempts < -1:
        raise InvalidArgument("RetryConfig.max_attempts must be -1 or more.")
    fill_in(resource)


def check_task(task: Any, parent: str, *, unused_id: str, now: datetime) -> None:
    """Refuse what the service refuses; give the task its name and its times."""
    task.name = task.name or f"{parent}/tasks/{unused_id}"
    if not (task.name.startswith(f"{parent}/tasks/") and TASK_ID.fullmatch(task.name.removeprefix(f"{parent}/tasks/"))):
        raise InvalidArgument("Task name must be formatted: PARENT/tasks/TASK_ID, with letters, numbers, hyphens or underscores.")
    if task.ByteSize() > LARGEST:
        raise InvalidArgument(f"Task size too large: {task.ByteSize()} bytes, at most {LARGEST}.")
    _check_target(task)
    _check_times(task, now)
    task.create_time.FromDatetime(now.replace(microsecond=0))


def _check_target(task: Any) -> None:
    target = task.http_request
    if not task.HasField("http_request"):
        raise InvalidArgument("This emulator dispatches HTTP targets only.")
    if not target.url.startswith(("http://", "https://")):
        raise InvalidArgument("HttpRequest.url is required and must begin with http:// or https://.")
    target.http_method = target.http_method or METHODS.index("POST", 1)
    if target.HasField("oauth_token"):
        target.oauth_token.scope = target.oauth_token.scope or CLOUD_PLATFORM
    if target.body and METHODS[target.http_method] not in ("POST", "PUT", "PATCH"):
        raise InvalidArgument("HTTP request body is only allowed for POST, PUT and PATCH.")


def _check_times(task: Any, now: datetime) -> None:
    scheduled = task.schedule_time.ToDatetime(now.tzinfo) if task.HasField("schedule_time") else now
    if scheduled > now + FURTHEST:
        raise InvalidArgument("Task.scheduleTime must be no more than 30 days in the future.")
    task.schedule_time.FromDatetime(max(scheduled, now))
    least, most = DISPATCH_DEADLINE
    if task.HasField("dispatch_deadline") and not least <= task.dispatch_deadline.ToTimedelta() <= most:
        raise InvalidArgument("Task.dispatchDeadline must be between [15s, 30m].")
    if not task.HasField("dispatch_deadline"):
        task.dispatch_deadline.FromTimedelta(timedelta(minutes=10))
