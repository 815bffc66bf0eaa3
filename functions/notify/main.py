"""The notify queue → what happened waits in a book for its place, and what a book owes is told there. A place in trouble is tried again."""

from shared.runtime.delivery import Delivery
from shared.stages.telling.gathering import gather
from shared.stages.telling.telling import tell
from shared.stages.telling.tending import tend
from shared.wiring import on_task, ports


@on_task
def notify(delivery: Delivery) -> None:
    work, at = delivery.work, ports.teller
    if gather(work, at=at) or tend(work, at=at):
        return
    told = tell(work, at=at)
    if told.trouble:
        severity = "ERROR" if told.refused and told.is_new else "WARNING"
        about = {"function": "notify", "workspace_id": work.workspace_id, "entity": work.id, "detail": told.trouble}
        ports.log.write(severity, "a notice was not told", **about)
