"""Guardrails: all active rules must pass, an empty one is not active, and each refusal names its rule."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.guardrails import Relationship, refusals, relationship_of
from shared.domain.lawful_basis import Footing
from shared.domain.policy import Guardrails
from tests.builders import a_company, a_contact, a_context, a_deal, an_identity, an_operator
from tests.ruling import guardrails

US = an_operator(hubspot_owner_id="701")
OPEN = Guardrails(refuse_owner_conflict=False)
RELATIONSHIPS = st.builds(
    Relationship,
    domain=st.sampled_from(["", "brightleaf.example", "mail.brightleaf.example", "gmail.com"]),
    company=st.sampled_from(["", "Brightleaf", "Ünïon & Söhne"]),
    company_domain=st.sampled_from(["", "brightleaf.example"]),
    company_stage=st.sampled_from(["", "lead", "Customer"]),
    contact_stage=st.sampled_from(["", "lead", "customer"]),
    industry=st.sampled_from(["", "retail", "Banking"]),
    employees=st.one_of(st.none(), st.integers(0, 5000)),
    owner_ids=st.sampled_from([(), ("701",), ("702",), ("702", "701"), ("701", "702")]),
    open_deal=st.booleans(),
)


def alone(rules: Guardrails, rule: str) -> Guardrails:
    """The policy with this rule and no other."""
    return OPEN.model_copy(update={rule: getattr(rules, rule)})


@given(guardrails(), RELATIONSHIPS)
def test_all_active_rules_must_pass_and_each_refusal_names_the_rule_that_refuses_alone(rules: Guardrails, known: Relationship) -> None:
    found = refusals(rules, known, operator=US)
    single = [rule for rule in Guardrails.model_fields if refusals(alone(rules, rule), known, operator=US)]
    assert sorted(one.rule for one in found) == sorted(single)
    assert all(one.reason.endswith(".") for one in found)


@given(RELATIONSHIPS)
def test_without_rules_everybody_may_be_contacted(known: Relationship) -> None:
    assert refusals(OPEN, known, operator=US) == ()


@pytest.mark.parametrize(
    ("rules", "known", "rule"),
    [
        ({"company_stages": ("lead",)}, {"company_stage": "Lead "}, ""),
        ({"company_stages": ("lead",)}, {"contact_stage": "lead"}, ""),
        ({"company_stages": ("lead",)}, {"company_stage": "customer", "contact_stage": "lead"}, "company_stages"),
        ({"company_stages": ("lead",)}, {}, "company_stages"),
        ({"industries": ("Retail",)}, {"industry": "retail"}, ""),
        ({"industries": ("Retail",)}, {"industry": "banking"}, "industries"),
        ({"industries": ("Retail",)}, {}, "industries"),
        ({"employees_at_least": 50}, {"employees": 50}, ""),
        ({"employees_at_least": 50}, {"employees": 49}, "employees_at_least"),
        ({"employees_at_least": 0}, {}, "employees_at_least"),
        ({"employees_at_most": 50}, {"employees": 50}, ""),
        ({"employees_at_most": 50}, {"employees": 51}, "employees_at_most"),
        ({"employees_at_most": 50}, {}, "employees_at_most"),
        ({"excluded_companies": ("brightleaf",)}, {"company": "Brightleaf "}, "excluded_companies"),
        ({"excluded_companies": ("@Brightleaf.example",)}, {"domain": "brightleaf.example"}, "excluded_companies"),
        ({"excluded_companies": ("brightleaf.example",)}, {"domain": "mail.brightleaf.example"}, "excluded_companies"),
        ({"excluded_companies": ("brightleaf.example",)}, {"company_domain": "Brightleaf.example"}, "excluded_companies"),
        ({"excluded_companies": ("leaf.example",)}, {"domain": "brightleaf.example"}, ""),
        ({"refuse_owner_conflict": True}, {"owner_ids": ("701",)}, ""),
        ({"refuse_owner_conflict": True}, {"owner_ids": ()}, ""),
        ({"refuse_owner_conflict": True}, {"owner_ids": ("702",)}, "refuse_owner_conflict"),
        ({"refuse_owner_conflict": True}, {"owner_ids": ("702", "701")}, "refuse_owner_conflict"),
        ({"refuse_owner_conflict": True}, {"owner_ids": ("701", "702")}, ""),
        ({"refuse_open_deal": True}, {"open_deal": True}, "refuse_open_deal"),
        ({"refuse_open_deal": True}, {"open_deal": False}, ""),
        ({"refuse_existing_customer": True}, {"company_stage": "Customer"}, "refuse_existing_customer"),
        ({"refuse_existing_customer": True}, {"contact_stage": "evangelist "}, "refuse_existing_customer"),
        ({"refuse_existing_customer": True}, {"contact_stage": "lead"}, ""),
    ],
)
def test_each_rule_looks_at_what_it_is_about(rules: dict[str, Any], known: dict[str, Any], rule: str) -> None:
    active = OPEN.model_copy(update=rules)
    assert [one.rule for one in refusals(active, Relationship(**known), operator=US)] == [rule] * bool(rule)


def test_the_relationship_is_what_the_crm_knows_when_it_is_decided() -> None:
    identity = an_identity(
        contact=a_contact(email="ana@mail.Brightleaf.example", owner_id="702", lifecycle_stage="lead"),
        company=a_company(owner_id="701", employees=12, industry="Retail", domain="Brightleaf.example"),
        deals=(a_deal(closed=True), a_deal(id="3002")),
    )
    known = relationship_of(a_context(identity=identity))
    assert known == Relationship(
        domain="mail.brightleaf.example",
        company="Brightleaf",
        company_domain="brightleaf.example",
        contact_stage="lead",
        industry="Retail",
        employees=12,
        owner_ids=("702", "701"),
        open_deal=True,
        footing=Footing(country="PT"),
    )
    assert not relationship_of(a_context(identity=an_identity(deals=(a_deal(closed=True),)))).open_deal
    assert relationship_of(a_context(identity=an_identity(company=None, contact=a_contact(owner_id="")))).owner_ids == ()
