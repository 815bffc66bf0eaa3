"""Answers about messages and the profile of a mailbox."""

from typing import Any

from werkzeug.wrappers import Response

from emulators.gmail import errors, mime
from emulators.gmail.state import StoredMessage
from emulators.gmail.visit import Visit
from emulators.google_api.masks import masked
from emulators.google_api.requests import count, next_page, page
from emulators.service import json_response

FORMATS = ("full", "metadata", "minimal", "raw")
DATED_BY = ("receivedTime", "dateHeader")
MOST_IDS = 1000


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
    return answer(visit, body | next_page(more) | {"resultSizeEstimate": len(found)})


def get_message(visit: Visit, message_id: str) -> Response:
    return answer(visit, message_resource(visit, visit.mailbox.message(message_id)))


def get_attachment(visit: Visit, message_id: str, attachment_id: str) -> Response:
    data = mime.attachment(visit.mailbox.message(message_id).mime, attachment_id, message_id=message_id)
    if data is None:
        raise errors.invalid_argument("Invalid attachment token")
    return answer(visit, {"size": len(data), "data": mime.encoded(data)})


def modify_message(visit: Visit, message_id: str) -> Response:
    added, removed = label_changes(visit)
    return answer(visit, _brief(visit.mailbox.relabel(message_id, add=added, remove=removed)))


def label_changes(visit: Visit) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a modify request adds and removes; 400 for labels that do not exist or cannot be moved."""
    added, removed = (tuple(visit.body.get(name, ())) for name in ("addLabelIds", "removeLabelIds"))
    visit.mailbox.labels.check_movable((*added, *removed))
    return added, removed


def modify_messages(visit: Visit) -> Response:
    """batchModify: ids nobody knows are passed over, as by Gmail, which "provides no guarantees" of existence."""
    added, removed = label_changes(visit)
    for message_id in _known(visit):
        visit.mailbox.relabel(message_id, add=added, remove=removed)
    return Response(status=204)


def delete_messages(visit: Visit) -> Response:
    for message_id in _known(visit):
        visit.mailbox.remove(message_id)
    return Response(status=204)


def delete_message(visit: Visit, message_id: str) -> Response:
    visit.mailbox.remove(message_id)
    return Response(status=204)


def insert_message(visit: Visit) -> Response:
    return _added(visit, dated_by="receivedTime")


def import_message(visit: Visit) -> Response:
    return _added(visit, dated_by="dateHeader")


def trash_message(visit: Visit, message_id: str) -> Response:
    return answer(visit, _brief(visit.mailbox.relabel(message_id, add=["TRASH"], remove=["INBOX"])))


def untrash_message(visit: Visit, message_id: str) -> Response:
    return answer(visit, _brief(visit.mailbox.relabel(message_id, remove=["TRASH"])))


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


def _added(visit: Visit, *, dated_by: str) -> Response:
    """A message put into this mailbox alone: nothing is sent, nothing is replaced."""
    dated_by = visit.request.args.get("internalDateSource", dated_by)
    if dated_by not in DATED_BY:
        raise errors.invalid_argument(f"Invalid value at 'internal_date_source': \"{dated_by}\"")
    resource, labels = visit.body, tuple(visit.body.get("labelIds", ()))
    raw = visit.raw(resource)
    for label in labels:
        if not visit.mailbox.labels.knows(label):
            raise errors.invalid_label(label)
    at = mime.date(mime.parsed(raw)) if dated_by == "dateHeader" else None
    thread_id = visit.thread_for(resource, raw) or visit.mailbox.thread_of_arrival(raw)
    return answer(visit, _brief(visit.mailbox.add(raw, labels=labels, at=at or visit.now, thread_id=thread_id)))


def _known(visit: Visit) -> list[str]:
    ids = list(visit.body.get("ids", ()))
    if not ids or len(ids) > MOST_IDS:
        raise errors.invalid_argument("No message ids specified." if not ids else f"Too many message ids: at most {MOST_IDS}.")
    return [one for one in ids if one in visit.mailbox.messages]


def _brief(message: StoredMessage) -> dict[str, Any]:
    return {"id": message.id, "threadId": message.thread_id, "labelIds": list(message.labels)}
