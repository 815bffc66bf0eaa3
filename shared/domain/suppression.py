"""Suppressions: who must not be written to, and why. Looked up by keyed hashes, so that a wish outlives the erasure of whose it was."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from shared.domain.audit import Actor
from shared.domain.entity import Entity, Value
from shared.domain.people import FREE_MAIL_DOMAINS, mail_domain

DOTLESS = frozenset({"gmail.com", "googlemail.com"})
"""https://support.google.com/mail/answer/7436150: dots do not matter in these addresses."""


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


class SuppressionKey(Value):
    """One version of the workspace's key. Old versions stay: what was stored under them goes on blocking."""

    version: int
    secret: bytes


class Subject(Value):
    """What a suppression may be about."""

    scope: Scope
    value: str


def subjects_of(recipients: Iterable[str], *, company_id: str = "", company_domain: str = "") -> tuple[Subject, ...]:
    """Everything whose suppression would forbid a mail to these people of one company."""
    return tuple(dict.fromkeys(_subjects(recipients, company_id, company_domain)))


def _subjects(recipients: Iterable[str], company_id: str, company_domain: str) -> Iterator[Subject]:
    for recipient in recipients:
        yield Subject(scope=Scope.ADDRESS, value=recipient)
        for domain in _domains(mail_domain(recipient)):
            yield Subject(scope=Scope.DOMAIN, value=domain)
    for domain in _domains(company_domain):
        yield Subject(scope=Scope.DOMAIN, value=domain)
    if company_id:
        yield Subject(scope=Scope.COMPANY, value=company_id)


def _domains(domain: str) -> Iterator[str]:
    """A domain and those above it: who suppressed example.com meant mail.example.com too."""
    labels = domain.strip().lower().strip(".").split(".")
    for first in range(max(1, len(labels) - 1)):
        if labels[first]:
            yield ".".join(labels[first:])


def normal(subject: Subject) -> str:
    """What spellings of the same have in common. An opt-out counts for every +tag of its address."""
    value = subject.value.strip().lower()
    if subject.scope is not Scope.ADDRESS:
        return value.removeprefix("@").strip(".") if subject.scope is Scope.DOMAIN else value
    local, at, domain = value.rpartition("@")
    local, domain = local.partition("+")[0] or local, domain.strip(".")
    if domain in DOTLESS:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}{at}{domain}"


def suppression_id(subject: Subject, key: SuppressionKey) -> str:
    """Keyed: without the key nobody can test whether an address is on the list."""
    message = f"{subject.scope}\n{normal(subject)}".encode()
    return f"s{key.version}-{hmac.new(key.secret, message, hashlib.sha256).hexdigest()[:40]}"


def ids_of(subjects: Sequence[Subject], keys: Sequence[SuppressionKey]) -> tuple[str, ...]:
    """Every id under which one of them may be suppressed."""
    return tuple(suppression_id(subject, key) for subject in subjects for key in keys)


def too_wide(subject: Subject) -> bool:
    """A free-mail provider's whole domain: somebody who asks for that has made a mistake."""
    return subject.scope is Scope.DOMAIN and normal(subject) in FREE_MAIL_DOMAINS
