"""The Calendar emulator: which path leads to which answer, and how accounts, calendars and events are seeded."""

from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.calendar import responses
from emulators.calendar.responses import Visit
from emulators.calendar.state import CalendarRecord, CalendarState, Event
from emulators.clock import Clock
from emulators.oauth2.google_api import GoogleApiEmulator, TokenDirectory
from emulators.service import Route

EVENTS = "/calendars/<calendar_id>/events"


class CalendarEmulator(GoogleApiEmulator):
    """www.googleapis.com/calendar/v3 for any number of accounts."""

    def __init__(self, clock: Clock, *, oauth2: TokenDirectory | None = None) -> None:
        self.state = CalendarState()
        super().__init__("calendar", clock, self._routes(), oauth2=oauth2)

    def account(self, email: str, *, time_zone: str = "UTC") -> CalendarRecord:
        """Opens an account: its time-zone setting and its primary calendar, whose id is the address."""
        with self.lock:
            self.state.zones[email] = time_zone
            return self.calendar(email, owner=email, summary=email, time_zone=time_zone)

    def calendar(
        self, calendar_id: str, *, owner: str, summary: str = "", time_zone: str = "UTC", shared: Mapping[str, str] | None = None
    ) -> CalendarRecord:
        """`shared` maps other accounts to freeBusyReader, reader, writer or owner."""
        with self.lock:
            roles = {owner: "owner", **(shared or {})}
            return self.state.calendars.setdefault(calendar_id, CalendarRecord(calendar_id, summary or calendar_id, time_zone, roles))

    def event(self, calendar_id: str, **fields: Any) -> Event:
        """Inserts an event given as Event fields; `start` and `end` may be RFC 3339 strings or dates."""
        with self.lock:
            calendar = self.state.calendars[calendar_id]
            owner = next(account for account, role in calendar.roles.items() if role == "owner")
            times: dict[str, Any] = {name: _event_time(fields[name]) for name in ("start", "end") if name in fields}
            return self.state.insert(calendar, {**fields, **times}, account=owner, now=self.clock.now())

    def seed(self, data: Mapping[str, Any]) -> None:
        """`{"accounts": [{"email", "time_zone"?}], "calendars": [{"calendar_id", "owner", ...}], "events": [{"calendar_id", ...}]}`."""
        for account in data.get("accounts", []):
            self.account(**account)
        for calendar in data.get("calendars", []):
            self.calendar(**calendar)
        for event in data.get("events", []):
            self.event(**event)

    def reset(self) -> None:
        self.state = CalendarState()

    def dump(self) -> dict[str, Any]:
        return self.state.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        self.state.load(data)

    def _routes(self) -> list[Route]:
        table: list[tuple[str, str, Callable[..., Response], str]] = [
            ("POST", "/freeBusy", responses.query_free_busy, "freebusy.query"),
            ("GET", "/users/me/calendarList", responses.list_calendars, "calendarList.list"),
            ("GET", "/users/me/calendarList/<calendar_id>", responses.get_list_entry, "calendarList.get"),
            ("GET", "/users/me/settings/<setting>", responses.get_setting, "settings.get"),
            ("GET", "/calendars/<calendar_id>", responses.get_calendar, "calendars.get"),
            ("GET", EVENTS, responses.list_events, "events.list"),
            ("POST", EVENTS, responses.insert_event, "events.insert"),
            ("GET", f"{EVENTS}/<event_id>", responses.get_event, "events.get"),
            ("PATCH", f"{EVENTS}/<event_id>", responses.patch_event, "events.patch"),
            ("DELETE", f"{EVENTS}/<event_id>", responses.delete_event, "events.delete"),
        ]
        return [Route(method, f"/calendar/v3{path}", self._opened(handler), name) for method, path, handler, name in table]

    def _opened(self, handler: Callable[..., Response]) -> Callable[..., Response]:
        def handle(request: Request, **values: str) -> Response:
            return handler(Visit(self.state, self.caller(request), request, self.clock.now()), **values)

        return handle


def _event_time(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"date": value} if len(value) == len("2026-01-31") else {"dateTime": value}
