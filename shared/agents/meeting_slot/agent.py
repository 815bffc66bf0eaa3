"""Two or three times to offer for a call. Called by the plan stage."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from shared.agents.meeting_slot.phones import country_of_phone
from shared.agents.meeting_slot.places import country_code, public_holidays, working_week
from shared.agents.meeting_slot.wording import reason, spoken
from shared.agents.meeting_slot.zones import zone_name, zone_of_country
from shared.domain.evidence import Evidence, EvidenceKind
from shared.domain.holds import party_of
from shared.domain.ids import EvidenceId
from shared.domain.planning import Priority
from shared.domain.slot_search import LENGTH, LOOK_AHEAD_DAYS, Search, Side
from shared.domain.slots import Agenda, Slot
from shared.domain.workspace import Operator, WorkingHours
from shared.ports.calendar import CalendarOf

WANTED = 3
A_DAY_OFF = timedelta(days=1)


class FreeBusySlots:
    def __init__(self, *, calendar: CalendarOf) -> None:
        self._calendar = calendar

    def look(self, *, operator: Operator, recipient: str, now: datetime) -> Agenda:
        """As far as a recipient who works like the operator would need, and a day of theirs off."""
        search = _search(operator, operator.hours, now)
        until = search.until()
        if until <= search.earliest:
            return Agenda(start=now, end=now)
        return self._read(operator, recipient, search.earliest - search.buffer, until + search.buffer + A_DAY_OFF)

    def propose(
        self,
        *,
        operator: Operator,
        recipient: str,
        contact_timezone: str,
        contact_country: str,
        contact_phone: str,
        urgency: Priority,
        now: datetime,
        agenda: Agenda | None = None,
    ) -> Sequence[Slot]:
        """Best first. Empty when both sides' working hours never meet: nobody is asked to call at night.

        What is held for the recipient already is free for the recipient.
        """
        where = _place(operator, contact_timezone, country_code(contact_country) or country_of_phone(contact_phone), now)
        search = _search(operator, where, now)
        until = search.until()
        if until <= search.earliest:
            return ()
        start, end = search.earliest - search.buffer, until + search.buffer
        known = agenda if agenda and agenda.covers(start, end) else self._read(operator, recipient, start, end)
        free = search.free(known.taken)
        chosen = search.chosen(free, wanted=WANTED, soonest=urgency is Priority.URGENT)
        return tuple(_slot(start, number, search, chosen, operator, now) for number, start in enumerate(chosen, start=1))

    def _read(self, operator: Operator, recipient: str, start: datetime, end: datetime) -> Agenda:
        taken = self._calendar(operator).busy(start=start, end=end, held_for=party_of(operator.workspace_id, recipient))
        return Agenda(start=start, end=end, taken=tuple(taken))


def _place(operator: Operator, contact_timezone: str, country: str, now: datetime) -> WorkingHours:
    """The recipient's working time: in their zone, else their country's, else the operator's."""
    zone = zone_name(contact_timezone) or zone_of_country(country) or operator.hours.timezone
    return WorkingHours(timezone=zone, weekdays=working_week(country, on=now.date()), country=country)


def _search(operator: Operator, theirs: WorkingHours, now: datetime) -> Search:
    earliest = now.astimezone(UTC) + operator.call_notice
    return Search(operator=_side(operator.hours, now), recipient=_side(theirs, now), earliest=earliest, buffer=operator.call_buffer)


def _side(hours: WorkingHours, now: datetime) -> Side:
    years = frozenset({now.year, (now + timedelta(days=LOOK_AHEAD_DAYS + 1)).year})
    return Side(hours=hours, holidays=public_holidays(country_code(hours.country), years, region=hours.region))


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
