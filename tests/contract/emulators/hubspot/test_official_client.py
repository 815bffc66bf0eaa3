"""The vendor's own Python client against the emulator, unmodified but for the host."""

import json
from datetime import timedelta

import pytest
from hubspot import HubSpot
from hubspot.crm.association_type import AssociationType
from hubspot.crm.contacts import ApiException, PublicGdprDeleteInput, PublicObjectSearchRequest, SimplePublicObjectInputForCreate

from emulators.hubspot.association_types import PRIMARY, UNLABELLED
from emulators.hubspot.routes import CLIENT_ID, CLIENT_SECRET, DEVELOPER_KEY
from emulators.hubspot.schema import BY_ALIAS

NOTE = {"hs_timestamp": "2026-03-02T09:00:00Z", "hs_note_body": "Called"}
CALLBACK = "https://app.harbour.example/callback"
SUBSCRIPTIONS = (
    {"eventType": "contact.creation"},
    {"eventType": "contact.propertyChange", "propertyName": "jobtitle"},
    {"eventType": "contact.deletion"},
    {"eventType": "contact.merge"},
)


@pytest.fixture
def hubspot(url, emulator):
    return client(url, access_token=emulator.token)


def client(url, **more):
    made = HubSpot(**more)
    made.config["host"] = url
    return made


def by_email(value):
    return {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "EQ", "value": value}]}], "limit": 10}


def test_it_creates_reads_and_finds_a_contact(hubspot):
    created = hubspot.crm.contacts.basic_api.create(
        SimplePublicObjectInputForCreate(properties={"email": "kim@eastwind.example", "firstname": "Kim"})
    )
    read = hubspot.crm.contacts.basic_api.get_by_id(created.id, properties=["email", "firstname"], associations=["companies"])
    assert read.properties["email"] == "kim@eastwind.example"
    rule = {"propertyName": "email", "operator": "EQ", "value": "kim@eastwind.example"}
    found = hubspot.crm.contacts.search_api.do_search(PublicObjectSearchRequest(filter_groups=[{"filters": [rule]}], limit=10))
    assert [row.id for row in found.results] == [created.id]


def test_it_changes_archives_and_pages_contacts(hubspot):
    api = hubspot.crm.contacts.basic_api
    api.update("bo@southwind.example", {"properties": {"jobtitle": "CFO"}}, id_property="email")
    assert api.get_by_id("102", properties_with_history=["jobtitle"]).properties_with_history["jobtitle"][0].value == "CFO"
    first = api.get_page(limit=1)
    assert [row.id for row in api.get_page(limit=1, after=first.paging.next.after).results] == ["102"]
    api.archive("102")
    assert api.get_by_id("102", archived=True).archived


def test_it_merges_contacts_and_forgets_one_for_good(hubspot, emulator):
    api = hubspot.crm.contacts.basic_api
    assert api.merge({"primaryObjectId": "101", "objectIdToMerge": "102"}).id == "101"
    api.purge(PublicGdprDeleteInput(object_id="ada@northwind.example", id_property="email"))
    for gone, archived in (("101", False), ("101", True), ("102", False)):
        with pytest.raises(ApiException):
            api.get_by_id(gone, archived=archived)
    assert hubspot.crm.associations.v4.basic_api.get_page("companies", "201", "contacts").results == []


def test_it_runs_every_batch_of_contacts(hubspot):
    api = hubspot.crm.contacts.batch_api
    made = api.create({"inputs": [{"properties": {"email": f"{name}@eastwind.example"}, "associations": []} for name in "ab"]})
    ids = [row.id for row in made.results]
    api.update({"inputs": [{"id": one, "properties": {"city": "Kiel"}} for one in ids]})
    wanted = {"inputs": [{"id": one} for one in ids], "properties": ["city"], "propertiesWithHistory": []}
    assert [row.properties["city"] for row in api.read(wanted).results] == ["Kiel", "Kiel"]
    rows = [{"id": f"{name}@eastwind.example", "idProperty": "email", "properties": {"city": "Bonn"}} for name in "bc"]
    assert [row.new for row in api.upsert({"inputs": rows}).results] == [False, True]
    api.archive({"inputs": [{"id": one} for one in ids]})
    assert hubspot.crm.contacts.search_api.do_search(by_email("a@eastwind.example")).total == 0


