"""What the built-in writer writes from: the request's facts, typed, with the questions a writer asks of them."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.connectors.builtin.passages import Passage, Weights, passages, weights_of
from shared.connectors.builtin.quoting import best_asked, best_stated, is_harmless, is_request, quotable_spans, tells_a_need
from shared.connectors.builtin.titles import asked_for, is_wanted
from shared.domain.assets import AssetMatch
from shared.domain.conversation import Direction
from shared.domain.evidence import Evidence
from shared.domain.instruction import Instruction, understood
from shared.domain.planning import Action, Context, JobKind, Plan, Tone
from shared.domain.prose import flat, terms
from shared.domain.voice import VoiceProfile
from shared.ports.errors import Permanent
from shared.ports.model import Answer, ModelRequest

NOT_A_NEED = re.compile(r"name|mail|phone|company|title|country|city|website|consent|gdpr|page|utm|source|zip|address", re.IGNORECASE)
TOPIC_FIELDS = frozenset("interest interests interested_in topic product service use_case solution event_type subject".split())
NO_WISH = Instruction()
SHORT_AND_PLAIN = re.compile(r"[\w&.,'\u2019()/ +-]{2,40}")


@dataclass(frozen=True)
class Quote:
    """Words of somebody, and the evidence that holds them."""

    span: str
    source: str


@dataclass(frozen=True)
class Find:
    """A document for the reader: what it says to them, the words with which they named it, and whether they asked for one like it."""

    asset: AssetMatch
    passages: tuple[Passage, ...]
    named: str
    wanted: bool


@dataclass(frozen=True)
class Material:
    """The facts of one mail."""

    context: Context
    plan: Plan
    voice: VoiceProfile
    seed: str
    wish: Instruction = NO_WISH

    @property
    def formal(self) -> bool:
        return self.plan.tone is Tone.FORMAL

    @property
    def in_thread(self) -> bool:
        return self.context.reading is not None

    @property
    def introduces(self) -> bool:
        """They have not written to us: they stand in a list somebody imported."""
        job = self.context.job
        return job.entry.imported and job.kind is JobKind.NURTURE and not self.in_thread

    @property
    def calls(self) -> bool:
        """Whether the mail offers times."""
        return self.plan.action is Action.PROPOSE_CALL and bool(self.context.slots)

    def evidence(self, evidence_id: str) -> Evidence | None:
        return next((one for one in self.context.evidence if one.id == evidence_id), None)

    def pick(self, what: str, options: Sequence[str]) -> str:
        """One of the options, always the same for this run; those with a word the operator never uses come last."""
        fitting = [one for one in options if not self.avoids(one)] or list(options)
        digest = hashlib.sha256(f"{self.seed}\0{what}".encode()).digest()
        return fitting[int.from_bytes(digest[:4], "big") % len(fitting)]

    def avoids(self, text: str) -> bool:
        """Whether the operator would not write this."""
        never = self.never
        return bool(never and never.search(text))

    @property
    def never(self) -> re.Pattern[str] | None:
        words = [re.escape(one.strip()) for one in self.voice.never_used if one.strip()]
        return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE) if words else None

    def asked(self) -> Quote | None:
        """What the reader asks for in the form, in their own words."""
        return self._told(best_asked)

    def stated(self) -> Quote | None:
        """What the reader says about themselves in the form, in their own words."""
        return self._told(best_stated)

    @property
    def told(self) -> bool:
        """Whether there is anything of theirs that the mail takes up: only then can it speak of it."""
        return bool(self.asked() or self.stated() or self.topic() or self.continued())

    def _told(self, best: Callable[[tuple[str, ...]], str]) -> Quote | None:
        told = [one for one in self.context.facts if one.id.startswith("form.") and not NOT_A_NEED.search(one.id)]
        for one in sorted(told, key=lambda one: (one.id != "form.message", -len(one.text))):
            span = best(quotable_spans(one.text, complete=False, never=self.never))
            if span:
                return Quote(span, one.id)
        return None

    def topic(self) -> Quote | None:
        """A short answer such as a product chosen from a list."""
        told = [one for one in self.context.facts if one.id.partition("form.")[2] in TOPIC_FIELDS]
        first = [Quote(one.text.partition(";")[0].strip(" ."), one.id) for one in told]  # several choices arrive as "one;two"
        return next((one for one in first if SHORT_AND_PLAIN.fullmatch(one.span) and is_harmless(one.span)), None)

    def owed(self) -> Quote | None:
        """The newest question of theirs in this thread that nobody answered."""
        waiting = [flat(one) for one in self.context.reading.open_questions] if self.context.reading else []
        for one in self._spans_of(Direction.INBOUND):
            for span in reversed(quotable_spans(one.text, complete=True, never=self.never)):
                if is_request(span) and any(span in question for question in waiting):
                    return Quote(span, one.id)
        return None

    def continued(self) -> Quote | None:
        """What they told us last in this thread, else in another one. Never anybody else's words."""
        spans = self._spans_of(Direction.INBOUND)
        if not self.in_thread:
            spans = [one.evidence for one in self.context.memories if address_of(one.sender) == self._their_address]
        for one in spans:
            span = best_stated(quotable_spans(one.text, complete=True, never=self.never))
            if span and tells_a_need(span):
                return Quote(span, one.id)
        return None

    def told_before(self) -> Sequence[Evidence]:
        """What we wrote to them in this thread, newest first."""
        return self._spans_of(Direction.OUTBOUND)

    def _spans_of(self, direction: Direction) -> list[Evidence]:
        """Of the reader's own messages or of ours, newest first."""
        reading = self.context.reading
        told = [one for one in reversed(reading.thread.messages) if one.direction is direction] if reading else []
        mine = [one for one in told if direction is Direction.OUTBOUND or address_of(one.sender) == self._their_address]
        return [one for wanted in mine for one in self.context.evidence if f"{one.id}.".startswith(f"message.{wanted.id}.")]

    @property
    def _their_address(self) -> str:
        return self.context.job.entry.email.lower()

    def weights(self) -> Weights:
        """What the mail should speak of."""
        asked, stated, owed = self.asked(), self.stated(), self.owed()
        return weights_of(asked=[one.span for one in (asked, owed) if one], stated=[stated.span] if stated else [])

    def find(self) -> Find | None:
        """The document to link, planned or answering, shareable and reachable, with what it says to the reader."""
        if self.plan.action not in (Action.SEND_ASSET, Action.PROPOSE_CALL):
            return None
        usable = sorted((one for one in self.context.assets if one.shareable and one.url), key=lambda one: -one.relevance)
        found = [self._find(one) for one in usable]
        if self.plan.action is Action.PROPOSE_CALL:
            return next((one for one in found if one.passages or one.wanted), None)
        return next((one for one in found if one.named), found[0] if found else None)

    def _find(self, asset: AssetMatch) -> Find:
        asked = self.asked()
        return Find(
            asset=asset,
            passages=passages(asset.evidence.text, about=self.weights(), title=asset.name, never=self.never),
            named=asked_for(asset, asked.span) if asked else "",
            wanted=bool(asked and is_wanted(asset, asked.span)),
        )

    def offer(self) -> Quote | None:
        """The offer that has most words in common with what they wrote; none when they wrote of something else."""
        offers = [one for one in self.context.facts if one.id.startswith("profile.offer.") and "?" not in one.text]
        wanted = frozenset(self.weights())
        best = max(offers, key=lambda one: len(wanted & terms(one.text)), default=None)
        fits = best is not None and (not wanted or bool(wanted & terms(best.text)))
        return Quote(best.text.strip(" ."), best.id) if best and fits else None

    def company(self) -> str:
        """The reader's company as the CRM or the form spells it; empty when unknown or no usable name."""
        return self._name_in("crm.company.name", "form.company")

    def our_company(self) -> str:
        return self._name_in("profile.company_name")

    def _name_in(self, *ids: str) -> str:
        names = [one.text.strip() for one in map(self.evidence, ids) if one is not None]
        return next((name for name in names if SHORT_AND_PLAIN.fullmatch(name) and is_harmless(name)), "")


def address_of(sender: str) -> str:
    """The address of "Name <address>" or of a bare address."""
    return sender.rpartition("<")[2].rstrip("> ").strip().lower()


def material_of(request: ModelRequest[Answer]) -> Material:
    """Raises Permanent for a request whose facts are not those of a mail."""
    context, plan, voice = (request.facts.get(name) for name in ("context", "plan", "voice"))
    if not (isinstance(context, Context) and isinstance(plan, Plan) and isinstance(voice, VoiceProfile)):
        raise Permanent(f"the built-in writer cannot serve {request.agent}: its facts are missing", source="builtin")
    attempt, wish = request.facts.get("attempt", 1), request.facts.get("instruction", "")
    seed = request.run_id or plan.reason
    return Material(context=context, plan=plan, voice=voice, seed=seed if attempt == 1 else f"{seed} {attempt}", wish=understood(str(wish)))
