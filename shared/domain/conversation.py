"""Messages and threads of a mailbox, what reading a thread yields, and what memory brings back."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.entity import Entity, Value
from shared.domain.evidence import Evidence
from shared.domain.nearness import Vector
from shared.domain.people import FREE_MAIL_DOMAINS, mail_domain, normal_address

MOST_RECALLED = 3


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


class MailRef(Value):
    """A mail by its id, and the thread it stands in."""

    id: str
    thread_id: str


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

    def newest_from(self, addresses: Iterable[str]) -> str:
        """The id of the newest mail that these people wrote themselves, however they are spelled; empty when there is none."""
        people = set(map(normal_address, addresses))
        return next((one.id for one in reversed(self.messages) if not one.automatic and normal_address(one.sender) in people), "")


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
    """One of long_memory's answers."""

    preview: str  # <= 150 characters
    sender: str
    at: datetime
    relevance: float  # 0-1
    thread_id: str
    message_id: str = ""
    span: tuple[int, int] = (0, 0)  # where the piece with the preview stands in the mail's own text, in characters
    evidence: Evidence


def beyond(recalled: Iterable[Recollection], reading: ThreadReading | None) -> tuple[Recollection, ...]:
    """The best few of what was said elsewhere: the thread that goes on is read whole anyway."""
    elsewhere = [one for one in recalled if reading is None or one.thread_id != reading.thread.id]
    return tuple(elsewhere[:MOST_RECALLED])


class Remembered(Entity):
    """`memory/{derived id}`: a piece of a mail's own text, kept for one circle of people in one mailbox.

    A circle is a company's mail domain, or one address at a provider anybody can have a mailbox at.
    A mail with nothing to remember (machine mail, no words) has one with an empty text, so that nobody reads it again.
    """

    collection: ClassVar[str] = "memory"

    mailbox: str
    circle: str
    embedder: str  # version of the embedder that made the vector
    message_id: str
    thread_id: str
    sender: str
    sender_name: str = ""
    direction: Direction
    people: tuple[str, ...]  # everybody of the circle whom it is from or to
    sent_at: datetime
    position: int
    start: int  # characters from the beginning of the mail's own text
    text: str
    vector: Vector = ()


def circle_of(address: str, *, own_domain: str) -> str:
    """With whom somebody's mails are remembered: colleagues of one company together, everybody else alone."""
    domain = mail_domain(address)
    return address.lower() if domain in FREE_MAIL_DOMAINS or domain == own_domain else domain
