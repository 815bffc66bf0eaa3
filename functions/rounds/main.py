"""Every five minutes: each workspace's chores that are due → a task for each."""

from shared.stages.chores.rounds import rounds as make_rounds
from shared.wiring import on_schedule, ports


@on_schedule
def rounds() -> None:
    count = make_rounds(store=ports.store, outbox=ports.outbox, clock=ports.clock)
    ports.log.write("INFO", "chores handed out", function="rounds", count=count)
