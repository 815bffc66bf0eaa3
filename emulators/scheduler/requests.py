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
FIELDS = {"name", "description", "schedule", "timeZone", "httpTarget", "pubsubTarget", "retryConfig", "attemptDeadline"}
TOPIC_NAME = re.compile(r"projects/[^/]+/topics/[^/]+")
CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"
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
    _check_targets(resource, asked)
    next_moment(str(resource.get("schedule", "")), resource["timeZone"], after=now)
    _check_limits(resource)
    return resource | {"state": "ENABLED", "userUpdateTime": timestamp(now)}


def _check_targets(resource: dict[str, Any], asked: dict[str, Any]) -> None:
    """Exactly one, HTTP or Pub/Sub."""
    if "appEngineHttpTarget" in asked:
        raise InvalidArgument("This emulator has no App Engine targets.")
    if ("httpTarget" in resource) == ("pubsubTarget" in resource):
        raise InvalidArgument("Job must have exactly one of httpTarget and pubsubTarget.")
    if "httpTarget" in resource:
        resource["httpTarget"] = _http_target(resource["httpTarget"])
    else:
        _check_pubsub_target(resource["pubsubTarget"])


def _http_target(asked: Any) -> dict[str, Any]:
    if not isinstance(asked, dict) or not str(asked.get("uri", "")).startswith(("http://", "https://")):
        raise InvalidArgument("HttpTarget.uri must begin with http:// or https://.")
    target: dict[str, Any] = {"httpMethod": "POST"} | asked
    if target["httpMethod"] not in METHODS:
        raise InvalidArgument(f"HttpTarget.httpMethod {target['httpMethod']!r} is unknown.")
    if "oauthToken" in target and "oidcToken" in target:
        raise InvalidArgument("HttpTarget can have only one of oauthToken and oidcToken.")
    if "oauthToken" in target:
        target["oauthToken"] = {"scope": CLOUD_PLATFORM, **target["oauthToken"]}
    _check_base64(target.get("body", ""), "HttpTarget.body")
    return target


def _check_pubsub_target(target: Any) -> None:
    if not isinstance(target, dict) or not TOPIC_NAME.fullmatch(str(target.get("topicName", ""))):
        raise InvalidArgument("PubsubTarget.topicName must be projects/PROJECT_ID/topics/TOPIC_ID.")
    if not target.get("data") and not target.get("attributes"):
        raise InvalidArgument("PubsubTarget must contain either non-empty data, or at least one attribute.")
    _check_base64(target.get("data", ""), "PubsubTarget.data")


def _check_base64(text: Any, name: str) -> None:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise InvalidArgument(f"{name} is not base64.") from error


def _check_limits(resource: dict[str, Any]) -> None:
    if not 0 <= resource["retryConfig"]["retryCount"] <= 5:
        raise InvalidArgument("RetryConfig.retryCount must be between 0 and 5.")
    for name in ("maxRetryDuration", "minBackoffDuration", "maxBackoffDuration"):
        duration(resource["retryConfig"][name])
    least, most = DEADLINES
    if not least <= duration(resource["attemptDeadline"]) <= most:
        raise InvalidArgument("Job.attemptDeadline must be between 15s and 1800s.")
