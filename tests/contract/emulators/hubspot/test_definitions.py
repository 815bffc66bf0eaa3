"""What a portal defines for itself: properties, their groups and options, pipelines and stages; and how writes are held to them."""

import json
from pathlib import Path

import pytest
from hubspot import HubSpot

PAYLOADS = Path(__file__).parents[5] / "shared" / "data" / "api_payloads" / "files"
CITY = {"name": "office_city", "label": "Office", "type": "enumeration", "fieldType": "checkbox", "groupName": "contactinformation"}
OPTIONS = [{"label": "Kiel", "value": "kiel", "hidden": False}, {"label": "Bonn", "value": "bonn", "hidden": False}]


@pytest.fixture
def hubspot(url, emulator):
    client = HubSpot(access_token=emulator.token)
    client.config["host"] = url
    return client


def define(api, name, value_type, field_type, **more):
    body = {"name": name, "label": name, "type": value_type, "fieldType": field_type, "groupName": "contactinformation", **more}
    assert api.post("/crm/v3/properties/contacts", json=body).status_code == 201


def codes(answer):
    assert answer.status_code == 400, answer.text
    return [error["code"] for error in answer.json()["errors"]]


def write(api, **properties):
    return api.patch("/crm/v3/objects/contacts/101", json={"properties": properties})


def test_the_official_client_defines_changes_and_archives_properties(hubspot):
    api = hubspot.crm.properties.core_api
    made = api.create("contacts", {**CITY, "options": OPTIONS})
    assert (made.hubspot_defined, [option.value for option in made.options]) == (False, ["kiel", "bonn"])
    assert api.update("contacts", "office_city", {"label": "Office city"}).label == "Office city"
    assert {"email", "office_city"} <= {one.name for one in api.get_all("contacts").results}
    api.archive("contacts", "office_city")
    assert api.get_by_name("contacts", "office_city", archived=True).archived
    with pytest.raises(Exception, match="404"):
        api.get_by_name("contacts", "office_city")


def test_the_official_client_keeps_groups(hubspot):
    api = hubspot.crm.properties.groups_api
    assert api.create("deals", {"name": "offers", "label": "Offers"}).label == "Offers"
    assert api.update("deals", "offers", {"label": "Our offers"}).label == "Our offers"
    assert [one.name for one in api.get_all("deals").results] == ["dealinformation", "offers"]
    assert api.get_by_name("deals", "offers").name == "offers"
    api.archive("deals", "offers")
    with pytest.raises(Exception, match="404"):
        api.get_by_name("deals", "offers")


def test_the_official_client_defines_properties_in_batches_and_hears_of_each_failure(hubspot):
    api = hubspot.crm.properties.batch_api
    rows = [{**CITY, "name": "one"}, {**CITY, "name": "email"}, {**CITY, "name": "two", "groupName": "nowhere"}]
    answer = api.create("contacts", {"inputs": rows})
    assert ([one.name for one in answer.results], answer.num_errors) == (["one"], 2)
    assert [error.category for error in answer.errors] == ["OBJECT_ALREADY_EXISTS", "VALIDATION_ERROR"]
    read = api.read("contacts", {"archived": False, "inputs": [{"name": "one"}]})
    assert [one.name for one in read.results] == ["one"]
    api.archive("contacts", {"inputs": [{"name": "one"}]})


