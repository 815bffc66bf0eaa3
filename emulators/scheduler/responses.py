"""What each route of Cloud Scheduler answers."""

from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.paging import page
from emulators.scheduler.errors import InvalidArgument
from emulators.scheduler.requests import FIELDS, job_resource
from emulators.scheduler.schedule import timestamp
from emulators.scheduler.state import Job, SchedulerState
from emulators.service import json_response


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
        """Replaces the top-level fields the mask names; all that are sent when there is no mask."""
        with self._clock.changed:
            stored, changes = self._state.job(_name(project, location, job)), _body(request)
            named = [path.split(".")[0] for path in request.args.get("updateMask", "").split(",") if path] or list(changes)
            if unknown := [field for field in named if field not in FIELDS]:
                raise InvalidArgument(f"updateMask names the unknown field {unknown[0]}.")
            merged = stored.resource | {field: changes.get(field) for field in named if field != "name"}
            resource = job_resource({key: value for key, value in merged.items() if value is not None}, self._clock.now())
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


def _body(request: Request) -> Any:
    body = request.get_json(silent=True, force=True)
    if not isinstance(body, dict):
        raise InvalidArgument("The body must be a JSON object.")
    return body


def _parent(project: str, location: str) -> str:
    return f"projects/{project}/locations/{location}"


def _name(project: str, location: str, job: str) -> str:
    return f"{_parent(project, location)}/jobs/{job}"
