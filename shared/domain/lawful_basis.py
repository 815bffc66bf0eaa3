"""On which footing we stand with somebody: where they are and why they may be written to, as CRM, table and mails tell it."""

import re
from datetime import datetime, timedelta
from typing import Self

from shared.domain.compliance import Compliance
from shared.domain.conversation import Message, ThreadReading
from shared.domain.entity import Value
from shared.domain.farewells import asks_to_stop, newest_from
from shared.domain.jurisdictions import Basis, agreed_country, country_where
from shared.domain.people import CUSTOMER_STAGES, Contact, Identity, is_free_mail, mail_domain
from shared.domain.sends import Touch
from shared.domain.submission import FormEntry

COLUMNS = ("lawful_basis", "legal_basis", "hs_legal_basis")
"""Under any of these a table tells it."""
WORDS = {
    "freely given consent from contact": Basis.CONSENT,
    "freely given consent": Basis.CONSENT,
    "consent": Basis.CONSENT,
    "performance of a contract": Basis.CUSTOMER,
    "legitimate interest existing customer": Basis.CUSTOMER,
    "customer": Basis.CUSTOMER,
    "legitimate interest prospect lead": Basis.LEGITIMATE_INTEREST,
    "legitimate interest other": Basis.LEGITIMATE_INTEREST,
    "legitimate interest": Basis.LEGITIMATE_INTEREST,
}
"""The options of HubSpot's property `hs_legal_basis`, and shorter words for tables. Any other word is no basis."""
SAYS_NOTHING = "not applicable"


class Footing(Value):
    """Empty and unknown for what was kept before anybody asked."""

    country: str = ""  # ISO 3166-1 alpha-2
    told: tuple[Basis, ...] = ()  # as the contact's record, or the table they were in, says
    customer: bool = False
    personal: bool = False  # the address is a person's, not a company's: a free mail service has it
    wrote_at: datetime | None = None  # when they last wrote to us
    farewell: str = ""  # how they have said, elsewhere than by our links, that they want no mails; empty when they have not

    def having_heard(self, at: datetime | None) -> Self:
        """The same, knowing of a mail of theirs."""
        return self if at is None else self.model_copy(update={"wrote_at": max(at, self.wrote_at or at)})


def bases_in(told: str) -> tuple[Basis, ...]:
    """Of a property with several options, or a cell: `Freely given consent from contact;Not applicable`.

    None beside a word that is no option: `consent; withdrawn in May` is not consent.
    """
    words = [" ".join(re.sub(r"[^\w]|_", " ", one.casefold()).split()) for one in told.split(";") if one.strip()]
    said = [one for one in words if one != SAYS_NOTHING]
    return tuple(dict.fromkeys(WORDS[one] for one in said)) if set(said) <= WORDS.keys() else ()


def footing_of(identity: Identity, entry: FormEntry, reading: ThreadReading | None) -> Footing:
    contact, company = identity.contact, identity.company
    table = next((value for one in COLUMNS if (value := entry.field(one))), "") if entry.imported else ""
    newest = newest_from((entry.email, *contact.addresses), reading)
    stages = {contact.lifecycle_stage.strip().lower(), company.lifecycle_stage.strip().lower() if company else ""}
    return Footing(
        country=country_where(
            contact=agreed_country(contact.country, entry.field("country") if entry.imported else ""),
            company=company.country if company else "",
            domains=(mail_domain(entry.email or contact.email), company.domain if company else ""),
        ),
        told=tuple(dict.fromkeys((*bases_in(contact.lawful_basis), *bases_in(table)))),
        customer=not CUSTOMER_STAGES.isdisjoint(stages),
        personal=is_free_mail(entry.email or contact.email),
        wrote_at=newest.sent_at if newest else None,
        farewell=_farewell(contact, newest),
    )


def _farewell(contact: Contact, newest: Message | None) -> str:
    """Whoever writes again after they have asked us to stop has taken it back; what they told HubSpot they take back there."""
    if contact.opted_out:
        return "They have unsubscribed in HubSpot"
    return "The last thing they wrote asks us to stop" if newest is not None and asks_to_stop(newest.text) else ""


def bases_of(footing: Footing, rules: Compliance, *, touch: Touch, now: datetime) -> frozenset[Basis]:
    """Everything that speaks for writing to them. An answer is an inquiry's, whoever they are."""
    wrote = footing.wrote_at is not None and now - footing.wrote_at <= timedelta(days=rules.inquiry_days)
    found = {
        Basis.INQUIRY: touch is Touch.ANSWER or wrote,
        Basis.CUSTOMER: footing.customer,
        Basis.LEGITIMATE_INTEREST: bool(rules.assessment),
    }
    return frozenset({Basis.NONE, *footing.told, *(one for one, holds in found.items() if holds)})
