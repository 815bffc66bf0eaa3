"""Webhook bodies: the three shapes become hints; whatever is wrong is refused by the name of its field."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.hubspot.webhooks import parse_webhook
from shared.domain.hints import HintSource
from shared.ports.errors import Rejected

EVENT = {
    "eventId": 100,
    "subscriptionId": 5,
    "portalId": 4242,
    "appId": 7,
    "occurredAt": 1772442000000,
    "subscriptionType": "contact.creation",
    "attemptNumber": 0,
    "objectId": 101,
    "changeSource": "CRM",
    "changeFlag": "NEW",
}
LEGACY = {
    "vid": 101,
    "canonical-vid": 99,
    "portal-id": 4242,
    "properties": {"email": {"value": "Ada@Northwind.example", "versions": []}, "company": {"value": None}},
    "form-submissions": [
        {"conversion-id": "c1", "timestamp": 1772442000000, "form-id": "form-a", "portal-id": 4242},
        {"conversion-id": "c2", "timestamp": 1772442001000, "form-id": "form-b", "portal-id": 4242},
    ],
    "identity-profiles": [],
}
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def parse(data, **more):
    return parse_webhook(json.dumps(data).encode(), **more)


def refused(data):
    with pytest.raises(Rejected) as caught:
        parse(data)
    assert caught.value.status == 400
    return caught.value.field


def test_creations_of_contacts_become_hints_and_the_rest_is_ignored_with_a_reason():
    events = [
        EVENT,
        {**EVENT, "subscriptionType": "object.creation", "objectTypeId": "0-1", "objectId": 102},
        {**EVENT, "subscriptionType": "object.creation", "objectTypeId": "0-2"},
        {**EVENT, "subscriptionType": "contact.propertyChange", "propertyName": "recent_conversion_date", "propertyValue": "1"},
        {**EVENT, "subscriptionType": "contact.propertyChange", "propertyName": "city", "propertyValue": "Oslo"},
        {**EVENT, "subscriptionType": "deal.creation"},
        {"subscriptionType": "conversation.newMessage"},
    ]
    parsed = parse(events)
    assert [hint.contact_id for hint in parsed.hints] == ["101", "102", "101"]
    assert [one.index for one in parsed.ignored] == [2, 4, 5, 6]
    first = parsed.hints[0]
    assert (first.source, first.portal_id, first.occurred_at) == (HintSource.SUBSCRIPTION, "4242", NINE)


def test_another_attempt_of_an_event_is_the_same_announcement():
    assert parse([EVENT]) == parse([{**EVENT, "attemptNumber": 3}])
    assert parse([EVENT]) != parse([{**EVENT, "eventId": 101}])


def test_the_legacy_contact_points_at_its_newest_submission():
    (hint,) = parse(LEGACY).hints
    assert (hint.source, hint.contact_id, hint.email, hint.portal_id) == (HintSource.WORKFLOW_LEGACY, "99", "ada@northwind.example", "4242")
    assert (hint.form_id, hint.event_key, hint.submitted_at) == ("form-b", "c2", datetime(2026, 3, 2, 9, 0, 1, tzinfo=UTC))


def test_a_customised_body_is_read_however_its_keys_are_spelled():
    (hint,) = parse(
        {"Contact ID": 101, "E-mail": "Ada@Northwind.example", "portalId": "4242", "form_guid": "form-a", "submittedAt": 1772442000000}
    ).hints
    assert (hint.source, hint.contact_id, hint.email, hint.portal_id) == (HintSource.WORKFLOW, "101", "ada@northwind.example", "4242")
    assert (hint.form_id, hint.submitted_at) == ("form-a", NINE)


@pytest.mark.parametrize("moment", [1772442000000, "1772442000000", "2026-03-02T10:00:00+01:00", "2026-03-02T09:00:00"])
def test_moments_are_read_in_every_notation_hubspot_uses(moment):
    assert parse({"email": "a@b.example", "recent_conversion_date": moment}).hints[0].occurred_at == NINE


def test_unset_properties_of_a_customised_body_do_not_matter():
    assert parse({"email": None, "hs_object_id": 7, "recent_conversion_date": ""}).hints[0].contact_id == "7"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00", "1969-12-31T23:59:59"])
def test_a_moment_no_form_was_ever_sent_at_is_refused(moment):
    assert refused({"email": "a@b.example", "submittedAt": moment}) == "submittedAt"


def test_two_deliveries_of_a_body_without_a_moment_stay_apart():
    body = {"email": "a@b.example"}
    assert parse(body, delivery_key="one") != parse(body, delivery_key="two")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], "body"),
        ([EVENT] * 101, "body"),
        ("text", "body"),
        (None, "body"),
        ([7], "[0]"),
        ([{**EVENT, "objectId": "101"}, {}], "[0].objectId"),
        ([{**EVENT, "portalId": None}], "[0].portalId"),
        ([{**EVENT, "occurredAt": -1}], "[0].occurredAt"),
        ([{**EVENT, "eventId": True}], "[0].eventId"),
        ([{"eventId": 1}], "[0].subscriptionType"),
        ({**LEGACY, "vid": "101"}, "vid"),
        ({**LEGACY, "properties": {"email": "ada"}}, "properties.email"),
        ({**LEGACY, "form-submissions": [{"timestamp": 1}]}, "form-submissions[0].form-id"),
        ({}, "email"),
        ({"name": "Ada"}, "email"),
        ({"Email": "nobody"}, "Email"),
        ({"email": ["a@b.example"]}, "email"),
        ({"email": "a@b.example", "hs_object_id": 1.5}, "hs_object_id"),
        ({"email": "a@b.example", "contactId": True}, "contactId"),
        ({"email": "a@b.example", "submitted_at": "yesterday"}, "submitted_at"),
        ({"email": "a@b.example", "formId": 7}, "formId"),
    ],
)
def test_what_is_wrong_is_named(data, field):
    assert refused(data) == field


def test_a_bad_event_is_refused_alone_and_named_with_its_place():
    parsed = parse_webhook(json.dumps([EVENT, {**EVENT, "objectId": "101"}, {**EVENT, "portalId": 2**63}, None]).encode())
    assert len(parsed.hints) == 1
    assert [(one.index, one.reason.partition(":")[0]) for one in parsed.refused] == [(1, "[1].objectId"), (2, "[2].portalId"), (3, "[3]")]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"vid": ' + b"9" * 5000 + b"}"])
def test_a_body_that_is_no_json_is_refused(body):
    with pytest.raises(Rejected) as caught:
        parse_webhook(body)
    assert caught.value.field == "body"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*EVENT, *LEGACY, "email", "submittedAt", "x"]), inner, max_size=6)
    ),
    max_leaves=12,
)


def understood_or_named(data):
    try:
        parsed = parse(data)
    except Rejected as refusal:
        return refusal.field
    return parsed.hints or parsed.ignored


@given(json_values | st.builds(lambda key, value: [{**EVENT, key: value}], st.sampled_from(list(EVENT)), json_values))
def test_any_json_is_understood_or_refused_by_name(data):
    assert understood_or_named(data)


def test_the_webhook_side_loads_no_http_client():
    code = (
        "import sys, shared.connectors.hubspot.signature, shared.connectors.hubspot.webhooks;"
        "print([name for name in ('httpx', 'openai', 'numpy', 'rich') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_a_legacy_contact_with_two_submissions_of_one_moment_names_neither() -> None:
    twins = [
        {"conversion-id": "c-1", "form-id": "form-a", "timestamp": 1_700_000_000_000},
        {"conversion-id": "c-2", "form-id": "form-b", "timestamp": 1_700_000_000_000},
    ]
    [hint] = parse_webhook(json.dumps({**LEGACY, "form-submissions": twins}).encode()).hints
    assert (hint.form_id, hint.submitted_at) == ("", None)
    assert hint.occurred_at is not None
    assert hint.event_key == "c-1/c-2"
