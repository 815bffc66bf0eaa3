"""Whose law a mail falls under, and what it asks for: a table, strict where nobody knows. Not legal advice; read by `lawfulness`.

Where each row is from stands in docs/decisions/2026-11-lawful-mail.md.
"""

from collections.abc import Mapping
from enum import StrEnum

from shared.domain.countries import country_of_domain, named_country
from shared.domain.entity import Value


class Basis(StrEnum):
    """Why somebody may be written to."""

    CONSENT = "consent"  # they have agreed
    INQUIRY = "inquiry"  # they have filled in a form of ours, or written to us
    CUSTOMER = "customer"
    LEGITIMATE_INTEREST = "legitimate_interest"  # weighed against theirs, in writing
    NONE = "none"  # what everybody has


class Part(StrEnum):
    """What a footer may have to say; a field of Footer."""

    IDENTITY = "identity"
    POSTAL_ADDRESS = "postal_address"
    REASON = "reason"
    OPT_OUT = "opt_out"


class Jurisdiction(StrEnum):
    US = "US"
    CA = "CA"
    EU = "EU"
    EU_CONSENT = "EU_CONSENT"
    UK = "UK"
    DE = "DE"
    AT = "AT"
    AU = "AU"
    UNKNOWN = "UNKNOWN"


class Law(Value):
    """`bases`: any of them lets an unsolicited mail be sent. `parts`: what its footer has to say. `source`: a public page.

    `watched_freely`: whether they have opened a mail, and followed its links, may be looked at without their consent.
    """

    name: str
    bases: frozenset[Basis]
    parts: frozenset[Part]
    source: str
    watched_freely: bool = False


_ASKED = frozenset({Basis.CONSENT, Basis.INQUIRY})
_KNOWN = _ASKED | {Basis.CUSTOMER}
_WEIGHED = _KNOWN | {Basis.LEGITIMATE_INTEREST}
_SENDER = frozenset({Part.IDENTITY, Part.POSTAL_ADDRESS, Part.OPT_OUT})
_EVERYTHING = frozenset(Part)

LAWS: Mapping[Jurisdiction, Law] = {
    Jurisdiction.US: Law(
        name="the United States",
        bases=frozenset(Basis),
        parts=_EVERYTHING,
        source="https://www.ftc.gov/business-guidance/resources/can-spam-act-compliance-guide-business",
        watched_freely=True,
    ),
    Jurisdiction.CA: Law(name="Canada", bases=_KNOWN, parts=_SENDER, source="https://laws-lois.justice.gc.ca/eng/acts/e-1.6/"),
    Jurisdiction.EU: Law(
        name="the European Union and its neighbours",
        bases=_WEIGHED,
        parts=_EVERYTHING,
        source="https://eur-lex.europa.eu/eli/dir/2002/58/oj",
    ),
    Jurisdiction.EU_CONSENT: Law(
        name="a country of Europe where firms too are asked first",
        bases=_KNOWN,
        parts=_EVERYTHING,
        source="https://eur-lex.europa.eu/eli/dir/2002/58/oj",
    ),
    Jurisdiction.UK: Law(
        name="the United Kingdom", bases=_WEIGHED, parts=_EVERYTHING, source="https://www.legislation.gov.uk/uksi/2003/2426/regulation/22"
    ),
    Jurisdiction.DE: Law(name="Germany", bases=_KNOWN, parts=_EVERYTHING, source="https://www.gesetze-im-internet.de/uwg_2004/__7.html"),
    Jurisdiction.AT: Law(name="Austria", bases=_KNOWN, parts=_EVERYTHING, source="https://www.ris.bka.gv.at/eli/bgbl/i/2021/190/P174"),
    Jurisdiction.AU: Law(
        name="Australia",
        bases=_KNOWN,
        parts=_SENDER,
        source="https://www.legislation.gov.au/C2004A01214/latest/text",
        watched_freely=True,
    ),
    Jurisdiction.UNKNOWN: Law(name="a country we do not know", bases=_ASKED, parts=_EVERYTHING, source="the strictest of the others"),
}

_EU = "EE FI FR HU IE LU LV PT SE".split()
"""Article 13 (5) of 2002/58/EC leaves firms to the members: these let them be written to until they say no."""
_EU_CONSENT = "BE BG CH CY CZ DK ES GR HR IS IT LI LT MT NL NO PL RO SI SK".split()
"""These do not, or nobody has looked: the rest of the EEA without Germany and Austria, and Switzerland."""
_BY_COUNTRY = {
    **dict.fromkeys(_EU, Jurisdiction.EU),
    **dict.fromkeys(_EU_CONSENT, Jurisdiction.EU_CONSENT),
    "GB": Jurisdiction.UK,
    **{one.value: one for one in (Jurisdiction.US, Jurisdiction.CA, Jurisdiction.DE, Jurisdiction.AT, Jurisdiction.AU)},
}


NOWHERE = "?"
"""Stated, and no country: nothing else is asked then."""


def agreed_country(*stated: str) -> str:
    """What all that is stated of somebody names; NOWHERE when that is no country, or several. Empty when nothing is."""
    codes = {named_country(one) or NOWHERE for one in stated if one.strip()}
    return codes.pop() if len(codes) == 1 else NOWHERE if codes else ""


def country_where(*, contact: str, company: str, domains: tuple[str, ...]) -> str:
    """ISO code of where they are: as stated of them, else of their company, else as their mail domain tells. Empty when unknown.

    What is stated and cannot be read is unknown: a guess would be laxer than what somebody meant to say. So is a company in one
    country whose mail is another's: one of them may be the head office, and the other where they sit.
    """
    if contact.strip():
        return named_country(contact)
    told = [code for one in domains if (code := country_of_domain(one))]
    if not company.strip():
        return told[0] if told else ""
    code = named_country(company)
    return code if set(told) <= {code} else ""


def jurisdiction_of(country: str) -> Jurisdiction:
    """Of an ISO code; a country without a row is as unknown as none."""
    return _BY_COUNTRY.get(country, Jurisdiction.UNKNOWN)
