"""Check that a mail which points at times also names some."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.grounding import ClaimKind
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.words import joined, phrases, words_of
from shared.domain.evidence import EvidenceKind
from shared.domain.verdict import Severity, Violation

_TIMES = phrases(
    "these times | those times | these slots | those slots | these dates | those dates | these appointments | of the times | "
    "of the slots | times above | times below | slots above | slots below | would this time | does this time | is this time | "
    "would that time | does that time"
)
_SOME = phrases("one of these | one of those | which of these | which of those | any of these | either of these | either of those")
_SPEAKS_OF_TIMES = frozenset(
    "work works suit suits fit fits be is are would could convenient possible best good better days for or".split()
)
"""After "one of these" these words say that times are meant; "one of these halls" means halls."""


def offered_times(material: Material) -> Iterator[Violation]:
    """ "One of these times" needs a time of the calendar somewhere in the mail."""
    if any(one.kind is EvidenceKind.SLOT for one in material.cited.values()) or _named_by_a_person(material):
        return
    for sentence in material.sentences:
        if _points_at_times(joined(words_of(material.own_words(sentence)))):
            yield fail(
                "offered_times",
                severity=Severity.MEDIUM,
                reason="The mail speaks of times it does not name.",
                suggestion="Name the free times from the calendar, or ask which day suits.",
                quote=sentence.text,
            )
            return


def _named_by_a_person(material: Material) -> bool:
    """The operator has put a time of their own into the text."""
    told = (claims for sentence, claims in material.claims if material.answers_for(sentence))
    return any(claim.kind is ClaimKind.DATE for claims in told for claim in claims)


def _points_at_times(text: str) -> bool:
    if any(phrase in text for phrase in _TIMES):
        return True
    after = [text[text.index(phrase) + len(phrase) :].partition(" ")[0] for phrase in _SOME if phrase in text]
    return any(not word or word in _SPEAKS_OF_TIMES for word in after)
