"""Check for somebody's health in the text."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.words import phrases, words_of
from shared.domain.verdict import Severity, Violation

_ALWAYS = phrases(
    "diagnosed with | sick leave | medical leave | hiv positive | chemotherapy | medical condition | medical history | blood pressure | "
    "mental health issues | health insurance number | on medication"
)
_CONDITIONS = frozenset(
    "cancer diabetes depression burnout pregnant pregnancy surgery illness disease disability hiv epilepsy asthma miscarriage tumour tumor "
    "stroke alcoholism addiction anxiety diagnosis prescription allergy dementia schizophrenia covid operation chemo".split()
)
_PERSONS = frozenset("you your he his him she her hers my i mother father wife husband son daughter child".split())
_AMBIGUOUS = frozenset({"operation", "surgery", "stroke", "disease", "prescription"})
_CLOSE = 4


def health_data(material: Material) -> Iterator[Violation]:
    """A condition close to a person it is said of; words of the health trade alone are fine."""
    found = [phrase.strip() for phrase in _ALWAYS if phrase in material.joined]
    for quote in (found or list(_conditions(material)))[:1]:
        yield fail(
            "health_data",
            severity=Severity.MEDIUM,
            reason="The mail speaks of somebody's health.",
            suggestion="Leave health out of it, even when they mentioned it themselves.",
            quote=quote,
        )


def _conditions(material: Material) -> Iterator[str]:
    words = [word.lower for word in words_of(material.written)]
    for index, word in enumerate(words):
        if word not in _CONDITIONS:
            continue
        before = words[max(0, index - (1 if word in _AMBIGUOUS else _CLOSE)) : index]
        his = {"his", "her", "my"} if word in _AMBIGUOUS else _PERSONS
        if not his.isdisjoint(before):
            yield " ".join([*before, word])
