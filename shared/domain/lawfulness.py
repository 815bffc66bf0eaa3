"""Whether a mail may lawfully be sent to somebody, and what its footer has to say: one judgement, for gate, approval, preview and wire."""

from collections.abc import Iterator
from datetime import datetime
from typing import Self

from shared.domain.audit import ActorKind
from shared.domain.compliance import Compliance, Disclosure
from shared.domain.draft import Draft
from shared.domain.entity import Value
from shared.domain.footer import Footer
from shared.domain.jurisdictions import LAWS, Basis, Jurisdiction, Part, jurisdiction_of
from shared.domain.lawful_basis import Footing, bases_of
from shared.domain.refusals import Refusal
from shared.domain.sends import Touch

BASIS = "lawful_basis"
RULES = (BASIS, "footer", "disclosure", "tracking")
"""What a refusal may be called here."""
ASKED_FOR = frozenset({Basis.CONSENT, Basis.INQUIRY})
WORDS = {
    Basis.CONSENT: "their consent",
    Basis.INQUIRY: "an inquiry of theirs",
    Basis.CUSTOMER: "their being a customer",
    Basis.LEGITIMATE_INTEREST: "a legitimate interest",
    Basis.NONE: "no basis",
}
PARTS = {
    Part.IDENTITY: "who writes",
    Part.POSTAL_ADDRESS: "a postal address",
    Part.REASON: "why they get it",
    Part.OPT_OUT: "a way to unsubscribe",
}
ADDRESS_FIX = "An administrator sets it: `sdr workspace set --postal-address '…'`; then it goes on by itself within ten minutes."
ANEW = "Have it written anew."
RECORD = "Record it with the contact (hs_legal_basis), or leave them in peace."
PEACE = "Leave them in peace."
FIX = {
    Part.POSTAL_ADDRESS: "Set it with `sdr workspace set --postal-address`, then have it written anew;"
    " once refused it is not: import them under another --form.",
    Part.REASON: "Save it once more, changed or not, and it says so.",
}


class Letter(Value):
    """What the law looks at of a mail. `unseen`: no person approves it. `watched`: it tells us when it is opened, or its links followed."""

    touch: Touch
    footer: Footer | None
    unseen: bool = False
    watched: bool = False

    @classmethod
    def of(cls, draft: Draft, *, unseen: bool | None = None) -> Self:
        """None: as it was decided; what nobody has decided on is looked at by a person."""
        if unseen is None:
            unseen = draft.decided_by is not None and draft.decided_by.kind is ActorKind.RULE
        return cls(touch=draft.touch, footer=draft.footer, unseen=unseen, watched=draft.tracked is not None)


class Ground(Value):
    """How a mail stands with the law at one moment, for whoever decides. `told`: why it may be sent, or all that is against it."""

    country: str  # ISO 3166-1 alpha-2; empty when unknown
    jurisdiction: Jurisdiction
    basis: Basis | None  # None: nothing lets them be written to
    lawful: bool
    told: str


def counting(rules: Compliance, footing: Footing) -> frozenset[Basis]:
    """The bases that count where they are: by its law, and by a policy that asks for more."""
    law = LAWS[jurisdiction_of(footing.country)]
    bases = law.bases & ASKED_FOR if footing.country in rules.consent_only else law.bases
    return bases - {Basis.LEGITIMATE_INTEREST} if footing.personal and Basis.NONE not in bases else bases


def basis_of(rules: Compliance, footing: Footing, *, touch: Touch, now: datetime) -> Basis | None:
    """The strongest that lets them be written to; None when nothing does, or they have said no."""
    if _has_said_no(footing, touch):
        return None
    found = bases_of(footing, rules, touch=touch, now=now) & counting(rules, footing)
    return next((one for one in Basis if one in found), None)


def may_be_sent(rules: Compliance, footing: Footing, *, touch: Touch, now: datetime) -> str:
    """One line for whoever decides: where they are, and why they may be written to. Empty when they may not."""
    basis = basis_of(rules, footing, touch=touch, now=now)
    return f"{_where(footing)}: may be written to, by {WORDS[basis]}." if basis else ""


def ground_of(rules: Compliance, footing: Footing, *, letter: Letter, now: datetime) -> Ground:
    against = unlawful(rules, footing, letter=letter, now=now)
    return Ground(
        country=footing.country,
        jurisdiction=jurisdiction_of(footing.country),
        basis=basis_of(rules, footing, touch=letter.touch, now=now),
        lawful=not against,
        told=" ".join(one.told for one in against) or may_be_sent(rules, footing, touch=letter.touch, now=now),
    )


def unlawful(rules: Compliance, footing: Footing, *, letter: Letter, now: datetime) -> tuple[Refusal, ...]:
    """Everything the law of the recipient, or the policy about it, has against a mail; empty when it may leave."""
    without = baseless(rules, footing, touch=letter.touch, now=now)
    return (
        *([without] if without else ()),
        *_footless(footing, letter),
        *_undisclosed(rules, letter),
        *_watched_unasked(rules, footing, letter),
    )


