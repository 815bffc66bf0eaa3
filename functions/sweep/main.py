"""Every minute: publishes what a dead delivery left in the outbox."""

from shared.stages.chores.sweep import sweep as sweep_outbox
from shared.wiring import on_schedule, ports


@on_schedule
def sweep() -> None:
    count = sweep_outbox(store=ports.store, outbox=ports.outbox, clock=ports.clock)
    ports.log.write("INFO", "outbox swept", function="sweep", count=count)
