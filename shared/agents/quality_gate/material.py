"""What one judgement looks at, read once: every check of the gate gets the same Material and changes nothing."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from shared.agents.quality_gate.grounding import Claim, Grounds, claims_of, grounds_of, grounds_of_text
from shared.agents.quality_gate.quotations import own_words
from shared.agents.quality_gate.words import joined, plain, words_of
from shared.domain.conversation import Message
from shared.domain.draft import Draft, Sentence, SentenceClass
from shared.domain.evidence import Evidence, EvidenceKind
from shared.domain.ids import EvidenceId
from shared.domain.people import mail_domain
from shared.domain.planning import Context, Plan, Tone
from shared.domain.policy import Policy
from shared.domain.voice import VoiceProfile
from shared.domain.workspace import Operator, Workspace

LONGEST_SPAN = 4_000
"""Characters; the agents cite spans of at most 2,000."""
LONGEST_GREETING = 80
_EVERY_KIND = frozenset(EvidenceKind)


@dataclass(frozen=True)
class Material:
    """The draft and everything it may lean on. Derived readings are computed on first use and kept."""

    workspace: Workspace
    draft: Draft
    context: Context
    plan: Plan
    voice: VoiceProfile
    policy: Policy
    suppressed: str  # why they must not be written to; empty when nothing forbids it
    now: datetime
    cut: bool = False  # the draft was too long to be read in full

    @cached_property
    def operator(self) -> Operator:
        return self.workspace.operator(self.draft.operator_id)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return self.draft.text.sentences

    @cached_property
    def evidence(self) -> dict[EvidenceId, Evidence]:
        """By id. What the context says wins over what the draft recorded. Of a longer span than ours only the beginning counts."""
        told = {one.id: one for one in (*self.draft.evidence, *self.context.evidence)}
        return {id: _shortened(one) if len(one.text) > LONGEST_SPAN else one for id, one in told.items()}

    @cached_property
    def cited(self) -> dict[EvidenceId, Evidence]:
        """The evidence that some sentence names as its source."""
        ids = (source for sentence in self.sentences for source in sentence.sources)
        return {one: self.evidence[one] for one in ids if one in self.evidence}

    @cached_property
    def grounds(self) -> dict[EvidenceId, Grounds]:
        """What the cited spans say, each read once."""
        titles = {match.evidence.id: match.name for match in self.context.assets}
        return {id: grounds_of(one, also=[titles[id]] if id in titles else []) for id, one in self.cited.items()}

    @cached_property
    def claims(self) -> tuple[tuple[Sentence, tuple[Claim, ...]], ...]:
        """Every sentence with what it claims."""
        return tuple((sentence, claims_of(sentence.text)) for sentence in self.sentences)

    @cached_property
    def recipient_names(self) -> frozenset[str]:
        contact, entry = self.context.identity.contact, self.context.job.entry
        told = (contact.name, self.draft.recipient_name, *(entry.field(name) for name in ("firstname", "lastname", "name", "full_name")))
        return _bare_words(told)

    @cached_property
    def known_names(self) -> frozenset[str]:
        """Words of the names of the recipient, the operator and both companies."""
        company, entry = self.context.identity.company, self.context.job.entry
        companies = (company.name if company else "", entry.field("company"), self.workspace.company_name)
        return self.recipient_names | _bare_words((self.operator.name, *companies))

    @cached_property
    def people_addresses(self) -> frozenset[str]:
        """The recipient's own addresses."""
        return frozenset({self.context.job.entry.email.lower(), self.context.identity.contact.email.lower()} - {""})

    @cached_property
    def own_domains(self) -> frozenset[str]:
        """Mail domains of the recipient's and the operator's companies."""
        company = self.context.identity.company
        told = (mail_domain(self.draft.recipient), mail_domain(self.operator.email), company.domain.lower() if company else "")
        return frozenset(told) - {""}

    @property
    def opening(self) -> str:
        """The greeting; of a text that a person has changed there, its first line if that greets."""
        text = self.draft.text
        first = text.edited.lstrip().partition("\n")[0].strip()
        return text.greeting or (first if len(first) <= LONGEST_GREETING and first.endswith((",", "!", ":")) else "")

    @property
    def sign_off(self) -> str:
        """The sign-off; of a text that a person has changed there, the last line that is one of the operator's own."""
        text, usual = self.draft.text, (self.voice.sign_off_formal.strip(), self.voice.sign_off_conversational.strip())
        typed = (line.strip() for line in reversed(text.edited.splitlines()))
        return text.sign_off.strip() or next((line for line in typed if line and line in usual), "")

    @cached_property
    def own_signature(self) -> bool:
        """The signature is the operator's own, word for word: nobody else's words can be in it."""
        return self.draft.text.signature.strip() in {self.voice.signature.strip(), self.operator.signature.strip(), self.operator.name, ""}

    @cached_property
    def written(self) -> str:
        """Everything newly written: all but the operator's own signature and the attachments' lines."""
        text = self.draft.text
        signature = "" if self.own_signature else text.signature
        parts = (text.subject, text.greeting, *(one.text for one in self.sentences), text.sign_off, signature)
        return plain("\n".join(part for part in parts if part))

    @cached_property
    def joined(self) -> str:
        """The written words, lower case, between single spaces."""
        return joined(words_of(self.written))

    def own_words(self, sentence: Sentence) -> str:
        """What the sentence says for us: without the quotations that its own sources contain."""
        return own_words(sentence.text, spans=[self.cited[one].text for one in dict.fromkeys(sentence.sources) if one in self.cited])

    def answers_for(self, sentence: Sentence) -> bool:
        """Whether a person wrote it into this text: what it claims is theirs to know. Nobody else's text has such sentences."""
        return sentence.kind is SentenceClass.OPERATOR and bool(self.draft.text.edited)

    @property
    def formal(self) -> bool:
        return self.plan.tone is Tone.FORMAL

    def is_ours_or_theirs(self, address: str) -> bool:
        """Whether an address belongs to the recipient or the operator."""
        return address.lower() in self.people_addresses or self.operator.owns_address(address)

    def grounds_for(self, sentence: Sentence, *, kinds: Set[EvidenceKind] = _EVERY_KIND) -> Iterable[Grounds]:
        """What the cited spans say. An inferred sentence has none: whatever it claims beyond the known names, it made up."""
        if sentence.kind in (SentenceClass.INFERRED, SentenceClass.OPERATOR):
            return ()
        return [self.grounds[one] for one in dict.fromkeys(sentence.sources) if one in self.cited and self.cited[one].kind in kinds]

    @cached_property
    def conversation(self) -> tuple[Grounds, ...]:
        """What a subject may speak of: the cited spans, the form, the CRM, the workspace, and the thread's own subject."""
        told = (EvidenceKind.FORM, EvidenceKind.CRM, EvidenceKind.PROFILE)
        open_facts = [grounds_of(one) for id, one in self.evidence.items() if one.kind in told and id not in self.cited]
        reading = self.context.reading
        answers = reading is not None and reading.thread.id == self.draft.thread_id
        subject = [grounds_of_text(reading.thread.subject)] if reading and answers else []
        return (*self.grounds.values(), *open_facts, *subject)

    def messages(self) -> Iterator[Message]:
        """The messages of the conversation, oldest first."""
        yield from self.context.reading.thread.messages if self.context.reading else ()


def _bare_words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word.lower for text in texts for word in words_of(text))


def _shortened(evidence: Evidence) -> Evidence:
    return evidence.model_copy(update={"text": plain(evidence.text[:LONGEST_SPAN])[:LONGEST_SPAN]})
