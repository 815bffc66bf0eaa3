"""Calendar's resources as far as we read them (discovery document calendar.v3)."""

import datetime as clock
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field

from shared.connectors.google_oauth.wire import Wire


class EventTime(Wire):
    """A moment, or a whole day in the zone of its calendar."""

    date_time: AwareDatetime | None = None
    date: clock.date | None = None

    def moment(self, zone: ZoneInfo) -> datetime | None:
        """In UTC; None for neither."""
        if self.date_time is not None:
            return self.date_time.astimezone(UTC)
        return datetime.combine(self.date, time(0), zone).astimezone(UTC) if self.date else None


class Attendee(Wire):
    """`is_self` marks the owner of this copy of the event."""

    is_self: bool = Field(default=False, alias="self")
    response_status: str = ""


class Properties(Wire):
    """Seen by this calendar only."""

    private: dict[str, str] = {}


class Event(Wire):
    """Of a deleted event only the id is certain to be told."""

    id: str
    etag: str = ""
    status: str = ""
    summary: str = ""
    description: str = ""
    location: str = ""
    hangout_link: str = ""
    transparency: str = ""
    start: EventTime = EventTime()
    end: EventTime = EventTime()
    attendees: tuple[Attendee, ...] = ()
    extended_properties: Properties = Properties()

    @property
    def blocks(self) -> bool:
        """Whether it takes its owner's time."""
        declined = any(one.is_self and one.response_status == "declined" for one in self.attendees)
        return self.status != "cancelled" and self.transparency != "transparent" and not declined


class EventPage(Wire):
    time_zone: str = "UTC"
    items: tuple[Event, ...] = ()
    next_page_token: str = ""

    @property
    def zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")
