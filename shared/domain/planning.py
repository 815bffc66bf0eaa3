"""What started a run, everything the agents found out about it, and the plan made from that."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.assets import AssetMatch
from shared.domain.conversation import Recollection, ThreadReading
from shared.domain.entity import Entity, Value
from shared.domain.evidence import Evidence
from shared.domain.ids import OperatorId
from shared.domain.people import Identity
from shared.domain.slots import Slot
from shared.domain.submission import FormEntry


class JobKind(StrEnum):
    FOLLOWUP = "FOLLOWUP"
    NURTURE = "NURTURE"


class Priority(StrEnum):
    URGENT = "URGENT"
    NORMAL = "NORMAL"
    LOW = "LOW"


class Job(Value):
    """trigger's answer."""

    kind: JobKind
    priority: Priority
    entry: FormEntry
    contact_id: str = ""
    reason: str


class Action(StrEnum):
    SEND_FOLLOWUP = "SEND_FOLLOWUP"
    PROPOSE_CALL = "PROPOSE_CALL"
    SEND_ASSET = "SEND_ASSET"
    NO_ACTION = "NO_ACTION"


class Tone(StrEnum):
    FORMAL = "formal"
    CONVERSATIONAL = "conversational"


class Plan(Value):
    """next_step_planner's answer."""

    action: Action
    urgency: Priority
    risk: int  # 0-100
    tone: Tone
    reason: str  # for the operator, in one or two sentences
    call_to_action: str  # what the draft asks for, as one question or request
    delay_s: int = 0
    refused: bool = False  # nothing may be written to them, by the law of where they are


class Rereading(Entity):
    """`rereadings/{draft id}`: the conversation as it was read when a draft was written anew; it takes the place of the run's reading."""

    collection: ClassVar[str] = "rereadings"

    reading: ThreadReading


class Context(Value):
    """Everything known when the plan was made; the draft may use nothing else."""

    job: Job
    identity: Identity
    operator_id: OperatorId
    reading: ThreadReading | None = None
    memories: tuple[Recollection, ...] = ()
    assets: tuple[AssetMatch, ...] = ()
    slots: tuple[Slot, ...] = ()
    facts: tuple[Evidence, ...] = ()  # form, CRM and profile facts
    gaps: tuple[str, ...] = ()  # what could not be looked at, and why
    looked_at: datetime | None = None  # just before anything was read: what came later nobody has seen

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All evidence, each id once, in a stable order."""
        found = [
            *self.facts,
            *(self.reading.evidence if self.reading else ()),
            *(one.evidence for one in self.memories),
            *(one.evidence for one in self.assets),
            *(one.evidence for one in self.slots),
        ]
        return tuple({one.id: one for one in found}.values())
