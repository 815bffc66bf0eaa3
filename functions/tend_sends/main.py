"""The tend-sends queue → every send whose time has passed, and that nobody has called, is called again."""

from shared.runtime.delivery import Delivery
from shared.stages.sending.tend_sends import tend_sends as tend
from shared.wiring import on_task, ports


@on_task
def tend_sends(delivery: Delivery) -> None:
    count = tend(delivery.work, store=ports.store, outbox=ports.outbox, clock=ports.clock)
    if count:
        ports.log.write("WARNING", "sends were called again", function="tend_sends", count=count)
