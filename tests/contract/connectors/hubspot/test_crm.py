"""The Crm port on HubSpot: reading, creating, and writing notes and tasks once, whatever goes wrong on the way."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from emulators.faults import Fault, Kind
from emulators.hubspot.routes import TOKEN
from shared.domain.crm_entry import NoteText, TaskText
from shared.ports.errors import NotFound, OutcomeUnknown, Permanent, ReconnectNeeded, Transient
from tests.fakes.secrets import MemorySecrets

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOTE = NoteText(body="<p>Drafted a mail.</p><p>Ref: SA-run_1-note</p>", marker="Ref: SA-run_1-note", at=MONDAY)
TASK = TaskText(subject="Review the draft", body="It waits.", marker="Ref: SA-run_1-task", due_at=MONDAY, priority="HIGH", owner_id="71")
FORM = "6b1d2f0e-0000-4000-8000-00000000000a"


def written(emulator, kind):
    return [row["properties"] for row in emulator.portal.records.dump() if row["kind"] == kind]


def submit(emulator, email, *, minutes=0, **more):
    moment = int((MONDAY + timedelta(minutes=minutes)).timestamp() * 1000)
    values = [{"name": name, "value": value} for name, value in {"email": email, **more}.items() if value is not None]
    emulator.seed({"submissions": [{"formId": FORM, "submittedAt": moment, "values": values, "pageUrl": "https://harbour.example/demo"}]})


def test_a_contact_comes_with_what_the_agents_need(crm):
    contact = crm.contact(contact_id="101")
    assert (contact.email, contact.name, contact.owner_id, contact.company_id) == ("ada@northwind.example", "Ada North", "71", "201")
    assert contact.timezone == "America/New_York"
    assert crm.contact_by_email(email=" ADA@northwind.example ") == contact


def test_a_missing_contact_or_company_is_none(crm):
    assert crm.contact(contact_id="999") is None
    assert crm.contact_by_email(email="no+body/else?@northwind.example") is None
    assert crm.company(company_id="999") is None
    assert crm.company_by_domain(domain="nowhere.example") is None


def test_a_merged_contact_answers_for_the_id_it_absorbed(crm, http):
    body = {"primaryObjectId": "101", "objectIdToMerge": "102"}
    http.post("/crm/v3/objects/contacts/merge", json=body, headers={"Authorization": "Bearer pat-emulated-token"})
    contact = crm.contact(contact_id="102")
    assert (contact.id, contact.merged_from) == ("101", ("102",))
    assert contact.addresses == {contact.email, *contact.other_emails}
    assert contact.other_emails == ("bo@southwind.example",)


def test_a_new_contact_is_created_and_a_known_one_returned(crm):
    created = crm.create_contact(email="cy@eastwind.example", properties={"firstname": "Cy"})
    assert created.first_name == "Cy"
    assert crm.create_contact(email="CY@eastwind.example", properties={"firstname": "Other"}) == created


def test_a_company_is_found_by_id_and_the_oldest_by_domain(crm, emulator):
    emulator.clock.advance(timedelta(hours=1))
    emulator.seed({"objects": {"companies": [{"id": "150", "name": "Newer", "domain": "northwind.example"}]}})
    company = crm.company_by_domain(domain="Northwind.example")
    assert company == crm.company(company_id="201")
    assert (company.name, company.employees) == ("Northwind", 250)


def test_the_deals_of_a_contact_are_read(crm):
    (deal,) = crm.deals_of_contact(contact_id="101")
    assert (deal.name, deal.amount, deal.closed) == ("Rollout", "12000", False)
    assert crm.deals_of_contact(contact_id="102") == ()
    with pytest.raises(NotFound):
        crm.deals_of_contact(contact_id="999")


def test_submissions_come_newest_first_back_to_a_moment_over_pages(crm, emulator):
    for minute in range(70):
        submit(emulator, f"p{minute}@eastwind.example", minutes=minute, message="Hello")
    entries = crm.submissions(form_id=FORM, since=MONDAY + timedelta(minutes=5))
    assert [entry.email for entry in entries] == [f"p{minute}@eastwind.example" for minute in range(69, 4, -1)]
    first = entries[0]
    assert (first.form_name, first.field("message"), first.page_url) == ("Book a demo", "Hello", "https://harbour.example/demo")
    assert first.submitted_at == MONDAY + timedelta(minutes=69)


def test_a_submission_without_an_address_is_left_out(crm, emulator):
    submit(emulator, None, message="Hello")
    assert crm.submissions(form_id=FORM, since=MONDAY) == ()


def test_properties_are_updated_and_nothing_is_asked_for_nothing(crm, emulator):
    crm.update_contact(contact_id="101", properties={"hs_lead_status": "IN_PROGRESS"})
    assert crm.contact(contact_id="101").lead_status == "IN_PROGRESS"
    emulator.calls.clear()
    crm.update_contact(contact_id="101", properties={})
    assert emulator.calls == []


def test_a_property_hubspot_does_not_know_is_permanent_with_its_words(crm):
    with pytest.raises(Permanent) as refused:
        crm.update_contact(contact_id="101", properties={"shoe_size": "44"})
    assert "shoe_size" in refused.value.raw


def test_a_note_and_a_task_are_written_once_and_found_again(crm, emulator):
    for _ in range(3):
        note_id, task_id = crm.write_note(contact_id="101", note=NOTE), crm.write_task(contact_id="101", task=TASK)
    (note,), (task,) = written(emulator, "notes"), written(emulator, "tasks")
    assert (note["hs_object_id"], task["hs_object_id"]) == (note_id, task_id)
    assert note["hs_note_body"] == NOTE.body
    assert task["hs_task_body"] == "It waits.\nRef: SA-run_1-task"
    assert (task["hs_task_status"], task["hs_task_priority"], task["hubspot_owner_id"]) == ("NOT_STARTED", "HIGH", "71")
    assert task["hs_timestamp"] == "2026-03-02T09:00:00.000Z"


def refused(emulator, property_name):
    """HubSpot's refusal of the next task over one property, as its API words it."""
    told = f'Property values were not valid: [{{"isValid":false,"message":"7 does not exist","name":"{property_name}"}}]'
    body = json.dumps({"status": "error", "message": told, "category": "VALIDATION_ERROR"})
    emulator.faults.add(Fault("hubspot.tasks.create", Kind.STATUS, status=400, body=body, times=1))


