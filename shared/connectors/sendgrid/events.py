"""What the Event Webhook tells, in our own words. Named in the registry, for sendgrid_events.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from shared.domain.carrying import CarrierEvent, Word
from shared.ports.errors import Rejected
from shared.ports.requests import Incoming

MOST = 10_000
WORDS = {
    "processed": Word.PROCESSED,
    "deferred": Word.DEFERRED,
    "delivered": Word.DELIVERED,
    "dropped": Word.DROPPED,
    "bounce": Word.BOUNCED,
    "spamreport": Word.COMPLAINED,
    "unsubscribe": Word.UNSUBSCRIBED,
    "group_unsubscribe": Word.UNSUBSCRIBED,
}
"""Opens and clicks are none of the ways out's business."""
OF_A_GROUP = "group_unsubscribe"


class Told(BaseModel):
    event: str
    email: str = Field(min_length=3, max_length=320)
    timestamp: int = Field(ge=0, lt=1 << 34)
    sg_event_id: str = Field(min_length=1, max_length=200)
    sg_message_id: str = ""
    send_id: str = Field(default="", max_length=200)
    type: str = ""
    reason: str = ""
    response: str = ""


class SendGridEvents:
    def parse(self, incoming: Incoming) -> tuple[CarrierEvent, ...]:
        """In the order in which they happened. One that cannot be read keeps none of the others away; Rejected when it is no batch."""
        try:
            batch = json.loads(incoming.body)
        except (ValueError, RecursionError):
            raise Rejected("the batch is not JSON", field="body", source="sendgrid") from None
        if not isinstance(batch, list) or len(batch) > MOST:
            raise Rejected(f"the batch should be an array of at most {MOST} events", field="body", source="sendgrid")
        return tuple(sorted(_known(batch), key=lambda one: one.at))


def _known(batch: list[Any]) -> Iterator[CarrierEvent]:
    for row in batch:
        try:
            told = Told.model_validate(row)
        except ValidationError:
            continue
        word = WORDS.get(told.event)
        if word is not None and (told.send_id or told.event != OF_A_GROUP):  # a group of another mail's is no wish about ours
            yield CarrierEvent(
                id=told.sg_event_id,
                word=Word.BLOCKED if word is Word.BOUNCED and told.type == "blocked" else word,
                at=datetime.fromtimestamp(told.timestamp, UTC),
                address=told.email.strip().lower(),
                send_id=told.send_id,
                receipt=told.sg_message_id.partition(".")[0],
                reason=(told.reason or told.response)[:200],
            )
