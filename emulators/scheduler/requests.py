"""What Cloud Scheduler checks of a job before it accepts it, and the defaults it writes in."""

import base64
import binascii
import re
from datetime import datetime, timedelta
from typing import Any

from emulators.scheduler.errors import InvalidArgument
from emulators.scheduler.schedule import duration, next_moment, timestamp
from emulators.scheduler.state import ATTEMPT_DEADLINE, DEFAULT_RETRY

JOB_NAME = re.compile(r"projects/[^/]+/locations/[^/]+/jobs/[A-Za-z0-9_-]{1,500}")
FIELDS = {"name", "description", "schedule", "timeZone", "httpTarget", "retryConfig", "attemptDeadline"}
METHODS = {"POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"}
DEADLINES = (timedelta(seconds=15), timedelta(minutes=30))


def job_resource(asked: Any, now: datetime) -> dict[str, Any]:
    """The job as it will be kept; InvalidArgument says what is wrong with it."""
    if not isinstance(asked, dict):
        raise InvalidArgument("The body must be a job.")
    resource = {key: value for key, value in asked.items() if key in FIELDS}
    if not JOB_NAME.fullmatch(str(resource.get("name", ""))):
        raise InvalidArgument("Job.name must be projects/PROJECT_ID/locations/LOCATION_ID/jobs/JOB_ID.")
    resource["timeZone"] = resource.get("timeZone") or "UTC"
    resource["retryConfig"] = DEFAULT_RETRY | resource.get("retryConfig", {})
    resource["attemptDeadline"] = resource.get("attemptDeadline") or ATTEMPT_DEADLINE
    resource["httpTarget"] = _target(resource.get("httpTarget"))
    next_moment(str(resource.get("schedule", "")), resource["timeZone"], after=now)
    _check_limits(resource)
    return resource | {"state": "ENABLED", "userUpdateTime": timestamp(now)}


def _target(asked: Any) -> dict[str, Any]:
    if not isinstance(asked, dict) or not str(asked.get("uri", "")).startswith(("http://", "https://")):
        raise InvalidArgument("Job.httpTarget with a uri that begins with http:// or https:// is required by this emulator.")
    target = {"httpMethod": "POST"} | asked
    if target["httpMethod"] not in METHODS:
        raise InvalidArgument(f"HttpTarget.httpMethod {target['httpMethod']!r} is unknown.")
    try:
        base64.b64decode(target.get("body", ""), validate=True)
    except (binascii.Error, TypeError) as error:
        raise InvalidArgument("HttpTarget.body is not base64.") from error
    return target


def _check_limits(resource: dict[str, Any]) -> None:
    if not 0 <= resource["retryConfig"]["retryCount"] <= 5:
        raise InvalidArgument("RetryConfig.retryCount must be between 0 and 5.")
    for name in ("maxRetryDuration", "minBackoffDuration", "maxBackoffDuration"):
        duration(resource["retryConfig"][name])
    least, most = DEADLINES
    if not least <= duration(resource["attemptDeadline"]) <= most:
        raise InvalidArgument("Job.attemptDeadline must be between 15s and 1800s.")
