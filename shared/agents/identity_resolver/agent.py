"""Who somebody is, as far as the CRM knows; creates the contact when it knows nobody. Called by the plan stage."""

from shared.domain.people import Company, Contact, Identity, is_free_mail, mail_domain
from shared.domain.submission import FormEntry
from shared.domain.workspace import Workspace
from shared.ports.crm import Crm, CrmOf
from shared.resilience.together import together

FORM_PROPERTIES = ("firstname", "lastname", "company", "jobtitle", "phone", "website", "city", "country")
"""The only answers a stranger may put into a new contact."""
LONGEST_PROPERTY = 300


class CrmIdentityResolver:
    def __init__(self, *, crm: CrmOf) -> None:
        self._crm = crm

    def resolve(self, *, workspace: Workspace, entry: FormEntry, contact_id: str) -> Identity:
        crm = self._crm(workspace)
        known = _known_contact(crm, entry, contact_id)
        contact = known or (_nobody(workspace, entry) if entry.synthetic else _created(crm, entry))
        (company, matched_by), deals = together(
            lambda: _company(crm, contact, entry), lambda: tuple(crm.deals_of_contact(contact_id=contact.id)) if known else ()
        )
        return Identity(found=known is not None, contact=contact, company=company, company_matched_by=matched_by, deals=deals)


def _created(crm: Crm, entry: FormEntry) -> Contact:
    return crm.create_contact(email=entry.email.strip().lower(), properties=_properties(entry))


def _nobody(workspace: Workspace, entry: FormEntry) -> Contact:
    """A synthetic submission's contact exists nowhere."""
    names = {"first_name": entry.field("firstname"), "last_name": entry.field("lastname")}
    return Contact(id="synthetic", workspace_id=workspace.id, email=entry.email, **names)


def _known_contact(crm: Crm, entry: FormEntry, contact_id: str) -> Contact | None:
    """The record the hint names, if the form's address is one of its own; else whoever has that address; else the named one after all."""
    named = crm.contact(contact_id=contact_id) if contact_id else None
    if named and entry.email.strip().lower() in named.addresses:
        return named
    return crm.contact_by_email(email=entry.email.strip().lower()) or named


def _company(crm: Crm, contact: Contact, entry: FormEntry) -> tuple[Company | None, str]:
    by_contact = crm.company(company_id=contact.company_id) if contact.company_id else None
    if by_contact:
        return by_contact, "contact"
    for domain in _firm_domains(entry.email):
        by_domain = crm.company_by_domain(domain=domain)
        if by_domain:
            return by_domain, "domain"
    return None, ""


def _firm_domains(address: str) -> tuple[str, ...]:
    """The mail domain, then its parent ("eu.firm.example" → "firm.example"); none for mail anybody can have."""
    domain = mail_domain(address)
    if not domain or is_free_mail(address):
        return ()
    labels = domain.split(".")
    public_suffix = len(labels) == 3 and len(labels[1]) <= 3  # "firm.co.uk": its parent is nobody's
    return (domain,) if len(labels) < 3 or public_suffix else (domain, ".".join(labels[1:]))


def _properties(entry: FormEntry) -> dict[str, str]:
    return {name: value[:LONGEST_PROPERTY] for name in FORM_PROPERTIES if (value := entry.field(name))}
