"""The Calendar port over Google Calendar. Built by the composition root, one per operator."""

from collections.abc import Sequence
from datetime import UTC, datetime

from shared.connectors.calendar.client import CalendarClient
from shared.connectors.calendar.wire import CalendarProblem
from shared.domain.slots import Busy
from shared.domain.workspace import Operator
from shared.ports.errors import NotFound, SalesAgentError, Transient


class GoogleCalendar:
    """When one operator is taken."""

    def __init__(self, *, operator: Operator, client: CalendarClient) -> None:
        self._calendar_id, self._client = operator.calendar_id, client

    def busy(self, *, start: datetime, end: datetime) -> Sequence[Busy]:
        if end <= start:
            return ()
        answer = self._client.free_busy(calendar_id=self._calendar_id, start=start, end=end).calendars.get(self._calendar_id)
        if answer is None:
            raise Transient("the operator's calendar is missing from the answer", source="calendar")
        if answer.errors:
            raise _problem(answer.errors[0])
        taken = [Busy(start=one.start.astimezone(UTC), end=one.end.astimezone(UTC)) for one in answer.busy]
        return sorted((one for one in taken if one.start < end and one.end > start), key=lambda one: one.start)


def _problem(problem: CalendarProblem) -> SalesAgentError:
    """Per-calendar errors come inside a 200. A calendar's id is an address, so no error names it."""
    if problem.reason == "notFound":
        return NotFound("the operator's calendar does not exist or is not shared with us", source="calendar", raw=problem.reason)
    return Transient(f"the operator's calendar could not be read: {problem.reason}", source="calendar", raw=problem.reason)
