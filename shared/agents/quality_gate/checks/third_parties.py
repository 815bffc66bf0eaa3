"""Checks for the identity of people who are not part of this conversation."""

import re
from collections.abc import Iterator

from shared.agents.quality_gate.findings import fail
from shared.agents.quality_gate.grounding import ClaimKind
from shared.agents.quality_gate.material import Material
from shared.agents.quality_gate.words import words_of
from shared.domain.evidence import Evidence, EvidenceKind
from shared.domain.ids import EvidenceId
from shared.domain.verdict import Severity, Violation

# Both start where no address or number character stands before, and have bounded repeats: linear.
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,100}")
_PHONE = re.compile(r"(?<![\w+.,/-])(?:\+|00|\()?\d[\d ().\-/]{6,20}\d(?![\w%])")
_DATED = re.compile(r"(?:19|20)\d{2}[-/. ]|\d{1,2}[./]\d{1,2}[./]")


def third_party_contacts(material: Material) -> Iterator[Violation]:
    """Mail addresses and telephone numbers of anybody but the recipient and the operator."""
    profile = _profile_text(material)
    for found in _ADDRESS.finditer(material.written):
        address = found[0].rstrip(".").lower()
        if not material.is_ours_or_theirs(address) and address not in profile:
            yield _violation("an e-mail address", address)
    ours = _known_numbers(material, profile)
    for found in _PHONE.finditer(material.written):
        digits = _digits(found[0])
        if _looks_dialled(found[0], digits) and digits[-8:] not in ours:
            yield _violation("a telephone number", found[0])


def third_party_names(material: Material) -> Iterator[Violation]:
    """Names that only somebody else's mail mentions: what others wrote to us is not told to this recipient."""
    foreign = _foreign(material)
    others = _foreign_senders(material).union(*(_capitals(f"{one.text} {one.label}") for one in foreign.values()))
    if not others:
        return
    told = (one for id, one in material.evidence.items() if id not in foreign)
    private = others.difference(material.known_names, *(_words(one) for one in told))
    names = (claim for _, claims in material.claims for claim in claims if claim.kind is ClaimKind.NAME)
    for claim in names:
        if not private.isdisjoint(claim.parts):
            yield _violation("the name", claim.quote)


def _violation(what: str, quote: str) -> Violation:
    return fail(
        "third_party",
        severity=Severity.MEDIUM,
        reason=f"The mail gives away {what} of somebody who is not part of this conversation: “{quote[:80]}”.",
        suggestion="Leave out who else you write with; say it without naming them.",
        quote=quote,
    )


def _foreign(material: Material) -> dict[EvidenceId, Evidence]:
    """Spans of mails that neither the recipient nor the operator wrote."""
    senders = {f"message.{message.id}": message.sender for message in material.messages()}
    senders |= {recalled.evidence.id: recalled.sender for recalled in material.context.memories}
    found = {}
    for id, one in material.evidence.items():
        sender = senders.get(id) or senders.get(".".join(id.split(".", 2)[:2]))
        if sender and one.kind is EvidenceKind.MESSAGE and not material.is_ours_or_theirs(_address(sender)):
            found[id] = one
    return found


def _foreign_senders(material: Material) -> frozenset[str]:
    names = [one.sender_name for one in material.messages() if not material.is_ours_or_theirs(one.sender)]
    return frozenset(word.lower for name in names for word in words_of(name))


def _address(sender: str) -> str:
    """The address of "Name <address>" or of a bare address."""
    return sender.rpartition("<")[2].rstrip("> ").strip()


def _capitals(text: str) -> frozenset[str]:
    return frozenset(word.lower for word in words_of(text) if word.capital)


def _words(evidence: Evidence) -> frozenset[str]:
    return frozenset(word.lower for word in words_of(f"{evidence.text} {evidence.label}"))


def _profile_text(material: Material) -> str:
    profile = [one.text for one in material.evidence.values() if one.kind is EvidenceKind.PROFILE]
    return "\n".join([*profile, material.operator.signature, material.voice.signature]).lower()


def _known_numbers(material: Material, profile: str) -> frozenset[str]:
    """The last eight digits of the numbers of the recipient and the operator."""
    fields = [one.value for one in material.context.job.entry.fields]
    told = "\n".join([material.context.identity.contact.phone, *fields, profile])
    return frozenset(_digits(found[0])[-8:] for found in _PHONE.finditer(told))


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdecimal())


def _looks_dialled(text: str, digits: str) -> bool:
    """International, with an area code, or ten digits in groups; dates and amounts are not."""
    if not 8 <= len(digits) <= 15 or _DATED.match(text):
        return False
    return text.startswith(("+", "0", "(")) or (len(digits) >= 10 and any(char in " .-" for char in text))
