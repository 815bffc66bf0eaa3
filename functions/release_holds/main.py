"""The release-holds queue → times nobody needs any more are free again."""

from shared.runtime.delivery import Delivery
from shared.stages.drafting.release_holds import release_holds as release
from shared.wiring import on_task, ports


@on_task
def release_holds(delivery: Delivery) -> None:
    done = release(delivery.work, store=ports.store, clock=ports.clock, calendar=ports.calendar, mailbox=ports.mailbox)
    ports.log.write("INFO", "holds released", function="release_holds", count=done.ended)
    if done.postponed:
        ports.log.write("WARNING", "holds wait for the next round", function="release_holds", count=done.postponed)
