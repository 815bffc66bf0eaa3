"""A hint: something that announces a submission. It is stored before it is acknowledged; what it does not carry is fetched later."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.entity import Entity, Value
from shared.domain.ids import RunId, TraceId
from shared.domain.submission import FormEntry


class HintSource(StrEnum):
    WORKFLOW = "workflow"  # workflow webhook, customised body
    WORKFLOW_LEGACY = "workflow_legacy"  # workflow webhook, legacy contact shape
    SUBSCRIPTION = "subscription"  # CRM subscription batch
    POLL = "poll"  # found when the forms' submissions were read
    IMPORT = "import"  # a row of somebody's table
    CANARY = "canary"  # our own, to see that the way is open


class HintState(StrEnum):
    PENDING = "pending"
    PAUSED = "paused"  # what stands behind it can be fetched when somebody has connected the account again
    RESOLVED = "resolved"  # it belongs to a run
    IGNORED = "ignored"  # no submission stands behind it
    FAILED = "failed"  # it could not be resolved, however often it was tried


UNRESOLVED = frozenset({HintState.PENDING, HintState.PAUSED})


class ParsedHint(Value):
    """What is announced, before a workspace is known. Any of contact_id or email identifies the person.

    No webhook carries an `entry`: whoever has read the submission itself hands it on with the announcement.
    """

    source: HintSource
    portal_id: str = ""  # empty when only the hook token tells
    contact_id: str = ""  # HubSpot record id
    email: str = ""
    form_id: str = ""
    submitted_at: datetime | None = None
    occurred_at: datetime | None = None
    event_key: str = ""  # what distinguishes this announcement from another of the same kind (never trusted to be unique)
    entry: FormEntry | None = None
    awaits_answer: bool = False  # an import says so of its rows

    @property
    def is_exact(self) -> bool:
        """It means one submission and can mean no other."""
        return self.entry is not None or self.submitted_at is not None


class Ignored(Value):
    """An event of the batch that is not stored, with the reason we tell."""

    index: int
    reason: str


class Parsed(Value):
    """A webhook body, understood: hints to store, events to ignore, and those of a batch that nobody could read."""

    hints: tuple[ParsedHint, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    refused: tuple[Ignored, ...] = ()


class Hint(Entity):
    """`events/{id}`: a stored announcement and, once resolved, the run it belongs to."""

    collection: ClassVar[str] = "events"

    announced: ParsedHint
    received_at: datetime
    trace_id: TraceId
    state: HintState = HintState.PENDING
    run_id: RunId | None = None
    reason: str = ""
