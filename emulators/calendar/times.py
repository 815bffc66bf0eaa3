"""Calendar's times: dates and date-times with their zones, read, checked and shown."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from emulators.calendar import errors


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown_in(at: datetime, zone: ZoneInfo) -> str:
    """RFC 3339 with the zone's offset, `Z` for UTC."""
    return at.astimezone(zone).isoformat().replace("+00:00", "Z")


def zone_named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise errors.invalid("Invalid time zone definition.") from error


def moment(value: Mapping[str, Any], zone: ZoneInfo) -> datetime:
    """An EventDateTime as an aware datetime, in its own zone where it names one; whole days in `zone`."""
    own = zone_named(value["timeZone"]) if value.get("timeZone") else None
    if value.get("date"):
        return datetime.combine(date.fromisoformat(value["date"]), datetime.min.time(), tzinfo=zone)
    at = datetime.fromisoformat(value["dateTime"])
    if at.tzinfo is None:
        return at.replace(tzinfo=own)
    return at.astimezone(own or zone)


def bound(given: str | None) -> datetime | None:
    """An RFC 3339 parameter; 400 when it is not one or has no offset."""
    if given is None:
        return None
    at = _read(given)
    if at.tzinfo is None:
        raise errors.bad_request()
    return at


def check(event: Mapping[str, Any], zone: ZoneInfo) -> None:
    """Start and end are there, complete, of one kind and in order; what recurs says in which zone."""
    for name in ("start", "end"):
        value = event.get(name)
        if not value or not (value.get("date") or value.get("dateTime")):
            raise errors.missing(f"{name} time")
        timed = "dateTime" in value and not value.get("timeZone")
        if timed and (event.get("recurrence") or _read(value["dateTime"]).tzinfo is None):
            raise errors.missing(f"time zone definition for {name} time")
    if bool(event["start"].get("date")) != bool(event["end"].get("date")):
        raise errors.invalid("Start and end times must either both be date or both be dateTime.")
    try:
        if moment(event["end"], zone) < moment(event["start"], zone):
            raise errors.empty_range()
    except ValueError as error:
        raise errors.bad_request() from error


def rendered(value: Mapping[str, Any], *, calendar_zone: ZoneInfo, asked: ZoneInfo | None) -> dict[str, Any]:
    """As Calendar shows it: whole days as they are, moments in the asked zone or the calendar's, with a zone named."""
    if value.get("date"):
        return {"date": value["date"]}
    at = moment(value, calendar_zone)
    return {"dateTime": shown_in(at, asked or calendar_zone), "timeZone": value.get("timeZone") or calendar_zone.key}


def _read(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise errors.bad_request() from error
