"""The regenerate queue → another text for a draft, judged, as the operator asked."""

from shared.runtime.delivery import Delivery
from shared.stages.deciding.regenerate import regenerate as write_anew
from shared.wiring import on_task, ports


@on_task
def regenerate(delivery: Delivery) -> None:
    write_anew(
        delivery.work,
        trace_id=delivery.trace_id,
        desk=ports.desk,
        thread_reader=ports.thread_reader,
        draft_writer=ports.draft_writer,
        quality_gate=ports.quality_gate,
        stationery=ports.stationery,
    )