def test_it_upserts_deals_by_a_property_of_the_portals_own(hubspot):
    definition = {"name": "offer_no", "label": "Offer", "type": "string", "fieldType": "text", "groupName": "dealinformation"}
    hubspot.crm.properties.core_api.create("deals", {**definition, "hasUniqueValue": True})
    row = {"id": "A-7", "idProperty": "offer_no", "properties": {"dealname": "Offer seven", "dealstage": "contractsent"}}
    made, again = (hubspot.crm.deals.batch_api.upsert({"inputs": [row]}).results[0] for _ in range(2))
    assert (made.new, again.new, made.id) == (True, False, again.id)


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("notes", NOTE),
        ("tasks", {"hs_timestamp": "2026-03-02T09:00:00Z", "hs_task_subject": "Call back"}),
        ("emails", {"hs_timestamp": "2026-03-02T09:00:00Z", "hs_email_direction": "EMAIL", "hs_email_status": "SENT"}),
        ("meetings", {"hs_timestamp": "2026-03-02T09:00:00Z", "hs_meeting_outcome": "SCHEDULED"}),
        ("calls", {"hs_timestamp": "2026-03-02T09:00:00Z", "hs_call_direction": "OUTBOUND", "hs_call_duration": "61000"}),
    ],
)
def test_every_kind_of_activity_goes_onto_a_contacts_timeline(hubspot, kind, properties):
    api = getattr(hubspot.crm.objects, kind)
    type_id = UNLABELLED[kind, "contacts"]
    link = {"to": {"id": "101"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]}
    made = api.basic_api.create({"properties": properties, "associations": [link]})
    assert [row.to_object_id for row in hubspot.crm.associations.v4.basic_api.get_page("contacts", "101", kind).results] == [made.id]
    rule = {"propertyName": "associations.contact", "operator": "EQ", "value": "101"}
    assert [row.id for row in api.search_api.do_search({"filterGroups": [{"filters": [rule]}]}).results] == [made.id]
    api.basic_api.archive(made.id)
    with pytest.raises(Exception, match="404"):
        api.basic_api.get_by_id(made.id)


def test_it_writes_companies_deals_and_tickets(hubspot):
    company = hubspot.crm.companies.basic_api.create({"properties": {"name": "Eastwind", "numberofemployees": "40"}, "associations": []})
    deal = hubspot.crm.deals.basic_api.create({"properties": {"dealname": "Eastwind", "dealstage": "closedwon"}, "associations": []})
    read = hubspot.crm.deals.basic_api.get_by_id(deal.id, properties=["pipeline", "hs_is_closed_won", "hs_deal_stage_probability"])
    assert (read.properties["pipeline"], read.properties["hs_is_closed_won"]) == ("default", "true")
    ticket = hubspot.crm.tickets.basic_api.create({"properties": {"subject": "Help", "hs_pipeline_stage": "1"}, "associations": []})
    for kind, one in (("deals", deal), ("tickets", ticket)):
        hubspot.crm.associations.v4.basic_api.create_default(kind, one.id, "companies", company.id)
        assert [row.to_object_id for row in hubspot.crm.associations.v4.basic_api.get_page("companies", company.id, kind).results] == [
            one.id
        ]


def test_it_reads_and_changes_associations_in_batches(hubspot):
    api = hubspot.crm.associations.v4.batch_api
    pair = {"from": {"id": "102"}, "to": {"id": "201"}}
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    assert api.create("contacts", "companies", {"inputs": [{**pair, "types": types}]}).results[0].labels == ["Primary"]
    api.create_default("contacts", "companies", {"inputs": [{"from": {"id": "102"}, "to": {"id": "202"}}]})
    read = api.get_page("contacts", "companies", {"inputs": [{"id": "102"}]}).results[0]
    assert [row.to_object_id for row in read.to] == ["201", "202"]
    api.archive_labels("contacts", "companies", {"inputs": [{**pair, "types": types}]})
    kept = api.get_page("contacts", "companies", {"inputs": [{"id": "102"}]}).results[0].to[0].association_types
    assert [one.type_id for one in kept] == [279]
    api.archive("contacts", "companies", {"inputs": [{"from": {"id": "102"}, "to": [{"id": "201"}, {"id": "202"}]}]})
    assert hubspot.crm.associations.v4.basic_api.get_page("contacts", "102", "companies").results == []
    hubspot.crm.associations.v4.basic_api.archive("contacts", "101", "companies", "201")


def test_it_gives_associations_labels_of_the_portals_own(hubspot):
    api = hubspot.crm.associations.v4.schema.definitions_api
    there, back = api.create("contacts", "companies", {"name": "boss", "label": "Boss", "inverseLabel": "Has as boss"}).results
    body = [{"associationCategory": "USER_DEFINED", "associationTypeId": there.type_id}]
    hubspot.crm.associations.v4.basic_api.create("contacts", "102", "companies", "202", body)
    from_company = hubspot.crm.associations.v4.basic_api.get_page("companies", "202", "contacts").results[0].association_types
    assert back.type_id in [one.type_id for one in from_company]
    api.update("contacts", "companies", {"associationTypeId": there.type_id, "label": "Chief"})
    assert "Chief" in [one.label for one in api.get_all("contacts", "companies").results]
    api.remove("contacts", "companies", there.type_id)
    assert "Chief" not in [one.label for one in api.get_all("contacts", "companies").results]


