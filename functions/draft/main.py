"""lead.planned → a draft, every sentence with its source → draft.written."""

from shared.runtime.delivery import Delivery
from shared.stages.drafting.draft import draft as draft_mail
from shared.wiring import on_message, ports


@on_message
def draft(delivery: Delivery) -> None:
    draft_mail(
        delivery.work,
        store=ports.store,
        outbox=ports.outbox,
        clock=ports.clock,
        draft_writer=ports.draft_writer,
        stationery=ports.stationery,
    )
