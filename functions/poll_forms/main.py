"""The poll-forms queue → what the forms hold and nobody has announced → lead.received."""

from shared.runtime.delivery import Delivery
from shared.stages.arriving.poll_forms import poll_forms as look_at_forms
from shared.wiring import on_task, ports


@on_task
def poll_forms(delivery: Delivery) -> None:
    work = delivery.work
    polls = look_at_forms(work, store=ports.store, outbox=ports.outbox, clock=ports.clock, crm=ports.crm)
    told = {"function": "poll_forms", "workspace_id": work.workspace_id, "count": polls.repaired, "detail": polls.trouble}
    if polls.silent(ports.clock.now()):
        ports.log.write("ERROR", "forms have not been polled for an hour", **told)
    else:
        ports.log.write("WARNING" if polls.trouble else "INFO", "forms polled", **told)
