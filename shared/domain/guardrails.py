"""Guardrails: whom a workspace may contact at all. Every refusal names its rule and says it in a salesperson's words."""

from collections.abc import Iterator
from datetime import datetime
from typing import Self

from shared.domain.entity import Value
from shared.domain.lawful_basis import Footing, footing_of
from shared.domain.people import CUSTOMER_STAGES, domains_above, mail_domain
from shared.domain.planning import Context
from shared.domain.policy import Guardrails
from shared.domain.refusals import Refusal
from shared.domain.workspace import Operator


class Relationship(Value):
    """What guardrails and law look at, as it was when it was decided: kept with the decision, so that another policy can be tried."""

    domain: str = ""  # of the recipient's address
    company: str = ""
    company_domain: str = ""
    company_stage: str = ""
    contact_stage: str = ""
    industry: str = ""
    employees: int | None = None
    owner_ids: tuple[str, ...] = ()  # HubSpot owners of contact and company: the first one counts
    open_deal: bool = False
    footing: Footing = Footing()

    def having_heard(self, at: datetime | None) -> Self:
        """The same, knowing of a mail of theirs."""
        return self.model_copy(update={"footing": self.footing.having_heard(at)})


def relationship_of(context: Context) -> Relationship:
    identity, company = context.identity, context.identity.company
    owners = (identity.contact.owner_id, company.owner_id if company else "")
    return Relationship(
        domain=mail_domain(identity.contact.email),
        company=company.name if company else "",
        company_domain=company.domain.lower() if company else "",
        company_stage=company.lifecycle_stage if company else "",
        contact_stage=identity.contact.lifecycle_stage,
        industry=identity.industry,
        employees=company.employees if company else None,
        owner_ids=tuple(dict.fromkeys(one for one in owners if one)),
        open_deal=any(not one.closed for one in identity.deals),
        footing=footing_of(identity, context.job.entry, context.reading),
    )


def refusals(rules: Guardrails, relationship: Relationship, *, operator: Operator) -> tuple[Refusal, ...]:
    """Empty when the contact may be written to. A rule about something the CRM does not know refuses: unknown is strict."""
    return tuple(
        Refusal(rule=rule, reason=reason)
        for rule, reason in (
            *_company_rules(rules, relationship),
            *_size_rules(rules, relationship),
            *_relationship_rules(rules, relationship, operator),
        )
    )


def _company_rules(rules: Guardrails, relationship: Relationship) -> Iterator[tuple[str, str]]:
    stage = relationship.company_stage or relationship.contact_stage
    if rules.company_stages and not _among(stage, rules.company_stages):
        yield "company_stages", f"Their stage is “{stage or 'unknown'}”, and only {_listed(rules.company_stages)} may be contacted."
    industry = relationship.industry
    if rules.industries and not _among(industry, rules.industries):
        yield (
            "industries",
            f"Their industry is “{industry or 'unknown'}”, and only {_listed(rules.industries)} may be contacted.",
        )
    named = {relationship.company.strip().lower(), *domains_above(relationship.company_domain), *domains_above(relationship.domain)}
    excluded = [one for one in rules.excluded_companies if one.strip().lower().removeprefix("@").strip(".") in named - {""}]
    if excluded:
        yield "excluded_companies", f"“{excluded[0]}” is on the list of companies that are not contacted."


def _size_rules(rules: Guardrails, relationship: Relationship) -> Iterator[tuple[str, str]]:
    least, most, size = rules.employees_at_least, rules.employees_at_most, relationship.employees
    told = "an unknown number of" if size is None else f"{size}"
    if least is not None and (size is None or size < least):
        yield "employees_at_least", f"They have {told} employees, and only companies with {least} or more may be contacted."
    if most is not None and (size is None or size > most):
        yield "employees_at_most", f"They have {told} employees, and only companies with at most {most} may be contacted."


def _relationship_rules(rules: Guardrails, relationship: Relationship, operator: Operator) -> Iterator[tuple[str, str]]:
    if rules.refuse_owner_conflict and relationship.owner_ids and operator.hubspot_owner_id != relationship.owner_ids[0]:
        yield "refuse_owner_conflict", f"The CRM record belongs to somebody else, not to {operator.name}."
    if rules.refuse_open_deal and relationship.open_deal:
        yield "refuse_open_deal", "There is an open deal with them: whoever owns it writes."
    if rules.refuse_existing_customer and not CUSTOMER_STAGES.isdisjoint(
        {relationship.company_stage.strip().lower(), relationship.contact_stage.strip().lower()}
    ):
        yield "refuse_existing_customer", "They are a customer already."


def _among(value: str, allowed: tuple[str, ...]) -> bool:
    return value.strip().lower() in {one.strip().lower() for one in allowed}


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"“{one}”" for one in values)
