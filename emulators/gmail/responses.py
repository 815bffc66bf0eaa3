"""Answers about messages, threads, the profile and the history of a mailbox."""

from typing import Any

from werkzeug.wrappers import Response

from emulators.gmail import errors, mime
from emulators.gmail.state import FIXED_LABELS, Change, StoredMessage
from emulators.gmail.visit import Visit
from emulators.oauth2.google_api import count, json_body, masked, page
from emulators.service import json_response

FORMATS = ("full", "metadata", "minimal", "raw")
HISTORY_TYPES = {
    "messagesAdded": "messageAdded",
    "messagesDeleted": "messageDeleted",
    "labelsAdded": "labelAdded",
    "labelsRemoved": "labelRemoved",
}


def answer(visit: Visit, body: dict[str, Any]) -> Response:
    return json_response(masked(body, visit.request.args.get("fields")))


def profile(visit: Visit) -> Response:
    box = visit.mailbox
    threads = {message.thread_id for message in box.messages.values()}
    totals = {"messagesTotal": len(box.messages), "threadsTotal": len(threads)}
    return answer(visit, {"emailAddress": box.email, **totals, "historyId": str(box.history_id)})


def list_messages(visit: Visit) -> Response:
    found = visit.found(visit.mailbox.newest_first())
    shown, more = page(found, visit.request, size=count(visit.request, "maxResults", default=100, most=500))
    body: dict[str, Any] = {"messages": [{"id": one.id, "threadId": one.thread_id} for one in shown]} if shown else {}
    return answer(visit, body | _next(more) | {"resultSizeEstimate": len(found)})


def get_message(visit: Visit, message_id: str) -> Response:
    return answer(visit, message_resource(visit, visit.mailbox.message(message_id)))


def get_attachment(visit: Visit, message_id: str, attachment_id: str) -> Response:
    data = mime.attachment(visit.mailbox.message(message_id).mime, attachment_id, message_id=message_id)
    if data is None:
        raise errors.invalid_argument("Invalid attachment token")
    return answer(visit, {"size": len(data), "data": mime.encoded(data)})


def modify_message(visit: Visit, message_id: str) -> Response:
    body = json_body(visit.request)
    added, removed = body.get("addLabelIds", []), body.get("removeLabelIds", [])
    for label in (*added, *removed):
        if label in FIXED_LABELS or not visit.mailbox.knows_label(label):
            raise errors.invalid_label(label)
    return answer(visit, _brief(visit.mailbox.relabel(message_id, add=added, remove=removed)))


def trash_message(visit: Visit, message_id: str) -> Response:
    return answer(visit, _brief(visit.mailbox.relabel(message_id, add=["TRASH"], remove=["INBOX"])))


def untrash_message(visit: Visit, message_id: str) -> Response:
    return answer(visit, _brief(visit.mailbox.relabel(message_id, remove=["TRASH"])))


def list_threads(visit: Visit) -> Response:
    found = list(dict.fromkeys(message.thread_id for message in visit.found(visit.mailbox.newest_first())))
    shown, more = page(found, visit.request, size=count(visit.request, "maxResults", default=100, most=500))
    body: dict[str, Any] = {"threads": [_thread_row(visit, thread_id) for thread_id in shown]} if shown else {}
    return answer(visit, body | _next(more) | {"resultSizeEstimate": len(found)})


def get_thread(visit: Visit, thread_id: str) -> Response:
    messages = visit.mailbox.thread(thread_id)
    newest = max(message.history_id for message in messages)
    return answer(visit, {"id": thread_id, "historyId": str(newest), "messages": [message_resource(visit, one) for one in messages]})


def list_history(visit: Visit) -> Response:
    start = visit.request.args.get("startHistoryId", "")
    if not start.isdigit():
        raise errors.invalid_argument("Missing or invalid startHistoryId")
    wanted = visit.request.args.getlist("historyTypes")
    changes = [one for one in visit.mailbox.history if one.id > int(start) and (not wanted or _history_type(one) in wanted)]
    shown, more = page(changes, visit.request, size=count(visit.request, "maxResults", default=100, most=500))
    body: dict[str, Any] = {"history": [_history_row(change) for change in shown]} if shown else {}
    return answer(visit, body | _next(more) | {"historyId": str(visit.mailbox.history_id)})


def message_resource(visit: Visit, message: StoredMessage, *, shape: str | None = None) -> dict[str, Any]:
    """A Message in the format the request asks for."""
    shape = shape or visit.request.args.get("format", "full").lower()
    if shape not in FORMATS:
        raise errors.invalid_argument(f"Invalid value at 'format': \"{shape}\"")
    mail = message.mime
    body = _brief(message) | {"snippet": mime.snippet(mail), "sizeEstimate": len(message.raw)}
    body |= {"historyId": str(message.history_id), "internalDate": str(message.at_ms)}
    if shape == "raw":
        body["raw"] = mime.encoded(message.raw)
    elif shape == "full":
        body["payload"] = mime.payload(mail, message_id=message.id)
    elif shape == "metadata":
        names = visit.request.args.getlist("metadataHeaders")
        only = frozenset(name.lower() for name in names) if names else None
        body["payload"] = {"mimeType": mail.get_content_type(), "headers": mime.headers(mail, only)}
    return body


def _brief(message: StoredMessage) -> dict[str, Any]:
    return {"id": message.id, "threadId": message.thread_id, "labelIds": list(message.labels)}


def _thread_row(visit: Visit, thread_id: str) -> dict[str, str]:
    messages = visit.mailbox.thread(thread_id)
    newest = max(message.history_id for message in messages)
    return {"id": thread_id, "snippet": mime.snippet(messages[-1].mime), "historyId": str(newest)}


def _next(token: str | None) -> dict[str, str]:
    return {"nextPageToken": token} if token else {}


def _history_type(change: Change) -> str:
    return HISTORY_TYPES[change.kind]


def _history_row(change: Change) -> dict[str, Any]:
    short = {"id": change.message_id, "threadId": change.thread_id}
    entry: dict[str, Any] = {"message": {**short, "labelIds": list(change.message_labels)}}
    if change.labels:
        entry["labelIds"] = list(change.labels)
    return {"id": str(change.id), "messages": [short], change.kind: [entry]}
