"""draft.gated → the Gmail draft in its thread, once → the CRM task."""

from shared.runtime.delivery import Delivery
from shared.stages.drafting.place_draft import place_draft as place
from shared.wiring import on_message, ports


@on_message
def place_draft(delivery: Delivery) -> None:
    place(delivery.work, store=ports.store, outbox=ports.outbox, clock=ports.clock, mailbox=ports.mailbox)
