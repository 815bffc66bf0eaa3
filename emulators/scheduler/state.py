"""Jobs, when each fires next and the backlog that deliveries take from. Pure: no clock, no threads, no sockets."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from emulators.agenda import Agenda, backoff
from emulators.push import Account, Answer, Push
from emulators.scheduler.errors import AlreadyExists, NotFound
from emulators.scheduler.publishing import PUBSUB
from emulators.scheduler.schedule import duration, next_moment, timestamp

DEFAULT_RETRY = {"retryCount": 0, "maxRetryDuration": "0s", "minBackoffDuration": "5s", "maxBackoffDuration": "3600s", "maxDoublings": 5}
ATTEMPT_DEADLINE = "180s"


@dataclass
class Job:
    """`resource` is the REST form without what changes by itself; the rest is the execution that is planned or under way."""

    resource: dict[str, Any]
    planned: datetime  # the moment of the schedule this execution is for; kept over its retries
    started: datetime | None = None
    failures: int = 0
    out: bool = False

    @property
    def name(self) -> str:
        return str(self.resource["name"])

    @property
    def is_enabled(self) -> bool:
        return bool(self.resource["state"] == "ENABLED")


class SchedulerState:
    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._agenda = Agenda()

    # Jobs
    def add(self, resource: dict[str, Any], now: datetime) -> Job:
        if resource["name"] in self._jobs:
            raise AlreadyExists(resource["name"])
        job = Job(resource, now)
        self._plan(job, now)
        self._jobs[job.name] = job
        return job

    def job(self, name: str) -> Job:
        if name not in self._jobs:
            raise NotFound
        return self._jobs[name]

    def in_location(self, parent: str) -> list[Job]:
        return [job for name, job in sorted(self._jobs.items()) if name.startswith(f"{parent}/jobs/")]

    def replace(self, name: str, resource: dict[str, Any], now: datetime) -> Job:
        job = self.job(name)
        next_moment(resource["schedule"], resource["timeZone"], after=now)
        job.resource = resource
        if not job.out:
            self._plan(job, now)
        return job

    def delete(self, name: str) -> None:
        self.job(name)
        del self._jobs[name]
        self._agenda.drop(name)

    def set_state(self, name: str, state: str, now: datetime) -> Job:
        """PAUSED forgets the planned moment; ENABLED plans the next one from now on, so nothing that was missed is made up for."""
        job = self.job(name)
        job.resource["state"] = state
        if not job.out:
            self._plan(job, now)
        return job

    def force(self, name: str, now: datetime) -> Job:
        job = self.job(name)
        if not job.out:
            job.planned, job.started, job.failures = now, None, 0
            self._agenda.put(name, now)
        return job

    def next_fire(self, job: Job) -> datetime | None:
        return self._agenda.due(job.name)

    # Backlog
    def next_due(self) -> datetime | None:
        earliest = self._agenda.first()
        return earliest[0] if earliest else None

    def take(self, now: datetime) -> Push | None:
        name = self._agenda.pop_due(now)
        if name is None:
            return None
        job = self._jobs[name]
        job.out = True
        job.started = job.started or now
        job.resource["lastAttemptTime"] = timestamp(now)
        return _push(job)

    def answered(self, push: Push, answer: Answer, now: datetime) -> None:
        job = self._jobs.get(push.ticket)
        if job is None or not job.out:
            return
        job.out = False
        succeeded = answer.status is not None and 200 <= answer.status < 300
        job.resource["status"] = {} if succeeded else {"code": 2, "message": f"HTTP {answer.status}" if answer.status else answer.reason}
        job.failures += not succeeded
        if succeeded or self._has_given_up(job, now):
            self._plan(job, now)
        else:
            self._agenda.put(job.name, now + _retry_wait(job))

    def _plan(self, job: Job, now: datetime) -> None:
        """The next execution: the first moment after now, however many went by."""
        job.started, job.failures = None, 0
        self._agenda.drop(job.name)
        if job.is_enabled:
            job.planned = next_moment(job.resource["schedule"], job.resource["timeZone"], after=now)
            self._agenda.put(job.name, job.planned)

    def _has_given_up(self, job: Job, now: datetime) -> bool:
        retry, age = job.resource["retryConfig"], now - (job.started or now)
        longest = duration(retry["maxRetryDuration"])
        if retry["retryCount"] == 0:
            return age >= longest
        return job.failures > retry["retryCount"] and age >= longest

    # Persistence
    def dump(self) -> dict[str, Any]:
        return {"jobs": [self._dump_job(job) for job in self._jobs.values()]}

    def load(self, data: Mapping[str, Any]) -> None:
        self._jobs, self._agenda = {}, Agenda()
        for each in data["jobs"]:
            started = datetime.fromisoformat(each["started"]) if each["started"] else None
            job = Job(each["resource"], datetime.fromisoformat(each["planned"]), started, each["failures"])
            self._jobs[job.name] = job
            if each["due"]:
                self._agenda.put(job.name, datetime.fromisoformat(each["due"]))

    def _dump_job(self, job: Job) -> dict[str, Any]:
        due = job.planned if job.out else self._agenda.due(job.name)
        started, moment = job.started, due.isoformat() if due else None
        common = {"planned": job.planned.isoformat(), "failures": job.failures, "due": moment}
        return {"resource": dict(job.resource), "started": started.isoformat() if started else None, **common}


def _retry_wait(job: Job) -> timedelta:
    retry = job.resource["retryConfig"]
    least, most = duration(retry["minBackoffDuration"]), duration(retry["maxBackoffDuration"])
    return backoff(job.failures, least=least, most=most, doublings=retry["maxDoublings"])


def _push(job: Job) -> Push:
    short = job.name.rsplit("/", 1)[-1]
    timeout_s = duration(job.resource["attemptDeadline"]).total_seconds()
    route = f"scheduler.deliver.{short}"
    if "pubsubTarget" in job.resource:
        return Push(job.name, route, "POST", *_message(job.resource["pubsubTarget"]), timeout_s)
    target = job.resource["httpTarget"]
    own = {
        "User-Agent": "Google-Cloud-Scheduler",
        "X-CloudScheduler": "true",
        "X-CloudScheduler-JobName": short,
        "X-CloudScheduler-ScheduleTime": timestamp(job.planned),
    }
    body = base64.b64decode(target.get("body", ""))
    headers = ({"Content-Type": "application/octet-stream"} if body else {}) | target.get("headers", {}) | own
    return Push(job.name, route, target["httpMethod"], target["uri"], headers, body, timeout_s, _account(target))


def _message(target: Mapping[str, Any]) -> tuple[str, Mapping[str, str], bytes]:
    """Url, headers and body of a request that publishing.py turns into a message: attributes travel as its headers."""
    return f"{PUBSUB}{target['topicName']}", target.get("attributes", {}), base64.b64decode(target.get("data", ""))


def _account(target: Mapping[str, Any]) -> Account:
    if "oauthToken" in target:
        return Account(target["oauthToken"].get("serviceAccountEmail", ""), scope=target["oauthToken"]["scope"])
    token = target.get("oidcToken", {})
    return Account(token.get("serviceAccountEmail", ""), audience=token.get("audience", ""))