def test_a_task_whose_owner_has_left_is_written_for_nobody(crm, emulator):
    refused(emulator, "hubspot_owner_id")
    crm.write_task(contact_id="101", task=TASK)
    (task,) = written(emulator, "tasks")
    assert "hubspot_owner_id" not in task


def test_a_task_that_is_refused_for_anything_else_is_not_tried_again(crm, emulator):
    refused(emulator, "hs_task_priority")
    with pytest.raises(Permanent):
        crm.write_task(contact_id="101", task=TASK)
    assert written(emulator, "tasks") == []


def test_an_entry_for_a_deleted_contact_fails_with_that_reason(crm, http):
    http.delete("/crm/v3/objects/contacts/102", headers={"Authorization": f"Bearer {TOKEN}"})
    with pytest.raises(NotFound) as failed:
        crm.write_note(contact_id="102", note=NOTE)
    assert failed.value.detail == "contact 102 has been deleted in HubSpot"


def test_another_marker_or_another_contact_is_another_note(crm, emulator):
    crm.write_note(contact_id="101", note=NOTE)
    crm.write_note(contact_id="101", note=NOTE.model_copy(update={"body": "x", "marker": "Ref: SA-run_2-note"}))
    crm.write_note(contact_id="102", note=NOTE)
    assert len(written(emulator, "notes")) == 3


@pytest.mark.parametrize(("older", "newer"), [(4, 0), (0, 2)])
def test_our_note_is_found_among_hundreds_of_others(crm, emulator, http, older, newer):
    link = [{"to": {"id": "101"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]}]
    row = {"properties": {"hs_timestamp": "2026-03-02T09:00:00Z", "hs_note_body": "Call"}, "associations": link}

    def others(hundreds):
        for _ in range(hundreds):
            headers = {"Authorization": "Bearer pat-emulated-token"}
            http.post("/crm/v3/objects/notes/batch/create", json={"inputs": [row] * 100}, headers=headers)

    others(older)
    first = crm.write_note(contact_id="101", note=NOTE)
    others(newer)
    assert crm.write_note(contact_id="101", note=NOTE) == first


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.MALFORMED])
def test_a_note_that_may_have_been_written_comes_again_and_is_found(crm, emulator, kind):
    emulator.faults.add(Fault("hubspot.notes.create", kind, times=1))
    with pytest.raises(OutcomeUnknown):
        crm.write_note(contact_id="101", note=NOTE)
    crm.write_note(contact_id="101", note=NOTE)
    assert len(written(emulator, "notes")) == 1


