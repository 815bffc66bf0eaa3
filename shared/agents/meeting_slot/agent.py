"""Two or three times to offer for a call. Called by the plan stage."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from shared.agents.meeting_slot.places import country_code, public_holidays, working_week, zone_name
from shared.agents.meeting_slot.wording import reason, spoken
from shared.domain.evidence import Evidence, EvidenceKind
from shared.domain.ids import EvidenceId
from shared.domain.planning import Priority
from shared.domain.slot_search import LENGTH, LOOK_AHEAD_DAYS, Search, Side
from shared.domain.slots import Slot
from shared.domain.workspace import Operator, WorkingHours
from shared.ports.calendar import CalendarOf

NOTICE = timedelta(hours=3)
"""Nobody is offered a call that starts before they can have read the mail."""
WANTED = 3


class FreeBusySlots:
    def __init__(self, *, calendar: CalendarOf) -> None:
        self._calendar = calendar

    def propose(
        self, *, operator: Operator, contact_timezone: str, contact_country: str, urgency: Priority, now: datetime
    ) -> Sequence[Slot]:
        """Best first. Empty when both sides' working hours never meet: nobody is asked to call at night."""
        search = _search(operator, contact_timezone, contact_country, now)
        until = search.until()
        if until <= search.earliest:
            return ()
        free = search.free(self._calendar(operator).busy(start=search.earliest, end=until))
        chosen = search.chosen(free, wanted=WANTED, soonest=urgency is Priority.URGENT)
        return tuple(_slot(start, number, search, chosen, operator, now) for number, start in enumerate(chosen, start=1))


def _search(operator: Operator, contact_timezone: str, contact_country: str, now: datetime) -> Search:
    country = country_code(contact_country)
    theirs = WorkingHours(timezone=zone_name(contact_timezone) or operator.hours.timezone, weekdays=working_week(country), country=country)
    return Search(operator=_side(operator.hours, now), recipient=_side(theirs, now), earliest=now.astimezone(UTC) + NOTICE)


def _side(hours: WorkingHours, now: datetime) -> Side:
    years = frozenset({now.year, (now + timedelta(days=LOOK_AHEAD_DAYS + 1)).year})
    return Side(hours=hours, holidays=public_holidays(country_code(hours.country), years))


def _slot(start: datetime, number: int, search: Search, chosen: tuple[datetime, ...], operator: Operator, now: datetime) -> Slot:
    zone = search.recipient.hours.timezone
    said = spoken(start, zone=zone)
    return Slot(
        start=start,
        end=start + LENGTH,
        timezone=zone,
        spoken=said,
        reason=reason(start, search=search, among=chosen),
        evidence=Evidence(
            id=EvidenceId(f"slot.{number}"),
            kind=EvidenceKind.SLOT,
            label=f"Free in {operator.name}'s calendar",
            text=said,
            source=f"calendar:{operator.calendar_id}#{start:%Y-%m-%dT%H:%MZ}",
            at=now,
        ),
    )
