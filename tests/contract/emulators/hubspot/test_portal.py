"""Authentication, limits, faults, owners, account, and keeping state."""

from datetime import timedelta

import httpx
import pytest

from emulators.faults import Fault, Kind
from emulators.hubspot.limits import Limits, Meter
from emulators.hubspot.routes import HubSpotEmulator


def test_a_wrong_token_is_a_json_401(url):
    answer = httpx.get(f"{url}/crm/v3/objects/contacts/101", headers={"Authorization": "Bearer nope"})
    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"
    assert answer.json()["correlationId"]


def test_owners_are_found_by_id_by_user_and_by_address(api):
    assert [row["id"] for row in api.get("/crm/v3/owners", params={"email": "olivia@harbour.example"}).json()["results"]] == ["71"]
    assert api.get("/crm/v3/owners", params={"email": "nobody@harbour.example"}).json()["results"] == []
    assert api.get("/crm/v3/owners/71").json()["firstName"] == "Olivia"
    assert api.get("/crm/v3/owners/72").status_code == 404


def test_the_account_tells_its_portal(api, emulator):
    assert api.get("/account-info/v3/details").json()["portalId"] == emulator.portal_id


def test_a_full_window_is_a_429_with_its_own_body_and_headers(api, emulator, clock):
    emulator.meter = Meter(Limits(per_second=2))
    answers = [api.get("/crm/v3/objects/contacts/101") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[1].headers["X-HubSpot-RateLimit-Remaining"] == "0"
    body = answers[2].json()
    assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "SECONDLY")
    assert "category" not in body
    clock.advance(timedelta(seconds=1))
    assert api.get("/crm/v3/objects/contacts/101").status_code == 200


def test_searches_have_a_window_of_their_own_and_no_headers(api, emulator):
    emulator.meter = Meter(Limits(search_per_second=1))
    answers = [api.post("/crm/v3/objects/contacts/search", json={}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert not any(name.startswith("x-hubspot-ratelimit") for answer in answers for name in answer.headers)


def test_limits_are_switched_over_the_control_route(api):
    assert api.put("/_emulator/limits", json={"per_day": 1}).status_code == 204
    answers = [api.get("/crm/v3/objects/contacts/101") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["policyName"] == "DAILY"
    assert api.put("/_emulator/limits", json={"per_fortnight": 1}).status_code == 400
    assert api.put("/_emulator/limits", json={}).status_code == 204
    assert api.get("/crm/v3/objects/contacts/101").status_code == 200


def test_faults_tell_notes_from_contacts(api, emulator):
    emulator.faults.add(Fault("hubspot.notes.create", Kind.STATUS, status=503))
    note = {"properties": {"hs_timestamp": "2026-03-02T09:00:00Z"}}
    for prefix in ("/crm/v3/objects/notes", "/crm/objects/2026-09/notes"):
        assert httpx.Client(headers=api.headers).post(f"{api.base_url}{prefix}", json=note).status_code == 503
    assert api.get("/crm/v3/objects/contacts/101").status_code == 200


def test_a_stale_read_answers_what_was_before_the_latest_write(api, emulator):
    api.patch("/crm/v3/objects/contacts/101", json={"properties": {"firstname": "Adele"}})
    emulator.faults.add(Fault("hubspot.contacts.get", Kind.STALE, times=1))
    assert api.get("/crm/v3/objects/contacts/101").json()["properties"]["firstname"] == "Ada"
    assert api.get("/crm/v3/objects/contacts/101").json()["properties"]["firstname"] == "Adele"


def test_the_state_survives_a_dump_and_a_load(api, emulator, clock, form_id):
    api.post(
        f"/submissions/v3/integration/submit/{emulator.portal_id}/{form_id}",
        json={"fields": [{"name": "email", "value": "ed@eastwind.example"}]},
    )
    before = api.get("/_emulator/state").json()
    other = HubSpotEmulator(clock)
    other.load(before)
    assert other.dump() == before
    other.close()


def test_a_reset_forgets_everything(api, emulator):
    emulator.add_hooks([{"url": "http://127.0.0.1:9/x", "shape": "workflow"}])
    assert api.post("/_emulator/reset").status_code == 204
    assert api.get("/crm/v3/objects/contacts/101").status_code == 404
    assert api.get("/_emulator/hooks").json() == {"hooks": []}


def test_a_seed_arrives_through_the_control_route_and_a_bad_one_is_refused(api):
    assert api.put("/_emulator/seed", json={"objects": {"companies": [{"id": "900", "name": "Eastwind"}]}}).status_code == 204
    assert api.get("/crm/v3/objects/companies/900").json()["properties"]["name"] == "Eastwind"
    assert api.put("/_emulator/seed", json={"objects": {"contacts": [{"email": "nobody"}]}}).status_code == 400


@pytest.mark.parametrize("path", ["/crm/v3/nothing", "/crm/v3/objects/contacts/101/more/path"])
def test_an_unknown_path_is_a_json_404(api, path):
    assert api.get(path).json()["message"] == "resource not found"
