"""How an operator writes: learned later from sent mail, seeded for now."""

from datetime import timedelta
from typing import ClassVar

from shared.domain.entity import Entity, Value
from shared.domain.ids import OperatorId


class Phrasing(Value):
    """A turn of phrase with how often the operator uses it (per mail, 0-1) and where it fits."""

    text: str
    frequency: float
    fits: str = "any"  # "opening" | "asset" | "call" | "closing" | "any"


class VoiceProfile(Entity):
    """`voice_profiles/{operator id}`."""

    collection: ClassVar[str] = "voice_profiles"
    good_for: ClassVar[timedelta] = timedelta(minutes=1)  # a style is learned over weeks

    operator_id: OperatorId
    version: int = 1
    greeting_formal: str = "Dear {first_name},"
    greeting_conversational: str = "Hi {first_name},"
    sign_off_formal: str = "Kind regards,"
    sign_off_conversational: str = "Best,"
    phrasings: tuple[Phrasing, ...] = ()
    never_used: tuple[str, ...] = ()
    median_words: int = 90
    signature: str = ""
