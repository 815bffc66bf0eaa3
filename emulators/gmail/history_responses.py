"""Answers about what changed in a mailbox, and about being told of it."""

from typing import Any

from werkzeug.wrappers import Response

from emulators.gmail import errors
from emulators.gmail.history import TYPES, Change
from emulators.gmail.responses import answer
from emulators.gmail.visit import Visit
from emulators.google_api.requests import count, next_page, page


def list_history(visit: Visit) -> Response:
    args = visit.request.args
    start = args.get("startHistoryId", "")
    if not start.isdigit():
        raise errors.invalid_argument("Missing or invalid startHistoryId")
    wanted = args.getlist("historyTypes")
    if not set(wanted) <= set(TYPES.values()):
        raise errors.invalid_argument(f"Invalid value at 'history_types': {wanted}")
    changes = visit.mailbox.history.since(int(start), types=wanted, label=args.get("labelId", ""))
    shown, more = page(changes, visit.request, size=count(visit.request, "maxResults", default=100, most=500))
    body: dict[str, Any] = {"history": [_row(change) for change in shown]} if shown else {}
    return answer(visit, body | next_page(more) | {"historyId": str(visit.mailbox.history_id)})


def watch(visit: Visit) -> Response:
    return answer(visit, visit.announcer.watch(visit.mailbox, visit.body, visit.now))


def stop(visit: Visit) -> Response:
    """Whether there was a watch or not."""
    visit.mailbox.watch = None
    return Response(status=204)


def _row(change: Change) -> dict[str, Any]:
    short = {"id": change.message_id, "threadId": change.thread_id}
    entry: dict[str, Any] = {"message": {**short, "labelIds": list(change.message_labels)}}
    if change.labels:
        entry["labelIds"] = list(change.labels)
    return {"id": str(change.id), "messages": [short], change.kind: [entry]}
