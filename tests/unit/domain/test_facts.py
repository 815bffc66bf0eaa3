"""What form, CRM and workspace say, as evidence a draft may lean on."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.evidence import Evidence, EvidenceKind
from shared.domain.facts import facts_of
from shared.domain.submission import FormField
from tests.builders import MONDAY, a_company, a_contact, a_deal, a_form_entry, a_workspace, an_identity, an_operator

WORDS = st.text(max_size=6)


def facts(**changes: object) -> dict[str, Evidence]:
    usual = {"workspace": a_workspace(), "operator": an_operator(), "entry": a_form_entry(), "identity": an_identity()}
    return {one.id: one for one in facts_of(**{**usual, **changes})}


def test_every_answered_field_of_the_form_is_a_fact_with_its_place_and_time():
    fact = facts(entry=a_form_entry(fields={"jobtitle": " Head of Marketing "}))["form.jobtitle"]
    assert (fact.kind, fact.text, fact.at) == (EvidenceKind.FORM, "Head of Marketing", MONDAY)
    assert (fact.label, fact.source) == ("Form field “jobtitle”", "hubspot:forms/form-demo#jobtitle")


def test_an_unanswered_field_is_no_fact():
    assert "form.phone" not in facts(entry=a_form_entry(fields={"phone": "  ", "jobtitle": "Head"}))


def test_a_very_long_answer_is_kept_up_to_a_limit():
    assert facts(entry=a_form_entry(fields={"message": "x" * 5000}))["form.message"].text == "x" * 2000


def test_two_answers_to_one_question_are_two_facts():
    entry = a_form_entry(fields=(FormField(name="topic", value="Summit"), FormField(name="topic", value="Dinner")))
    found = facts(entry=entry)
    assert (found["form.topic"].text, found["form.topic.2"].text) == ("Summit", "Dinner")


def test_the_crm_tells_of_contact_company_and_deals():
    found = facts(identity=an_identity(deals=(a_deal(), a_deal(id="3002", name="Dinner"))))
    assert found["crm.contact.job_title"].label == "HubSpot contact, job title"
    assert found["crm.contact.job_title"].source == "hubspot:contact/51#job_title"
    assert (found["crm.company.name"].text, found["crm.company.name"].source) == ("Brightleaf", "hubspot:company/901#name")
    assert found["crm.company.employees"].text == "120"
    assert (found["crm.deal.3002"].text, found["crm.deal.3002"].source) == ("Dinner", "hubspot:deals/3002#dealname")
    assert {one.kind for id, one in found.items() if id.startswith("crm.")} == {EvidenceKind.CRM}


def test_what_the_crm_does_not_know_is_no_fact():
    found = facts(identity=an_identity(contact=a_contact(job_title=""), company=a_company(employees=None, city="")))
    assert not {"crm.contact.job_title", "crm.company.employees", "crm.company.city"} & found.keys()
    assert not [id for id in facts(identity=an_identity(company=None)) if id.startswith("crm.company")]


def test_the_workspace_says_who_writes_for_whom_and_what_may_be_offered():
    found = facts(workspace=a_workspace(offers=("a planning session", "a site visit")))
    assert found["profile.operator_name"].text == "Maria Costa"
    assert found["profile.operator_email"].text == "maria@northwind.example"
    assert found["profile.company_name"].text == "Northwind Events"
    assert (found["profile.offer.1"].text, found["profile.offer.2"].text) == ("a planning session", "a site visit")
    assert found["profile.offer.2"].label == "Workspace settings, offer 2"
    assert found["profile.offer.2"].source == "workspace:northwind#offer.2"


def test_that_the_form_came_is_a_fact_of_our_own():
    fact = facts()["state.form_received"]
    assert fact.text == "ana.silva@brightleaf.example submitted Request a demo on 23 November 2026 at 09:00 UTC"
    assert (fact.kind, fact.at) == (EvidenceKind.STATE, MONDAY)
    assert "submitted the form on" in facts(entry=a_form_entry(form_name=""))["state.form_received"].text


@given(
    st.lists(st.builds(FormField, name=st.sampled_from(["message", "topic", "note"]), value=WORDS), max_size=6),
    st.lists(WORDS, max_size=3),
    WORDS,
)
def test_no_two_facts_share_an_id_and_none_is_empty(fields: list[FormField], offers: list[str], city: str):
    found = facts_of(
        workspace=a_workspace(offers=tuple(offers)),
        operator=an_operator(),
        entry=a_form_entry(fields=tuple(fields)),
        identity=an_identity(company=a_company(city=city)),
    )
    assert len({one.id for one in found}) == len(found)
    assert all(one.text for one in found)
    assert {one.value.strip() for one in fields if one.value.strip()} <= {one.text for one in found}
