"""One authenticated request to Calendar: what every handler is given, and how events look to this caller."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.wrappers import Request, Response

from emulators.calendar import errors, times
from emulators.calendar.occurrences import Event
from emulators.calendar.state import CalendarRecord, CalendarState
from emulators.google_api.masks import masked
from emulators.service import json_response

UPDATES = ("all", "externalOnly", "none")


@dataclass(frozen=True)
class Visit:
    """`pending_conferences`: Meet links are made only after the answer."""

    state: CalendarState
    account: str
    request: Request
    now: datetime
    pending_conferences: bool = False

    def answer(self, body: dict[str, Any]) -> Response:
        return json_response(masked(body, self.request.args.get("fields")))

    def calendar(self, calendar_id: str, *, at_least: str = "reader") -> CalendarRecord:
        return self.state.visible(self.account, calendar_id, at_least=at_least)

    def moment(self, name: str) -> datetime | None:
        """An RFC 3339 query parameter."""
        return times.bound(self.request.args.get(name))

    @property
    def updates(self) -> str:
        """Who is to be mailed: `sendUpdates`, or what the deprecated `sendNotifications` means."""
        given = self.request.args.get("sendUpdates") or ("all" if self.request.args.get("sendNotifications") == "true" else "none")
        if given not in UPDATES:
            raise errors.invalid(f"Invalid value '{given}' for sendUpdates.")
        return given

    def check_match(self, event: Event) -> None:
        wanted = self.request.headers.get("If-Match")
        if wanted not in (None, "*", event["etag"]):
            raise errors.precondition_failed()

    def shown(self, calendar: CalendarRecord, event: Event) -> Event:
        """The event as this calendar shows it: times in the asked zone, and who is meant by `self`."""
        asked = times.zone_named(self.request.args["timeZone"]) if "timeZone" in self.request.args else None
        names = [name for name in ("start", "end", "originalStartTime") if name in event]
        rendered: dict[str, Any] = {name: times.rendered(event[name], calendar_zone=calendar.zone, asked=asked) for name in names}
        people: dict[str, Any] = {name: _marked(event[name], calendar.id) for name in ("creator", "organizer") if name in event}
        return {**event, **rendered, **people, **_guests(event, calendar.id, self.request.args.get("maxAttendees"))}

    def zone(self, calendar: CalendarRecord) -> ZoneInfo:
        return times.zone_named(self.request.args["timeZone"]) if "timeZone" in self.request.args else calendar.zone


def _guests(event: Event, calendar_id: str, most: str | None) -> dict[str, Any]:
    if "attendees" not in event:
        return {}
    host = event.get("organizer", {}).get("email")
    guests = [{**_marked(one, calendar_id), **({"organizer": True} if one["email"] == host else {})} for one in event["attendees"]]
    if most is None or len(guests) <= int(most):
        return {"attendees": guests}
    return {"attendees": [one for one in guests if one.get("self")][: int(most)], "attendeesOmitted": True}


def _marked(person: dict[str, Any], calendar_id: str) -> dict[str, Any]:
    plain = {key: value for key, value in person.items() if key not in ("self", "organizer")}
    return plain | ({"self": True} if person.get("email") == calendar_id else {})