def test_the_official_client_builds_a_pipeline(hubspot):
    api, stages = hubspot.crm.pipelines.pipelines_api, hubspot.crm.pipelines.pipeline_stages_api
    first = {"label": "Asked", "displayOrder": 0, "metadata": {"probability": "0.2"}}
    made = api.create("deals", {"label": "Partners", "displayOrder": 1, "stages": [first]})
    won = stages.create("deals", made.id, {"label": "Signed", "displayOrder": 1, "metadata": {"probability": "1.0"}})
    assert [one.label for one in api.get_all("deals").results] == ["Sales Pipeline", "Partners"]
    deal = hubspot.crm.deals.basic_api.create(
        {"properties": {"dealname": "P", "pipeline": made.id, "dealstage": won.id}, "associations": []}
    )
    read = hubspot.crm.deals.basic_api.get_by_id(deal.id, properties=["hs_is_closed_won"])
    assert read.properties["hs_is_closed_won"] == "true"
    assert stages.update("deals", made.id, won.id, {"label": "Won", "metadata": {"probability": "1.0"}}).label == "Won"
    assert [one.label for one in stages.get_all("deals", made.id).results] == ["Asked", "Won"]
    with pytest.raises(Exception, match="is still used by deals"):
        stages.archive("deals", made.id, won.id)
    hubspot.crm.deals.basic_api.archive(deal.id)
    stages.archive("deals", made.id, won.id)
    assert api.replace("deals", made.id, {"label": "Friends", "displayOrder": 2, "stages": [first]}).label == "Friends"
    assert api.update("deals", made.id, {"label": "Pals"}).label == "Pals"
    assert stages.get_by_id("deals", made.id, stages.get_all("deals", made.id).results[0].id).label == "Asked"
    api.archive("deals", made.id)
    with pytest.raises(Exception, match="404"):
        api.get_by_id("deals", made.id)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"lead_score": "many"}, "INVALID_NUMBER"),
        ({"lead_score": " 3"}, "LEADING_TRAILING_WHITESPACE"),
        ({"met_on": "2026-03-02T10:00:00Z"}, "INVALID_DATE"),
        ({"is_partner": "perhaps"}, "INVALID_OPTION"),
        ({"office_city": "kiel;rome"}, "INVALID_OPTION"),
        ({"lifecyclestage": "stranger"}, "INVALID_OPTION"),
        ({"hs_object_id": "7"}, "READ_ONLY_VALUE"),
        ({"num_conversion_events": "7"}, "READ_ONLY_VALUE"),
        ({"customer_no": "C-1"}, "CONFLICTING_UNIQUE_VALUE"),
    ],
)
def test_a_value_that_does_not_fit_its_definition_is_refused(api, given, code):
    define(api, "lead_score", "number", "number")
    define(api, "met_on", "date", "date")
    define(api, "is_partner", "bool", "booleancheckbox", options=[{"label": "Yes", "value": "true"}, {"label": "No", "value": "false"}])
    define(api, "office_city", "enumeration", "checkbox", options=OPTIONS)
    define(api, "customer_no", "string", "text", hasUniqueValue=True)
    api.patch("/crm/v3/objects/contacts/102", json={"properties": {"customer_no": "C-1"}})
    assert codes(write(api, **given)) == [code]


def test_values_that_fit_are_kept_as_hubspot_keeps_them(api):
    define(api, "lead_score", "number", "number")
    define(api, "met_on", "date", "date")
    define(api, "office_city", "enumeration", "checkbox", options=OPTIONS)
    properties = write(api, lead_score="1.5", met_on="1772409600000", office_city="kiel;bonn").json()["properties"]
    assert (properties["lead_score"], properties["met_on"], properties["office_city"]) == ("1.5", "2026-03-02", "kiel;bonn")


