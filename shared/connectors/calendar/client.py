"""The Calendar calls we make; used by the adapter."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from shared.connectors.calendar.wire import Event, EventPage
from shared.connectors.google_oauth.client import GoogleApi
from shared.ports.errors import Permanent

LARGEST_PAGE = 2500
MOST_PAGES = 10
EVENT_FIELDS = (
    "id,etag,status,summary,description,location,hangoutLink,transparency,start,end"
    ",attendees(self,responseStatus),extendedProperties/private"
)
SILENTLY = "sendUpdates=none"


class CalendarClient:
    """One account's calendars."""

    def __init__(self, api: GoogleApi) -> None:
        self._api = api

    def events(self, *, calendar_id: str, start: datetime, end: datetime) -> Iterator[EventPage]:
        """Everything that touches [start, end), each occurrence by itself; Permanent when that is too much to be sure."""
        params: dict[str, str | int | bool | list[str]] = {
            "timeMin": _stamp(start),
            "timeMax": _stamp(end),
            "singleEvents": "true",
            "maxResults": LARGEST_PAGE,
            "fields": f"timeZone,nextPageToken,items({EVENT_FIELDS})",
        }
        for _ in range(MOST_PAGES):
            page = self._api.fetch(_events(calendar_id), EventPage, params=params)
            yield page
            if not page.next_page_token:
                return
            params["pageToken"] = page.next_page_token
        raise Permanent("the calendar holds more events in these days than anybody can have", source="calendar")

    def event(self, *, calendar_id: str, event_id: str) -> Event:
        return self._api.fetch(_event(calendar_id, event_id), Event, params={"fields": EVENT_FIELDS})

    def insert(self, *, calendar_id: str, body: Mapping[str, Any]) -> Event:
        return self._api.change("POST", f"{_events(calendar_id)}?{SILENTLY}", Event, body=body)

    def delete(self, *, calendar_id: str, event_id: str, etag: str) -> None:
        self._api.remove(f"{_event(calendar_id, event_id)}?{SILENTLY}", etag=etag)


def _events(calendar_id: str) -> str:
    return f"/calendar/v3/calendars/{quote(calendar_id, safe='@')}/events"


def _event(calendar_id: str, event_id: str) -> str:
    return f"{_events(calendar_id)}/{quote(event_id, safe='')}"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
