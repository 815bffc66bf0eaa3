"""What can be read of drafts, and everything an operator does with them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from functions.api.routing import PAGE, Call, Route, cursor_of, limit_of, state_in, state_of, yes, yes_of
from shared.domain.draft import Draft, DraftState
from shared.domain.editing import LONGEST_BODY, LONGEST_SUBJECT
from shared.domain.instruction import LONGEST_INSTRUCTION
from shared.domain.rejection import LONGEST_NOTE, RejectionReason
from shared.domain.roles import Role
from shared.domain.work import DOCUMENT_ID
from shared.ports.errors import Rejected
from shared.ports.requests import Reply
from shared.stages.deciding.approving import Approved, approve
from shared.stages.deciding.approving_many import MOST, Outcome, Wanted, approve_many
from shared.stages.deciding.ask_anew import ask_anew
from shared.stages.deciding.edit import edit
from shared.stages.deciding.enclosing import MOST_FILES
from shared.stages.deciding.objecting import object_to
from shared.stages.deciding.reject import reject
from shared.stages.deciding.snooze import snooze
from shared.stages.deciding.undo import HasASend, undo
from shared.stages.reading import drafts_and_sends
from shared.stages.sending.cancel import cancel
from shared.wiring import ports

Fingerprint = Annotated[str, Field(min_length=1, max_length=64)]


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Approving(Body):
    """`fingerprint` as GET drafts/{id} gave it: what was seen is what leaves."""

    fingerprint: Fingerprint


class Named(Approving):
    id: Annotated[str, StringConstraints(pattern=DOCUMENT_ID)]


class ApprovingMany(Body):
    drafts: tuple[Named, ...] = Field(min_length=1, max_length=MOST)


class Editing(Body):
    """`revision` is the one that was edited; what is left out stays as it is.

    `files` are the ids of all documents that go along as files, of those in the mail or found for it; the others are links.
    """

    revision: int = Field(ge=1)
    subject: str | None = Field(None, max_length=LONGEST_SUBJECT)
    body: str | None = Field(None, max_length=LONGEST_BODY)
    files: tuple[Annotated[str, Field(max_length=200)], ...] | None = Field(None, max_length=MOST_FILES)


class Rejecting(Body):
    reason: RejectionReason
    note: str = Field("", max_length=LONGEST_NOTE)


class Asking(Body):
    instruction: str = Field("", max_length=LONGEST_INSTRUCTION)


class Snoozing(Body):
    """A preset, or an ISO moment."""

    until: str = Field(min_length=1, max_length=64)


def _listed(call: Call) -> Reply:
    page = drafts_and_sends.drafts(
        workspace_id=call.workspace_id,
        store=ports.store,
        now=ports.clock.now(),
        limit=limit_of(call.query),
        after=cursor_of(call.query),
        canaries=yes_of(call.query, "canaries"),
        state=state_of(call.query, DraftState),
        snoozed=yes_of(call.query, "snoozed"),
    )
    return Reply({"items": list(page.items), "next": page.next})


def _shown(call: Call) -> Reply:
    return Reply(drafts_and_sends.draft(workspace_id=call.workspace_id, id=call.parts["id"], store=ports.store, now=ports.clock.now()))


def _earlier(call: Call) -> Reply:
    number = call.parts["number"]
    if not (number.isdecimal() and number.isascii()) or len(number) > 6:
        raise Rejected("number: should be a revision's", field="number")
    return Reply(drafts_and_sends.revision(workspace_id=call.workspace_id, id=call.parts["id"], number=int(number), store=ports.store))


def _approve(call: Call) -> Reply:
    asked: Approving = call.body
    approved = approve(
        call.workspace_id,
        call.parts["id"],
        fingerprint=asked.fingerprint,
        actor=call.actor,
        trace_id=call.trace_id,
        desk=ports.desk,
    )
    return Reply({"id": call.parts["id"], **_approved(approved)})


def _approve_many(call: Call) -> Reply:
    asked: ApprovingMany = call.body
    wanted = [Wanted(one.id, one.fingerprint) for one in asked.drafts]
    outcomes = approve_many(call.workspace_id, wanted, actor=call.actor, trace_id=call.trace_id, desk=ports.desk)
    return Reply({"items": [_outcome(one) for one in outcomes]})


def _outcome(one: Outcome) -> dict[str, object]:
    told: dict[str, object] = {"id": one.draft_id, "approved": one.approved is not None, "reasons": list(one.reasons)}
    return told | (_approved(one.approved) if one.approved else {})


def _approved(approved: Approved) -> dict[str, object]:
    """Without the mail itself. `send_id` is null where the operator sends from Gmail, and so are the moment and the seconds until then."""
    told: dict[str, object] = {"state": DraftState.APPROVED, "approval_id": approved.approval.id}
    send = approved.send
    if send is None:
        return told | {"send_id": None, "due_at": None, "due_in_s": None}
    seconds = max(0, round((send.due_at - ports.clock.now()).total_seconds()))
    return told | {"send_id": send.id, "due_at": send.due_at.isoformat(), "due_in_s": seconds}


def _edit(call: Call) -> Reply:
    asked: Editing = call.body
    return _as_shown(
        call,
        edit(
            call.workspace_id,
            call.parts["id"],
            subject=asked.subject,
            body=asked.body,
            revision=asked.revision,
            files=asked.files,
            actor=call.actor,
            trace_id=call.trace_id,
            desk=ports.desk,
            quality_gate=ports.quality_gate,
            stationery=ports.stationery,
        ),
    )


def _reject(call: Call) -> Reply:
    asked: Rejecting = call.body
    return _as_shown(
        call, reject(call.workspace_id, call.parts["id"], reason=asked.reason, note=asked.note, actor=call.actor, desk=ports.desk)
    )


def _regenerate(call: Call) -> Reply:
    asked: Asking = call.body
    id, instruction = call.parts["id"], asked.instruction
    draft = ask_anew(call.workspace_id, id, instruction=instruction, actor=call.actor, trace_id=call.trace_id, desk=ports.desk)
    return Reply({"id": draft.id, "state": draft.state, "revision": draft.revision}, status=202)


def _snooze(call: Call) -> Reply:
    asked: Snoozing = call.body
    return _as_shown(call, snooze(call.workspace_id, call.parts["id"], until=asked.until, actor=call.actor, desk=ports.desk))


def _undo(call: Call) -> Reply:
    """An approval that has made a send is taken back with it."""
    try:
        undo(call.workspace_id, call.parts["id"], actor=call.actor, desk=ports.desk)
    except HasASend as error:
        cancel(call.workspace_id, error.send.id, actor=call.actor, desk=ports.desk)
    return _shown(call)


def _object(call: Call) -> Reply:
    return _as_shown(call, object_to(call.workspace_id, call.parts["id"], actor=call.actor, desk=ports.desk))


def _as_shown(call: Call, draft: Draft) -> Reply:
    """As GET drafts/{id} shows it now."""
    return Reply(drafts_and_sends.draft(workspace_id=call.workspace_id, id=draft.id, store=ports.store, now=ports.clock.now()))


FILTERS = (*PAGE, state_in(DraftState), yes("snoozed", "Snoozed ones too"), yes("canaries", "Those of canaries instead"))

ROUTES = (
    Route("GET", "drafts", _listed, "Drafts, the newest first; snoozed ones when asked for", answer="Drafts", query=FILTERS),
    Route("GET", "drafts/{id}", _shown, "A draft with everything a decision rests on, and its fingerprint", answer="Draft"),
    Route("GET", "drafts/{id}/revisions/{number}", _earlier, "What a draft said before it was changed", answer="Revision"),
    Route("POST", "drafts/approvals", _approve_many, "Approve exactly these, as they were seen", Role.OPERATOR, ApprovingMany, "Approvals"),
    Route("POST", "drafts/{id}/approve", _approve, "Let what was seen leave", Role.OPERATOR, Approving, "Approved"),
    Route("POST", "drafts/{id}/edit", _edit, "Put one's own words into it, or documents", Role.OPERATOR, Editing, "Draft"),
    Route("POST", "drafts/{id}/reject", _reject, "Want nothing of it", Role.OPERATOR, Rejecting, "Draft"),
    Route("POST", "drafts/{id}/regenerate", _regenerate, "Have it written anew", Role.OPERATOR, Asking, "AskedAnew", status=202),
    Route("POST", "drafts/{id}/snooze", _snooze, "See it again later", Role.OPERATOR, Snoozing, "Draft"),
    Route(
        "POST", "drafts/{id}/undo", _undo, "Take an approval back, and the send it made if that has not left", Role.OPERATOR, answer="Draft"
    ),
    Route("POST", "drafts/{id}/object", _object, "Say that a rule should not have let it leave", Role.OPERATOR, answer="Draft"),
)
