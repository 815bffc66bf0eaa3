"""The canary queue → a synthetic submission through our own webhook, and a complaint about the one before."""

from shared.runtime.delivery import Delivery
from shared.stages.arriving.canary import canary as send_canary
from shared.wiring import on_task, ports


@on_task
def canary(delivery: Delivery) -> None:
    work = delivery.work
    sent = send_canary(work, store=ports.store, clock=ports.clock, front_door=ports.front_door)
    if sent is None:
        return
    complaint = sent.trouble or sent.alarm
    told = {"function": "canary", "workspace_id": work.workspace_id, "event_id": sent.handle, "detail": complaint}
    ports.log.write("ERROR" if complaint else "INFO", "a canary did not come through" if complaint else "canary sent", **told)
