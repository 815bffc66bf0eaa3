"""Placed drafts that offer times, the operator's calendar and mailbox; used by the tests of holds."""

from datetime import datetime, timedelta
from typing import Any

from shared.domain.draft import Draft
from shared.domain.holds import FoundHold, Hold, HoldState
from shared.domain.ids import DraftId
from shared.domain.slots import Slot
from shared.domain.work import Work
from shared.ports.errors import SalesAgentError
from shared.stages.drafting.hold_slots import hold_slots
from shared.stages.drafting.release_holds import Round, release_holds
from tests.builders import (
    MONDAY,
    PROSPECT,
    WORKSPACE,
    a_context,
    a_draft_text,
    a_placement,
    a_sentence,
    a_slot,
    an_evidence,
    at,
)
from tests.fakes.calendar import MemoryCalendar
from tests.fakes.mailbox import MemoryMailbox
from tests.unit.stages.world import StageWorld, a_gated_run, a_judged_draft, work

TUESDAY = at(days=1, hours=5)
WEDNESDAY = at(days=2, hours=1)
OTHER = "lea@brandt.example"


def slots_at(*starts: datetime) -> tuple[Slot, ...]:
    return tuple(
        a_slot(start=start, spoken=f"slot at {start:%d %H:%M}", evidence=an_evidence(f"slot.{number}", text=f"{start:%d %H:%M}"))
        for number, start in enumerate(starts, start=1)
    )


def offering(*numbers: int) -> Any:
    """The text of a draft that speaks of these slots."""
    told = tuple(a_sentence(f"How about slot {number}?", f"slot.{number}") for number in numbers)
    return a_draft_text(paragraphs=(told,))


class Weathered(MemoryCalendar):
    """Raises `before` instead of, or `after` having, held or released; `away` for every question."""

    before: SalesAgentError | None = None
    after: SalesAgentError | None = None
    away: SalesAgentError | None = None

    def busy(self, **asked: Any) -> Any:
        if self.away:
            raise self.away
        return super().busy(**asked)

    def find(self, **asked: Any) -> Any:
        if self.away:
            raise self.away
        return super().find(**asked)

    def hold(self, *, hold: Hold, event_id: str) -> None:
        if self.before:
            raise self.before
        super().hold(hold=hold, event_id=event_id)
        if self.after:
            raise self.after

    def release(self, *, found: FoundHold) -> None:
        if self.before:
            raise self.before
        super().release(found=found)
        if self.after:
            raise self.after


class Holding:
    def __init__(self, world: StageWorld) -> None:
        self.world, self.calendar, self.mailbox = world, Weathered(), MemoryMailbox()

    def placed(self, number: int = 1, *starts: datetime, recipient: str = PROSPECT, offers: Any = None, **changes: Any) -> Draft:
        """A draft that stands in Gmail and offers these times; Tuesday and Wednesday unless told otherwise."""
        slots = slots_at(*(starts or (TUESDAY, WEDNESDAY)))
        text = offers or offering(*range(1, len(slots) + 1))
        placement = a_placement(placed_at=self.world.clock.now(), thread_id=f"t{number}")
        told = {"run_id": f"run_{number}", "recipient": recipient, "text": text, "placement": placement, **changes}
        draft = a_judged_draft(id=DraftId(f"draft-{number}"), **told)
        self.world.put(a_gated_run(id=f"run_{number}", draft_id=draft.id, context=a_context(slots=slots)), draft)
        return draft

    def hold(self, number: int = 1) -> None:
        hold_slots(work(f"draft-{number}"), store=self.world.store, clock=self.world.clock, calendar=self.calendar.of)

    def release(self) -> Round:
        period = Work(workspace_id=WORKSPACE, id="20261123T0900")
        return release_holds(period, store=self.world.store, clock=self.world.clock, calendar=self.calendar.of, mailbox=self.mailbox.of)

    def holds(self, number: int = 1) -> list[Hold]:
        return sorted((one for one in self.world.store.everything(Hold) if one.draft_id == f"draft-{number}"), key=lambda one: one.start)

    def states(self, number: int = 1) -> list[HoldState]:
        return [one.state for one in self.holds(number)]

    def move_to(self, moment: datetime) -> None:
        self.world.later(seconds=(moment - self.world.clock.now()) / timedelta(seconds=1))


__all__ = ["MONDAY", "OTHER", "TUESDAY", "WEDNESDAY", "Holding", "offering", "slots_at"]
