"""What each Cloud Tasks method does with its request; called by routes.py with the clock's lock held."""

from typing import Any

import grpc
from google.cloud.tasks_v2 import types
from google.protobuf import empty_pb2

from emulators.clock import Clock
from emulators.paging import page
from emulators.tasks.errors import InvalidArgument
from emulators.tasks.queue import Queue
from emulators.tasks.requests import check_queue, check_task
from emulators.tasks.state import TasksState, queue_of

CONFIGURABLE = {"rate_limits", "retry_config", "stackdriver_logging_config", "app_engine_routing_override", "http_target"}


class Queues:
    def __init__(self, state: TasksState, clock: Clock) -> None:
        self._state, self._clock = state, clock

    def create_queue(self, request: Any, _: grpc.ServicerContext) -> Any:
        check_queue(request.queue, request.parent)
        request.queue.state = types.Queue.State.RUNNING
        return self._state.add_queue(request.queue, self._clock.now()).resource

    def get_queue(self, request: Any, _: grpc.ServicerContext) -> Any:
        return self._state.queue(request.name).resource

    def list_queues(self, request: Any, _: grpc.ServicerContext) -> Any:
        queues = [queue.resource for name, queue in sorted(self._state.queues.items()) if name.startswith(f"{request.parent}/queues/")]
        shown, token = _page(queues, request)
        return types.ListQueuesResponse.pb()(queues=shown, next_page_token=token)

    def update_queue(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Creates the queue if there is none, as the real service does."""
        if request.queue.name not in self._state.queues:
            return self.create_queue(types.CreateQueueRequest.pb()(queue=request.queue), context)
        queue, mask = self._state.queue(request.queue.name), request.update_mask
        mask.paths[:] = mask.paths or sorted(CONFIGURABLE & {field.name for field, _ in request.queue.ListFields()})
        if unknown := {path.split(".")[0] for path in mask.paths} - CONFIGURABLE:
            raise InvalidArgument(f"Queue.{sorted(unknown)[0]} cannot be updated.")
        changed = type(queue.resource)()
        changed.CopyFrom(queue.resource)
        mask.MergeMessage(request.queue, changed, replace_message_field=True, replace_repeated_field=True)
        check_queue(changed, "")
        queue.resource.CopyFrom(changed)
        queue.pace(self._clock.now())
        return queue.resource

    def delete_queue(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.delete_queue(request.name, self._clock.now())
        return empty_pb2.Empty()

    def purge_queue(self, request: Any, _: grpc.ServicerContext) -> Any:
        queue = self._state.queue(request.name)
        queue.purge(self._clock.now())
        return queue.resource

    def pause_queue(self, request: Any, _: grpc.ServicerContext) -> Any:
        return self._set_state(request.name, types.Queue.State.PAUSED)

    def resume_queue(self, request: Any, _: grpc.ServicerContext) -> Any:
        return self._set_state(request.name, types.Queue.State.RUNNING)

    def _set_state(self, name: str, state: Any) -> Any:
        queue: Queue = self._state.queue(name)
        queue.resource.state = state
        return queue.resource


class Tasks:
    def __init__(self, state: TasksState, clock: Clock) -> None:
        self._state, self._clock = state, clock

    def create_task(self, request: Any, _: grpc.ServicerContext) -> Any:
        now, task = self._clock.now(), request.task
        queue = self._state.queue_for_tasks(request.parent, now)
        check_task(task, request.parent, unused_id="" if task.name else self._state.unused_id(), now=now)
        queue.add(task, now)
        return _viewed(task, request.response_view)

    def get_task(self, request: Any, _: grpc.ServicerContext) -> Any:
        return _viewed(self._state.entry(request.name).task, request.response_view)

    def list_tasks(self, request: Any, _: grpc.ServicerContext) -> Any:
        entries = self._state.queue(request.parent).entries.values()
        tasks = sorted((entry.task for entry in entries), key=lambda task: task.schedule_time.ToNanoseconds())
        shown, token = _page(tasks, request)
        return types.ListTasksResponse.pb()(tasks=[_viewed(task, request.response_view) for task in shown], next_page_token=token)

    def delete_task(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.queue(queue_of(request.name)).remove(request.name, self._clock.now())
        return empty_pb2.Empty()

    def run_task(self, request: Any, _: grpc.ServicerContext) -> Any:
        self._state.queue(queue_of(request.name)).force(request.name, self._clock.now())
        return _viewed(self._state.entry(request.name).task, request.response_view)


def _viewed(task: Any, view: int) -> Any:
    """A copy of the task; BASIC, which is the default, leaves out the body."""
    shown = type(task)()
    shown.CopyFrom(task)
    shown.view = view or types.Task.View.BASIC
    if shown.view == types.Task.View.BASIC:
        shown.http_request.body = b""
    return shown


def _page(items: list[Any], request: Any) -> tuple[Any, str]:
    try:
        return page(items, size=request.page_size, token=request.page_token)
    except ValueError as error:
        raise InvalidArgument("Invalid page token.") from error
