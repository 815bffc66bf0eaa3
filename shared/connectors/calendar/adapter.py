"""The Calendar port over Google Calendar. Built by the composition root, one per operator."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.connectors.calendar.client import CalendarClient
from shared.connectors.calendar.held_events import event_of, found_hold, held_for
from shared.connectors.calendar.wire import Event
from shared.domain.holds import FoundHold, Hold
from shared.domain.slots import Busy
from shared.domain.workspace import Operator
from shared.ports.errors import NotFound


class GoogleCalendar:
    """One operator's calendar. Its id is an address, so no error names it."""

    def __init__(self, *, operator: Operator, client: CalendarClient) -> None:
        self._calendar_id, self._client = operator.calendar_id, client

    def busy(self, *, start: datetime, end: datetime, held_for: str) -> Sequence[Busy]:
        if end <= start:
            return ()
        return sorted(self._taken(start, end, party=held_for), key=lambda one: (one.start, one.end))

    def _taken(self, start: datetime, end: datetime, *, party: str) -> Iterator[Busy]:
        """Events, not free/busy: that one cannot tell a hold for somebody from the meeting that was put on top of it."""
        try:
            for page in self._client.events(calendar_id=self._calendar_id, start=start, end=end):
                for event in page.items:
                    one = _interval(event, page.zone)
                    if one and event.blocks and one.start < end and one.end > start and not held_for(event, party):
                        yield one
        except NotFound as error:
            raise NotFound("the operator's calendar does not exist or is not shared with us", source="calendar", raw=error.raw) from None

    def hold(self, *, hold: Hold, event_id: str) -> None:
        self._client.insert(calendar_id=self._calendar_id, body=event_of(hold, event_id=event_id))

    def find(self, *, event_id: str) -> FoundHold | None:
        try:
            return found_hold(self._client.event(calendar_id=self._calendar_id, event_id=event_id))
        except NotFound:
            return None

    def release(self, *, found: FoundHold) -> None:
        with suppress(NotFound):
            self._client.delete(calendar_id=self._calendar_id, event_id=found.event_id, etag=found.etag)


def _interval(event: Event, zone: ZoneInfo) -> Busy | None:
    start, end = event.start.moment(zone), event.end.moment(zone)
    return Busy(start=start, end=end) if start and end and start < end else None
