"""A calendar in memory: what is taken, what is held in it, and how it was asked."""

from collections.abc import Sequence
from datetime import datetime

from shared.domain.holds import FoundHold, Hold
from shared.domain.slots import Busy
from shared.domain.workspace import Operator
from shared.ports.errors import Conflict


class MemoryCalendar:
    """Holds are `events` by id; tests change them as a person would."""

    def __init__(self, *taken: Busy) -> None:
        self.taken = list(taken)
        self.events: dict[str, FoundHold] = {}
        self.asked: list[tuple[datetime, datetime]] = []
        self.calls: list[str] = []

    def of(self, operator: Operator) -> "MemoryCalendar":
        """As CalendarOf: the same calendar for every operator."""
        return self

    def busy(self, *, start: datetime, end: datetime, held_for: str) -> Sequence[Busy]:
        self.calls.append("busy")
        self.asked.append((start, end))
        others = [one for one in self.standing if one.party != held_for or one.touched]
        held = [Busy(start=one.start, end=one.end) for one in others if one.start and one.end]
        return sorted((one for one in (*self.taken, *held) if one.start < end and one.end > start), key=lambda one: one.start)

    def hold(self, *, hold: Hold, event_id: str) -> None:
        self.calls.append("hold")
        if event_id in self.events:
            raise Conflict("the id is taken")
        self.events[event_id] = FoundHold(
            event_id=event_id, etag=f"etag-{len(self.calls)}", hold_id=hold.id, party=hold.party, start=hold.start, end=hold.end
        )

    def find(self, *, event_id: str) -> FoundHold | None:
        self.calls.append("find")
        return self.events.get(event_id)

    def release(self, *, found: FoundHold) -> None:
        self.calls.append("release")
        now = self.events.get(found.event_id)
        if now is None or now.cancelled:
            return
        if now.etag != found.etag:
            raise Conflict("the event has changed")
        self.change(found.event_id, cancelled=True, start=None, end=None)

    def change(self, event_id: str, **changes: object) -> None:
        """What a person, or we, do to an event."""
        self.calls.append("change")
        self.events[event_id] = self.events[event_id].model_copy(update={**changes, "etag": f"etag-{len(self.calls)}"})

    @property
    def standing(self) -> list[FoundHold]:
        return [one for one in self.events.values() if not one.cancelled]