def test_the_built_in_association_types_are_the_clients(emulator):
    known = {name: value for name, value in vars(AssociationType).items() if not name.startswith("_")}
    for prefix, table in (("", UNLABELLED), ("PRIMARY_", PRIMARY)):
        for (one, other), type_id in table.items():
            name = f"{prefix}{BY_ALIAS[one].singular}_TO_{BY_ALIAS[other].singular}".upper()
            assert known.get(name, type_id) == type_id, name


def test_it_installs_an_app_and_its_tokens_expire(url, clock, emulator):
    anybody = client(url)
    code = emulator.oauth.authorize(CALLBACK, ["oauth", "crm.objects.contacts.read"], clock.now())
    mine = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    tokens = anybody.oauth.tokens_api.create(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **mine)
    assert anybody.oauth.access_tokens_api.get(tokens.access_token).hub_id == emulator.portal_id
    installed = client(url, access_token=tokens.access_token)
    assert installed.crm.contacts.basic_api.get_by_id("101").id == "101"
    with pytest.raises(ApiException, match="MISSING_SCOPES"):
        installed.crm.contacts.basic_api.archive("101")
    clock.advance(timedelta(seconds=1800))
    with pytest.raises(ApiException, match="EXPIRED_AUTHENTICATION"):
        installed.crm.contacts.basic_api.get_by_id("101")
    fresh = anybody.oauth.tokens_api.create(grant_type="refresh_token", refresh_token=tokens.refresh_token, **mine)
    assert client(url, access_token=fresh.access_token).crm.contacts.basic_api.get_by_id("101").id == "101"
    assert anybody.oauth.refresh_tokens_api.get(tokens.refresh_token).client_id == CLIENT_ID
    anybody.oauth.refresh_tokens_api.archive(tokens.refresh_token)
    with pytest.raises(Exception, match="BAD_REFRESH_TOKEN"):
        anybody.oauth.tokens_api.create(grant_type="refresh_token", refresh_token=tokens.refresh_token, **mine)


def test_its_subscriptions_are_delivered(url, hubspot, emulator, mailroom, hook_url, settled):
    developer = client(url, api_key=DEVELOPER_KEY).webhooks
    app = emulator.app_id
    developer.settings_api.configure(app, {"targetUrl": hook_url, "throttling": {"maxConcurrentRequests": 10}})
    made = [developer.subscriptions_api.create(app, {"active": True, **wish}).id for wish in SUBSCRIPTIONS]
    assert developer.settings_api.get_all(app).target_url == hook_url
    assert [row.id for row in developer.subscriptions_api.get_all(app).results] == made
    api = hubspot.crm.contacts.basic_api
    new = api.create({"properties": {"email": "kim@eastwind.example"}, "associations": []})
    api.update(new.id, {"properties": {"jobtitle": "CFO", "city": "Kiel"}})
    api.merge({"primaryObjectId": new.id, "objectIdToMerge": "102"})
    api.archive(new.id)
    settled()
    events = [(one["subscriptionType"], str(one["subscriptionId"])) for _, body in mailroom.arrived for one in json.loads(body)]
    assert sorted(events) == sorted(
        zip(["contact.creation", "contact.propertyChange", "contact.deletion", "contact.merge"], made, strict=True)
    )
    developer.subscriptions_api.update(made[0], app, {"active": False})
    developer.subscriptions_api.update_batch(app, {"inputs": [{"id": int(made[1]), "active": False}]})
    developer.subscriptions_api.archive(made[2], app)
    assert developer.subscriptions_api.get_by_id(made[3], app).active
    developer.settings_api.clear(app)
    assert not emulator.announcer.hooks


def test_the_official_client_understands_refusals(hubspot):
    with pytest.raises(ApiException) as caught:
        hubspot.crm.contacts.basic_api.get_by_id("999")
    assert caught.value.status == 404


def test_it_reads_owners_and_writes_forms(hubspot):
    assert hubspot.crm.owners.owners_api.get_by_id(71).email == "olivia@harbour.example"
    assert [row.id for row in hubspot.crm.owners.owners_api.get_page(email="olivia@harbour.example").results] == ["71"]
    forms = hubspot.marketing.forms.forms_api
    assert [form.name for form in forms.get_page().results] == ["Book a demo"]
    seen = forms.get_by_id(forms.get_page().results[0].id)
    forms.archive(seen.id)
    assert forms.get_page().results == []
    assert [form.id for form in forms.get_page(archived=True).results] == [seen.id]
