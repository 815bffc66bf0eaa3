"""A model of one queue: whatever is added, run, answered, paused, purged and waited for, every task leaves when it may and is done once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from google.cloud.tasks_v2 import types
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from emulators.push import Answer
from emulators.tasks.errors import AlreadyExists, NotFound
from emulators.tasks.requests import check_queue, check_task
from emulators.tasks.state import TasksState

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PARENT = "projects/sdr/locations/europe-west1"
QUEUE = f"{PARENT}/queues/send"
REMEMBERED, LEAST, MOST = timedelta(hours=1), timedelta(seconds=1), timedelta(seconds=8)
names = st.sampled_from([f"{QUEUE}/tasks/{letter}" for letter in "abcdef"])


class Queueing(RuleBasedStateMachine):
    """The model keeps when each task may leave, how often it was tried, which run, and until when a name stays taken."""

    @initialize(at_once=st.integers(1, 3), attempts=st.sampled_from([-1, 1, 3]))
    def begin(self, at_once: int, attempts: int) -> None:
        self.state, self.now, self.at_once, self.attempts = TasksState(), NOW, at_once, attempts
        retry = {"max_attempts": attempts, "min_backoff": LEAST, "max_backoff": MOST, "max_doublings": 16}
        queue = types.Queue(name=QUEUE, retry_config=retry, rate_limits={"max_concurrent_dispatches": at_once})
        check_queue(types.Queue.pb(queue), PARENT)
        self.state.add_queue(types.Queue.pb(queue), self.now)
        self.state.queue(QUEUE).resource.state = types.Queue.State.RUNNING
        self.due: dict[str, datetime] = {}
        self.tries: dict[str, int] = {}
        self.running: list[Any] = []
        self.taken_until: dict[str, datetime] = {}
        self.forced: list[str] = []
        self.paused = False

    @rule(several=st.lists(names, min_size=1, max_size=4), delay_s=st.sampled_from([0, 0, 5, 3600]))
    def add(self, several: list[str], delay_s: int) -> None:
        for name in several:
            self.add_one(name, delay_s)

    def add_one(self, name: str, delay_s: int) -> None:
        task = types.Task.pb(
            types.Task(name=name, schedule_time=self.now + timedelta(seconds=delay_s), http_request={"url": "http://send.example"})
        )
        check_task(task, QUEUE, unused_id="", now=self.now)
        taken = name in self.due or self.taken_until.get(name, self.now) > self.now
        try:
            self.state.queue(QUEUE).add(task, self.now)
        except AlreadyExists:
            assert taken
            return
        assert not taken
        self.due[name], self.tries[name] = self.now + timedelta(seconds=delay_s), 0

    @rule(name=names)
    def run(self, name: str) -> None:
        if name in {push.ticket for push in self.running}:
            return
        try:
            self.state.queue(QUEUE).force(name, self.now)
        except NotFound:
            assert name not in self.due
            return
        self.due[name] = self.now
        if name not in self.forced:
            self.forced.append(name)

    @rule(name=names)
    def delete(self, name: str) -> None:
        """What is already on its way arrives all the same."""
        try:
            self.state.queue(QUEUE).remove(name, self.now)
        except NotFound:
            assert name not in self.due
            return
        self.forget(name)

    @precondition(lambda self: len(self.due) > 4)
    @rule()
    def purge(self) -> None:
        self.state.queue(QUEUE).purge(self.now)
        for name in list(self.due):
            self.forget(name)

    @rule(paused=st.sampled_from([True, False, False]))
    def pause_or_resume(self, paused: bool) -> None:
        states = types.Queue.State
        self.state.queue(QUEUE).resource.state = states.PAUSED if paused else states.RUNNING
        self.paused = paused

    @rule(times=st.integers(1, 4))
    def dispatch(self, times: int) -> None:
        for _ in range(times):
            self.dispatch_one()

    def dispatch_one(self) -> None:
        push = self.state.take(self.now)
        may = self.may_leave()
        assert (push is None) == (not may)
        if push is None:
            return
        assert push.ticket in may
        if not self.forced:
            assert self.due[push.ticket] == min(self.due[name] for name in may)
        self.forced = [name for name in self.forced if name != push.ticket]
        self.tries[push.ticket] += 1
        assert push.headers["X-CloudTasks-TaskRetryCount"] == str(self.tries[push.ticket] - 1)
        self.running.append(push)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), status=st.sampled_from([200, 204, 404, 429, 500, None]))
    def answer(self, data: st.DataObject, status: int | None) -> None:
        push = data.draw(st.sampled_from(self.running))
        self.running.remove(push)
        self.state.answered(push, Answer(status), self.now)
        name = push.ticket
        if name not in self.due:
            return
        over = status in (200, 204) or (self.attempts > 0 and self.tries[name] >= self.attempts)
        if over:
            self.forget(name)
        else:
            self.due[name] = self.now + min(LEAST * 2 ** (self.tries[name] - 1), MOST)

    @rule(seconds=st.sampled_from([1, 4, 60, 3600]))
    def wait(self, seconds: int) -> None:
        """No dispatch outlives its deadline of ten minutes, so none is still running when its name is free again."""
        self.now += timedelta(seconds=min(seconds, 60) if self.running else seconds)

    @invariant()
    def the_queue_holds_what_the_model_holds(self) -> None:
        assert set(self.state.queue(QUEUE).entries) == set(self.due)

    def may_leave(self) -> list[str]:
        """Forced ones whatever the limits; else what is due, is not already running, and finds a place in a queue that runs."""
        if self.forced:
            return self.forced[:1]
        if self.paused or len(self.running) >= self.at_once:
            return []
        out = {push.ticket for push in self.running}
        return [name for name, due in self.due.items() if due <= self.now and name not in out]

    def forget(self, name: str) -> None:
        del self.due[name]
        self.tries.pop(name)
        self.forced = [each for each in self.forced if each != name]
        self.taken_until[name] = self.now + REMEMBERED


Queueing.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestQueueing = Queueing.TestCase
