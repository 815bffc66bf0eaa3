"""Dead-letter topics → a dead letter that can be listed, and a run that says where it failed."""

from shared.runtime.delivery import Delivery
from shared.stages.drafting.failures import keep_dead_letter
from shared.wiring import on_message, ports


@on_message
def dead_letter(delivery: Delivery) -> None:
    keep_dead_letter(delivery_id=delivery.id, payload=delivery.payload, attributes=delivery.attributes, failures=ports.failures)
