"""What was made of a draft when it was considered for leaving without a person: kept with it, and logged before anybody decides."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.entity import Entity, Value
from shared.domain.policy import AutoRule


class Answer(StrEnum):
    APPROVE = "approve"
    SAMPLED = "sampled"  # a rule would have approved it; a person looks, to see whether it should
    ASK = "ask"


class Considered(Value):
    """`rules` are all that spoke for it, the strongest first; `rule` is the one that decided. `told` is one line for the operator."""

    answer: Answer
    rules: tuple[AutoRule, ...] = ()
    rule: AutoRule | None = None
    told: str
    draw: float  # 0-1: below the policy's share it is sampled
    wording: str  # of the text, without names, times and documents
    at: datetime


class SamplingKey(Entity):
    """`sampling_keys/current`: what decides which drafts are checked. Made by chance, once; nobody is ever shown it."""

    collection: ClassVar[str] = "sampling_keys"

    key: str
