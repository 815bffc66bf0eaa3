"""The tend-sends queue → a send whose time has passed unnoticed, or that the kill switch has held, is called again; its turns are told.

What waits for somebody who wants no more mails is taken back.
"""

from shared.runtime.delivery import Delivery
from shared.stages.sending.stopping import after_stop, is_stop
from shared.stages.sending.switched import after_turn, is_turn
from shared.stages.sending.tend_sends import tend_sends as tend
from shared.wiring import on_task, ports


@on_task
def tend_sends(delivery: Delivery) -> None:
    if is_turn(delivery.work):
        after_turn(delivery.work, store=ports.store, outbox=ports.outbox, clock=ports.clock, alerts=ports.alerts)
        return
    if is_stop(delivery.work):
        after_stop(delivery.work, desk=ports.carrier_desk)
        return
    count = tend(delivery.work, store=ports.store, outbox=ports.outbox, clock=ports.clock)
    if count:
        ports.log.write("WARNING", "sends were called again", function="tend_sends", count=count)
