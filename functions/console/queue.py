"""The approval queue: a list in five views, and one draft with everything its decision rests on."""

from collections.abc import Mapping
from typing import Any

from functions.console import letter, wording
from functions.console.rendering import rendered
from functions.console.telling import Told, told_of
from functions.console.visits import HERE, PageRoute, Visit, see_other
from shared.domain.draft import Draft, DraftState, Revision, revision_id_for
from shared.domain.ids import WorkspaceId
from shared.domain.policy import Rules
from shared.domain.sends import Send
from shared.ports.requests import Page
from shared.stages.connecting.looking import standing_of
from shared.stages.deciding.approving import fingerprint_shown, objections
from shared.stages.deciding.case import Case, read_case
from shared.stages.reading.engagements import engagement_with
from shared.stages.reading.queue import MOST, Queue, View, queue, tag_of
from shared.wiring import ports

VIEWS = {
    View.DECIDE: ("To decide", "inbox", "Nothing waits for you", "New drafts come up here by themselves."),
    View.SENDING: ("Sending", "send", "Nothing is on its way", "What you approve is shown here until it has left."),
    View.PARKED: ("Parked", "parked", "Nothing is parked", "A send of which nobody can tell whether it left waits here for you."),
    View.SNOOZED: ("Snoozed", "clock", "Nothing is snoozed", "What you put off is shown here until it comes back."),
    View.TODAY: ("Decided today", "done", "Nothing decided yet today", "Your decisions of today are listed here."),
}

UNSENT = (DraftState.PENDING, DraftState.APPROVED)
"""Of these the page says how they stand with the law."""


def _home(_: Visit) -> Page:
    return see_other(f"{HERE}/queue")


def _queue(visit: Visit) -> Page:
    """The list with the first of its drafts beside it."""
    return whole(visit, "", page="list")


def _live(visit: Visit) -> Page:
    """The list alone, for polling: 304 while nothing can look different."""
    tag = f'"{_tag(visit)}"'
    if visit.incoming.headers.get("if-none-match") == tag:
        return Page(status=304, headers={"ETag": tag})
    body = rendered("live.html", **_listed(visit, _shown(visit)), swapped=True)
    return Page(body, headers={"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Cookie"})


def _draft(visit: Visit) -> Page:
    return whole(visit, visit.parts["id"])


def _panel(visit: Visit) -> Page:
    return Page(panel(visit, visit.parts["id"], changed=visit.incoming.query.get("changes") == "1"))


def whole(visit: Visit, draft_id: str, *, editing: bool = False, words: str = "", page: str = "draft") -> Page:
    """List and draft; no draft id stands for the first of the list."""
    shown = _shown(visit)
    selected = draft_id or next((one.draft.id for one in shown.rows), "")
    changed = visit.incoming.query.get("changes") == "1"
    draft = panel(visit, selected, editing=editing, changed=changed) if selected else ""
    told = Told(words, "") if words else told_of(visit)
    given = {"page": page, "selected": selected, "panel": draft, "told": told, "tag": _tag(visit), "swapped": False}
    who = visit.visitor
    mailbox = standing_of(who.workspace, who.operator, store=ports.store)
    return Page(rendered("queue.html", **_listed(visit, shown), **given, mailbox=mailbox), nonce=visit.nonce)


def _tag(visit: Visit) -> str:
    """What the list looks like depends on who looks and at what, too."""
    query = visit.incoming.query
    own = f"{visit.visitor.operator.id}-{visit.view}-{len(query.get('q', ''))}"
    return f"{own}-{tag_of(visit.visitor.workspace_id, store=ports.store, clock=ports.clock)}"


def _shown(visit: Visit) -> Queue:
    who = visit.visitor
    return queue(who.workspace_id, visit.view, zone=who.zone, store=ports.store, clock=ports.clock)


def _listed(visit: Visit, shown: Queue) -> Mapping[str, Any]:
    """What the list, the views and the mode are drawn from."""
    who = visit.visitor
    rules: Rules = shown.policy.rules
    return {
        "visit": visit,
        "shown": shown,
        "views": VIEWS,
        "most": MOST,
        "rules": rules,
        "mode": wording.mode_words(rules, who.operator.id),
        "fingerprints": _fingerprints(visit, shown) if shown.view is View.DECIDE else {},
        "wanted": visit.incoming.query.get("q", "").strip().lower(),
    }


def _fingerprints(visit: Visit, shown: Queue) -> Mapping[str, str]:
    """Of what a row shows and of what stands behind it: whoever approves from the list approves exactly that."""
    names = {one.id: one.name for one in visit.visitor.workspace.operators}
    return {one.draft.id: fingerprint_shown(one.draft, names.get(one.draft.operator_id, "")) for one in shown.rows}


def panel(visit: Visit, draft_id: str, *, editing: bool = False, changed: bool = False) -> str:
    """One draft as HTML: as it is read, as it is edited, or with what its last change was. Raises NotFound."""
    who = visit.visitor
    case = read_case(who.workspace_id, draft_id, store=ports.store, suppressions=ports.suppressions)
    draft = case.draft.entity
    shown = fingerprint_shown(draft, case.sender.name if case.sender else "")
    pending = draft.state is DraftState.PENDING
    return rendered(
        "panel.html",
        visit=visit,
        case=case,
        draft=draft,
        view=visit.view,
        editing=editing and pending,
        changes=_changes(draft) if changed else None,
        fingerprint=shown,
        blocks=letter.blocks(draft),
        evidence=letter.cited(draft).values(),
        mode=wording.mode_words(case.policy.rules, draft.operator_id),
        sends=case.policy.rules.sends_for(draft.operator_id),
        objections=_objections(case, shown) if pending else [],
        ground=case.ground(now=ports.clock.now()) if draft.state in UNSENT else None,
        send=None if pending else latest_send(who.workspace_id, draft_id),
        engagement=None if pending else engagement_with(draft, store=ports.store),
    )


def _objections(case: Case, shown: str) -> list[str]:
    """Those of the gate stand beside the draft already."""
    return [
        one for one in objections(case, shown, production=ports.desk.production, now=ports.clock.now()) if not one.startswith("the gate: ")
    ]


def _changes(draft: Draft) -> tuple[list[letter.Change], list[letter.Change]] | None:
    """Of subject and body, against the revision before; None for a first text."""
    before = ports.store.get(Revision, workspace_id=draft.workspace_id, id=revision_id_for(draft.id, number=draft.revision - 1))
    if before is None:
        return None
    old, new = before.entity.text, draft.text
    return letter.changes(old.subject, new.subject), letter.changes(old.body.strip(), new.body.strip())


def latest_send(workspace_id: WorkspaceId, draft_id: str) -> Send | None:
    found = ports.store.list(Send, workspace_id=workspace_id, where={"draft_id": draft_id}, limit=MOST)
    return max((one.entity for one in found), key=lambda one: one.created_at, default=None)


ROUTES = (
    PageRoute("GET", "", _home),
    PageRoute("GET", "queue", _queue),
    PageRoute("GET", "queue/live", _live),
    PageRoute("GET", "drafts/{id}", _draft),
    PageRoute("GET", "drafts/{id}/panel", _panel),
)
