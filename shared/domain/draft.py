"""A draft: the text, the source of every sentence, the verdict, where it was placed, and the states it may go through."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.audit import Actor
from shared.domain.considered import Considered
from shared.domain.entity import Entity, Value
from shared.domain.evidence import Evidence
from shared.domain.footer import Footer
from shared.domain.ids import DraftId, EvidenceId, OperatorId, RunId, WorkspaceId, derived_id
from shared.domain.lease import Lease
from shared.domain.letter import letter_html, letter_text
from shared.domain.planning import Priority
from shared.domain.sender import Sender
from shared.domain.sends import Touch
from shared.domain.tracked import Tracked
from shared.domain.transitions import Transitions
from shared.domain.verdict import Verdict


class DraftState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    SENT = "sent"  # by a send of ours
    SENT_BY_OPERATOR = "sent_by_operator"
    EDITED_OUTSIDE = "edited_outside"
    DISCARDED = "discarded"


DRAFT_TRANSITIONS = Transitions[DraftState](
    {
        DraftState.PENDING: frozenset(DraftState) - {DraftState.PENDING, DraftState.SENT},
        DraftState.APPROVED: frozenset(
            {
                DraftState.PENDING,  # undone, or what was approved no longer holds: it asks again
                DraftState.EXPIRED,
                DraftState.SUPERSEDED,
                DraftState.SENT,
                DraftState.SENT_BY_OPERATOR,
                DraftState.EDITED_OUTSIDE,
                DraftState.DISCARDED,
            }
        ),
        DraftState.SENT: frozenset({DraftState.PENDING}),  # taken by a carrier, and dropped by it
        DraftState.EDITED_OUTSIDE: frozenset({DraftState.SENT_BY_OPERATOR, DraftState.DISCARDED}),
    }
)


class SentenceClass(StrEnum):
    DOCUMENTED = "documented"  # a span of a message, CRM field, document or slot
    STATE = "state"  # what the agent itself did
    INFERRED = "inferred"  # courtesy, a conclusion, the call to action
    OPERATOR = "operator"  # a person's own words, put there while editing: they answer for them


class Sentence(Value):
    """One sentence of the body, with what it rests on."""

    text: str
    kind: SentenceClass
    sources: tuple[EvidenceId, ...] = ()


class Enclosure(Value):
    """The bytes a document goes along as, and what they are called in the mail."""

    name: str
    mime_type: str
    size: int
    sha256: str  # hex


class Attachment(Value):
    """A shareable Drive file the draft links to, or takes along as a file."""

    file_id: str
    name: str
    url: str
    file: Enclosure | None = None  # None: a link

    @property
    def line(self) -> str:
        """How a link stands in the text."""
        return f"{self.name}: {self.url}".rstrip()


class DraftText(Value):
    """draft_writer's answer. The body is assembled from greeting, paragraphs of sentences, sign-off and signature."""

    subject: str
    greeting: str
    paragraphs: tuple[tuple[Sentence, ...], ...]
    sign_off: str
    signature: str = ""
    attachments: tuple[Attachment, ...] = ()
    edited: str = ""  # the whole body as a person has left it; the paragraphs then tell where its sentences come from
    own_subject: bool = False  # a person has written the subject: they answer for it

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(one for paragraph in self.paragraphs for one in paragraph)

    @property
    def files(self) -> tuple[Enclosure, ...]:
        return tuple(one.file for one in self.attachments if one.file)

    @property
    def body(self) -> str:
        """The plain-text body as the recipient reads it; documents that are no files are links on lines of their own."""
        if self.edited:
            return self.edited
        blocks = [self.greeting, *(" ".join(one.text for one in paragraph) for paragraph in self.paragraphs)]
        blocks += [f"{one.name}: {one.url}" for one in self.attachments if one.file is None]
        closing = "\n".join(part for part in (self.sign_off, self.signature) if part)
        return "\n\n".join([*blocks, closing]) + "\n"


class Authorship(Value):
    """Who wrote the words: recorded with every draft."""

    model: str  # "gpt-…" or "built-in-writer/1"
    prompt_version: str
    fell_back: bool = False
    fallback_reason: str = ""


class Placement(Value):
    """Where the draft stands in Gmail. `content_hash` is of what we wrote: a difference means a person touched it."""

    gmail_draft_id: str
    gmail_message_id: str
    thread_id: str
    content_hash: str
    placed_at: datetime
    url: str = ""
    revision: int = 1  # of the draft, that stands there
    writing: tuple[str, ...] = ()  # content hashes of what is being written there, or was when a delivery died: ours if found


class Rewriting(Value):
    """Somebody has asked for another text. `number` names the task; whoever decides or edits meanwhile takes the wish back."""

    number: int
    instruction: str  # the operator's own: trusted, and short
    by: Actor
    at: datetime


