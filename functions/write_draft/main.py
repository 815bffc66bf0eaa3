"""The write-draft queue → Gmail's draft says what ours says, unless a person has touched it."""

from shared.runtime.delivery import Delivery
from shared.stages.deciding.write_draft import write_draft as write
from shared.wiring import on_task, ports


@on_task
def write_draft(delivery: Delivery) -> None:
    write(delivery.work, desk=ports.desk)
