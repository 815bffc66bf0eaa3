"""Answers about labels."""

from werkzeug.wrappers import Response

from emulators.gmail.responses import answer
from emulators.gmail.visit import Visit


def list_labels(visit: Visit) -> Response:
    return answer(visit, {"labels": [visit.mailbox.labels.resource(label_id) for label_id in visit.mailbox.labels.ids()]})


def get_label(visit: Visit, label_id: str) -> Response:
    return answer(visit, visit.mailbox.labels.resource(label_id) | _totals(visit, label_id))


def create_label(visit: Visit) -> Response:
    return answer(visit, visit.mailbox.labels.resource(visit.mailbox.labels.create(visit.body)))


def update_label(visit: Visit, label_id: str) -> Response:
    return _changed(visit, label_id, replace=True)


def patch_label(visit: Visit, label_id: str) -> Response:
    return _changed(visit, label_id, replace=False)


def delete_label(visit: Visit, label_id: str) -> Response:
    visit.mailbox.delete_label(label_id)
    return Response(status=204)


def _changed(visit: Visit, label_id: str, *, replace: bool) -> Response:
    visit.mailbox.labels.change(label_id, visit.body, replace=replace)
    return answer(visit, visit.mailbox.labels.resource(label_id))


def _totals(visit: Visit, label_id: str) -> dict[str, int]:
    inside = [message for message in visit.mailbox.messages.values() if label_id in message.labels]
    unread = [message for message in inside if "UNREAD" in message.labels]
    return {
        "messagesTotal": len(inside),
        "messagesUnread": len(unread),
        "threadsTotal": len({message.thread_id for message in inside}),
        "threadsUnread": len({message.thread_id for message in unread}),
    }
