"""The resume-runs queue → runs that wait for an account are tried again."""

from shared.runtime.delivery import Delivery
from shared.stages.drafting.resume_runs import resume_runs as resume
from shared.wiring import on_task, ports


@on_task
def resume_runs(delivery: Delivery) -> None:
    count = resume(delivery.work, store=ports.store, outbox=ports.outbox, clock=ports.clock)
    if count:
        ports.log.write("INFO", "paused runs are tried again", function="resume_runs", count=count)
