"""A draft's next text: judged, stored beside the one before, and owed to Gmail if the gate lets it. Used by edit and regenerate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.audit import Actor
from shared.domain.conversation import ThreadReading
from shared.domain.draft import Authorship, Draft, DraftText, Revision, revision_id_for
from shared.domain.editing import percent_changed
from shared.domain.outbox import Outgoing
from shared.domain.planning import Rereading
from shared.domain.sender import Sender
from shared.domain.verdict import Outcome
from shared.ports.agents import QualityGate
from shared.ports.errors import Conflict
from shared.ports.store import Create, Put, Replace, Snapshot, Write
from shared.stages.audit.trail import Noted
from shared.stages.deciding.case import Case
from shared.stages.deciding.desk import Desk, who_was_faster
from shared.stages.deciding.draft_tasks import owed_writing
from shared.stages.deciding.judging import judge
from shared.stages.drafting.senders import next_sender
from shared.stages.drafting.stationery import Stationery


@dataclass(frozen=True)
class Change:
    """Another text, whose it is and why it came about."""

    action: str  # of the audit entry
    text: DraftText
    by: Actor
    trace_id: str
    authorship: Authorship | None = None  # None: as before
    instruction: str | None = None  # None: as before
    reading: ThreadReading | None = None  # the conversation as this text knows it; None: as before


def revise(case: Case, change: Change, *, desk: Desk, quality_gate: QualityGate, stationery: Stationery) -> Draft:
    """The draft as stored, also with a failed verdict: it can be changed again, but not approved. Conflict tells who was faster."""
    before, now = case.draft, desk.clock.now()
    case = case.having_read(change.reading) if change.reading else case
    written = _written(before.entity, change, now).model_copy(update={"sender": sender_of(case, desk)})
    kept: list[Write] = [Create(_kept(before)), *([_reread(written, change.reading)] if change.reading else [])]
    if change.reading:
        written = written.model_copy(update=_answering(case, change.reading))
    written = case.around(written, stationery)
    revised = written.model_copy(update={"verdict": judge(case, written, quality_gate=quality_gate, desk=desk)})
    owed = owed_to_gmail(revised, trace_id=change.trace_id, at=now)
    told = Noted(action=change.action, draft=revised, policy_version=case.policy.version, evidence=_evidence(before.entity, revised))
    entries = desk.audit.writes(told, by=change.by, workspace_id=revised.workspace_id)
    try:
        desk.store.commit(Replace(before, revised), *kept, *(Create(one) for one in owed), *entries)
    except Conflict:
        raise Conflict(who_was_faster(before.entity, store=desk.store)) from None
    desk.outbox.flush(entries=owed)
    return revised


def sender_of(case: Case, desk: Desk) -> Sender | None:
    """Whom the next text is from."""
    return next_sender(case.draft.entity, case.operator, desk.mailbox(case.operator))


def owed_to_gmail(draft: Draft, *, trace_id: str, at: datetime) -> Sequence[Outgoing]:
    """What the gate refuses never reaches Gmail, nor does what never stood there."""
    passes = draft.verdict is not None and draft.verdict.outcome is not Outcome.FAIL
    return [owed_writing(draft, trace_id=trace_id, at=at)] if passes and draft.placement is not None else []


def _written(draft: Draft, change: Change, now: datetime) -> Draft:
    return draft.model_copy(
        update={
            "text": change.text,
            "authorship": change.authorship or draft.authorship,
            "instruction": draft.instruction if change.instruction is None else change.instruction,
            "verdict": None,
            "revision": draft.revision + 1,
            "revised_by": change.by,
            "revised_at": now,
            "rewriting": None,
            "times_in_doubt": tuple(one for one in draft.times_in_doubt if one in change.text.body),
            "updated_at": now,
        }
    )


def _answering(case: Case, reading: ThreadReading) -> dict[str, object]:
    """What the new text stands behind in its thread, what it may cite, and the newest mail of theirs that it knows."""
    head = reading.thread.head
    return {
        "reply_to_message_id": head.message_id if head else "",
        "references": (*head.references, head.message_id) if head else (),
        "evidence": case.context.evidence,
        "answers": reading.thread.newest_from(case.addresses),
    }


def _reread(draft: Draft, reading: ThreadReading) -> Put:
    return Put(Rereading(id=draft.id, workspace_id=draft.workspace_id, reading=reading))


def _kept(before: Snapshot[Draft]) -> Revision:
    draft = before.entity
    return Revision(
        id=revision_id_for(draft.id, number=draft.revision),
        workspace_id=draft.workspace_id,
        draft_id=draft.id,
        number=draft.revision,
        text=draft.text,
        authorship=draft.authorship,
        verdict=draft.verdict,
        by=draft.revised_by,
        at=draft.revised_at or draft.created_at,
    )


def _evidence(before: Draft, draft: Draft) -> tuple[str, ...]:
    verdict, share = draft.verdict, percent_changed(before.text, draft.text)
    failed = [one.check for one in verdict.violations if one.outcome is Outcome.FAIL] if verdict else []
    return (f"revision:{draft.revision}", f"changed:{share}", *dict.fromkeys(failed))
