"""draft.written → verdict → draft.gated, or a task for a person."""

from shared.runtime.delivery import Delivery
from shared.stages.drafting.gate import gate as judge_draft
from shared.wiring import on_message, ports


@on_message
def gate(delivery: Delivery) -> None:
    judge_draft(
        delivery.work,
        store=ports.store,
        outbox=ports.outbox,
        clock=ports.clock,
        quality_gate=ports.quality_gate,
        suppressions=ports.suppressions,
    )
