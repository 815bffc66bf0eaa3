"""A Pub/Sub push or a Cloud Tasks call, unwrapped; used by the endpoint decorators."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from shared.domain.work import Work
from shared.ports.errors import Rejected
from shared.ports.requests import Incoming


@dataclass(frozen=True)
class Delivery:
    """One attempt to hand us a message or task."""

    id: str
    source: str  # subscription or queue, short name
    payload: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    attempt: int = 1

    @property
    def trace_id(self) -> str:
        return self.attributes.get("trace_id", "")

    @property
    def work(self) -> Work:
        """What to do; Rejected when the payload is not ours."""
        try:
            return Work.model_validate_json(self.payload)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "payload"
            raise Rejected(f"{where}: {first['msg']}", field=where) from None


def pushed_message(incoming: Incoming) -> Delivery:
    """From the envelope of a push subscription; both spellings of the message id occur."""
    envelope = _object(incoming.body, "body")
    message = envelope.get("message")
    if not isinstance(message, dict):
        raise Rejected("message: should be an object", field="message")
    return Delivery(
        id=str(message.get("messageId") or message.get("message_id") or ""),
        source=str(envelope.get("subscription", "")).rpartition("/")[2],
        payload=_decoded(message.get("data", "")),
        attributes=_attributes(message.get("attributes") or {}),
        attempt=_count(envelope.get("deliveryAttempt") or 1, "deliveryAttempt"),
    )


def queued_task(incoming: Incoming) -> Delivery:
    """From the request Cloud Tasks makes; the ids in its headers are short."""
    headers = incoming.headers
    return Delivery(
        id=headers.get("x-cloudtasks-taskname", ""),
        source=headers.get("x-cloudtasks-queuename", ""),
        payload=incoming.body.decode("utf-8", "replace"),
        attributes={"trace_id": headers.get("x-trace-id", "")},
        attempt=_count(headers.get("x-cloudtasks-taskretrycount") or 0, "x-cloudtasks-taskretrycount") + 1,
    )


def _decoded(data: object) -> str:
    try:
        return base64.b64decode(str(data), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise Rejected("message.data: should be base64", field="message.data") from None


def _attributes(given: object) -> dict[str, str]:
    if not isinstance(given, dict):
        raise Rejected("message.attributes: should be an object", field="message.attributes")
    return {str(name): str(value) for name, value in given.items()}


def _count(given: object, name: str) -> int:
    if not str(given).isdecimal():
        raise Rejected(f"{name}: should be a number", field=name)
    return int(str(given))


def _object(body: bytes, name: str) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise Rejected(f"{name}: should be JSON", field=name) from None
    if not isinstance(parsed, dict):
        raise Rejected(f"{name}: should be a JSON object", field=name)
    return parsed
