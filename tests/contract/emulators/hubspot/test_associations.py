"""Associations v4: both directions, labels, pages, batch reads."""


def types(row):
    return [(one["typeId"], one["label"]) for one in row["associationTypes"]]


def test_the_first_company_of_a_contact_is_its_primary_one(api):
    for company in ("201", "202"):
        assert api.put(f"/crm/v4/objects/contacts/102/associations/default/companies/{company}").status_code == 200
    rows = api.get("/crm/v4/objects/contacts/102/associations/companies").json()["results"]
    assert [types(row) for row in rows] == [[(1, "Primary"), (279, None)], [(279, None)]]


def test_an_association_can_be_read_from_the_other_side(api):
    rows = api.get("/crm/v4/objects/company/201/associations/contact").json()["results"]
    assert [row["toObjectId"] for row in rows] == ["101"]
    assert types(rows[0]) == [(2, None), (280, None)]


def test_a_labelled_association_takes_a_bare_array(api, emulator):
    emulator.seed({"labels": {"36": "Decision maker"}})
    body = [{"associationCategory": "USER_DEFINED", "associationTypeId": 36}]
    put = api.put("/crm/v4/objects/contacts/102/associations/deals/301", json=body)
    assert (put.status_code, put.json()["labels"]) == (201, ["Decision maker"])
    assert types(api.get("/crm/v4/objects/contacts/102/associations/deals").json()["results"][0]) == [(4, None), (36, "Decision maker")]


def test_an_unknown_type_or_a_missing_record_is_refused(api):
    body = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 9999}]
    assert api.put("/crm/v4/objects/contacts/102/associations/deals/301", json=body).status_code == 400
    assert api.put("/crm/v4/objects/contacts/102/associations/default/deals/999").status_code == 404
    assert api.get("/crm/v4/objects/contacts/101/associations/butterflies").status_code == 400


def test_a_list_is_paged(api):
    for company in ("201", "202"):
        api.put(f"/crm/v4/objects/contacts/102/associations/default/companies/{company}")
    path = "/crm/v4/objects/contacts/102/associations/companies"
    first = api.get(path, params={"limit": 1}).json()
    second = api.get(path, params={"limit": 1, "after": first["paging"]["next"]["after"]}).json()
    assert [first["results"][0]["toObjectId"], second["results"][0]["toObjectId"]] == ["201", "202"]


def test_a_batch_read_tells_who_has_none(api):
    answer = api.post("/crm/v4/associations/contacts/companies/batch/read", json={"inputs": [{"id": "101"}, {"id": "102"}]})
    assert answer.status_code == 207
    assert answer.json()["results"][0]["to"][0]["toObjectId"] == "201"
    assert answer.json()["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"


def test_a_cut_association_is_gone_from_both_sides(api):
    assert api.delete("/crm/v4/objects/contacts/101/associations/deals/301").status_code == 204
    assert api.get("/crm/v4/objects/deals/301/associations/contacts").json()["results"] == []


def test_a_merge_moves_the_associations(api):
    api.post("/crm/v3/objects/contacts/merge", json={"primaryObjectId": "102", "objectIdToMerge": "101"})
    rows = api.get("/crm/v4/objects/contacts/101/associations/deals").json()["results"]
    assert [row["toObjectId"] for row in rows] == ["301"]


def test_a_batch_names_what_is_no_id_and_what_would_be_joined_to_itself(api):
    def row(one, other):
        return {"from": {"id": one}, "to": {"id": other}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 449}]}

    inputs = [row("101", "unknown"), row("101", "101"), row("101", "999"), row("101", "102")]
    answer = api.post("/crm/v4/associations/contacts/contacts/batch/create", json={"inputs": inputs})
    assert answer.status_code == 207
    assert [error.get("subCategory") for error in answer.json()["errors"]] == ["crm.associations.INVALID_IDENTIFIER", None, None]
    assert [error["category"] for error in answer.json()["errors"]] == ["VALIDATION_ERROR", "VALIDATION_ERROR", "OBJECT_NOT_FOUND"]
    assert len(answer.json()["results"]) == 1
