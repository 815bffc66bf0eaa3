"""Suppressions: who must not be written to, and why. Looked up by keyed hashes, so that a wish outlives the erasure of whose it was."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.audit import Actor
from shared.domain.entity import Entity, Value
from shared.domain.keys import VersionedKey
from shared.domain.people import FREE_MAIL_DOMAINS, domains_above, mail_domain, normal_address, normal_domain


class Scope(StrEnum):
    ADDRESS = "address"
    DOMAIN = "domain"
    COMPANY = "company"  # a CRM record's id


class Cause(StrEnum):
    OPT_OUT = "opt_out"
    COMPLAINT = "complaint"
    BOUNCE = "bounce"
    MANUAL = "manual"
    IMPORT = "import"


NEVER_EXPIRE = frozenset({Cause.OPT_OUT, Cause.COMPLAINT})
LONGEST = 254
ADDRESS = re.compile(r"(?!\*@)[^\s\x00-\x1f\x7f-\x9f@<>\"(),:;\[\]\\]+@[a-z0-9_.-]+")
DOMAIN = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
RECORD = re.compile(r"[A-Za-z0-9_-]{1,64}")


class LiftReason(StrEnum):
    """Why one is taken back: one of these words, because the log outlives the erasure of whom free ones would name."""

    MISTAKE = "mistake"  # nobody should have been suppressed
    WRONG_SUBJECT = "wrong_subject"  # somebody else was meant
    OUTDATED = "outdated"  # what was true then is not any more
    AGREED = "agreed"  # they have told us that we may write
    OTHER = "other"


class Suppression(Entity):
    """`suppressions/{keyed hash}`. `shown` is the clear text for the operator's eyes; erasure empties it and the hash goes on blocking."""

    collection: ClassVar[str] = "suppressions"

    scope: Scope
    key_version: int
    cause: Cause
    shown: str = ""
    source: str = ""  # where the wish was heard: "import list.csv", "reply 18c…", "console"
    by: Actor
    at: datetime
    expires_at: datetime | None = None

    def in_force(self, now: datetime) -> bool:
        return self.cause in NEVER_EXPIRE or self.expires_at is None or now < self.expires_at


class Subject(Value):
    """What a suppression may be about."""

    scope: Scope
    value: str


def subjects_of(
    recipients: Iterable[str], *, also_known_as: Iterable[str] = (), company_id: str = "", company_domain: str = ""
) -> tuple[Subject, ...]:
    """Everything whose suppression would forbid a mail to these people of one company.

    `also_known_as` are further addresses of theirs: what was wished there counts, and what firm they belonged to there does not.
    """
    aliases = (Subject(scope=Scope.ADDRESS, value=one) for one in also_known_as)
    return tuple(dict.fromkeys((*_subjects(recipients, company_id, company_domain), *aliases)))


def _subjects(recipients: Iterable[str], company_id: str, company_domain: str) -> Iterator[Subject]:
    for recipient in recipients:
        yield Subject(scope=Scope.ADDRESS, value=recipient)
        for domain in domains_above(normal_domain(mail_domain(recipient))):
            yield Subject(scope=Scope.DOMAIN, value=domain)
    for domain in domains_above(normal_domain(company_domain)):
        yield Subject(scope=Scope.DOMAIN, value=domain)
    if company_id:
        yield Subject(scope=Scope.COMPANY, value=company_id)


def normal(subject: Subject) -> str:
    """What spellings of the same have in common. An opt-out counts for every +tag of its address."""
    match subject.scope:
        case Scope.ADDRESS:
            return normal_address(subject.value)
        case Scope.DOMAIN:
            return normal_domain(subject.value)
        case Scope.COMPANY:
            return subject.value.strip()


def suppression_id(subject: Subject, key: VersionedKey) -> str:
    """Keyed: without the key nobody can test whether an address is on the list."""
    message = f"{subject.scope}\n{normal(subject)}".encode()
    return f"s{key.version}-{hmac.new(key.secret, message, hashlib.sha256).hexdigest()[:40]}"


def ids_of(subjects: Sequence[Subject], keys: Sequence[VersionedKey]) -> tuple[str, ...]:
    """Every id under which one of them may be suppressed."""
    return tuple(suppression_id(subject, key) for subject in subjects for key in keys)


PUBLIC_LABELS = frozenset("co com org net ac gov edu or ne gob nom".split())
"""Under the two letters of a country these are what everybody's domains end in: co.uk, com.au."""


def too_wide(subject: Subject) -> bool:
    """A free-mail provider's whole domain, or what everybody's domain ends in: somebody who asks for that has made a mistake."""
    if subject.scope is not Scope.DOMAIN:
        return False
    domain = normal(subject)
    label, _, top = domain.partition(".")
    return domain in FREE_MAIL_DOMAINS or not top or (label in PUBLIC_LABELS and len(top) == 2)


def subject_from(value: str, scope: Scope | None = None) -> Subject:
    """As it is meant when nobody says: something before an @ makes it an address, else it is a domain. `*@` means everybody there."""
    told = value.strip()
    local, at, _ = told.partition("@")
    meant = scope or (Scope.ADDRESS if local and at and "*" not in local else Scope.DOMAIN)  # who writes a * means a pattern
    return Subject(scope=meant, value=told.removeprefix("*") if meant is Scope.DOMAIN else told)


def usable(subject: Subject) -> bool:
    """Whether it is spelled like what it should be."""
    value = normal(subject)
    pattern = {Scope.ADDRESS: ADDRESS, Scope.DOMAIN: DOMAIN, Scope.COMPANY: RECORD}[subject.scope]
    return len(value) <= LONGEST and pattern.fullmatch(value) is not None


def says_more(wanted: Suppression, standing: Suppression) -> bool:
    """Whether the wanted one says more than the standing one: that it never ends, or that it ends later."""
    if standing.cause in NEVER_EXPIRE:
        return False
    if wanted.cause in NEVER_EXPIRE:
        return True
    if standing.expires_at is None:
        return False
    return wanted.expires_at is None or wanted.expires_at > standing.expires_at


class KeyRing(Entity):
    """`suppression_keys/current`: the newest version anybody has written under. Whoever does not hold that key yet may not say "nobody"."""

    collection: ClassVar[str] = "suppression_keys"

    newest: int


KEY_RING = "current"
STOP = "stop-"
"""What begins the id of the work that a wish to hear no more owes; the id of the suppression follows."""
