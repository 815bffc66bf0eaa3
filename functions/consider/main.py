"""draft.placed → the draft is considered for leaving without a person, and left to one unless a rule may act."""

from shared.runtime.delivery import Delivery
from shared.stages.deciding.considering import consider as may_leave
from shared.wiring import on_message, ports


@on_message
def consider(delivery: Delivery) -> None:
    may_leave(delivery.work, trace_id=delivery.trace_id or "", at=ports.considerer)
