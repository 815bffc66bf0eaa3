"""What the form, the CRM and the workspace itself say, as evidence; called by the plan stage."""

from collections import Counter
from collections.abc import Iterable, Iterator

from shared.domain.evidence import Evidence, EvidenceKind
from shared.domain.ids import EvidenceId
from shared.domain.people import Identity
from shared.domain.submission import FormEntry
from shared.domain.workspace import Operator, Workspace

LONGEST_SPAN = 2000
"""Characters of one form field that are kept as evidence."""

CONTACT_FACTS = ("first_name", "last_name", "email", "job_title", "country")
COMPANY_FACTS = ("name", "domain", "industry", "employees", "city", "country")


def facts_of(*, workspace: Workspace, operator: Operator, entry: FormEntry, identity: Identity) -> tuple[Evidence, ...]:
    """Every non-empty fact once, in a stable order."""
    parts: Iterable[Iterator[Evidence]] = (_form(entry), _crm(identity), _profile(workspace, operator), _state(entry))
    return tuple(fact for part in parts for fact in part if fact.text)


def _form(entry: FormEntry) -> Iterator[Evidence]:
    """A form may give several answers under one name: the second is `form.<name>.2`."""
    answers: Counter[str] = Counter()
    for field in entry.fields:
        answers[field.name] += 1
        number = answers[field.name]
        yield Evidence(
            id=EvidenceId(f"form.{field.name}.{number}" if number > 1 else f"form.{field.name}"),
            kind=EvidenceKind.FORM,
            label=f"{'Column' if entry.imported else 'Form field'} “{field.name}”",
            text=field.value.strip()[:LONGEST_SPAN],
            source=f"{_origin(entry)}#{field.name}",
            at=entry.submitted_at,
        )


def _crm(identity: Identity) -> Iterator[Evidence]:
    contact, company = identity.contact, identity.company
    for name in CONTACT_FACTS:
        yield _crm_fact("contact", contact.id, name, getattr(contact, name))
    for name in COMPANY_FACTS if company else ():
        yield _crm_fact("company", company.id if company else "", name, getattr(company, name))
    for deal in identity.deals:
        yield Evidence(
            id=EvidenceId(f"crm.deal.{deal.id}"),
            kind=EvidenceKind.CRM,
            label=f"HubSpot deal “{deal.name}”",
            text=deal.name,
            source=f"hubspot:deals/{deal.id}#dealname",
        )


def _crm_fact(record: str, record_id: str, name: str, value: object) -> Evidence:
    return Evidence(
        id=EvidenceId(f"crm.{record}.{name}"),
        kind=EvidenceKind.CRM,
        label=f"HubSpot {record}, {name.replace('_', ' ')}",
        text="" if value is None else str(value),
        source=f"hubspot:{record}/{record_id}#{name}",
    )


def _profile(workspace: Workspace, operator: Operator) -> Iterator[Evidence]:
    known = {"operator_name": operator.name, "operator_email": operator.email, "company_name": workspace.company_name}
    known |= {f"offer.{number}": offer for number, offer in enumerate(workspace.offers, start=1)}
    for name, text in known.items():
        yield Evidence(
            id=EvidenceId(f"profile.{name}"),
            kind=EvidenceKind.PROFILE,
            label=f"Workspace settings, {name.replace('_', ' ').replace('.', ' ')}",
            text=text,
            source=f"workspace:{workspace.id}#{name}",
        )


def _origin(entry: FormEntry) -> str:
    return f"import:{entry.form_id}" if entry.imported else f"hubspot:forms/{entry.form_id}"


def _state(entry: FormEntry) -> Iterator[Evidence]:
    form, moment = entry.form_name or "the form", f"{entry.submitted_at:%-d %B %Y at %H:%M} UTC"
    yield Evidence(
        id=EvidenceId("state.form_received"),
        kind=EvidenceKind.STATE,
        label="Imported" if entry.imported else "Form submission received",
        text=f"{entry.email} stands in the list {form} since {moment}" if entry.imported else f"{entry.email} submitted {form} on {moment}",
        source=_origin(entry),
        at=entry.submitted_at,
    )
