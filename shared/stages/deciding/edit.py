"""Edit: an operator puts their own words into a draft. Called by the API, the console and the command line."""

from collections.abc import Sequence

from shared.domain.audit import Actor
from shared.domain.draft import Draft, DraftText
from shared.domain.editing import LONGEST_BODY, LONGEST_SUBJECT, UNPRINTABLE, as_typed, edited, enclosing
from shared.domain.ids import WorkspaceId
from shared.domain.prose import flat
from shared.ports.agents import QualityGate
from shared.ports.errors import Conflict, Rejected
from shared.stages.deciding.case import Case, read_case
from shared.stages.deciding.desk import Desk, changed_meanwhile, check_pending, placed_as
from shared.stages.deciding.enclosing import enclosed
from shared.stages.deciding.revising import Change, revise, sender_of
from shared.stages.drafting.stationery import Stationery


def edit(
    workspace_id: WorkspaceId,
    draft_id: str,
    *,
    subject: str | None = None,
    body: str | None = None,
    revision: int,
    files: Sequence[str] | None = None,
    actor: Actor,
    trace_id: str,
    desk: Desk,
    quality_gate: QualityGate,
    stationery: Stationery,
) -> Draft:
    """The draft as stored, with the gate's verdict on the new text; as it was when nothing has changed.

    `revision` is the one they edited: Conflict when it is no longer the present one. `files` are all documents that go along as files, as
    they are now. None leaves a part as it is; one must be named. NotFound; Rejected, naming the field, for what is no mail; NotEnclosed.
    """
    case = read_case(workspace_id, draft_id, store=desk.store, suppressions=desk.suppressions)
    draft = case.draft.entity
    check_pending(draft)
    placed_as(draft)
    if draft.revision != revision:
        raise Conflict(changed_meanwhile(draft))
    text = draft.text if subject is None and body is None and files is not None else _text(draft, subject=subject, body=body)
    text = text if files is None else enclosing(text, enclosed(files, case, desk=desk))
    if text == draft.text and _stands(case, desk, stationery):
        return draft
    return revise(case, Change("draft.edited", text, actor, trace_id), desk=desk, quality_gate=quality_gate, stationery=stationery)


def _stands(case: Case, desk: Desk, stationery: Stationery) -> bool:
    """Whether sender and surroundings are what they would be now."""
    draft = case.draft.entity
    return sender_of(case, desk) == draft.sender and case.around(draft, stationery) == draft


def _text(draft: Draft, *, subject: str | None, body: str | None) -> DraftText:
    if subject is None and body is None:
        raise Rejected("say what to change: subject, body, files", field="body")
    subject = draft.text.subject if subject is None else subject
    body = draft.text.body if body is None else body
    for field, value, longest in (("subject", subject, LONGEST_SUBJECT), ("body", body, LONGEST_BODY)):
        if len(value) > longest:
            raise Rejected(f"{field}: at most {longest} characters", field=field)
        unseen = UNPRINTABLE.search(as_typed(value))
        if unseen:
            raise Rejected(f"{field}: contains U+{ord(unseen[0]):04X}, a character that cannot be printed: remove it", field=field)
        if not as_typed(value):
            raise Rejected(f"{field}: should say something", field=field)
    if draft.thread_id and flat(subject) != flat(draft.text.subject):
        raise Rejected("subject: an answer keeps the subject of its conversation, or it would leave it", field="subject")
    return edited(draft.text, subject=subject, body=body)
