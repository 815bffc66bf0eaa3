"""Answers about drafts, and sending: of a draft and of a bare message."""

from typing import Any

from werkzeug.wrappers import Response

from emulators.gmail import errors, mime
from emulators.gmail.responses import answer, message_resource
from emulators.gmail.visit import Visit
from emulators.google_api.requests import count, next_page, page


def create_draft(visit: Visit) -> Response:
    resource = _message_of(visit)
    raw = visit.accepted(resource)
    draft_id = visit.mailbox.add_draft(raw, at=visit.now, thread_id=visit.thread_for(resource, raw))
    return answer(visit, _draft_row(visit, draft_id, labelled=True))


def list_drafts(visit: Visit) -> Response:
    box = visit.mailbox
    by_message = {message_id: draft_id for draft_id, message_id in box.drafts.items()}
    found = visit.found(message for message in box.newest_first() if message.id in by_message)
    shown, more = page(found, visit.request, size=count(visit.request, "maxResults", default=100, most=500))
    rows = [_draft_row(visit, by_message[message.id]) for message in shown]
    body: dict[str, Any] = {"drafts": rows} if rows else {}
    return answer(visit, body | next_page(more) | {"resultSizeEstimate": len(found)})


def get_draft(visit: Visit, draft_id: str) -> Response:
    return answer(visit, {"id": draft_id, "message": message_resource(visit, visit.mailbox.draft_message(draft_id))})


def update_draft(visit: Visit, draft_id: str) -> Response:
    visit.mailbox.draft_message(draft_id)
    _replace(visit, draft_id, _message_of(visit))
    return answer(visit, _draft_row(visit, draft_id, labelled=True))


def delete_draft(visit: Visit, draft_id: str) -> Response:
    visit.mailbox.drop_draft(draft_id)
    return Response(status=204)


def send_draft(visit: Visit) -> Response:
    """The draft disappears; what was sent has a new message id in the same thread."""
    body = visit.body
    draft_id = str(body.get("id", ""))
    visit.mailbox.draft_message(draft_id)
    if visit.upload is not None or body.get("message", {}).get("raw"):
        _replace(visit, draft_id, body.get("message", {}))
    draft = visit.mailbox.draft_message(draft_id)
    _check_recipients(draft.raw)
    visit.mailbox.drop_draft(draft_id)
    return _sent(visit, draft.raw, draft.thread_id)


def send_message(visit: Visit) -> Response:
    resource = visit.body
    raw = visit.accepted(resource)
    _check_recipients(raw)
    return _sent(visit, raw, visit.thread_for(resource, raw))


def _sent(visit: Visit, raw: bytes, thread_id: str | None) -> Response:
    message = visit.mailbox.add(raw, labels=["SENT"], at=visit.now, thread_id=thread_id)
    visit.office.send(visit.mailbox, message, visit.now)
    message = visit.mailbox.message(message.id)
    return answer(visit, {"id": message.id, "threadId": message.thread_id, "labelIds": list(message.labels)})


def _check_recipients(raw: bytes) -> None:
    if not mime.addresses(mime.parsed(raw), "To", "Cc", "Bcc"):
        raise errors.recipient_required()


def _replace(visit: Visit, draft_id: str, resource: dict[str, Any]) -> None:
    raw = visit.accepted(resource)
    visit.mailbox.replace_draft(draft_id, raw, at=visit.now, thread_id=visit.thread_for(resource, raw))


def _message_of(visit: Visit) -> dict[str, Any]:
    resource = visit.body.get("message", {} if visit.upload else None)
    if not isinstance(resource, dict):
        raise errors.raw_required()
    return resource


def _draft_row(visit: Visit, draft_id: str, *, labelled: bool = False) -> dict[str, Any]:
    message = visit.mailbox.draft_message(draft_id)
    row: dict[str, Any] = {"id": message.id, "threadId": message.thread_id}
    return {"id": draft_id, "message": row | ({"labelIds": list(message.labels)} if labelled else {})}
