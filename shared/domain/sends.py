"""The ledger of sends: one entry per approval that may lead to a mail, and the states it may go through."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from shared.domain.carrying import FINAL, Told
from shared.domain.entity import Entity, Value
from shared.domain.ids import ApprovalId, DraftId, OperatorId, SendId, TraceId
from shared.domain.lease import Lease
from shared.domain.transitions import Transitions
from shared.domain.ways import Way

SEND_LEASE = timedelta(minutes=5)
"""After an attempt of which nobody knows the end, so long nobody looks and nobody sends: longer than a function may run, and than a vendor
needs to show what it did."""


TOLD_WITHIN = timedelta(hours=72)
"""A carrier that tells what becomes of its mails tries for so long; after that nothing more is waited for."""


class Touch(StrEnum):
    """Why we write, as quotas count it."""

    ANSWER = "answer"  # to a form, or to a person who wrote
    OUTREACH = "outreach"  # opens a thread nobody asked for
    FOLLOW_UP = "follow_up"  # goes on in a thread of ours nobody has answered


class SendState(StrEnum):
    APPROVED = "approved"  # waits for its hold, window or gap
    HELD = "held"  # by the kill switch, a quota or a window: goes on when that ends
    CLAIMED = "claimed"  # one delivery is acting, or was when it died
    SENT = "sent"  # Gmail, or whoever else carries it, has taken it
    SETTLED = "settled"  # and we have read back what really left
    PARKED = "parked"  # nobody can tell whether it left: a person decides
    CANCELLED = "cancelled"  # by a person, before it left
    FAILED = "failed"  # refused for good; nothing left
    VOIDED = "voided"  # what was approved no longer holds; nothing left


# APPROVED and HELD → SENT: a carrier may tell that an attempt which seemed to be refused was not
SEND_TRANSITIONS = Transitions[SendState](
    {
        SendState.APPROVED: frozenset(
            {SendState.HELD, SendState.CLAIMED, SendState.CANCELLED, SendState.VOIDED, SendState.FAILED, SendState.SENT}
        ),
        SendState.HELD: frozenset(
            {SendState.HELD, SendState.CLAIMED, SendState.CANCELLED, SendState.VOIDED, SendState.FAILED, SendState.SENT}
        ),
        SendState.CLAIMED: frozenset(
            {SendState.APPROVED, SendState.HELD, SendState.SENT, SendState.PARKED, SendState.FAILED, SendState.VOIDED, SendState.CLAIMED}
        ),
        SendState.PARKED: frozenset({SendState.SENT, SendState.CANCELLED, SendState.APPROVED, SendState.FAILED}),
        SendState.SENT: frozenset({SendState.SETTLED, SendState.FAILED}),  # a carrier that has taken it may still drop it
    }
)

WAITING = frozenset({SendState.APPROVED, SendState.HELD})
"""Nothing has been tried: a person may still take it back."""
FINISHED = frozenset({SendState.SENT, SendState.SETTLED, SendState.CANCELLED, SendState.FAILED, SendState.VOIDED})
"""It has left, or it never will."""
COUNTED = frozenset({SendState.CLAIMED, SendState.SENT, SendState.SETTLED, SendState.PARKED})
"""These count in the quotas: the mail has left, or may have."""


class Attempt(Value):
    """One time somebody acted; `fence` is the claim's number."""

    fence: int
    at: datetime
    outcome: str = ""  # "refused" (certainly without effect), "unknown", or how the send ended; empty while nobody has said

    @property
    def doubtful(self) -> bool:
        """It may have had its effect: its delivery died, or never heard the answer."""
        return self.outcome in ("", "unknown", "parked")


class Departure(Value):
    """What left, as the mailbox shows it. `message_id` is the RFC 5322 one, read back after sending.

    What left another way has no Gmail id until its copy is kept there; `receipt` is how its carrier calls it.
    """

    gmail_message_id: str = ""
    thread_id: str
    message_id: str = ""
    receipt: str = ""
    at: datetime


class SendStep(Value):
    state: SendState
    at: datetime
    note: str = ""


class Send(Entity):
    """`sends/{id}`."""

    collection: ClassVar[str] = "sends"

    approval_id: ApprovalId
    draft_id: DraftId
    operator_id: OperatorId
    mailbox: str
    recipient: str
    touch: Touch
    new_thread: bool
    way: Way = Way.GMAIL  # how it goes out, as the settings said when it was approved
    state: SendState = SendState.APPROVED
    reason: str = ""  # why it waits or ended, for the operator
    due_at: datetime
    round: int = 1  # grows with every task it owes: names of finished tasks stay taken
    lease: Lease | None = None
    attempts: tuple[Attempt, ...] = ()
    departure: Departure | None = None
    told: tuple[Told, ...] = ()  # what its carrier has told of it since
    history: tuple[SendStep, ...] = ()
    trace_id: TraceId
    created_at: datetime
    updated_at: datetime

    def moved(self, target: SendState, *, at: datetime, note: str = "", **changes: object) -> Self:
        """The send in its next state, with a line of history; IllegalTransition when the table forbids it."""
        SEND_TRANSITIONS.check(self.state, target)
        step = SendStep(state=target, at=at, note=note)
        return self.model_copy(
            update={"state": target, "reason": note, "updated_at": at, "history": (*self.history, step), **changes},
        )

    @property
    def fate(self) -> Told | None:
        """The last that its carrier has told of what became of it at the recipient's; None while it may still be tried, or nobody tells."""
        return next((one for one in reversed(self.told) if one.word in FINAL and not one.about), None)

    @property
    def doubtful(self) -> bool:
        """Something that was tried before the present attempt may have had its effect."""
        return any(one.doubtful for one in self.attempts[:-1])


def send_id_for(approval_id: str) -> SendId:
    """One send per approval."""
    return SendId("send_" + approval_id.removeprefix("approval_"))
