"""The CRM records as the agents see them, and which mail domains belong to nobody's company."""

import unicodedata
from datetime import datetime
from typing import ClassVar

from shared.domain.entity import Entity, Value

_SERVICES = "yahoo hotmail outlook live gmx".split()
_ENDINGS = (
    "at be ca ch cl cn co.id co.il co.in co.jp co.kr co.nz co.th co.uk co.za com.ar com.au com.br com.co com.hk com.mx com.my com.ph "
    "com.sg com.tr com.tw com.vn cz de dk es eu fi fr gr hu ie in it jp kr nl no pl pt ro ru se sg sk us"
).split()
FREE_MAIL_DOMAINS = frozenset(f"{service}.{ending}" for service in _SERVICES for ending in _ENDINGS) | frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.co.uk ymail.com icloud.com me.com mac.com aol.com "
    "gmx.com gmx.de gmx.net web.de t-online.de mail.com proton.me protonmail.com fastmail.com zoho.com yandex.com yandex.ru mail.ru "
    "qq.com 163.com 126.com orange.fr free.fr laposte.net libero.it wanadoo.fr hey.com tutanota.com rocketmail.com pm.me duck.com "
    "hushmail.com tuta.com tuta.io tutanota.de posteo.de mailbox.org freenet.de arcor.de gmx.info a1.net aon.at chello.at bluewin.ch "
    "sunrise.ch sfr.fr neuf.fr bbox.fr numericable.fr virgilio.it tiscali.it alice.it tim.it email.it ziggo.nl kpnmail.nl planet.nl "
    "hetnet.nl home.nl xs4all.nl telenet.be skynet.be proximus.be scarlet.be btinternet.com sky.com talktalk.net virginmedia.com "
    "ntlworld.com blueyonder.co.uk eircom.net sapo.pt iol.pt telefonica.net wp.pl o2.pl onet.pl interia.pl op.pl seznam.cz centrum.cz "
    "email.cz azet.sk centrum.sk freemail.hu citromail.hu abv.bg mail.bg telia.com bredband.net online.no mail.dk stofanet.dk "
    "rogers.com bell.net shaw.ca telus.net sympatico.ca videotron.ca bigpond.com bigpond.net.au optusnet.com.au iinet.net.au tpg.com.au "
    "comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net naver.com daum.net hanmail.net "
    "rediffmail.com uol.com.br bol.com.br terra.com.br list.ru bk.ru inbox.ru rambler.ru ya.ru ukr.net".split()
)

DOTLESS = frozenset({"gmail.com", "googlemail.com"})
"""https://support.google.com/mail/answer/7436150: dots do not matter in these addresses."""

CUSTOMER_STAGES = frozenset({"customer", "evangelist"})
"""HubSpot's lifecycle stages of whoever has bought."""

ICP_OF_TIER = {"tier_1": 1.0, "tier_2": 0.7, "tier_3": 0.4}

NAME_JOINTS = " '\u2019.-"
LONGEST_NAME = 60


def mail_domain(address: str) -> str:
    """The part after the last @, lower case; empty when there is none."""
    _, at, domain = address.rpartition("@")
    return domain.strip().lower() if at else ""


def domains_above(domain: str) -> tuple[str, ...]:
    """A domain and those it belongs to, without the top one: whoever names example.com means mail.example.com too."""
    labels = [label for label in domain.strip().lower().split(".") if label]
    return tuple(".".join(labels[first:]) for first in range(max(1, len(labels) - 1))) if labels else ()


def normal_address(address: str) -> str:
    """What spellings of one address have in common: letter case, a +tag, the dots of a Gmail address, the script of a domain.

    What nobody can see, as tables and web pages bring it along, is no part of an address.
    """
    local, at, domain = _visible(address).strip().casefold().rpartition("@")
    local, domain = local.partition("+")[0] or local, normal_domain(domain)
    if domain in DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}{at}{domain}"


def _visible(text: str) -> str:
    """Without blanks of no width, byte order marks, soft hyphens and marks of direction."""
    return text if text.isascii() else "".join(char for char in text if unicodedata.category(char) != "Cf")


def normal_domain(domain: str) -> str:
    """In ASCII, as the name server knows it; one that cannot be put so stays as it is, in lower case."""
    told = _visible(domain).strip().casefold().strip("@.")
    try:
        return told.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return told


def is_free_mail(address: str) -> bool:
    return mail_domain(address) in FREE_MAIL_DOMAINS


def spelled_like_a_name(text: str) -> bool:
    """Letters of any script with their marks, and what joins the parts of a name: no link, no markup, no figure, no order."""
    return text[:1].isalpha() and all(char in NAME_JOINTS or unicodedata.category(char)[0] in "LM" for char in text)


class Contact(Entity):
    """`contacts/{crm id}`: the last copy read from the CRM."""

    collection: ClassVar[str] = "contacts"

    email: str
    first_name: str = ""
    last_name: str = ""
    job_title: str = ""
    phone: str = ""
    country: str = ""
    timezone: str = ""  # IANA name when the CRM knows it
    lifecycle_stage: str = ""
    lawful_basis: str = ""  # as the CRM puts it; `lawful_basis.bases_in` reads it
    opted_out: bool = False  # they have unsubscribed from everything in the CRM
    lead_status: str = ""
    owner_id: str = ""  # HubSpot owner
    company_id: str = ""
    merged_from: tuple[str, ...] = ()  # ids this record absorbed
    other_emails: tuple[str, ...] = ()  # further addresses of the same person, lower case: a merged record keeps those it absorbed
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def addresses(self) -> frozenset[str]:
        """All of them, lower case."""
        return frozenset(one for one in (self.email.strip().lower(), *self.other_emails) if one)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def header_name(self) -> str:
        """The name as it may stand beside the address of a mail; empty when somebody has written something else there."""
        return self.name if spelled_like_a_name(self.name) and len(self.name) <= LONGEST_NAME else ""


class Company(Entity):
    """`companies/{crm id}`."""

    collection: ClassVar[str] = "companies"

    name: str
    domain: str = ""
    industry: str = ""
    employees: int | None = None
    city: str = ""
    country: str = ""
    lifecycle_stage: str = ""
    owner_id: str = ""
    icp_tier: str = ""  # how well it fits what we look for, as the CRM grades it: tier_1 is best

    @property
    def icp(self) -> float | None:
        """0-1; None when nobody has graded it."""
        return ICP_OF_TIER.get(self.icp_tier)


class Deal(Entity):
    """`deals/{crm id}`."""

    collection: ClassVar[str] = "deals"

    name: str
    stage: str = ""
    amount: str = ""
    closed: bool = False
    owner_id: str = ""


class Identity(Value):
    """identity_resolver's answer: who this is, as far as the CRM knows."""

    found: bool  # the contact existed in the CRM
    contact: Contact
    company: Company | None = None
    company_matched_by: str = ""  # "contact" | "domain" | ""
    deals: tuple[Deal, ...] = ()

    @property
    def industry(self) -> str:
        return self.company.industry if self.company else ""
