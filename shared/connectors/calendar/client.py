"""The Calendar call we make; used by the adapter."""

from datetime import UTC, datetime

from shared.connectors.calendar.wire import FreeBusy
from shared.connectors.google_oauth.client import GoogleApi


class CalendarClient:
    """One account's calendars."""

    def __init__(self, api: GoogleApi) -> None:
        self._api = api

    def free_busy(self, *, calendar_id: str, start: datetime, end: datetime) -> FreeBusy:
        body = {"timeMin": _stamp(start), "timeMax": _stamp(end), "items": [{"id": calendar_id}]}
        return self._api.ask("/calendar/v3/freeBusy", FreeBusy, body=body)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
