"""Cloud Tasks as google-cloud-tasks calls it over an insecure channel, and the HTTP requests it makes by itself."""

from collections.abc import Iterable, Mapping
from typing import Any

import grpc
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from emulators.clock import Clock
from emulators.delivering import Deliveries, Delivering, exclusive, tokens_of
from emulators.faults import Faults
from emulators.grpc_methods import Front, Work, generic_handler, methods_of
from emulators.past import Memory, Past
from emulators.service import Identity
from emulators.tasks.errors import CODES
from emulators.tasks.responses import Queues, Tasks
from emulators.tasks.state import TasksState

READS = ("GetQueue", "ListQueues", "GetTask", "ListTasks")
"""What may be answered from an earlier state."""


class TasksEmulator(Delivering):
    """Fault routes: `tasks.<Method>` for calls, `tasks.deliver.<queue id>` for dispatches."""

    def __init__(self, clock: Clock, *, identity: Identity | None = None) -> None:
        self.name, self.faults = "tasks", Faults()
        self._clock, self._state = clock, TasksState()
        past = Past(clock=clock, faults=self.faults, lock=clock.changed, dump=self._state.dump)
        self._memory = Memory(
            past, lock=clock.changed, state=self._state, load=lambda data: self._state.load(data, clock.now()), reads=READS
        )
        self._deliveries = Deliveries(self._state, name=self.name, clock=clock, faults=self.faults, seal=tokens_of(identity))

    def handlers(self) -> Iterable[grpc.GenericRpcHandler]:
        work = _methods(Queues(self._state, self._clock), Tasks(self._state, self._clock))
        front = Front(self.name, self._clock, self.faults, CODES, self._memory)
        return [generic_handler(methods_of(CloudTasksGrpcTransport), exclusive(work, self._clock), front)]

    def reset(self) -> None:
        self.load(TasksState().dump())

    def dump(self) -> dict[str, Any]:
        with self._clock.changed:
            return self._state.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        """Replaces everything; what was running when it was dumped is due at once."""
        with self._clock.changed:
            self._state.load(data, self._clock.now())
            self._deliveries.forget_held()


def _methods(queues: Queues, tasks: Tasks) -> dict[str, Work]:
    return {
        "CreateQueue": queues.create_queue,
        "GetQueue": queues.get_queue,
        "ListQueues": queues.list_queues,
        "UpdateQueue": queues.update_queue,
        "DeleteQueue": queues.delete_queue,
        "PurgeQueue": queues.purge_queue,
        "PauseQueue": queues.pause_queue,
        "ResumeQueue": queues.resume_queue,
        "CreateTask": tasks.create_task,
        "GetTask": tasks.get_task,
        "ListTasks": tasks.list_tasks,
        "DeleteTask": tasks.delete_task,
        "RunTask": tasks.run_task,
    }
