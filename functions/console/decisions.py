"""What an operator decides about a draft: each action a form that also works without a script, and answers scripts in a few words."""

import json
from collections.abc import Callable, Sequence

from functions.console.queue import latest_send
from functions.console.telling import TOLD, told_address
from functions.console.visits import HERE, PageRoute, Visit, see_other
from functions.console.wording import moment
from shared.domain.rejection import RejectionReason
from shared.ports.errors import NotFound, Rejected
from shared.ports.requests import Page
from shared.stages.deciding.approving import approve
from shared.stages.deciding.ask_anew import ask_anew
from shared.stages.deciding.objecting import object_to
from shared.stages.deciding.reject import reject
from shared.stages.deciding.snooze import snooze
from shared.stages.deciding.undo import HasASend, undo
from shared.stages.sending.cancel import cancel
from shared.stages.sending.resolve_send import Word, resolve_send
from shared.wiring import ports

SOON_S = 90


def _approve(visit: Visit) -> Page:
    who, id = visit.visitor, visit.parts["id"]
    approved = approve(
        who.workspace_id, id, fingerprint=visit.field("fingerprint"), actor=who.actor, trace_id=visit.trace_id, desk=ports.desk
    )
    if approved.send is None:
        return decided(visit, "approved", undo=[id])
    seconds = max(0, round((approved.send.due_at - visit.now).total_seconds()))
    words = f"Approved. It leaves in {seconds} s." if seconds < SOON_S else f"Approved. It leaves {moment(approved.send.due_at, who.zone)}."
    return decided(visit, "leaves", words, undo=[id])


def _undo(visit: Visit) -> Page:
    """An approval that has become a send is taken back by cancelling that, as long as nothing has left."""
    who, id = visit.visitor, visit.parts["id"]
    try:
        undo(who.workspace_id, id, actor=who.actor, desk=ports.desk)
    except HasASend as error:
        cancel(who.workspace_id, error.send.id, actor=who.actor, desk=ports.desk)
    return decided(visit, "undone")


def _resolve(visit: Visit) -> Page:
    """The mailbox is asked first; the operator's word decides what it cannot tell."""
    who, word = visit.visitor, visit.field("word")
    send = latest_send(who.workspace_id, visit.parts["id"])
    if send is None or (word and word not in set(Word)):
        raise NotFound("there is no such send")
    resolved = resolve_send(who.workspace_id, send.id, word=Word(word) if word else None, actor=who.actor, desk=ports.desk)
    return decided(visit, "resolved", f"{TOLD['resolved']} {resolved.reason[:1].upper() + resolved.reason[1:]}.")


def _object(visit: Visit) -> Page:
    object_to(visit.visitor.workspace_id, visit.parts["id"], actor=visit.visitor.actor, desk=ports.desk)
    return decided(visit, "objected")


def _wake(visit: Visit) -> Page:
    who = visit.visitor
    snooze(who.workspace_id, visit.parts["id"], until="now", actor=who.actor, desk=ports.desk)
    return decided(visit, "woken")


def _reject(visit: Visit) -> Page:
    who, given = visit.visitor, visit.field("reason")
    if given not in set(RejectionReason):
        raise Rejected("reason: should be one of the reasons shown", field="reason")
    reason = RejectionReason(given)
    reject(who.workspace_id, visit.parts["id"], reason=reason, note=visit.field("note"), actor=who.actor, desk=ports.desk)
    return decided(visit, "rejected")


def _snooze(visit: Visit) -> Page:
    who, id = visit.visitor, visit.parts["id"]
    snoozed = snooze(who.workspace_id, id, until=visit.field("until"), actor=who.actor, desk=ports.desk)
    words = f"Snoozed until {moment(snoozed.snoozed_until, who.zone)}." if snoozed.snoozed_until else TOLD["woken"]
    return decided(visit, "snoozed", words, undo=[id], back="wake")


def _regenerate(visit: Visit) -> Page:
    who, id = visit.visitor, visit.parts["id"]
    ask_anew(who.workspace_id, id, instruction=visit.field("instruction"), actor=who.actor, trace_id=visit.trace_id, desk=ports.desk)
    return decided(visit, "asked")


def decided(visit: Visit, told: str, words: str = "", *, undo: Sequence[str] = (), back: str = "undo") -> Page:
    """Words for the page's script, with the addresses that take it back; without a script, back to the list."""
    if visit.by_script:
        answer = {"told": words or TOLD[told], "undo": [f"{HERE}/drafts/{id}/{back}" for id in undo]}
        return Page(json.dumps(answer), headers={"Content-Type": "application/json"})
    return see_other(told_address(visit, told, undo=undo, back=back))


def _action(name: str, handler: Callable[[Visit], Page]) -> PageRoute:
    return PageRoute("POST", f"drafts/{{id}}/{name}", handler)


ROUTES = (
    _action("approve", _approve),
    _action("undo", _undo),
    _action("object", _object),
    _action("reject", _reject),
    _action("snooze", _snooze),
    _action("wake", _wake),
    _action("resolve", _resolve),
    _action("regenerate", _regenerate),
)
