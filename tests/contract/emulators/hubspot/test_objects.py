"""Objects: single, batch, list, merge, and the refusals HubSpot words in its own way."""

import json

import pytest

NOTE = {"hs_timestamp": "2026-03-02T09:00:00Z", "hs_note_body": "Sent the proposal"}
BOTH = pytest.mark.parametrize("prefix", ["/crm/v3/objects", "/crm/objects/2026-09"])


@BOTH
def test_a_contact_is_found_by_id_and_by_address_under_both_prefixes(api, prefix):
    by_id = api.get(f"{prefix}/contacts/101").json()
    by_email = api.get(f"{prefix}/contacts/ada@northwind.example", params={"idProperty": "email"}).json()
    assert by_id == by_email
    assert by_id["properties"]["email"] == "ada@northwind.example"
    assert set(by_id["properties"]) == {"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"}


@pytest.mark.parametrize("query", [[("properties", "phone,firstname")], [("properties", "phone"), ("properties", "firstname")]])
def test_asked_for_and_unset_is_null_while_unknown_names_are_left_out(api, query):
    properties = api.get("/crm/v3/objects/contacts/102", params=[*query, ("properties", "no_such_thing")]).json()["properties"]
    assert properties == {
        "phone": None,
        "firstname": "Bo",
        "hs_object_id": "102",
        "createdate": "2026-03-02T09:00:00.000Z",
        "lastmodifieddate": "2026-03-02T09:00:00.000Z",
    }


def test_associations_come_along_when_asked_for(api):
    linked = api.get("/crm/v3/objects/contacts/101", params={"associations": "companies,deals,notes"}).json()["associations"]
    assert {row["type"] for row in linked["companies"]["results"]} == {"contact_to_company", "contact_to_company_unlabeled"}
    assert linked["deals"]["results"] == [{"id": "301", "type": "contact_to_deal"}]
    assert "notes" not in linked


def test_a_missing_object_is_a_404_with_a_category(api):
    answer = api.get("/crm/v3/objects/contacts/999")
    assert (answer.status_code, answer.json()["category"]) == (404, "OBJECT_NOT_FOUND")


def test_an_unknown_object_type_is_a_400_without_a_category(api):
    answer = api.request("GET", "/crm/objects/2026-09/butterflies/1")
    assert answer.status_code == 400
    assert answer.json()["message"] == "Unable to infer object type from: butterflies"


def test_every_value_is_kept_as_a_string(api):
    created = api.post(
        "/crm/objects/2026-09/contacts", json={"properties": {"email": "Cy@Eastwind.example", "numemployees": 12, "hs_email_optout": False}}
    )
    assert created.status_code == 201
    properties = created.json()["properties"]
    assert (properties["numemployees"], properties["hs_email_optout"], properties["email"]) == ("12", "false", "cy@eastwind.example")


def test_a_second_contact_with_the_same_address_is_a_conflict_that_names_the_first(api):
    answer = api.post("/crm/v3/objects/contacts", json={"properties": {"email": "ADA@northwind.example"}})
    assert answer.status_code == 409
    assert answer.json()["category"] == "CONFLICT"
    assert "Existing ID: 101" in answer.json()["message"]


def test_an_archived_contact_frees_its_address(api):
    assert api.delete("/crm/v3/objects/contacts/102").status_code == 204
    assert api.get("/crm/v3/objects/contacts/102").status_code == 404
    assert api.get("/crm/v3/objects/contacts/102", params={"archived": "true"}).json()["archived"] is True
    assert api.post("/crm/v3/objects/contacts", json={"properties": {"email": "bo@southwind.example"}}).status_code == 201


def test_all_bad_properties_are_named_at_once(api):
    answer = api.post("/crm/v3/objects/contacts", json={"properties": {"email": "nobody", "shoe_size": "44"}})
    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == ["INVALID_EMAIL", "PROPERTY_DOESNT_EXIST"]
    listed = json.loads(answer.json()["message"].removeprefix("Property values were not valid: "))
    assert [one["name"] for one in listed] == ["email", "shoe_size"]


def test_an_update_merges_and_an_empty_value_clears(api, clock):
    changed = api.patch("/crm/v3/objects/contacts/101", json={"properties": {"jobtitle": "CFO", "lastname": ""}}).json()
    assert changed["properties"]["jobtitle"] == "CFO"
    assert api.get("/crm/v3/objects/contacts/101").json()["properties"]["lastname"] is None


@pytest.mark.parametrize("kind", ["notes", "tasks"])
def test_activities_need_a_timestamp(api, kind):
    answer = api.post(f"/crm/v3/objects/{kind}", json={"properties": {}})
    assert answer.status_code == 400
    assert answer.json()["context"] == {"properties": ["hs_timestamp"]}


