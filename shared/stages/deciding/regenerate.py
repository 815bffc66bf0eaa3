"""Regenerate: writes another text for a draft, as somebody asked, knowing what they have written since.

Called by the regenerate queue, where the model is loaded.
"""

from dataclasses import replace

from shared.domain.conversation import ThreadReading
from shared.domain.draft import Draft, DraftState, Rewriting
from shared.domain.editing import enclosing
from shared.domain.outbox import Outgoing
from shared.domain.run import Run
from shared.domain.work import Work
from shared.ports.agents import DraftWriter, QualityGate, ThreadReader
from shared.ports.errors import Conflict, NotFound, ReconnectNeeded, Transient
from shared.ports.store import Replace
from shared.stages.deciding.case import Case, read_case
from shared.stages.deciding.desk import Desk
from shared.stages.deciding.draft_tasks import writing_id
from shared.stages.deciding.revising import Change, revise
from shared.stages.drafting.draft import voice_of
from shared.stages.drafting.stationery import Stationery
from shared.stages.policy.staff import left_words


def regenerate(
    work: Work,
    *,
    trace_id: str,
    desk: Desk,
    thread_reader: ThreadReader,
    draft_writer: DraftWriter,
    quality_gate: QualityGate,
    stationery: Stationery,
) -> None:
    """`work.id` names a draft. A wish that was fulfilled, or taken back by whoever decided or edited meanwhile, is left alone."""
    case = read_case(work.workspace_id, work.id, store=desk.store, suppressions=desk.suppressions)
    draft = case.draft.entity
    wish = draft.rewriting
    if wish is None or draft.state is not DraftState.PENDING:
        _publish_what_is_left(draft, desk)
        return
    if case.sender is None:
        _give_up(case, desk)
        return
    reading = _read_on(case, thread_reader)
    change = _written(case.having_read(reading) if reading else case, wish, trace_id=trace_id, desk=desk, draft_writer=draft_writer)
    change = replace(change, reading=reading)
    try:
        revise(case, change, desk=desk, quality_gate=quality_gate, stationery=stationery)
    except Conflict:
        raise Transient("the draft has changed while it was written anew: look again") from None


def _read_on(case: Case, thread_reader: ThreadReader) -> ThreadReading | None:
    """The draft's conversation as it is by now, if it has gone on. In another thread of theirs this draft would answer nothing.

    A mailbox that cannot be read keeps nobody from writing: what speaks against approving the text then goes on speaking.
    """
    draft = case.draft.entity
    if not draft.thread_id:
        return None
    try:
        reading = thread_reader.read(operator=case.operator, address=draft.recipient)
    except ReconnectNeeded:
        return None
    if reading is None or reading.thread.id != draft.thread_id or reading.thread.head is None:
        return None
    return None if reading.thread.head.message_id == draft.reply_to_message_id else reading


def _written(case: Case, wish: Rewriting, *, trace_id: str, desk: Desk, draft_writer: DraftWriter) -> Change:
    draft = case.draft.entity
    run = desk.store.get(Run, workspace_id=draft.workspace_id, id=draft.run_id)
    if run is None:
        raise NotFound(f"the run of draft {draft.id} does not exist")
    text, authorship = draft_writer.write(
        workspace=case.workspace,
        run=run.entity,
        context=case.context,
        plan=case.plan,
        voice=voice_of(case.operator, workspace=case.workspace, store=desk.store),
        instruction=wish.instruction,
        attempt=wish.number + 1,
    )
    kept = {one.file_id for one in text.attachments}
    text = enclosing(text, [one for one in draft.text.attachments if one.file and one.file_id in kept])
    return Change("draft.regenerated", text, wish.by, trace_id, authorship=authorship, instruction=wish.instruction)


def _give_up(case: Case, desk: Desk) -> None:
    """Nobody is there any more in whose name it could be written: the wish ends, and the draft says so."""
    draft = case.draft.entity
    told = {"rewriting": None, "state_reason": left_words(draft.operator_id), "updated_at": desk.clock.now()}
    try:
        desk.store.commit(Replace(case.draft, draft.model_copy(update=told)))
    except Conflict:
        raise Transient("the draft has just changed: look again") from None


def _publish_what_is_left(draft: Draft, desk: Desk) -> None:
    """An earlier delivery may have died between commit and publishing."""
    left = desk.store.get(Outgoing, workspace_id=draft.workspace_id, id=writing_id(draft))
    if left is not None:
        desk.outbox.flush(entries=[left.entity])
