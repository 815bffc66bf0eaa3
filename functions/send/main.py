"""The send queue → an approved mail leaves, once, or waits, or says why it does not."""

from shared.runtime.delivery import Delivery
from shared.stages.sending.send import send as let_leave
from shared.wiring import on_task, ports


@on_task
def send(delivery: Delivery) -> None:
    let_leave(delivery.work, wire=ports.wire)
