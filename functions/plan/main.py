"""lead.received → who, what was said, what helps, when → lead.planned."""

from shared.runtime.delivery import Delivery
from shared.stages.drafting.plan import Researchers
from shared.stages.drafting.plan import plan as plan_run
from shared.wiring import on_message, ports


@on_message
def plan(delivery: Delivery) -> None:
    researchers = Researchers(
        identity_resolver=ports.identity_resolver,
        thread_reader=ports.thread_reader,
        long_memory=ports.long_memory,
        asset_hunter=ports.asset_hunter,
        meeting_slot=ports.meeting_slot,
    )
    plan_run(
        delivery.work,
        store=ports.store,
        outbox=ports.outbox,
        clock=ports.clock,
        trigger=ports.trigger,
        researchers=researchers,
        planner=ports.next_step_planner,
    )
