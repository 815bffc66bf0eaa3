"""The vendor's own Python client against the emulator, unmodified but for the host."""

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import ApiException, PublicObjectSearchRequest, SimplePublicObjectInputForCreate


@pytest.fixture
def hubspot(url, emulator):
    def point(configuration):
        configuration.host = url
        return configuration

    client = HubSpot(access_token=emulator.token)
    client.config["host"] = url
    return client


def test_it_creates_reads_and_finds_a_contact(hubspot):
    created = hubspot.crm.contacts.basic_api.create(
        SimplePublicObjectInputForCreate(properties={"email": "kim@eastwind.example", "firstname": "Kim"})
    )
    read = hubspot.crm.contacts.basic_api.get_by_id(created.id, properties=["email", "firstname"], associations=["companies"])
    assert read.properties["email"] == "kim@eastwind.example"
    rule = {"propertyName": "email", "operator": "EQ", "value": "kim@eastwind.example"}
    found = hubspot.crm.contacts.search_api.do_search(PublicObjectSearchRequest(filter_groups=[{"filters": [rule]}], limit=10))
    assert [row.id for row in found.results] == [created.id]


def test_it_writes_a_note_and_lists_the_contacts_notes(hubspot):
    link = {"to": {"id": "101"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]}
    properties = {"hs_timestamp": "2026-03-02T09:00:00Z", "hs_note_body": "Called"}
    note = hubspot.crm.objects.notes.basic_api.create({"properties": properties, "associations": [link]})
    page = hubspot.crm.associations.v4.basic_api.get_page("contacts", "101", "notes")
    assert [row.to_object_id for row in page.results] == [note.id]
    hubspot.crm.associations.v4.basic_api.create_default("notes", note.id, "companies", "201")


def test_the_official_client_understands_refusals(hubspot):
    with pytest.raises(ApiException) as caught:
        hubspot.crm.contacts.basic_api.get_by_id("999")
    assert caught.value.status == 404


def test_it_reads_owners_and_forms(hubspot):
    assert hubspot.crm.owners.owners_api.get_by_id(71).email == "olivia@harbour.example"
    assert [form.name for form in hubspot.marketing.forms.forms_api.get_page().results] == ["Book a demo"]
