"""Answers about calendars, settings and events."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.calendar import errors, freebusy
from emulators.calendar.state import CalendarRecord, CalendarState, Event, moment
from emulators.oauth2.google_api import count, flag, json_body, masked, page
from emulators.service import json_response

END_OF_TIME = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


@dataclass(frozen=True)
class Visit:
    """One authenticated request."""

    state: CalendarState
    account: str
    request: Request
    now: datetime

    def answer(self, body: dict[str, Any]) -> Response:
        return json_response(masked(body, self.request.args.get("fields")))

    def calendar(self, calendar_id: str, *, at_least: str = "reader") -> CalendarRecord:
        return self.state.visible(self.account, calendar_id, at_least=at_least)

    def moment(self, name: str) -> datetime | None:
        """An RFC 3339 query parameter; 400 when it is not one or has no offset."""
        given = self.request.args.get(name)
        if given is None:
            return None
        try:
            at = datetime.fromisoformat(given)
        except ValueError as error:
            raise errors.bad_request() from error
        if at.tzinfo is None:
            raise errors.bad_request()
        return at


def query_free_busy(visit: Visit) -> Response:
    return visit.answer(freebusy.query(visit.state, json_body(visit.request), account=visit.account))


def list_calendars(visit: Visit) -> Response:
    entries = [_entry(visit, one) for one in visit.state.calendars.values() if one.role_of(visit.account) != "none"]
    shown, more = page(entries, visit.request, size=count(visit.request, "maxResults", default=100, most=250))
    return visit.answer({"kind": "calendar#calendarList", "etag": '"list"', "items": list(shown)} | _next(more))


def get_list_entry(visit: Visit, calendar_id: str) -> Response:
    return visit.answer(_entry(visit, visit.calendar(calendar_id, at_least="freeBusyReader")))


def get_calendar(visit: Visit, calendar_id: str) -> Response:
    found = visit.calendar(calendar_id)
    return visit.answer(
        {"kind": "calendar#calendar", "etag": '"calendar"', "id": found.id, "summary": found.summary, "timeZone": found.time_zone}
    )


def get_setting(visit: Visit, setting: str) -> Response:
    if setting != "timezone" or visit.account not in visit.state.zones:
        raise errors.not_found()
    return visit.answer({"kind": "calendar#setting", "etag": '"setting"', "id": "timezone", "value": visit.state.zones[visit.account]})


def list_events(visit: Visit, calendar_id: str) -> Response:
    calendar = visit.calendar(calendar_id)
    single = flag(visit.request, "singleEvents")
    if visit.request.args.get("orderBy") == "startTime" and not single:
        raise errors.bad_request("The requested ordering is not available for the particular query.")
    found = sorted(_matching(visit, calendar, single=single), key=_order(visit, calendar))
    shown, more = page(found, visit.request, size=count(visit.request, "maxResults", default=250, most=2500))
    head: dict[str, Any] = {"kind": "calendar#events", "etag": '"events"', "summary": calendar.summary, "timeZone": calendar.time_zone}
    head |= {"accessRole": calendar.role_of(visit.account), "defaultReminders": []}
    return visit.answer({**head, "items": list(shown)} | (_next(more) or {"nextSyncToken": f"sync{visit.state.minted}"}))


def get_event(visit: Visit, calendar_id: str, event_id: str) -> Response:
    return visit.answer(visit.state.event(visit.calendar(calendar_id), event_id))


def insert_event(visit: Visit, calendar_id: str) -> Response:
    body = _with_conference(visit, json_body(visit.request))
    calendar = visit.calendar(calendar_id, at_least="writer")
    return visit.answer(visit.state.insert(calendar, body, account=visit.account, now=visit.now))


def patch_event(visit: Visit, calendar_id: str, event_id: str) -> Response:
    calendar = visit.calendar(calendar_id, at_least="writer")
    _check_match(visit, visit.state.event(calendar, event_id))
    changes = _with_conference(visit, json_body(visit.request))
    return visit.answer(visit.state.change(calendar, event_id, changes, now=visit.now))


def delete_event(visit: Visit, calendar_id: str, event_id: str) -> Response:
    calendar = visit.calendar(calendar_id, at_least="writer")
    _check_match(visit, visit.state.event(calendar, event_id))
    visit.state.cancel(calendar, event_id, now=visit.now)
    return Response(status=204)


def _matching(visit: Visit, calendar: CalendarRecord, *, single: bool) -> Iterable[Event]:
    start, end = visit.moment("timeMin"), visit.moment("timeMax")
    if start and end and end <= start:
        raise errors.empty_range()
    horizon = end or END_OF_TIME
    for event in calendar.events.values():
        if not _asked_for(visit, event):
            continue
        for one in calendar.occurrences(event, before=horizon) if single else [event]:
            begins, ends = calendar.span(one)
            if begins < horizon and (start is None or ends > start or (event.get("recurrence") and not single)):
                yield one


def _asked_for(visit: Visit, event: Event) -> bool:
    args = visit.request.args
    text = " ".join(str(event.get(name, "")) for name in ("summary", "description", "location")).lower()
    private = event.get("extendedProperties", {}).get("private", {})
    properties = [pair.partition("=")[::2] for pair in args.getlist("privateExtendedProperty")]
    return (
        (event["status"] != "cancelled" or flag(visit.request, "showDeleted"))
        and args.get("q", "").lower() in text
        and args.get("iCalUID", event["iCalUID"]) == event["iCalUID"]
        and all(private.get(name) == value for name, value in properties)
    )


def _order(visit: Visit, calendar: CalendarRecord) -> Any:
    if visit.request.args.get("orderBy") == "updated":
        return lambda event: (event["updated"], event["id"])
    return lambda event: (moment(event["start"], calendar.zone), event["id"])


def _check_match(visit: Visit, event: Event) -> None:
    wanted = visit.request.headers.get("If-Match")
    if wanted not in (None, "*", event["etag"]):
        raise errors.precondition_failed()


def _with_conference(visit: Visit, body: dict[str, Any]) -> dict[str, Any]:
    """A Meet link where it is asked for with conferenceDataVersion=1; otherwise conference data is dropped without a word."""
    wanted = body.pop("conferenceData", None)
    if not wanted or visit.request.args.get("conferenceDataVersion") != "1":
        return body
    request = wanted.get("createRequest", {})
    link = f"https://meet.google.com/{request.get('requestId', 'meet')}"
    status = {"createRequest": {**request, "status": {"statusCode": "success"}}}
    entry = {"entryPointType": "video", "uri": link}
    return body | {"hangoutLink": link, "conferenceData": {**status, "entryPoints": [entry]}}


def _entry(visit: Visit, calendar: CalendarRecord) -> dict[str, Any]:
    entry = {"kind": "calendar#calendarListEntry", "etag": '"entry"', "id": calendar.id, "summary": calendar.summary}
    entry |= {"timeZone": calendar.time_zone, "accessRole": calendar.role_of(visit.account)}
    return entry | ({"primary": True} if calendar.id == visit.account else {})


def _next(token: str | None) -> dict[str, str]:
    return {"nextPageToken": token} if token else {}
