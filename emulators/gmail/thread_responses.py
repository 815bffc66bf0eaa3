"""Answers about threads: what is done to one is done to each of its messages."""

from collections.abc import Iterable
from typing import Any

from werkzeug.wrappers import Response

from emulators.gmail import mime
from emulators.gmail.responses import answer, label_changes, message_resource
from emulators.gmail.visit import Visit
from emulators.google_api.requests import count, next_page, page


def list_threads(visit: Visit) -> Response:
    found = list(dict.fromkeys(message.thread_id for message in visit.found(visit.mailbox.newest_first())))
    shown, more = page(found, visit.request, size=count(visit.request, "maxResults", default=100, most=500))
    body: dict[str, Any] = {"threads": [_row(visit, thread_id) for thread_id in shown]} if shown else {}
    return answer(visit, body | next_page(more) | {"resultSizeEstimate": len(found)})


def get_thread(visit: Visit, thread_id: str) -> Response:
    messages = visit.mailbox.thread(thread_id)
    newest = max(message.history_id for message in messages)
    return answer(visit, {"id": thread_id, "historyId": str(newest), "messages": [message_resource(visit, one) for one in messages]})


def modify_thread(visit: Visit, thread_id: str) -> Response:
    added, removed = label_changes(visit)
    return _relabelled(visit, thread_id, add=added, remove=removed)


def trash_thread(visit: Visit, thread_id: str) -> Response:
    return _relabelled(visit, thread_id, add=["TRASH"], remove=["INBOX"])


def untrash_thread(visit: Visit, thread_id: str) -> Response:
    return _relabelled(visit, thread_id, remove=["TRASH"])


def delete_thread(visit: Visit, thread_id: str) -> Response:
    for message in visit.mailbox.thread(thread_id):
        visit.mailbox.remove(message.id)
    return Response(status=204)


def _relabelled(visit: Visit, thread_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Response:
    changed = [visit.mailbox.relabel(one.id, add=add, remove=remove) for one in visit.mailbox.thread(thread_id)]
    return answer(visit, {"id": thread_id, "messages": [message_resource(visit, one, shape="minimal") for one in changed]})


def _row(visit: Visit, thread_id: str) -> dict[str, str]:
    messages = visit.mailbox.thread(thread_id)
    newest = max(message.history_id for message in messages)
    return {"id": thread_id, "snippet": mime.snippet(messages[-1].mime), "historyId": str(newest)}
