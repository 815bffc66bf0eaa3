"""Calendar's resources as far as we read them (discovery document calendar.v3)."""

from pydantic import AwareDatetime

from shared.connectors.google_oauth.wire import Wire


class TimePeriod(Wire):
    start: AwareDatetime
    end: AwareDatetime


class CalendarProblem(Wire):
    domain: str = ""
    reason: str


class FreeBusyCalendar(Wire):
    """Either what is taken, or why it cannot be told."""

    busy: tuple[TimePeriod, ...] = ()
    errors: tuple[CalendarProblem, ...] = ()


class FreeBusy(Wire):
    calendars: dict[str, FreeBusyCalendar]