class Draft(Entity):
    """`drafts/{id}`."""

    collection: ClassVar[str] = "drafts"

    run_id: RunId
    operator_id: OperatorId
    mailbox: str
    sender: Sender | None = None  # None: the mailbox's own address, under the operator's name
    footer: Footer | None = None
    tracked: Tracked | None = None
    recipient: str
    recipient_name: str = ""
    company: str = ""  # theirs, as the CRM calls it: for lists
    urgency: Priority = Priority.NORMAL  # of the plan: for lists
    cc: tuple[str, ...] = ()
    thread_id: str = ""  # empty: a new thread
    reply_to_message_id: str = ""  # Message-ID this answers
    references: tuple[str, ...] = ()
    answers: str = ""  # Gmail's id of the newest mail of theirs in its thread that was read for this text
    knows_until: datetime | None = None  # when the mailbox was read for it; None: a draft from before this was kept
    text: DraftText
    evidence: tuple[Evidence, ...]
    authorship: Authorship
    state: DraftState = DraftState.PENDING
    state_reason: str = ""
    verdict: Verdict | None = None
    placement: Placement | None = None
    times_in_doubt: tuple[str, ...] = ()  # offered times, as the mail says them, that could not be held: to be checked before it leaves
    synthetic: bool = False  # of a synthetic run
    touch: Touch = Touch.ANSWER
    revision: int = 1  # grows with every change of the text
    revised_by: Actor | None = None  # whose text it is, when it is not the first
    revised_at: datetime | None = None
    rewriting: Rewriting | None = None  # while it is being written anew
    rewritings: int = 0  # how many were asked for; the last one's number
    instruction: str = ""  # by which the present text was written anew
    approvals: int = 0  # how many were given; the last one's number
    snoozed_until: datetime | None = None
    considered: Considered | None = None  # for leaving without a person; None while nobody has asked
    objected_by: Actor | None = None  # who has said that a rule should not have let it leave
    decided_by: Actor | None = None  # who approved or rejected it
    decided_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def letter(self) -> str:
        """The plain text as the recipient reads it: the body, below it the sender's signature and the footer."""
        return letter_text(self.text.body, self.sender, self.footer)

    @property
    def letter_html(self) -> str:
        """Empty for a mail that is plain text alone."""
        return letter_html(self.text.body, self.sender, self.footer, self.tracked)

    def sent_as(self, operator_name: str) -> Sender:
        return self.sender or Sender(address=self.mailbox, name=operator_name)

    @property
    def known_until(self) -> datetime:
        """What they wrote after this moment the text does not know, but for the mail it answers: an outage may put hours between."""
        return self.knows_until or self.created_at


def draft_id_for(run_id: str) -> DraftId:
    """The name of a run's first draft."""
    return DraftId("draft_" + run_id.removeprefix("run_"))


class Revision(Entity):
    """`revisions/{draft id}-r{number}`: what a draft said before somebody changed it, and how it was judged."""

    collection: ClassVar[str] = "revisions"

    draft_id: DraftId
    number: int
    text: DraftText
    authorship: Authorship
    verdict: Verdict | None = None
    by: Actor | None = None  # None: the first text
    at: datetime


def revision_id_for(draft_id: str, *, number: int) -> str:
    return f"{draft_id}-r{number}"


class OpenDraft(Entity):
    """`open_drafts/{id}`: the one open draft of a conversation. Its compare-and-set keeps it one, its lease lets one delivery act."""

    collection: ClassVar[str] = "open_drafts"

    draft_id: DraftId
    since: datetime  # when the draft's form was submitted: an older submission never replaces a newer one's draft
    placement: Placement | None = None  # None while the first placement is under way
    lease: Lease | None = None


def open_draft_id(*, workspace_id: WorkspaceId, mailbox: str, recipient: str, thread_id: str) -> str:
    """One per thread; for a new thread, one per mailbox and recipient."""
    return derived_id("open_draft", workspace_id, mailbox, thread_id or f"new:{recipient.lower()}")


def content_hash(*, subject: str, body: str, recipient: str, html: str = "", files: Sequence[str] = ()) -> str:
    """Of the words, and of what else stands in the mail; line endings, trailing blanks and letter case of the address do not count.

    `files` names each other part by kind, name and size.
    """
    more = (_lines(html), *files) if html or files else ()
    return derived_id("draft_content", " ".join(subject.split()), _lines(body), recipient.strip().lower(), *more)


def _lines(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))


def draft_hash(draft: Draft) -> str:
    """The content hash of a draft as we wrote it."""
    files = [f"{one.mime_type} {one.name} {one.size}" for one in draft.text.files]
    return content_hash(subject=draft.text.subject, body=draft.letter, recipient=draft.recipient, html=draft.letter_html, files=files)


def moved(draft: Draft, target: DraftState, *, reason: str, at: datetime) -> Draft:
    """The draft in its next state; IllegalTransition when the table forbids it."""
    DRAFT_TRANSITIONS.check(draft.state, target)
    return draft.model_copy(update={"state": target, "state_reason": reason, "updated_at": at})
