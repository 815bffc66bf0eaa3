"""draft.placed → tentative events on the times it offers."""

from shared.runtime.delivery import Delivery
from shared.stages.drafting.hold_slots import hold_slots as hold
from shared.wiring import on_message, ports


@on_message
def hold_slots(delivery: Delivery) -> None:
    hold(delivery.work, store=ports.store, clock=ports.clock, calendar=ports.calendar)