def test_a_contact_is_found_by_any_unique_property(api):
    define(api, "customer_no", "string", "text", hasUniqueValue=True)
    write(api, customer_no="C-1")
    assert api.get("/crm/v3/objects/contacts/C-1", params={"idProperty": "customer_no"}).json()["id"] == "101"
    assert api.get("/crm/v3/objects/contacts/C-2", params={"idProperty": "customer_no"}).status_code == 404
    assert api.get("/crm/v3/objects/contacts/Ada", params={"idProperty": "firstname"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("9lives", {}),
        ("no_field", {"fieldType": "text"}),
        ("twice", {"options": [OPTIONS[0], OPTIONS[0]]}),
        ("nowhere", {"groupName": "x"}),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(api, name, more):
    assert codes(api.post("/crm/v3/properties/contacts", json={**CITY, "options": OPTIONS, "name": name, **more}))


def test_what_hubspot_defined_stays_but_its_options_grow(api):
    assert codes(api.patch("/crm/v3/properties/contacts/email", json={"type": "number"})) == ["PROPERTY_DEFINITION_READ_ONLY"]
    assert codes(api.delete("/crm/v3/properties/contacts/email")) == ["PROPERTY_IS_HUBSPOT_DEFINED"]
    known = api.get("/crm/v3/properties/contacts/hs_lead_status").json()["options"]
    grown = [*known, {"label": "Parked", "value": "PARKED", "hidden": False}]
    assert api.patch("/crm/v3/properties/contacts/hs_lead_status", json={"options": grown}).status_code == 200
    assert write(api, hs_lead_status="PARKED").status_code == 200


def test_a_stage_belongs_to_its_pipeline(api):
    answer = api.post(
        "/crm/v3/objects/deals", json={"properties": {"dealname": "X", "pipeline": "default", "dealstage": "1"}, "associations": []}
    )
    assert codes(answer) == ["INVALID_OPTION"]
    assert api.get("/crm/v3/pipelines/contacts").status_code == 400
    bad = {"label": "Odd", "displayOrder": 0, "metadata": {"probability": "0.55"}}
    assert api.post("/crm/v3/pipelines/deals/default/stages", json=bad).status_code == 400


def sample(name):
    path = PAYLOADS / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else pytest.skip("../shared/data/api_payloads is not here")


def test_recorded_requests_are_answered_in_the_recorded_shape(api):
    group = sample("amp-hubspot-custom-create-1-payload-create-property-group")
    made = api.post("/crm/v3/properties/contacts/groups", json=group)
    assert made.json().keys() == sample("amp-hubspot-custom-create-2-response-create-property-group").keys()
    batch = sample("amp-hubspot-custom-create-3-payload-batch-create-properties")
    told, recorded = (
        api.post("/crm/v3/properties/contacts/batch/create", json=batch).json(),
        sample("amp-hubspot-custom-create-4-response-batch-create-properties"),
    )
    assert told.keys() == recorded.keys()
    for mine, theirs in zip(told["results"], recorded["results"], strict=True):
        assert theirs.keys() <= mine.keys()
        assert {key: mine[key] for key in ("name", "type", "fieldType", "groupName")} == {
            key: theirs[key] for key in ("name", "type", "fieldType", "groupName")
        }


def test_the_pipeline_of_a_new_portal_is_the_recorded_one(api):
    [recorded] = [one for one in sample("amp-hubspot-metadata-deals-external-pipelines")["results"] if one["id"] == "default"]
    [mine] = [one for one in api.get("/crm/v3/pipelines/deals").json()["results"] if one["id"] == "default"]
    assert [(one["id"], one["label"], one["metadata"]) for one in mine["stages"]] == [
        (one["id"], one["label"], one["metadata"]) for one in recorded["stages"]
    ]


@pytest.mark.parametrize("name", ["batch-create-contacts-err-many-invalid-properties", "metadata-err-schemas-scope"])
def test_refusals_have_the_recorded_shape(api, url, emulator, clock, name):
    recorded = sample(f"amp-hubspot-{name}")
    if recorded["category"] == "VALIDATION_ERROR":
        inputs = [{"properties": {"first000name": "A", "last000name": "B"}, "associations": []}]
        told = api.post("/crm/v3/objects/contacts/batch/create", json={"inputs": inputs}).json()
    else:
        code = emulator.oauth.authorize("https://x.example", ["oauth"], clock.now())
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "https://x.example"}
        mine = {"client_id": emulator.oauth.client_id, "client_secret": emulator.client_secret}
        token = api.post("/oauth/v1/token", data={**form, **mine}).json()["access_token"]
        told = api.get("/crm/v3/objects/contacts/101", headers={"Authorization": f"Bearer {token}"}).json()
    assert told.keys() == recorded.keys()
    assert told["category"] == recorded["category"]
