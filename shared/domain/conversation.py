"""Messages and threads of a mailbox, what reading a thread yields, and what memory brings back."""

from datetime import datetime
from enum import StrEnum

from shared.domain.entity import Value
from shared.domain.evidence import Evidence


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Message(Value):
    """One mail. `text` is what its author newly wrote: quotes, signature and disclaimers are stripped."""

    id: str
    thread_id: str
    direction: Direction
    sender: str  # address, lower case
    sender_name: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    sent_at: datetime
    message_id: str = ""  # RFC 5322 Message-ID with angle brackets
    references: tuple[str, ...] = ()
    automatic: bool = False  # Auto-Submitted, bounces, list mail


class Thread(Value):
    """A conversation, oldest message first; drafts, spam and trash are not part of it."""

    id: str
    subject: str
    messages: tuple[Message, ...]
    mailbox: str

    @property
    def head(self) -> Message | None:
        """The newest message that is not machine mail."""
        human = [one for one in self.messages if not one.automatic]
        return human[-1] if human else None


class Mood(StrEnum):
    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class ThreadReading(Value):
    """thread_reader's answer."""

    thread: Thread
    summary: str  # 1-2 sentences
    last_sender: str
    last_direction: Direction
    last_message_at: datetime
    topics: tuple[str, ...]  # 3-5
    mood: Mood
    open_questions: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Recollection(Value):
    """long_memory's answer, one of k."""

    preview: str  # <= 150 characters
    sender: str
    at: datetime
    relevance: float  # 0-1
    thread_id: str
    evidence: Evidence
