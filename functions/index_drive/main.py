"""The index-drive queue → what has changed in Drive is read, cut, embedded; what left is dropped."""

from shared.runtime.delivery import Delivery
from shared.stages.library.index_drive import index_drive as follow_drive
from shared.wiring import on_task, ports


@on_task
def index_drive(delivery: Delivery) -> None:
    follow_drive(delivery.work, store=ports.store, outbox=ports.outbox, clock=ports.clock, files=ports.files, embedder=ports.embedder)
