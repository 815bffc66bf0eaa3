"""How a submission reached the product: which webhooks told of it, in which shape, signed how, and what they were answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SHAPES = {
    "workflow": "workflow webhook, customised body",
    "workflow-legacy": "workflow webhook, legacy contact body",
    "subscription": "CRM event subscription",
}


@dataclass(frozen=True)
class Arrival:
    """One webhook. `status` is None until somebody has answered."""

    shape: str
    signature: str
    event: str
    status: int | None
    attempts: int

    @property
    def told(self) -> str:
        kind = SHAPES.get(self.shape, self.shape) + (f" ({self.event})" if self.event else "")
        signed = f"signature {self.signature}" if self.signature else "unsigned"
        answer = f"answered {self.status}" if self.status is not None else "no answer yet"
        tries = f" after {self.attempts} attempts" if self.attempts > 1 else ""
        return f"{kind}, {signed}, {answer}{tries}"


def arrivals_of(
    contact_id: str, deliveries: Iterable[Mapping[str, Any]], hooks: Mapping[str, Mapping[str, Any]], *, since: datetime
) -> tuple[Arrival, ...]:
    """The webhooks about this contact since that moment, in the order they arose."""
    return tuple(
        _arrival(one, hooks.get(one["hook_id"], {}))
        for one in deliveries
        if contact_id and contact_id in _contacts(one["body"]) and datetime.fromisoformat(one["created_at"]) >= since
    )


def _arrival(delivery: Mapping[str, Any], hook: Mapping[str, Any]) -> Arrival:
    attempts, body = delivery["attempts"], delivery["body"]
    return Arrival(
        shape=delivery["shape"],
        signature=hook.get("signature") or "",
        event=str(body[0].get("subscriptionType", "")) if isinstance(body, list) and body else "",
        status=attempts[-1]["status"] if attempts else None,
        attempts=len(attempts),
    )


def _contacts(body: Any) -> set[str]:
    """Record ids of a body of any of the three shapes; a customised body may hold it under any key."""
    if isinstance(body, list):
        return {str(event.get("objectId")) for event in body}
    return {str(body["vid"])} if "vid" in body else {str(value) for value in body.values()}
