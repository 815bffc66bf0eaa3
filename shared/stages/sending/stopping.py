"""After somebody was suppressed: mails that wait to leave to them do not leave, and open drafts are ended. Called by tend_sends.

Whoever suppressed them, and whether them, their domain or their company. The suppression alone keeps everything from leaving;
this is for the operators, who see at once what it has ended.
"""

from collections.abc import Iterator, Mapping, Sequence

from shared.domain.approval import Approval
from shared.domain.audit import by_stage
from shared.domain.draft import Draft, DraftState, moved
from shared.domain.ids import WorkspaceId
from shared.domain.people import Identity
from shared.domain.run import Run
from shared.domain.sends import WAITING, Send, SendState
from shared.domain.suppression import STOP
from shared.domain.work import Work
from shared.ports.errors import Busy, Conflict, NotFound
from shared.ports.store import Replace, Snapshot
from shared.stages.audit.trail import Noted
from shared.stages.deciding.case import read_case
from shared.stages.deciding.desk import Desk, drafted
from shared.stages.sending.ending import End, Ending, end_send

BY = by_stage("unsubscribe")
PAGE = 100
OPEN = (DraftState.PENDING, DraftState.APPROVED)


def is_stop(work: Work) -> bool:
    return work.id.startswith(STOP)


def after_stop(work: Work, *, desk: Desk) -> int:
    """How many drafts were ended: all to whom nobody may write now, whichever record `work.id` names.

    Busy, after all the others, when one is leaving or not judged yet.
    """
    suppressed = [found for state in OPEN for found in _suppressed(state, work.workspace_id, desk)]
    ended = [_ended(draft, reason, desk) for draft, reason in suppressed]
    if not all(ended):
        raise Busy("a mail to them is leaving at this moment, or a draft has just changed: look again")
    return len(ended)


def _suppressed(state: DraftState, workspace_id: WorkspaceId, desk: Desk) -> Iterator[tuple[Draft, str]]:
    """With why. Everybody open is looked up: a look-up by name would miss another address of theirs, and whole companies."""
    last = ""
    while True:
        page = desk.store.list(Draft, workspace_id=workspace_id, where={"state": state.value}, limit=PAGE, after=last)
        yield from _among([one.entity for one in page], workspace_id, desk) if page else ()
        if len(page) < PAGE:
            return
        last = page[-1].entity.id


def _among(drafts: Sequence[Draft], workspace_id: WorkspaceId, desk: Desk) -> Iterator[tuple[Draft, str]]:
    """Whom they are meant for, not who gets a copy: one in copy keeps a mail from leaving, and an operator may take them out."""
    runs = desk.store.get_many(Run, workspace_id=workspace_id, ids=sorted({one.run_id for one in drafts}))
    about = [desk.suppressions.keys_about(_identity(one, runs), (one.recipient,), workspace_id=workspace_id) for one in drafts]
    keys = list(dict.fromkeys(key for of_one in about for key in of_one))
    found = dict(zip(keys, desk.store.read(*keys), strict=True))
    for draft, of_one in zip(drafts, about, strict=True):
        reason = desk.suppressions.why_not([found[key] for key in of_one])
        if reason:
            yield draft, reason


def _identity(draft: Draft, runs: Mapping[str, Snapshot[Run]]) -> Identity | None:
    run = runs.get(draft.run_id)
    context = run.entity.context if run else None
    return context.identity if context else None


def _ended(draft: Draft, reason: str, desk: Desk) -> bool:
    """False: it has to be looked at again."""
    try:
        return _taken_back(draft, reason, desk) and _closed(draft, reason, desk)
    except (Busy, Conflict):
        return False
    except NotFound:  # forgotten meanwhile, or a draft without its run: nothing can leave
        return True


def _taken_back(draft: Draft, reason: str, desk: Desk) -> bool:
    """Whether nothing of it is leaving. One of which nobody knows whether it left waits for a person, as before."""
    sends = desk.store.list(Send, workspace_id=draft.workspace_id, where={"draft_id": draft.id}, limit=PAGE)
    for found in sends:
        if found.entity.state in WAITING:
            _void(found, reason, desk)
    return not any(one.entity.state is SendState.CLAIMED for one in sends)


def _void(found: Snapshot[Send], reason: str, desk: Desk) -> None:
    entry = found.entity
    approval = desk.store.get(Approval, workspace_id=entry.workspace_id, id=entry.approval_id)
    if approval is None:
        raise NotFound(f"the approval of send {entry.id} does not exist")
    case = read_case(entry.workspace_id, entry.draft_id, store=desk.store, suppressions=desk.suppressions)
    end_send(found, approval, case, Ending(End.VOIDED, reason, "suppression"), by=BY, desk=desk)


def _closed(draft: Draft, reason: str, desk: Desk) -> bool:
    """With the reason, for the operator. What stands in Gmail stays there, as after any rejection."""
    seen = drafted(draft.workspace_id, draft.id, store=desk.store)
    if seen.entity.verdict is None and seen.entity.state is DraftState.PENDING:
        return False  # the gate has it in hand: it refuses by itself what it begins to judge from now on
    if seen.entity.state not in OPEN or _is_gone(seen.entity, desk):
        return True
    now, pending = desk.clock.now(), seen.entity.state is DraftState.PENDING
    state = DraftState.REJECTED if pending else DraftState.EXPIRED
    decided: dict[str, object] = {"decided_by": BY, "decided_at": now, "snoozed_until": None, "rewriting": None}
    ended = moved(seen.entity, state, reason=reason, at=now).model_copy(update=decided)
    told = Noted(action=f"draft.{state}", draft=ended, reason=reason, evidence=("suppression",))
    desk.store.commit(Replace(seen, ended), *desk.audit.writes(told, by=BY, workspace_id=draft.workspace_id))
    return True


def _is_gone(draft: Draft, desk: Desk) -> bool:
    """Approved, and its mail has left or may have: what became of it is for the send, or a person, to say."""
    if draft.state is not DraftState.APPROVED:
        return False
    sends = desk.store.list(Send, workspace_id=draft.workspace_id, where={"draft_id": draft.id}, limit=PAGE)
    return any(one.entity.state in (SendState.PARKED, SendState.SENT, SendState.SETTLED) for one in sends)
