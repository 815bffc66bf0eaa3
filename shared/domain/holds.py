"""Tentative holds in the operator's calendar on the times a draft offers: what they are, what may become of them, and when they end."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.draft import Draft, DraftState
from shared.domain.entity import Entity, Value
from shared.domain.ids import DraftId, OperatorId, RunId, WorkspaceId, derived_id
from shared.domain.lease import Lease
from shared.domain.slots import Slot
from shared.domain.transitions import Transitions


class HoldState(StrEnum):
    WANTED = "wanted"
    HELD = "held"
    RELEASED = "released"
    FAILED = "failed"
    TAKEN_OVER = "taken_over"  # a person has made it their own: nobody else may touch it


HOLD_TRANSITIONS = Transitions[HoldState](
    {
        HoldState.WANTED: frozenset({HoldState.HELD, HoldState.FAILED, HoldState.RELEASED, HoldState.TAKEN_OVER}),
        HoldState.HELD: frozenset({HoldState.RELEASED, HoldState.TAKEN_OVER}),
    }
)

OPEN = (HoldState.WANTED, HoldState.HELD)
STANDING = frozenset({DraftState.PENDING, DraftState.APPROVED, DraftState.EDITED_OUTSIDE, DraftState.SENT, DraftState.SENT_BY_OPERATOR})
"""A draft in one of these may still lead to the call it offers."""
MOST_FENCES = 16
"""How often one half hour can be held and given back before nobody tries any more."""
LONGEST_NAME = 80
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")


class Hold(Entity):
    """`holds/{id}`: one offered time of one draft."""

    collection: ClassVar[str] = "holds"

    draft_id: DraftId
    run_id: RunId
    operator_id: OperatorId
    recipient: str
    recipient_name: str = ""
    start: datetime  # aware, UTC
    end: datetime
    spoken: str  # as the mail says it
    state: HoldState = HoldState.WANTED
    reason: str = ""  # why it ended
    event_id: str = ""  # of the event that holds it; empty until it is held
    expires_at: datetime
    lease: Lease | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def party(self) -> str:
        return party_of(self.workspace_id, self.recipient)

    @property
    def summary(self) -> str:
        """What the operator reads in the calendar. The name is a stranger's text: one line, not long."""
        name = " ".join(_UNPRINTABLE.sub(" ", self.recipient_name).split())[:LONGEST_NAME]
        return f"Held for {name or self.recipient} (offered by mail)"


class FoundHold(Value):
    """An event of ours as it stands in the calendar. `etag` is the calendar's own version of it."""

    event_id: str
    etag: str
    hold_id: str
    party: str
    start: datetime | None = None  # None when it was deleted
    end: datetime | None = None
    cancelled: bool = False
    touched: bool = False  # renamed, moved, accepted, invited to: a person's work

    def covers(self, start: datetime, end: datetime) -> bool:
        return self.start is not None and self.end is not None and self.start < end and start < self.end


def party_of(workspace_id: WorkspaceId, recipient: str) -> str:
    """Whom a hold is for, without saying it: what is held for somebody does not stand in their own way."""
    return derived_id("hold_party", workspace_id, recipient.strip().lower())


def event_id_of(start: datetime, *, fence: int) -> str:
    """The id of the event that holds this half hour (base32hex). All who want it try the same id: the calendar lets one of them in."""
    return "hold" + derived_id("hold_event", _stamp(start), str(fence))


def offered(draft: Draft, slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """The slots that a sentence of the draft speaks of."""
    cited = {source for sentence in draft.text.sentences for source in sentence.sources}
    return tuple(one for one in slots if one.evidence.id in cited)


def wanted(slot: Slot, *, draft: Draft, now: datetime) -> Hold:
    """Until it begins: the soonest time is offered with no more than the operator's notice, and may be accepted in that time."""
    return Hold(
        id="hold_" + derived_id("hold", draft.workspace_id, draft.id, _stamp(slot.start)),
        workspace_id=draft.workspace_id,
        draft_id=DraftId(draft.id),
        run_id=draft.run_id,
        operator_id=draft.operator_id,
        recipient=draft.recipient,
        recipient_name=draft.recipient_name,
        start=slot.start,
        end=slot.end,
        spoken=slot.spoken,
        expires_at=slot.start,
        created_at=now,
        updated_at=now,
    )


def ended(hold: Hold, target: HoldState, *, reason: str, at: datetime) -> Hold:
    """The hold in its next state, without lease; IllegalTransition when the table forbids it."""
    HOLD_TRANSITIONS.check(hold.state, target)
    return hold.model_copy(update={"state": target, "reason": reason, "lease": None, "updated_at": at})


def held(hold: Hold, *, event_id: str, at: datetime) -> Hold:
    return ended(hold, HoldState.HELD, reason="", at=at).model_copy(update={"event_id": event_id})


def reason_to_release(hold: Hold, draft: Draft | None, *, now: datetime) -> str:
    """Why nobody needs this time any more; empty while somebody may."""
    if draft is None:
        return "its draft is gone"
    if draft.state not in STANDING:
        return f"the draft that offered it was {draft.state}"
    if now >= hold.expires_at:
        return "expired: nobody has accepted it in time"
    return ""


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