def may_be_watched(rules: Compliance, footing: Footing) -> bool:
    """Whether a mail to them may tell us that it was opened. Consent to be written to is none to that, unless it was asked for with it.

    Who has said no to our mails is answered, and not watched: whatever they had agreed to before.
    """
    if footing.farewell:
        return False
    return LAWS[jurisdiction_of(footing.country)].watched_freely or (rules.watching_consented and Basis.CONSENT in footing.told)


def baseless(rules: Compliance, footing: Footing, *, touch: Touch, now: datetime) -> Refusal | None:
    """That they have said no, or that nothing lets them be written to, whatever the mail will say."""
    if _has_said_no(footing, touch):
        return Refusal(rule=BASIS, reason=f"{footing.farewell}: nobody writes to them unasked any more.", fix=PEACE)
    if basis_of(rules, footing, touch=touch, now=now) is not None:
        return None
    wanted = " or ".join(WORDS[one] for one in Basis if one in counting(rules, footing))
    told = f"{_where(footing)}: nobody may be written to there without {wanted}, and none is known."
    return Refusal(rule=BASIS, reason=told, fix=RECORD)


def unaddressed(rules: Compliance, footing: Footing, *, touch: Touch, postal_address: str) -> Refusal | None:
    """That the footer of whatever is written to them would lack an address, when it is to have a footer."""
    needed = touch is not Touch.ANSWER and Part.POSTAL_ADDRESS in LAWS[jurisdiction_of(footing.country)].parts
    if not needed or postal_address or touch not in rules.touches:
        return None
    reason = f"{_where(footing)}: the footer has to say {PARTS[Part.POSTAL_ADDRESS]}, and the workspace has none."
    return Refusal(rule="footer", reason=reason, fix=ADDRESS_FIX)


def _has_said_no(footing: Footing, touch: Touch) -> bool:
    """Who asks is answered all the same."""
    return bool(footing.farewell) and touch is not Touch.ANSWER


def _footless(footing: Footing, letter: Letter) -> Iterator[Refusal]:
    """An answer to what they asked is no unsolicited mail: no law of the table wants a footer below it."""
    if letter.touch is Touch.ANSWER:
        return
    told = letter.footer or Footer()
    missing = [one for one in Part if one in LAWS[jurisdiction_of(footing.country)].parts and not getattr(told, one.value)]
    if missing:
        named = ", ".join(PARTS[one] for one in missing)
        fixes = " ".join(FIX[one] for one in missing if one in FIX) or ANEW
        yield Refusal(rule="footer", reason=f"{_where(footing)}: the footer has to say {named}.", fix=fixes)


def _undisclosed(rules: Compliance, letter: Letter) -> Iterator[Refusal]:
    needed = rules.disclosure is Disclosure.ALWAYS or (rules.disclosure is Disclosure.UNSEEN and letter.unseen)
    if needed and not (letter.footer and letter.footer.disclosure):
        yield Refusal(rule="disclosure", reason="It does not say that software had a part in writing it.", fix=ANEW)


def _watched_unasked(rules: Compliance, footing: Footing, letter: Letter) -> Iterator[Refusal]:
    if letter.watched and not may_be_watched(rules, footing):
        told = f"{_where(footing)}: whether they open a mail may be looked at only with their consent, and none is known."
        yield Refusal(rule="tracking", reason=told, fix="Save it once more, and it goes without.")


def _where(footing: Footing) -> str:
    law = LAWS[jurisdiction_of(footing.country)]
    return f"They are in {law.name}" + (f" ({footing.country})" if footing.country else "")


def footer_of(rules: Compliance, footing: Footing, *, sender: Footer, touch: Touch, unseen: bool, now: datetime) -> Footer | None:
    """`sender` is who writes, from where, and the link. Reason and disclosure are said where they are asked for. None: nothing is."""
    discloses = rules.disclosure is Disclosure.ALWAYS or (rules.disclosure is Disclosure.UNSEEN and unseen)
    disclosure = rules.disclosure_sentence if discloses else ""
    if touch not in rules.touches:
        return Footer(disclosure=disclosure) if disclosure else None
    reason = ""
    if Part.REASON in LAWS[jurisdiction_of(footing.country)].parts:
        reason = f"{REASONS[basis_of(rules, footing, touch=touch, now=now)]} {rules.source}".strip()
    return sender.model_copy(update={"reason": reason, "disclosure": disclosure})


ADVERTISING = "This is an advertisement: we believe that it concerns your work."
"""Whoever has asked for nothing is told what it is, as the FTC's guide and article 6 of 2000/31/EC want it."""
REASONS = {
    Basis.CONSENT: "You agreed to hear from us.",
    Basis.INQUIRY: "You wrote to us.",
    Basis.CUSTOMER: "You are a customer of ours.",
    Basis.LEGITIMATE_INTEREST: ADVERTISING,
    Basis.NONE: ADVERTISING,
    None: "",
}
