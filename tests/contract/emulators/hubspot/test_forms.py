"""Forms and submissions, on both hosts' paths."""

import httpx
import pytest


@pytest.fixture
def submit(api, emulator, form_id):
    def submit(fields, *, form=form_id, portal=emulator.portal_id, secure="", **more):
        return api.post(f"/submissions/v3/integration/{secure}submit/{portal}/{form}", json={"fields": fields, **more})

    return submit


def email(value):
    return {"objectTypeId": "0-1", "name": "email", "value": value}


def test_a_submission_creates_the_contact_and_says_nothing_about_it(api, submit):
    answer = submit([email("Eve@Eastwind.example"), {"name": "firstname", "value": "Eve"}], context={"pageName": "Demo"})
    assert set(answer.json()) == {"inlineMessage"}
    wanted = {"idProperty": "email", "properties": "firstname,recent_conversion_date,recent_conversion_event_name,num_conversion_events"}
    properties = api.get("/crm/v3/objects/contacts/eve@eastwind.example", params=wanted).json()["properties"]
    assert properties["firstname"] == "Eve"
    assert properties["recent_conversion_date"] == "2026-03-02T09:00:00.000Z"
    assert properties["recent_conversion_event_name"] == "Demo: Book a demo"
    assert properties["num_conversion_events"] == "1"


def test_a_submission_updates_a_known_contact_and_keeps_what_was_left_empty(api, submit):
    submit([email("ADA@northwind.example"), {"name": "firstname", "value": ""}])
    assert api.get("/crm/v3/objects/contacts/101").json()["properties"]["firstname"] == "Ada"


def test_submissions_are_listed_newest_first_and_paged(api, submit, form_id):
    for moment, name in ((1772442000000, "a"), (1772442002000, "c"), (1772442001000, "b")):
        submit([email(f"{name}@eastwind.example")], submittedAt=str(moment), context={"pageUri": "https://harbour.example/demo"})
    path = f"/form-integrations/v1/submissions/forms/{form_id}"
    first = api.get(path, params={"limit": 2}).json()
    second = api.get(path, params={"limit": 2, "after": first["paging"]["next"]["after"]}).json()
    rows = [*first["results"], *second["results"]]
    assert [row["values"][0]["value"][0] for row in rows] == ["c", "b", "a"]
    assert rows[0]["submittedAt"] == 1772442002000
    assert rows[0]["values"] == [email("c@eastwind.example")]
    assert rows[0]["pageUrl"] == "https://harbour.example/demo"
    assert "paging" not in second
    assert api.get(path, params={"limit": 51}).status_code == 400


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([{"name": "email", "value": "nobody"}], "INVALID_EMAIL"),
        ([{"name": "email", "value": "a@b.example"}, {"name": "shoe_size", "value": "44"}], "FIELD_NOT_IN_FORM_DEFINITION"),
        ([], "NO_FIELDS"),
    ],
)
def test_a_bad_submission_names_its_field(submit, fields, code):
    answer = submit(fields)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["errorType"] == code


def test_the_secure_path_needs_the_token_and_takes_other_fields(submit, url, emulator, form_id):
    fields = [{"name": "email", "value": "a@b.example"}, {"name": "company", "value": "Eastwind"}]
    assert submit(fields, secure="secure/").status_code == 200
    assert (
        httpx.post(f"{url}/submissions/v3/integration/secure/submit/{emulator.portal_id}/{form_id}", json={"fields": fields}).status_code
        == 401
    )


def test_another_portal_or_form_is_not_found(submit):
    assert submit([email("a@b.example")], portal=1).status_code == 404
    assert submit([email("a@b.example")], form="none").status_code == 404


def test_captured_forms_hide_until_they_are_asked_for(api):
    assert [form["name"] for form in api.get("/marketing/v3/forms").json()["results"]] == ["Book a demo"]
    everything = httpx.get(f"{api.base_url}/marketing/v3/forms", params={"formTypes": "all"}, headers=api.headers).json()
    assert len(everything["results"]) == 2
