"""One queue's backlog: its tasks, the names it remembers, what is running and when the next dispatch may leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from google.cloud.tasks_v2 import types
from google.protobuf import json_format
from google.rpc import code_pb2

from emulators.agenda import Agenda
from emulators.push import Answer
from emulators.tasks.errors import AlreadyExists, NotFound
from emulators.tasks.limits import TokenBucket, has_given_up, retry_wait

NAME_REMEMBERED = timedelta(hours=1)
"""How long the name of a finished or deleted task stays taken."""


@dataclass
class Entry:
    """A task and what its headers tell but the resource does not."""

    task: Any
    answered_below_500: int = 0  # X-CloudTasks-TaskExecutionCount
    last_status: int | None = None  # X-CloudTasks-TaskPreviousResponse
    retry_reason: str = ""  # X-CloudTasks-TaskRetryReason
    running: int = 0  # more than one only after RunTask


class Queue:
    def __init__(self, resource: Any, now: datetime) -> None:
        self.resource = resource
        self.entries: dict[str, Entry] = {}
        self._agenda = Agenda()
        self._forced: list[str] = []
        self._remembered: dict[str, datetime] = {}
        self._running = 0
        self.pace(now)

    @property
    def name(self) -> str:
        return str(self.resource.name)

    @property
    def is_running(self) -> bool:
        return bool(self.resource.state == types.Queue.State.RUNNING)

    def pace(self, now: datetime) -> None:
        """Start the rate limit anew, for a queue that was created or updated."""
        limits = self.resource.rate_limits
        self._bucket = TokenBucket(limits.max_dispatches_per_second, limits.max_burst_size, limits.max_burst_size, now)

    # Tasks
    def add(self, task: Any, now: datetime) -> None:
        if task.name in self.entries or self._remembered.get(task.name, now) > now:
            raise AlreadyExists
        self.entries[task.name] = Entry(task)
        self._agenda.put(task.name, task.schedule_time.ToDatetime(now.tzinfo))

    def entry(self, name: str) -> Entry:
        if name not in self.entries:
            raise NotFound
        return self.entries[name]

    def remove(self, name: str, now: datetime) -> None:
        """Finished, given up or deleted: gone, but its name stays taken for a while. What already runs is left to end."""
        self.entry(name)
        del self.entries[name]
        self._agenda.drop(name)
        self._forced = [each for each in self._forced if each != name]
        self._remembered = {known: until for known, until in self._remembered.items() if until > now}
        self._remembered[name] = now + NAME_REMEMBERED

    def purge(self, now: datetime) -> None:
        for name in list(self.entries):
            self.remove(name, now)
        self.resource.purge_time.FromDatetime(now)

    def force(self, name: str, now: datetime) -> None:
        """RunTask: dispatch now, whatever the queue's state and limits."""
        self.entry(name).task.schedule_time.FromDatetime(now)
        self._agenda.put(name, now)
        if name not in self._forced:
            self._forced.append(name)

    # Dispatches
    def next_due(self) -> datetime | None:
        """When the next dispatch leaves; None while nothing may: empty, paused, or as many running as the queue allows."""
        forced = [due for name in self._forced if (due := self._agenda.due(name)) is not None]
        if forced:
            return min(forced)
        earliest = self._agenda.first()
        if earliest is None or not self.is_running or self._running >= self.resource.rate_limits.max_concurrent_dispatches:
            return None
        return max(earliest[0], self._bucket.next_token())

    def take(self, now: datetime) -> Entry:
        """The task whose turn it is; only called when one is due."""
        if self._forced:
            name = self._forced.pop(0)
            self._agenda.drop(name)
        else:
            name = str(self._agenda.pop_due(now))
        self._bucket.take(now)
        self._running += 1
        entry = self.entries[name]
        entry.running += 1
        self._note_dispatch(entry.task, now)
        return entry

    def landed(self, name: str, answer: Answer, now: datetime) -> None:
        """The end of a dispatch: the task is finished, due again, or given up."""
        self._running = max(0, self._running - 1)
        entry = self.entries.get(name)
        if entry is None or not entry.running:
            return
        entry.running -= 1
        self._note_answer(entry, answer, now)
        retry = self.retry_config(entry.task)
        age = now - entry.task.first_attempt.dispatch_time.ToDatetime(now.tzinfo)
        succeeded = answer.status is not None and 200 <= answer.status < 300
        if succeeded or has_given_up(retry, attempts=entry.task.dispatch_count, age=age):
            self.remove(name, now)
        elif not entry.running:
            due = now + retry_wait(retry, entry.task.dispatch_count)
            entry.task.schedule_time.FromDatetime(due)
            self._agenda.put(name, due)

    def retry_config(self, task: Any) -> Any:
        """The queue's, with what the task itself says on top."""
        retry = type(self.resource.retry_config)()
        retry.CopyFrom(self.resource.retry_config)
        retry.MergeFrom(task.retry_config)
        return retry

    def _note_dispatch(self, task: Any, now: datetime) -> None:
        task.dispatch_count += 1
        task.last_attempt.Clear()
        task.last_attempt.schedule_time.CopyFrom(task.schedule_time)
        task.last_attempt.dispatch_time.FromDatetime(now)
        if not task.HasField("first_attempt"):
            task.first_attempt.dispatch_time.FromDatetime(now)

    def _note_answer(self, entry: Entry, answer: Answer, now: datetime) -> None:
        entry.last_status = answer.status
        entry.retry_reason = f"HTTP status code {answer.status}" if answer.status else "No response from the handler"
        entry.task.last_attempt.response_time.FromDatetime(now)
        status = entry.task.last_attempt.response_status
        status.code, status.message = _rpc_code(answer.status), entry.retry_reason
        if answer.status is not None:
            entry.task.response_count += 1
            entry.answered_below_500 += answer.status < 500

    # Persistence
    def dump(self) -> dict[str, Any]:
        entries = [
            {
                "task": json_format.MessageToDict(entry.task),
                "answered_below_500": entry.answered_below_500,
                "last_status": entry.last_status,
                "retry_reason": entry.retry_reason,
                "forced": entry.task.name in self._forced,
            }
            for entry in self.entries.values()
        ]
        remembered = {name: until.isoformat() for name, until in self._remembered.items()}
        return {"resource": json_format.MessageToDict(self.resource), "tasks": entries, "remembered": remembered}

    @classmethod
    def load(cls, data: Mapping[str, Any], now: datetime) -> "Queue":
        queue = cls(json_format.ParseDict(data["resource"], types.Queue.pb()()), now)
        for each in data["tasks"]:
            task = json_format.ParseDict(each["task"], types.Task.pb()())
            queue.add(task, now)
            entry = queue.entries[task.name]
            entry.answered_below_500, entry.last_status = each["answered_below_500"], each["last_status"]
            entry.retry_reason = each["retry_reason"]
            if each["forced"]:
                queue._forced.append(task.name)
        queue._remembered = {name: datetime.fromisoformat(until) for name, until in data["remembered"].items()}
        return queue


def _rpc_code(status: int | None) -> int:
    """The canonical code of an HTTP status: https://cloud.google.com/apis/design/errors#handling_errors"""
    known = {400: code_pb2.INVALID_ARGUMENT, 401: code_pb2.UNAUTHENTICATED, 403: code_pb2.PERMISSION_DENIED, 404: code_pb2.NOT_FOUND}
    known |= {409: code_pb2.ABORTED, 429: code_pb2.RESOURCE_EXHAUSTED, 503: code_pb2.UNAVAILABLE, 504: code_pb2.DEADLINE_EXCEEDED}
    if status is None:
        return int(code_pb2.UNAVAILABLE)
    return int(code_pb2.OK) if 200 <= status < 300 else int(known.get(status, code_pb2.INTERNAL if status >= 500 else code_pb2.UNKNOWN))
