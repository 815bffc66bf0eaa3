"""Check for inventions: whatever a sentence claims must stand in the evidence it cites."""

from collections.abc import Iterable, Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.grounding import Claim, ClaimKind, Grounds, claims_of
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.words import words_of
from shared.domain.draft import Sentence
from shared.domain.evidence import EvidenceKind
from shared.domain.verdict import Violation

_WHAT = {
    ClaimKind.NUMBER: "number",
    ClaimKind.MONEY: "amount or percentage",
    ClaimKind.DATE: "date or time",
    ClaimKind.NAME: "name",
    ClaimKind.OFFER: "offer",
}
_OFFERING = frozenset({EvidenceKind.PROFILE, EvidenceKind.DOCUMENT})  # a relationship's wish is no offer of ours
_RESTATED = frozenset(
    "asked wrote mentioned said requested looking wondering interested interest question request thanks thank note".split()
)


def inventions(material: Material) -> Iterator[Violation]:
    """Numbers, amounts, dates, names and offers that the cited span does not contain. What a person wrote is theirs to know."""
    for sentence, claims in material.claims:
        for claim in () if material.answers_for(sentence) else claims:
            if not _holds(material, sentence, claim):
                yield _violation(claim, sentence.text)
    yield from _loose(material)


def _holds(material: Material, sentence: Sentence, claim: Claim) -> bool:
    if _known(material, claim):
        return True
    if claim.parts == (f"number:{_listed(material, sentence)}",):
        return True  # "two times" over two cited slots
    offered = claim.kind is ClaimKind.OFFER and not _restates(sentence)
    grounds = material.grounds_for(sentence, kinds=_OFFERING) if offered else material.grounds_for(sentence)
    return _supported(material, claim, grounds)


def _known(material: Material, claim: Claim) -> bool:
    """The names of those who write and are written to, somebody called April included."""
    if claim.kind is ClaimKind.DATE:
        return claim.quote.lower() in material.known_names
    return claim.kind is ClaimKind.NAME and material.known_names.issuperset(claim.parts)


def _supported(material: Material, claim: Claim, grounds: Iterable[Grounds]) -> bool:
    known = material.known_names if claim.kind is ClaimKind.NAME else frozenset[str]()
    return any(one.support(claim, known=known) for one in grounds)


def _restates(sentence: Sentence) -> bool:
    """Speaks of what the reader said, so that their words may be repeated."""
    words = {word.lower for word in words_of(sentence.text)}
    return not words.isdisjoint(_RESTATED) and not words.isdisjoint({"you", "your"})


def _listed(material: Material, sentence: Sentence) -> int:
    """How many slots and documents the sentence cites."""
    cited = [material.cited[one] for one in set(sentence.sources) if one in material.cited]
    return sum(one.kind in (EvidenceKind.SLOT, EvidenceKind.DOCUMENT) for one in cited)


def _loose(material: Material) -> Iterator[Violation]:
    """Subject, greeting, sign-off and a foreign signature cite nothing: the conversation grounds the first, known names the rest."""
    text = material.draft.text
    for claim in () if text.own_subject else claims_of(text.subject, titled=True):
        if not (_known(material, claim) or _supported(material, claim, material.conversation)):
            yield _violation(claim, text.subject)
    for part in (text.greeting, text.sign_off, "" if material.own_signature else text.signature):
        for claim in claims_of(part):
            if not _known(material, claim):
                yield _violation(claim, part)


def _violation(claim: Claim, where: str) -> Violation:
    what = _WHAT[claim.kind]
    article = "an" if what[0] in "ao" else "a"
    return fail(
        f"ungrounded_{claim.kind}",
        reason=f"“{claim.quote[:80]}” is {article} {what} that the source of this sentence does not contain.",
        suggestion=f"Take “{claim.quote[:80]}” out, or cite where it is written.",
        quote=where,
    )
