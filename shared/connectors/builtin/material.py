"""What the built-in writer writes from: the request's facts, typed, with the questions a writer asks of them."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.connectors.builtin.quoting import is_harmless, quotable_span
from shared.domain.assets import AssetMatch
from shared.domain.conversation import Direction
from shared.domain.evidence import Evidence
from shared.domain.planning import Action, Context, Plan, Tone
from shared.domain.voice import VoiceProfile
from shared.ports.errors import Permanent
from shared.ports.model import Answer, ModelRequest

NOT_A_NEED = re.compile(r"name|mail|phone|company|title|country|city|website|consent|gdpr|page|utm|source|zip|address", re.IGNORECASE)
TOPIC_FIELDS = frozenset("interest interests interested_in topic product service use_case solution event_type subject".split())
SHORT_AND_PLAIN = re.compile(r"[\w&.,'\u2019()/ +-]{2,40}")


@dataclass(frozen=True)
class Quote:
    """Words of somebody, and the evidence that holds them."""

    span: str
    source: str


@dataclass(frozen=True)
class Material:
    context: Context
    plan: Plan
    voice: VoiceProfile
    seed: str

    @property
    def formal(self) -> bool:
        return self.plan.tone is Tone.FORMAL

    @property
    def in_thread(self) -> bool:
        return self.context.reading is not None

    def evidence(self, evidence_id: str) -> Evidence | None:
        return next((one for one in self.context.evidence if one.id == evidence_id), None)

    def pick(self, what: str, options: Sequence[str]) -> str:
        """One of the options, always the same for this run; those with a word the operator never uses come last."""
        fitting = [one for one in options if not self.avoids(one)] or list(options)
        digest = hashlib.sha256(f"{self.seed}\0{what}".encode()).digest()
        return fitting[int.from_bytes(digest[:4], "big") % len(fitting)]

    def avoids(self, text: str) -> bool:
        """Whether the operator would not write this."""
        never = self._never
        return bool(never and never.search(text))

    @property
    def _never(self) -> re.Pattern[str] | None:
        words = [re.escape(one.strip()) for one in self.voice.never_used if one.strip()]
        return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE) if words else None

    def need(self) -> Quote | None:
        """What the prospect said in the form, in their own words."""
        told = [one for one in self.context.facts if one.id.startswith("form.") and not NOT_A_NEED.search(one.id)]
        for one in sorted(told, key=lambda one: (one.id != "form.message", -len(one.text))):
            span = quotable_span(one.text, complete=False, never=self._never)
            if span:
                return Quote(span, one.id)
        return None

    def topic(self) -> Quote | None:
        """A short answer such as a product chosen from a list."""
        told = [one for one in self.context.facts if one.id.partition("form.")[2] in TOPIC_FIELDS]
        first = [Quote(one.text.partition(";")[0].strip(" ."), one.id) for one in told]  # several choices arrive as "one;two"
        return next((one for one in first if SHORT_AND_PLAIN.fullmatch(one.span) and is_harmless(one.span)), None)

    def earlier(self) -> Quote | None:
        """What the prospect wrote before: in the thread, else in another one. Never anybody else's words."""
        reading = self.context.reading
        newest_first = reversed(reading.thread.messages) if reading else ()
        theirs = [one for one in newest_first if one.direction is Direction.INBOUND and address_of(one.sender) == self._their_address]
        ids = [f"message.{one.id}" for one in theirs]
        spans = [one for wanted in ids for one in self.context.evidence if f"{one.id}.".startswith(f"{wanted}.")]
        if not reading:
            spans = [one.evidence for one in self.context.memories if address_of(one.sender) == self._their_address]
        need = self.need()
        for one in spans:
            span = quotable_span(one.text, complete=True, never=self._never, asked_first=True)
            if span and (need is None or span != need.span):
                return Quote(span, one.id)
        return None

    @property
    def _their_address(self) -> str:
        return self.context.job.entry.email.lower()

    def asset(self) -> AssetMatch | None:
        """The document to link: planned, shareable, reachable."""
        if self.plan.action is not Action.SEND_ASSET:
            return None
        usable = [one for one in self.context.assets if one.shareable and one.url]
        return max(usable, key=lambda one: one.relevance, default=None)

    def asset_quote(self, asset: AssetMatch) -> Quote | None:
        span = quotable_span(asset.evidence.text, complete=True, never=self._never)
        return Quote(span, asset.evidence.id) if span else None

    def offer(self) -> Quote | None:
        """The offer that has most words in common with the need."""
        offers = [one for one in self.context.facts if one.id.startswith("profile.offer.") and "?" not in one.text]
        need = self.need()
        wanted = set(re.findall(r"\w{4,}", need.span.lower())) if need else set()
        best = max(offers, key=lambda one: len(wanted & set(re.findall(r"\w{4,}", one.text.lower()))), default=None)
        return Quote(best.text.strip(" ."), best.id) if best else None

    def company(self) -> str:
        """The prospect's company as the form or the CRM spells it; empty when unknown or no usable name."""
        found = [self.evidence("crm.company.name"), self.evidence("form.company")]
        names = [one.text.strip() for one in found if one is not None]
        return next((name for name in names if SHORT_AND_PLAIN.fullmatch(name) and is_harmless(name)), "")


def address_of(sender: str) -> str:
    """The address of "Name <address>" or of a bare address."""
    return sender.rpartition("<")[2].rstrip("> ").strip().lower()


def material_of(request: ModelRequest[Answer]) -> Material:
    """Raises Permanent for a request whose facts are not those of a mail."""
    context, plan, voice = (request.facts.get(name) for name in ("context", "plan", "voice"))
    if not (isinstance(context, Context) and isinstance(plan, Plan) and isinstance(voice, VoiceProfile)):
        raise Permanent(f"the built-in writer cannot serve {request.agent}: its facts are missing", source="builtin")
    return Material(context=context, plan=plan, voice=voice, seed=request.run_id or plan.reason)
