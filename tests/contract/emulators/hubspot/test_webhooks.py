"""Outgoing webhooks: the three shapes, signatures, retries, duplicates and order."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hubspot.utils.signature import Signature
from werkzeug.wrappers import Response

from emulators.faults import Fault, Kind
from emulators.hubspot.signing import signature_headers, signed_uri

VECTORS = Path(__file__).resolve().parents[5] / "shared/contracts/vectors/signatures.json"
PUBLIC = "https://hooks.sdr.example/hubspot?token=t%20t"
EMAIL = [{"name": "email", "value": "Eve@Eastwind.example"}, {"name": "firstname", "value": "Eve"}]


@pytest.fixture
def submit(api, emulator, form_id, settled):
    def submit(fields=EMAIL):
        body = {"fields": fields, "context": {"pageUri": "https://www.harbour.example/demo", "pageName": "Demo"}}
        answer = api.post(f"/submissions/v3/integration/submit/{emulator.portal_id}/{form_id}", json=body, headers={"Authorization": ""})
        settled()
        return answer

    return submit


def bodies(mailroom):
    return [json.loads(body) for _, body in mailroom.arrived]


def test_the_customised_workflow_body_has_exactly_the_configured_keys(emulator, hook_url, mailroom, submit):
    keys = {"contactId": "hs_object_id", "mail": "email", "company": "company", "source": "=website"}
    emulator.add_hooks([{"url": hook_url, "shape": "workflow", "keys": keys}])
    assert submit().status_code == 200
    assert bodies(mailroom) == [{"contactId": 50001, "mail": "eve@eastwind.example", "company": None, "source": "website"}]


def test_the_legacy_body_is_the_v1_contact(emulator, hook_url, mailroom, submit, form_id):
    emulator.add_hooks([{"url": hook_url, "shape": "workflow-legacy"}])
    submit([{"name": "email", "value": "ada@northwind.example"}])
    (body,) = bodies(mailroom)
    assert (body["vid"], body["canonical-vid"], body["portal-id"]) == (101, 101, emulator.portal_id)
    assert body["properties"]["email"]["value"] == body["properties"]["email"]["versions"][0]["value"] == "ada@northwind.example"
    assert body["form-submissions"][0]["form-id"] == form_id
    assert body["identity-profiles"][0]["identities"][0]["is-primary"] is True
    assert body["associated-company"]["company-id"] == 201


@pytest.mark.parametrize(("event", "more"), [("contact.creation", {}), ("object.creation", {"objectTypeId": "0-1"})])
def test_a_subscription_tells_creations_in_an_array(emulator, hook_url, mailroom, submit, event, more):
    emulator.add_hooks([{"url": hook_url, "shape": "subscription", "signature": "v1", "events": [event]}])
    submit()
    submit()
    ((told,),) = bodies(mailroom)
    expected = {
        "subscriptionType": event,
        "objectId": 50001,
        "portalId": emulator.portal_id,
        "appId": emulator.app_id,
        "attemptNumber": 0,
        **more,
    }
    assert expected.items() <= told.items()


def test_a_batch_of_contacts_is_told_in_batches_of_a_hundred(api, emulator, hook_url, mailroom, settled):
    emulator.add_hooks([{"url": hook_url, "shape": "subscription", "events": ["contact.creation", "object.creation"]}])
    inputs = [{"properties": {"email": f"p{number}@eastwind.example"}} for number in range(80)]
    api.post("/crm/v3/objects/contacts/batch/create", json={"inputs": inputs})
    settled()
    assert sorted(len(body) for body in bodies(mailroom)) == [60, 100]


@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
def test_what_arrives_is_signed_over_the_public_url(emulator, clock, hook_url, mailroom, submit, secret, version):
    emulator.add_hooks([{"url": hook_url, "shape": "workflow", "signature": version, "public_url": PUBLIC}])
    submit()
    headers, body = mailroom.arrived[0]
    stamp = headers.get("x-hubspot-request-timestamp")
    given = headers["x-hubspot-signature-v3" if version == "v3" else "x-hubspot-signature"]
    assert given == Signature.get_signature(secret, body.decode(), version, PUBLIC, "POST", stamp)
    assert stamp in (None, str(int(clock.now().timestamp() * 1000)))


def test_the_published_signature_vectors_hold():
    if not VECTORS.exists():
        pytest.skip("../shared/contracts is not here")
    for vector in json.loads(VECTORS.read_text())["hubspot"]:
        headers = signature_headers(
            vector["version"],
            secret=vector["secret"],
            method=vector.get("method", "POST"),
            uri=vector.get("uri", ""),
            body=vector["body"].encode(),
            timestamp_ms=int(vector.get("timestamp", 0)),
        )
        assert vector["expected"] in headers.values()


def test_only_the_documented_escapes_are_undone_before_signing():
    assert signed_uri("https://x.example/a%2fb%20c?d=%40e%26f%3D") == "https://x.example/a/b%20c?d=@e%26f%3D"


def test_a_subscription_is_retried_ten_times_within_a_day_and_then_given_up(emulator, clock, hook_url, mailroom, submit, settled):
    emulator.add_hooks([{"url": hook_url, "shape": "subscription"}])
    mailroom.answers = [Response(status=400) for _ in range(20)]
    submit()
    began = clock.now()
    while (due := emulator.next_due()) is not None:
        settled(advance=due - clock.now())
    assert [event["attemptNumber"] for (event,) in bodies(mailroom)] == list(range(11))
    assert emulator.deliveries()[0].status == "failed"
    assert clock.now() - began < timedelta(hours=24)


@pytest.mark.parametrize(("status", "status_after"), [(404, "failed"), (503, "waiting")])
def test_a_workflow_gives_up_on_a_4xx_and_keeps_trying_otherwise(
    emulator, clock, hook_url, mailroom, submit, settled, status, status_after
):
    emulator.add_hooks([{"url": hook_url, "shape": "workflow"}])
    mailroom.answers = [Response(status=status)]
    submit()
    assert emulator.deliveries()[0].status == status_after
    if status_after == "waiting":
        assert emulator.next_due() == clock.now() + timedelta(minutes=1)
        settled(advance=timedelta(minutes=1))
        assert emulator.deliveries()[0].status == "delivered"


def test_a_workflow_gives_up_after_three_days(emulator, hook_url, mailroom, submit, settled):
    emulator.add_hooks([{"url": hook_url, "shape": "workflow"}])
    mailroom.answers = [Response(status=500) for _ in range(200)]
    submit()
    for _ in range(80):
        settled(advance=timedelta(hours=1))
    assert (emulator.deliveries()[0].status, emulator.next_due()) == ("failed", None)
    assert 15 < len(mailroom.arrived) < 25


def test_a_workflow_honours_retry_after_in_milliseconds(emulator, clock, hook_url, mailroom, submit):
    emulator.add_hooks([{"url": hook_url, "shape": "workflow"}])
    mailroom.answers = [Response(status=429, headers={"Retry-After": "2500"})]
    submit()
    assert emulator.next_due() == clock.now() + timedelta(milliseconds=2500)


def test_a_delivery_can_be_repeated(api, emulator, hook_url, mailroom, submit, settled):
    emulator.add_hooks([{"url": hook_url, "shape": "workflow"}])
    submit()
    assert api.post(f"/_emulator/deliveries/{emulator.deliveries()[0].id}/again").status_code == 201
    settled()
    first, second = bodies(mailroom)
    assert first == second
    assert api.post("/_emulator/deliveries/none/again").status_code == 404


def test_held_deliveries_go_in_the_order_they_are_released_in(api, emulator, hook_url, mailroom, submit, settled):
    api.post("/_emulator/hooks", json={"hooks": [{"url": hook_url, "shape": "workflow", "keys": {"email": "email"}}]})
    api.post("/_emulator/deliveries/hold")
    for name in ("a", "b", "c"):
        submit([{"name": "email", "value": f"{name}@eastwind.example"}])
    assert mailroom.arrived == []
    assert emulator.next_due() is None
    assert len(api.post("/_emulator/deliveries/release", json={"backwards": True}).json()["released"]) == 3
    settled()
    assert [body["email"][0] for body in bodies(mailroom)] == ["c", "b", "a"]
    assert {one["status"] for one in api.get("/_emulator/deliveries").json()["deliveries"]} == {"delivered"}


def test_a_reorder_fault_lets_the_next_delivery_pass(emulator, hook_url, mailroom, submit):
    emulator.add_hooks([{"url": hook_url, "shape": "workflow", "keys": {"email": "email"}}])
    emulator.faults.add(Fault("hubspot.deliver.*", Kind.REORDER, times=1))
    for name in ("a", "b"):
        submit([{"name": "email", "value": f"{name}@eastwind.example"}])
    assert [body["email"][0] for body in bodies(mailroom)] == ["b", "a"]


@pytest.mark.parametrize(("kind", "arrivals"), [(Kind.DUPLICATE, 2), (Kind.DROP_AFTER, 2), (Kind.DROP_BEFORE, 1)])
def test_faults_on_the_way_out_repeat_or_lose_a_delivery(emulator, hook_url, mailroom, submit, settled, kind, arrivals):
    emulator.add_hooks([{"url": hook_url, "shape": "workflow"}])
    emulator.faults.add(Fault("hubspot.deliver.*", kind, times=1))
    submit()
    settled(advance=timedelta(minutes=1))
    assert len(mailroom.arrived) == arrivals
    assert emulator.deliveries()[0].status == "delivered"


@pytest.mark.parametrize("hook", [{}, {"url": "x", "shape": "pigeon"}, {"url": "x", "shape": "workflow", "signature": "v9"}])
def test_a_bad_hook_is_refused(api, hook):
    assert api.post("/_emulator/hooks", json={"hooks": [hook]}).status_code == 400


@pytest.mark.parametrize("address", ["http://127.0.0.1:port/x", "gopher://127.0.0.1/x"])
def test_a_hook_nobody_can_call_fails_its_deliveries_and_keeps_nothing_in_flight(emulator, submit, settled, address):
    emulator.add_hooks([{"url": address, "shape": "workflow"}])
    submit()
    settled()
    [delivery] = emulator.deliveries()
    assert (delivery.status, delivery.attempts[0].status) == ("waiting", None)
