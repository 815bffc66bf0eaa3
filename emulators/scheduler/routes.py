"""Cloud Scheduler v1 as an HTTP service, and the requests its jobs make by themselves."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from werkzeug.wrappers import Response

from emulators.clock import Clock
from emulators.delivering import Deliveries, Delivering, tokens_of
from emulators.faults import Fault
from emulators.past import Memory
from emulators.scheduler.errors import SchedulerError
from emulators.scheduler.publishing import PUBSUB, Publish, Publishing
from emulators.scheduler.responses import Jobs
from emulators.scheduler.state import SchedulerState
from emulators.service import HttpEmulator, Identity, Route

JOBS = "/v1/projects/<project>/locations/<location>/jobs"


class SchedulerEmulator(Delivering, HttpEmulator):
    """Fault routes: `scheduler.jobs.<method>` for calls, `scheduler.deliver.<job id>` for firings."""

    def __init__(self, clock: Clock, *, identity: Identity | None = None, publish: Publish | None = None) -> None:
        """`publish(topic, data, attributes)` is where jobs with a Pub/Sub target go."""
        self._scheduled = SchedulerState()
        super().__init__("scheduler", clock, _routes(Jobs(self._scheduled, clock)))
        self._memory = Memory(self._past, lock=clock.changed, state=self._scheduled, load=self._scheduled.load, reads=())
        self._deliveries = Deliveries(
            self._scheduled,
            name=self.name,
            clock=clock,
            faults=self.faults,
            seal=tokens_of(identity),
            mounts={PUBSUB.partition("//")[0] + "//": Publishing(publish)},
        )

    def earlier(self, fault: Fault) -> AbstractContextManager[None]:
        """The clock's lock keeps the firing of jobs out of it."""
        return self._memory.earlier(fault)

    def reset(self) -> None:
        self.load(SchedulerState().dump())

    def dump(self) -> dict[str, Any]:
        with self.clock.changed:
            return self._scheduled.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        """Replaces every job; one that was firing when it was dumped fires again at once."""
        with self.clock.changed:
            self._scheduled.load(data)
            self._deliveries.forget_held()

    def error_response(self, error: Exception) -> Response | None:
        return error.rendered() if isinstance(error, SchedulerError) else None


def _routes(jobs: Jobs) -> list[Route]:
    return [
        Route("POST", JOBS, jobs.create, "jobs.create"),
        Route("GET", JOBS, jobs.list, "jobs.list"),
        Route("GET", f"{JOBS}/<job>", jobs.get, "jobs.get"),
        Route("PATCH", f"{JOBS}/<job>", jobs.patch, "jobs.patch"),
        Route("DELETE", f"{JOBS}/<job>", jobs.delete, "jobs.delete"),
        Route("POST", f"{JOBS}/<job>:pause", jobs.pause, "jobs.pause"),
        Route("POST", f"{JOBS}/<job>:resume", jobs.resume, "jobs.resume"),
        Route("POST", f"{JOBS}/<job>:run", jobs.run, "jobs.run"),
    ]
