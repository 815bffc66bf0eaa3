"""What we have written for a person goes: drafts with all that hangs on them. Called by forgetting.

What has not left is taken back first; what has stays in the ledger, without a text and without a name.
"""

from collections.abc import Sequence

from shared.domain.approval import Approval
from shared.domain.audit import Actor
from shared.domain.draft import Draft, OpenDraft, Revision, open_draft_id
from shared.domain.ids import WorkspaceId
from shared.domain.planning import Rereading
from shared.domain.sends import SEND_TRANSITIONS, WAITING, Send
from shared.ports.store import Key, Remove, Replace, Snapshot, Write
from shared.resilience.contest import until_undisputed
from shared.stages.deciding.desk import Desk
from shared.stages.sending.cancel import NotCancelled, cancel

PAGE = 100


def erase_drafts(address: str, *, workspace_id: WorkspaceId, by: Actor, desk: Desk) -> int:
    """How many drafts are gone; one stays until it is known what became of its mail."""
    gone, last = 0, ""
    while True:
        page = desk.store.list(Draft, workspace_id=workspace_id, where={"recipient": address}, limit=PAGE, after=last)
        for found in page:
            last = found.entity.id
            gone += _nothing_leaves(found.entity, by, desk) and _erased(found.entity, desk)
        if len(page) < PAGE:
            return gone


def _nothing_leaves(draft: Draft, by: Actor, desk: Desk) -> bool:
    """What can be taken back is. False while something is leaving, or nobody knows whether it has."""
    for found in _sends(draft, desk):
        if found.entity.state in WAITING:
            try:
                cancel(draft.workspace_id, found.entity.id, actor=by, desk=desk)
            except NotCancelled:
                return False
    return all(SEND_TRANSITIONS.final(one.entity.state) for one in _sends(draft, desk))


def _erased(draft: Draft, desk: Desk) -> bool:
    return until_undisputed(lambda: _erase(draft, desk))


def _erase(draft: Draft, desk: Desk) -> bool:
    """The earlier texts first, in portions; then the draft with what names it, in one commit that no edit and no approval slips by."""
    store, ws = desk.store, draft.workspace_id
    pointer = open_draft_id(workspace_id=ws, mailbox=draft.mailbox, recipient=draft.recipient, thread_id=draft.thread_id)
    seen, anew, opened = store.read(Key(Draft, ws, draft.id), Key(Rereading, ws, draft.id), Key(OpenDraft, ws, pointer))
    if seen is None:
        return True
    while texts := store.list(Revision, workspace_id=ws, where={"draft_id": draft.id}, limit=PAGE):
        store.commit(*(Remove(one.entity) for one in texts))
    sends = _sends(draft, desk)
    if not all(SEND_TRANSITIONS.final(one.entity.state) for one in sends):
        return False
    writes: list[Write] = [Remove(seen.entity, seen), *([Remove(anew.entity)] if anew else [])]
    writes += [Remove(opened.entity, opened)] if opened is not None and opened.entity.draft_id == draft.id else []
    writes += [Replace(one, one.entity.model_copy(update={"recipient": ""})) for one in sends]
    approvals = store.list(Approval, workspace_id=ws, where={"draft_id": draft.id}, limit=PAGE)
    writes += [Replace(one, one.entity.model_copy(update={"raw": ""})) for one in approvals]
    store.commit(*writes)
    return True


def _sends(draft: Draft, desk: Desk) -> Sequence[Snapshot[Send]]:
    return desk.store.list(Send, workspace_id=draft.workspace_id, where={"draft_id": draft.id}, limit=PAGE)
