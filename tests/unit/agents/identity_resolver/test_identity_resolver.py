"""The identity resolver: who submitted, by contact, by address, by domain."""

from typing import Any

import pytest

from shared.agents.identity_resolver.agent import FORM_PROPERTIES, LONGEST_PROPERTY, CrmIdentityResolver
from shared.domain.people import FREE_MAIL_DOMAINS, Identity
from tests.builders import a_company, a_contact, a_deal, a_form_entry, a_workspace
from tests.cases import cases_of
from tests.fakes.crm import MemoryCrm


def a_portal() -> MemoryCrm:
    contacts = [a_contact(merged_from=("50",)), a_contact(id="52", email="lost@brightleaf.example", company_id="404")]
    companies = [
        a_company(),
        a_company(id="902", name="Mail giant", domain="gmail.com"),
        a_company(id="903", name="Suffix", domain="co.uk"),
    ]
    return MemoryCrm(contacts=contacts, companies=companies, deals={"51": [a_deal()]})


def resolved(crm: MemoryCrm, *, contact_id: str = "", **entry: Any) -> Identity:
    return CrmIdentityResolver(crm=crm.of).resolve(workspace=a_workspace(), entry=a_form_entry(**entry), contact_id=contact_id)


@pytest.mark.parametrize(("sent", "expected"), cases_of("identity_resolver"))
def test_a_submission_leads_to_contact_and_company(sent: dict[str, str], expected: dict[str, Any]):
    identity = resolved(a_portal(), **sent)
    assert {
        "found": identity.found,
        "contact": identity.contact.id,
        "company": identity.company.id if identity.company else "",
        "by": identity.company_matched_by,
    } == expected


def test_a_second_address_of_the_named_record_needs_no_further_look():
    crm = MemoryCrm(contacts=[a_contact(other_emails=("ana@silva-family.example",))], companies=[a_company()])
    assert resolved(crm, contact_id="51", email="Ana@Silva-Family.example").contact.id == "51"
    assert "contact_by_email" not in crm.calls


def test_the_deals_of_a_known_contact_come_along():
    assert [deal.id for deal in resolved(a_portal(), contact_id="51").deals] == ["3001"]


def test_a_new_contact_has_no_deals_to_ask_for():
    crm = a_portal()
    assert resolved(crm, email="joe@harbour.example").deals == ()
    assert "deals_of_contact" not in crm.calls


def test_a_new_contact_gets_what_the_form_says_of_the_person():
    crm = a_portal()
    resolved(crm, email=" Joe@Harbour.example", fields={"firstname": " Joe ", "lastname": "Tan", "jobtitle": "COO", "phone": ""})
    assert crm.created == [("joe@harbour.example", {"firstname": "Joe", "lastname": "Tan", "jobtitle": "COO"})]


def test_a_stranger_cannot_set_other_properties_of_the_crm():
    crm = a_portal()
    answers = {"firstname": "Joe", "hubspot_owner_id": "666", "lifecyclestage": "customer", "hs_lead_status": "CONNECTED", "message": "hi"}
    resolved(crm, email="joe@harbour.example", fields=answers)
    assert crm.created[0][1] == {"firstname": "Joe"}
    assert {"hubspot_owner_id", "lifecyclestage"}.isdisjoint(FORM_PROPERTIES)


def test_an_endless_answer_is_cut_before_it_reaches_the_crm():
    crm = a_portal()
    resolved(crm, email="joe@harbour.example", fields={"firstname": "J" * 5000})
    assert len(crm.created[0][1]["firstname"]) == LONGEST_PROPERTY


def test_a_known_contact_is_never_created_again():
    crm = a_portal()
    resolved(crm, contact_id="51")
    resolved(crm)
    assert crm.created == []


@pytest.mark.parametrize("domain", sorted(FREE_MAIL_DOMAINS))
def test_no_free_mail_domain_is_taken_for_a_company(domain: str):
    crm = MemoryCrm(companies=[a_company(domain=domain)])
    assert resolved(crm, email=f"someone@{domain}").company is None


def test_an_address_without_a_domain_belongs_to_no_company():
    crm = MemoryCrm(companies=[a_company(domain="")])
    assert resolved(crm, email="nobody").company is None
