"""Answers about calendars, settings and free/busy."""

from typing import Any

from werkzeug.wrappers import Response

from emulators.calendar import errors, freebusy
from emulators.calendar.state import ROLES, CalendarRecord
from emulators.calendar.visit import Visit
from emulators.google_api.requests import count, json_body, next_page, page

SETTINGS = {"locale": "en", "weekStart": "0", "format24HourTime": "false", "dateFieldOrder": "MDY", "hideWeekends": "false"}
"""What every account has besides its time zone, with the defaults Calendar documents."""


def query_free_busy(visit: Visit) -> Response:
    return visit.answer(freebusy.query(visit.state, json_body(visit.request), account=visit.account))


def list_calendars(visit: Visit) -> Response:
    lowest = visit.request.args.get("minAccessRole", "freeBusyReader")
    if lowest not in ROLES:
        raise errors.invalid()
    high_enough = [one for one in visit.state.calendars.values() if ROLES.index(one.role_of(visit.account)) >= ROLES.index(lowest)]
    entries = [_entry(visit, one) for one in high_enough]
    shown, more = page(entries, visit.request, size=count(visit.request, "maxResults", default=100, most=250))
    tail = next_page(more) or {"nextSyncToken": f"list{visit.state.minted}"}
    return visit.answer({"kind": "calendar#calendarList", "etag": '"list"', "items": list(shown), **tail})


def get_list_entry(visit: Visit, calendar_id: str) -> Response:
    return visit.answer(_entry(visit, visit.calendar(calendar_id, at_least="freeBusyReader")))


def get_calendar(visit: Visit, calendar_id: str) -> Response:
    found = visit.calendar(calendar_id)
    head = {"kind": "calendar#calendar", "etag": '"calendar"', "id": found.id, "summary": found.summary, "timeZone": found.time_zone}
    return visit.answer({**head, "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]}})


def list_settings(visit: Visit) -> Response:
    held = _settings(visit)
    shown, more = page(list(held), visit.request, size=count(visit.request, "maxResults", default=100, most=250))
    tail = next_page(more) or {"nextSyncToken": f"settings{visit.state.minted}"}
    return visit.answer(
        {"kind": "calendar#settings", "etag": '"settings"', "items": [_setting(name, held[name]) for name in shown], **tail}
    )


def get_setting(visit: Visit, setting: str) -> Response:
    held = _settings(visit)
    if setting not in held:
        raise errors.not_found()
    return visit.answer(_setting(setting, held[setting]))


def _settings(visit: Visit) -> dict[str, str]:
    if visit.account not in visit.state.zones:
        raise errors.not_found()
    return {"timezone": visit.state.zones[visit.account], **SETTINGS}


def _setting(name: str, value: str) -> dict[str, Any]:
    return {"kind": "calendar#setting", "etag": '"setting"', "id": name, "value": value}


def _entry(visit: Visit, calendar: CalendarRecord) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": "calendar#calendarListEntry", "etag": '"entry"', "id": calendar.id, "summary": calendar.summary}
    entry |= {"timeZone": calendar.time_zone, "accessRole": calendar.role_of(visit.account), "selected": True}
    entry |= {"defaultReminders": [{"method": "popup", "minutes": 10}] if calendar.id == visit.account else []}
    entry |= {"conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]}}
    return entry | ({"primary": True} if calendar.id == visit.account else {})
