"""The single occurrences of a recurring event: virtual ones from its rule, and those that were changed or cancelled one by one."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from emulators.calendar import recurrence
from emulators.calendar.times import moment

Event = dict[str, Any]
ID = re.compile(r"(.+)_(\d{8}(?:T\d{6}Z)?)")
MOST = 1500
"""Occurrences of one event when nobody says until when."""


def expanded(
    event: Event, changed: Mapping[str, Event], zone: ZoneInfo, *, after: datetime | None, before: datetime | None
) -> Iterator[Event]:
    """The event itself, or its occurrences that are not over by `after`; `changed` maps ids to those that were changed."""
    if not event.get("recurrence"):
        yield event
        return
    first, end = moment(event["start"], zone), moment(event["end"], zone)
    told = 0
    for start in recurrence.parsed(event["recurrence"]).starts(first, before=before):
        if after is not None and start + (end - first) <= after:
            continue
        one = occurrence(event, start, end - first)
        if one["id"] not in changed:
            yield one
        told += 1
        if before is None and told >= MOST:
            return


def occurrence(event: Event, start: datetime, length: timedelta) -> Event:
    """One virtual occurrence; its id ends with when it would start."""
    end = start + length
    if event["start"].get("date"):
        times = {"start": {"date": start.date().isoformat()}, "end": {"date": end.date().isoformat()}}
        suffix = start.strftime("%Y%m%d")
    else:
        zone = event["start"].get("timeZone")
        named = {"timeZone": zone} if zone else {}
        times = {"start": {"dateTime": start.isoformat(), **named}, "end": {"dateTime": end.isoformat(), **named}}
        suffix = start.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    single = {key: value for key, value in event.items() if key != "recurrence"}
    return {**single, **times, "id": f"{event['id']}_{suffix}", "recurringEventId": event["id"], "originalStartTime": times["start"]}


def named(event_id: str, events: Mapping[str, Event], zone: ZoneInfo) -> Event | None:
    """The virtual occurrence behind an id such as `series_20261123T090000Z`; None when its event has none then."""
    found = ID.fullmatch(event_id)
    series = events.get(found[1]) if found else None
    if found is None or series is None or not series.get("recurrence"):
        return None
    text = found[2]
    form = "%Y%m%dT%H%M%SZ" if "T" in text else "%Y%m%d"
    at = datetime.strptime(text, form).replace(tzinfo=UTC if "T" in text else zone)
    day = timedelta(days=1)
    near = expanded(series, {}, zone, after=at - day, before=at + day)
    return next((one for one in near if one["id"] == event_id), None)
