"""The Calendar emulator: which path leads to which answer, and how accounts, calendars and events are seeded."""

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.wrappers import Request

from emulators.calendar import event_responses as events
from emulators.calendar import invitations, responses
from emulators.calendar.occurrences import Event
from emulators.calendar.state import CalendarRecord, CalendarState
from emulators.calendar.visit import Visit
from emulators.clock import Clock
from emulators.google_api.front import Endpoint, GoogleApiEmulator, TokenDirectory
from emulators.google_api.quotas import Quota
from emulators.google_api.uploads import Upload

EVENTS = "/calendars/<calendar_id>/events"
ENDPOINTS: list[Endpoint] = [
    ("POST", "/freeBusy", responses.query_free_busy, "freebusy.query"),
    ("GET", "/users/me/calendarList", responses.list_calendars, "calendarList.list"),
    ("GET", "/users/me/calendarList/<calendar_id>", responses.get_list_entry, "calendarList.get"),
    ("GET", "/users/me/settings", responses.list_settings, "settings.list"),
    ("GET", "/users/me/settings/<setting>", responses.get_setting, "settings.get"),
    ("GET", "/calendars/<calendar_id>", responses.get_calendar, "calendars.get"),
    ("GET", EVENTS, events.list_events, "events.list"),
    ("POST", EVENTS, events.insert_event, "events.insert"),
    ("POST", f"{EVENTS}/import", events.import_event, "events.import"),
    ("GET", f"{EVENTS}/<event_id>", events.get_event, "events.get"),
    ("PATCH", f"{EVENTS}/<event_id>", events.patch_event, "events.patch"),
    ("PUT", f"{EVENTS}/<event_id>", events.update_event, "events.update"),
    ("DELETE", f"{EVENTS}/<event_id>", events.delete_event, "events.delete"),
    ("GET", f"{EVENTS}/<event_id>/instances", events.list_instances, "events.instances"),
    ("POST", f"{EVENTS}/<event_id>/move", events.move_event, "events.move"),
]


class CalendarEmulator(GoogleApiEmulator):
    """www.googleapis.com/calendar/v3 for any number of accounts.

    `pending_conferences`: a Meet link asked for is made only after the answer, and is there when the event is read again.
    """

    reading_posts = frozenset({"freebusy.query"})
    most_in_a_batch = 50  # https://developers.google.com/workspace/calendar/api/guides/batch

    def __init__(self, clock: Clock, *, oauth2: TokenDirectory | None = None) -> None:
        self.state = CalendarState()
        self.pending_conferences = False
        quota = Quota(code=403, reason="rateLimitExceeded")  # https://developers.google.com/workspace/calendar/api/guides/errors
        super().__init__("calendar", clock, self.behind("/calendar/v3", ENDPOINTS), oauth2=oauth2, quota=quota)

    @property
    def mailed(self) -> list[dict[str, Any]]:
        """The invitations, cancellations and replies Calendar would have sent: at, method, event_id, from, to, summary."""
        return self.state.mailed

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
            zone = calendar.time_zone if fields.get("recurrence") else None
            times: dict[str, Any] = {name: _event_time(fields[name], zone) for name in ("start", "end") if name in fields}
            event = self.state.insert(calendar, {**fields, **times}, account=owner, now=self.clock.now())
            invitations.told(self.state, calendar, None, event, updates="none", now=self.clock.now())
            return event

    def respond(self, account: str, event_id: str, status: str) -> Event:
        """A guest answers an invitation in the own calendar: accepted, tentative or declined."""
        with self.lock:
            calendar, now = self.state.calendars[account], self.clock.now()
            event = self.state.event(calendar, event_id)
            answer = {"attendees": [{"email": account, "responseStatus": status}]}
            changes = invitations.answered(self.state, calendar, event, answer, updates="all", now=now)
            return self.state.change(calendar, event_id, changes, now=now)

    def group(self, address: str, members: Iterable[str]) -> None:
        """A group of calendars free/busy can be asked for."""
        with self.lock:
            self.state.groups[address] = list(members)

    def expire_sync_tokens(self) -> None:
        """Every sync token given out until now answers 410."""
        with self.lock:
            self.state.minted += 1
            self.state.forgotten = self.state.minted

    def seed(self, data: Mapping[str, Any]) -> None:
        """`{"accounts": [{"email", "time_zone"?}], "calendars": [{"calendar_id", "owner", ...}], "groups": {address: [member]},
        "events": [{"calendar_id", ...}]}`."""
        for account in data.get("accounts", []):
            self.account(**account)
        for calendar in data.get("calendars", []):
            self.calendar(**calendar)
        for address, members in data.get("groups", {}).items():
            self.group(address, members)
        for event in data.get("events", []):
            self.event(**event)

    def reset(self) -> None:
        self.state = CalendarState()

    def dump(self) -> dict[str, Any]:
        return self.state.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        self.state.load(data)

    def entered(self, caller: str, request: Request, upload: Upload | None, values: Mapping[str, str]) -> tuple[Visit, dict[str, str]]:
        del upload  # Calendar takes none
        return Visit(self.state, caller, request, self.clock.now(), self.pending_conferences), dict(values)


def _event_time(value: Any, zone: str | None) -> Any:
    if not isinstance(value, str):
        return value
    named = {"timeZone": zone} if zone else {}
    return {"date": value} if len(value) == len("2026-01-31") else {"dateTime": value, **named}
