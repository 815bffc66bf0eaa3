"""Reads the newest conversation with somebody: what was said, by whom last, what is still open. Called by the plan stage."""

from shared.agents.thread_reader.mood import mood_of
from shared.agents.thread_reader.questions import open_questions
from shared.agents.thread_reader.reading import evidence_of, summary_of
from shared.agents.thread_reader.topics import topics_of
from shared.domain.conversation import Direction, Message, Thread, ThreadReading
from shared.domain.people import FREE_MAIL_DOMAINS, mail_domain
from shared.domain.workspace import Operator
from shared.ports.mailbox import MailboxOf

NEWEST = 12
"""Messages of a thread that are read, and kept with the run."""
LONGEST_TEXT = 8000
"""Characters of one mail that are read: a run with its whole context has to fit into one document of the store."""


class MailThreadReader:
    """Deterministic, without a model: every sentence it returns is one that somebody wrote."""

    def __init__(self, *, mailbox: MailboxOf) -> None:
        self._mailbox = mailbox

    def read(self, *, operator: Operator, address: str) -> ThreadReading | None:
        """None when there is no conversation, or none in which a person wrote."""
        found = self._mailbox(operator).newest_thread_with(address=address)
        thread = _shortened(found, operator) if found else None
        told = tuple(one for one in thread.messages if not one.automatic) if thread else ()
        if not thread or not told:
            return None
        last, theirs = told[-1], tuple(one for one in told if _other_side(one, operator))
        return ThreadReading(
            thread=thread,
            summary=summary_of(told),
            last_sender=last.sender,
            last_direction=last.direction,
            last_message_at=last.sent_at,
            topics=topics_of(subject=thread.subject, texts=[one.text for one in told]),
            mood=mood_of(theirs[-1].text if theirs else ""),
            open_questions=open_questions(told, asked_by=theirs),
            evidence=evidence_of(told, mailbox=operator.email),
        )


def _shortened(thread: Thread, operator: Operator) -> Thread:
    """The newest messages, oldest first, with the direction that follows from whose address wrote them."""
    return thread.model_copy(update={"messages": tuple(_read(one, operator) for one in thread.messages[-NEWEST:])})


def _read(message: Message, operator: Operator) -> Message:
    direction = Direction.OUTBOUND if operator.owns_address(message.sender) else message.direction
    return message.model_copy(update={"direction": direction, "text": message.text[:LONGEST_TEXT]})


def _other_side(message: Message, operator: Operator) -> bool:
    """Not the operator and not a colleague of the operator."""
    domain = mail_domain(message.sender)
    colleague = domain == mail_domain(operator.email) and domain not in FREE_MAIL_DOMAINS
    return message.direction is Direction.INBOUND and not colleague
