"""Answers about labels and send-as identities."""

from typing import Any

from werkzeug.wrappers import Response

from emulators.gmail import errors
from emulators.gmail.responses import answer
from emulators.gmail.state import SYSTEM_LABELS
from emulators.gmail.visit import Visit
from emulators.oauth2.google_api import json_body

VISIBLE = {"messageListVisibility": "show", "labelListVisibility": "labelShow"}


def list_labels(visit: Visit) -> Response:
    return answer(visit, {"labels": [_label(visit, label_id) for label_id in (*SYSTEM_LABELS, *visit.mailbox.labels)]})


def get_label(visit: Visit, label_id: str) -> Response:
    if not visit.mailbox.knows_label(label_id):
        raise errors.not_found()
    return answer(visit, _label(visit, label_id) | _totals(visit, label_id))


def create_label(visit: Visit) -> Response:
    name = str(json_body(visit.request).get("name", "")).strip()
    if not name:
        raise errors.invalid_argument("Invalid label name")
    return answer(visit, _label(visit, visit.mailbox.create_label(name)) | VISIBLE)


def list_send_as(visit: Visit) -> Response:
    return answer(visit, {"sendAs": visit.mailbox.identities})


def get_send_as(visit: Visit, address: str) -> Response:
    for identity in visit.mailbox.identities:
        if identity["sendAsEmail"].lower() == address.lower():
            return answer(visit, identity)
    raise errors.not_found()


def _label(visit: Visit, label_id: str) -> dict[str, Any]:
    return {"id": label_id, "name": visit.mailbox.label_name(label_id), "type": "system" if label_id in SYSTEM_LABELS else "user"}


def _totals(visit: Visit, label_id: str) -> dict[str, int]:
    inside = [message for message in visit.mailbox.messages.values() if label_id in message.labels]
    unread = [message for message in inside if "UNREAD" in message.labels]
    return {
        "messagesTotal": len(inside),
        "messagesUnread": len(unread),
        "threadsTotal": len({message.thread_id for message in inside}),
        "threadsUnread": len({message.thread_id for message in unread}),
    }
