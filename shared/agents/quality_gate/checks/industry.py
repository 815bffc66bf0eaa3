"""Check that the mail speaks of the recipient's own industry."""

from collections.abc import Iterator

from shared.agents.quality_gate.findings import warn
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.words import joined, words_of
from shared.domain.evidence import EvidenceKind
from shared.domain.verdict import Severity, Violation

# What people call their trade, by family; HubSpot's industry names are matched with the same words.
_FAMILIES = {
    "healthcare": "healthcare hospital hospitals clinic clinics pharma pharmaceuticals biotechnology medical hospital_health_care",
    "finance": "banking bank banks insurance insurers fintech financial investment",
    "retail": "retail retailer retailers supermarkets ecommerce e-commerce shops apparel",
    "manufacturing": "manufacturing manufacturer manufacturers factories automotive machinery industrial",
    "logistics": "freight trucking warehousing shipping carriers transportation logistics",
    "education": "education universities university schools school e-learning",
    "hospitality": "hospitality hotels hotel restaurants tourism travel leisure",
    "construction": "construction builders civil engineering architecture",
    "public sector": "government municipalities ministries public military",
    "energy": "energy utilities oil renewables mining",
    "software": "software saas internet computer information",
    "media": "media broadcasting publishing newspapers entertainment film",
    "marketing": "marketing advertising agencies",
    "agriculture": "farming agriculture farms dairy",
}
_FAMILY_OF = {word: family for family, words in _FAMILIES.items() for word in words.split()}
_CUES = ("companies", "companies in", "businesses", "firms", "industry", "sector", "teams", "customers", "clients", "brands", "providers")


def industry_mismatch(material: Material) -> Iterator[Violation]:
    """A trade named as the recipient's that is not theirs, when the CRM knows theirs and they did not bring it up."""
    theirs = _families(material.context.identity.industry)
    if not theirs:
        return
    told = [one.text for one in material.evidence.values() if one.kind in (EvidenceKind.FORM, EvidenceKind.CRM, EvidenceKind.MESSAGE)]
    theirs |= _families("\n".join(told))
    for quote, family in _named(material.joined):
        if family not in theirs:
            yield warn(
                "industry_mismatch",
                severity=Severity.MEDIUM,
                reason=f"The mail speaks of {family} (“{quote}”), and their company is in {material.context.identity.industry}.",
                suggestion="Use an example from their own industry, or none.",
                quote=quote,
            )
            return


def _families(text: str) -> set[str]:
    words = joined(words_of(text.replace("_", " "))).split()
    return {_FAMILY_OF[word] for word in words if word in _FAMILY_OF}


def _named(text: str) -> Iterator[tuple[str, str]]:
    """Trades with a word that says "people like you" beside them."""
    words = text.split()
    for index, word in enumerate(words):
        family = _FAMILY_OF.get(word)
        around = words[max(0, index - 2) : index + 2]
        if family and not set(around).isdisjoint({*_CUES, "other", "your"}):
            yield " ".join(around), family
