"""What each route of Cloud Scheduler answers."""

import copy
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.paging import page
from emulators.scheduler.errors import InvalidArgument
from emulators.scheduler.requests import FIELDS, job_resource
from emulators.scheduler.schedule import timestamp
from emulators.scheduler.state import Job, SchedulerState
from emulators.service import json_response

TARGETS = {"httpTarget", "pubsubTarget"}


class Jobs:
    """Every method takes the clock's lock for its whole work: deliveries change the same state."""

    def __init__(self, state: SchedulerState, clock: Clock) -> None:
        self._state, self._clock = state, clock

    def create(self, request: Request, project: str, location: str) -> Response:
        with self._clock.changed:
            resource = job_resource(_body(request), self._clock.now())
            if not resource["name"].startswith(f"{_parent(project, location)}/jobs/"):
                raise InvalidArgument("The job's name must be in the location of the request.")
            return self._changed(self._state.add(resource, self._clock.now()))

    def get(self, _: Request, project: str, location: str, job: str) -> Response:
        with self._clock.changed:
            return json_response(self._shown(self._state.job(_name(project, location, job))))

    def list(self, request: Request, project: str, location: str) -> Response:
        with self._clock.changed:
            jobs = [self._shown(job) for job in self._state.in_location(_parent(project, location))]
        try:
            shown, token = page(jobs, size=int(request.args.get("pageSize", 0)), token=request.args.get("pageToken", ""), at_most=500)
        except ValueError as error:
            raise InvalidArgument("Invalid page size or token.") from error
        return json_response({"jobs": shown} | ({"nextPageToken": token} if token else {}))

    def patch(self, request: Request, project: str, location: str, job: str) -> Response:
        """Replaces what the mask names, `httpTarget.uri` alone too; everything that is sent when there is no mask."""
        with self._clock.changed:
            stored, changes = self._state.job(_name(project, location, job)), _body(request)
            named = [path for path in request.args.get("updateMask", "").split(",") if path] or list(changes)
            if unknown := [path for path in named if path.split(".")[0] not in FIELDS]:
                raise InvalidArgument(f"updateMask names the unknown field {unknown[0]}.")
            asked = {key: value for key, value in copy.deepcopy(stored.resource).items() if key in FIELDS}
            if switched := TARGETS.intersection(named) - stored.resource.keys():
                asked = {key: value for key, value in asked.items() if key not in TARGETS - switched}
            for path in named:
                _replace(asked, changes, path.split("."))
            resource = job_resource(asked | {"name": stored.name}, self._clock.now())
            resource["state"] = stored.resource["state"]
            return self._changed(self._state.replace(stored.name, resource, self._clock.now()))

    def delete(self, _: Request, project: str, location: str, job: str) -> Response:
        with self._clock.changed:
            self._state.delete(_name(project, location, job))
            self._clock.notify()
        return json_response({})

    def pause(self, _: Request, project: str, location: str, job: str) -> Response:
        with self._clock.changed:
            return self._changed(self._state.set_state(_name(project, location, job), "PAUSED", self._clock.now()))

    def resume(self, _: Request, project: str, location: str, job: str) -> Response:
        with self._clock.changed:
            return self._changed(self._state.set_state(_name(project, location, job), "ENABLED", self._clock.now()))

    def run(self, _: Request, project: str, location: str, job: str) -> Response:
        with self._clock.changed:
            return self._changed(self._state.force(_name(project, location, job), self._clock.now()))

    def _changed(self, job: Job) -> Response:
        self._clock.notify()
        return json_response(self._shown(job))

    def _shown(self, job: Job) -> dict[str, Any]:
        due = self._state.next_fire(job)
        return job.resource | ({"scheduleTime": timestamp(due)} if due else {})


def _replace(kept: dict[str, Any], changes: Any, path: list[str]) -> None:
    """The value at this path is the one of the changes; it is gone where they have none."""
    first, *rest = path
    value = changes.get(first) if isinstance(changes, dict) else None
    if rest:
        _replace(kept.setdefault(first, {}), value, rest)
    elif value is None:
        kept.pop(first, None)
    else:
        kept[first] = value


def _body(request: Request) -> Any:
    body = request.get_json(silent=True, force=True)
    if not isinstance(body, dict):
        raise InvalidArgument("The body must be a JSON object.")
    return body


def _parent(project: str, location: str) -> str:
    return f"projects/{project}/locations/{location}"


def _name(project: str, location: str, job: str) -> str:
    return f"{_parent(project, location)}/jobs/{job}"