def test_a_note_body_has_a_limit(api):
    assert api.post("/crm/v3/objects/notes", json={"properties": {**NOTE, "hs_note_body": "x" * 65_536}}).status_code == 201
    assert api.post("/crm/v3/objects/notes", json={"properties": {**NOTE, "hs_note_body": "x" * 65_537}}).status_code == 400


def test_a_task_takes_only_the_statuses_there_are(api):
    task = {"hs_timestamp": "1772528400000", "hs_task_subject": "Call back", "hs_task_status": "NOT_STARTED", "hs_task_priority": "HIGH"}
    created = api.post("/crm/v3/objects/tasks", json={"properties": task})
    assert created.json()["properties"]["hs_timestamp"] == "2026-03-03T09:00:00.000Z"
    assert (
        api.post("/crm/v3/objects/tasks", json={"properties": {**task, "hs_task_status": "SOON"}}).json()["errors"][0]["code"]
        == "INVALID_OPTION"
    )


def test_a_note_is_associated_in_the_call_that_creates_it(api):
    link = [{"to": {"id": "101"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]}]
    note = api.post("/crm/v3/objects/notes", json={"properties": NOTE, "associations": link}).json()
    rows = api.get("/crm/v4/objects/contacts/101/associations/notes").json()["results"]
    assert [row["toObjectId"] for row in rows] == [note["id"]]


def test_a_refused_write_leaves_nothing_behind(api):
    link = [{"to": {"id": "999"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]}]
    assert api.post("/crm/v3/objects/notes", json={"properties": NOTE, "associations": link}).status_code == 404
    assert api.get("/crm/v3/objects/notes").json()["results"] == []


def test_a_merged_contact_answers_to_both_ids_and_both_addresses(api):
    assert api.post("/crm/v3/objects/contacts/merge", json={"primaryObjectId": "101", "objectIdToMerge": "102"}).status_code == 200
    survivor = api.get("/crm/v3/objects/contacts/102", params={"properties": "email,hs_merged_object_ids"}).json()
    assert (survivor["id"], survivor["properties"]["hs_merged_object_ids"]) == ("101", "102")
    assert api.get("/crm/v3/objects/contacts/bo@southwind.example", params={"idProperty": "email"}).json()["id"] == "101"


def test_a_batch_without_trace_ids_is_refused_whole(api):
    inputs = [{"properties": {"email": "dee@westwind.example"}}, {"properties": {"email": "ada@northwind.example"}}]
    assert api.post("/crm/v3/objects/contacts/batch/create", json={"inputs": inputs}).status_code == 409
    assert api.get("/crm/v3/objects/contacts/dee@westwind.example", params={"idProperty": "email"}).status_code == 404


def test_a_batch_with_trace_ids_succeeds_in_part(api):
    inputs = [
        {"objectWriteTraceId": "a", "properties": {"email": "dee@westwind.example"}},
        {"objectWriteTraceId": "b", "properties": {"email": "ada@northwind.example"}},
    ]
    answer = api.post("/crm/v3/objects/contacts/batch/create", json={"inputs": inputs})
    assert answer.status_code == 207
    assert answer.json()["errors"][0]["context"] == {"existingId": ["101"], "objectWriteTraceId": ["b"]}
    assert len(answer.json()["results"]) == 1


def test_a_batch_read_answers_in_its_own_order_and_counts_what_is_missing_as_one_error(api):
    wanted = {"inputs": [{"id": "102"}, {"id": "999"}, {"id": "101"}], "properties": ["email"], "propertiesWithHistory": []}
    answer = api.post("/crm/objects/2026-09/contacts/batch/read", json=wanted)
    assert answer.status_code == 207
    assert [row["id"] for row in answer.json()["results"]] == ["101", "102"]
    assert answer.json()["errors"][0]["context"] == {"ids": ["999"]}


def test_a_batch_update_refuses_the_same_id_twice(api):
    inputs = [{"id": "101", "properties": {"jobtitle": "CEO"}}] * 2
    answer = api.post("/crm/v3/objects/contacts/batch/update", json={"inputs": inputs})
    assert answer.json()["message"] == "Duplicate IDs found in batch input: [101]. IDs must be unique"


def test_a_list_is_followed_page_by_page(api):
    first = api.get("/crm/v3/objects/contacts", params={"limit": 1}).json()
    second = api.get("/crm/v3/objects/contacts", params={"limit": 1, "after": first["paging"]["next"]["after"]}).json()
    assert [first["results"][0]["id"], second["results"][0]["id"]] == ["101", "102"]
    assert "paging" not in second


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"properties": []}', b'{"inputs": [1]}'])
@pytest.mark.parametrize("path", ["contacts", "contacts/batch/create", "contacts/batch/read", "notes", "contacts/merge"])
def test_a_broken_body_is_a_400_or_404_and_never_a_500(api, path, body):
    assert api.post(f"/crm/v3/objects/{path}", content=body).status_code in (400, 404)