def test_a_contact_that_may_have_been_created_is_the_same_contact_next_time(crm, emulator):
    emulator.faults.add(Fault("hubspot.contacts.create", Kind.DROP_AFTER, times=1))
    with pytest.raises(Transient):
        crm.create_contact(email="cy@eastwind.example", properties={})
    assert crm.create_contact(email="cy@eastwind.example", properties={}).id == crm.contact_by_email(email="cy@eastwind.example").id


def test_an_unavailable_create_is_repeated_within_the_call(crm, emulator, ours):
    emulator.faults.add(Fault("hubspot.notes.create", Kind.STATUS, status=503, times=2))
    crm.write_note(contact_id="101", note=NOTE)
    assert len(written(emulator, "notes")) == 1
    assert ours.pauses == [0.1, 0.2]


@pytest.mark.parametrize("kind", [Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.MALFORMED])
def test_a_read_that_breaks_is_repeated_within_the_call(crm, emulator, kind):
    emulator.faults.add(Fault("hubspot.contacts.get", kind, times=2))
    assert crm.contact(contact_id="101").first_name == "Ada"


def test_an_outage_is_transient_and_opens_the_circuit(crm, emulator):
    emulator.faults.add(Fault("hubspot.*", Kind.STATUS, status=503))
    for _ in range(2):
        with pytest.raises(Transient):
            crm.contact(contact_id="101")
    emulator.calls.clear()
    with pytest.raises(Transient) as refused:
        crm.contact(contact_id="101")
    assert emulator.calls == []
    assert refused.value.retry_after is not None


def test_a_dead_token_asks_for_a_new_connection(crm_over, http):
    with pytest.raises(ReconnectNeeded):
        crm_over(http, token="dead").contact(contact_id="101")


def test_a_rotated_token_is_noticed_when_the_old_one_is_refused(crm_over, http, emulator):
    secrets = MemorySecrets(token="old")
    secrets.rotate("token", TOKEN)
    crm = crm_over(http, secrets=secrets)
    assert crm.contact(contact_id="101").id == "101"
    assert [call.status for call in emulator.calls] == [401, 200]


def test_a_record_has_an_address_for_people(crm):
    assert crm.record_url(contact_id="101") == "https://app.hubspot.example/contacts/4400001/record/0-1/101"


def test_forms_are_listed_page_after_page(crm, emulator):
    others = [{"id": f"form-{number}", "name": f"Form {number}"} for number in range(120)]
    emulator.seed({"forms": others})
    names = {form.id: form.name for form in crm.forms()}
    assert len(names) == 121
    assert (names[FORM], names["form-7"]) == ("Book a demo", "Form 7")


def test_forms_of_every_type_are_asked_for(crm_over, url, emulator):
    emulator.seed({"forms": [{"id": "form-captured", "name": "On our own page", "formType": "captured"}]})
    with httpx.Client(base_url=url, trust_env=False) as unchecked:  # the schema knows HubSpot's own type alone, the parameter all
        assert {form.id for form in crm_over(unchecked).forms()} == {FORM, "form-captured"}


def test_submissions_are_read_page_by_page_with_the_moment_of_those_nobody_can_answer(crm, emulator):
    for minute in range(70):
        submit(emulator, f"p{minute}@northwind.example" if minute else None, minutes=minute, lastname="North")
    first = crm.submission_page(form_id=FORM)
    assert (len(first.entries), first.entries[0].email, first.entries[0].form_name) == (50, "p69@northwind.example", "Book a demo")
    last = crm.submission_page(form_id=FORM, after=first.after)
    assert (len(last.entries), last.oldest, last.after) == (19, MONDAY, "")
    with pytest.raises(NotFound):
        crm.submission_page(form_id="form-nobody-made")
