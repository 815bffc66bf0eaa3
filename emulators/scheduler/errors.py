"""What Cloud Scheduler refuses, and Google's JSON form of an error."""

from werkzeug.wrappers import Response

from emulators.service import json_response


class SchedulerError(Exception):
    """The text is what the client sees."""

    code, status = 500, "INTERNAL"

    def rendered(self) -> Response:
        return json_response({"error": {"code": self.code, "message": str(self), "status": self.status}}, self.code)


class NotFound(SchedulerError):
    code, status = 404, "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("Job not found.")


class AlreadyExists(SchedulerError):
    code, status = 409, "ALREADY_EXISTS"

    def __init__(self, name: str) -> None:
        super().__init__(f"Job {name} already exists.")


class InvalidArgument(SchedulerError):
    code, status = 400, "INVALID_ARGUMENT"
