"""Search: operators, sorts, pages, the cap, and an index that lags."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.clock import Clock
from emulators.hubspot.records import Record
from emulators.hubspot.routes import TOKEN, HubSpotEmulator
from emulators.hubspot.search import matching, page_of

AT = datetime(2026, 3, 2, tzinfo=UTC)


def ask(api, filters=(), **more):
    groups = [{"filters": list(filters)}] if filters else []
    return api.post("/crm/v3/objects/contacts/search", json={"filterGroups": groups, **more})


def ids(answer):
    return [row["id"] for row in answer.json()["results"]]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"propertyName": "email", "operator": "EQ", "value": "ADA@northwind.example"}, ["101"]),
        ({"propertyName": "email", "operator": "NEQ", "value": "ada@northwind.example"}, ["102"]),
        ({"propertyName": "email", "operator": "IN", "values": ["ada@northwind.example", "x@y.example"]}, ["101"]),
        ({"propertyName": "email", "operator": "IN", "values": ["ADA@northwind.example"]}, []),
        ({"propertyName": "email", "operator": "NOT_IN", "values": ["ada@northwind.example"]}, ["102"]),
        ({"propertyName": "lastname", "operator": "HAS_PROPERTY"}, ["101"]),
        ({"propertyName": "lastname", "operator": "NOT_HAS_PROPERTY"}, ["102"]),
        ({"propertyName": "email", "operator": "CONTAINS_TOKEN", "value": "northwind"}, ["101"]),
        ({"propertyName": "email", "operator": "CONTAINS_TOKEN", "value": "*@southwind.example"}, ["102"]),
        ({"propertyName": "createdate", "operator": "GTE", "value": "2026-03-02T09:00:00Z"}, ["101", "102"]),
        ({"propertyName": "createdate", "operator": "GT", "value": "1772442000000"}, []),
        ({"propertyName": "createdate", "operator": "LT", "value": "2026-03-02T10:00:00+01:00"}, []),
        ({"propertyName": "hs_object_id", "operator": "BETWEEN", "value": "100", "highValue": "101"}, ["101"]),
    ],
)
def test_each_operator_finds_what_it_should(api, rule, expected):
    assert ids(ask(api, [rule])) == expected


def test_filters_of_a_group_are_joined_and_groups_are_alternatives(api):
    ada = {"propertyName": "firstname", "operator": "EQ", "value": "Ada"}
    never = {"propertyName": "lastname", "operator": "EQ", "value": "South"}
    bo = {"propertyName": "firstname", "operator": "EQ", "value": "Bo"}
    groups = {"filterGroups": [{"filters": [ada, never]}, {"filters": [bo]}]}
    assert ids(api.post("/crm/v3/objects/contacts/search", json=groups)) == ["102"]


def test_sorts_and_pages_are_followed_with_a_limit_that_may_be_a_string(api):
    sorts = [{"propertyName": "firstname", "direction": "DESCENDING"}]
    first = ask(api, sorts=sorts, limit="1", properties=["company"])
    assert first.json()["total"] == 2
    assert first.json()["results"][0]["properties"]["company"] is None
    second = ask(api, sorts=sorts, limit="1", after=first.json()["paging"]["next"]["after"])
    assert [*ids(first), *ids(second)] == ["102", "101"]
    assert "paging" not in second.json()


@pytest.mark.parametrize("request_body", [{"limit": 201}, {"limit": 200, "after": "9801"}, {"limit": "x"}])
def test_the_limits_of_paging_are_a_400(api, request_body):
    assert ask(api, **request_body).json()["category"] == "VALIDATION_ERROR"


def test_too_many_groups_and_unknown_operators_are_refused(api):
    assert api.post("/crm/v3/objects/contacts/search", json={"filterGroups": [{"filters": []}] * 6}).status_code == 400
    assert ask(api, [{"propertyName": "email", "operator": "LIKE", "value": "x"}]).status_code == 400


def test_archived_records_are_never_found(api):
    api.delete("/crm/v3/objects/contacts/101")
    assert ids(ask(api)) == ["102"]


def test_a_lagging_index_still_shows_the_old_value_and_not_the_new_record():
    clock = Clock(frozen_at=AT)
    emulator = HubSpotEmulator(clock, index_lag=timedelta(seconds=10))
    emulator.seed({"objects": {"contacts": [{"id": "1", "email": "a@b.example", "firstname": "Old"}]}})
    clock.advance(timedelta(seconds=20))
    client = _client(emulator)
    client.patch("/crm/v3/objects/contacts/1", json={"properties": {"firstname": "New"}}, headers=AUTH)
    client.post("/crm/v3/objects/contacts", json={"properties": {"email": "c@d.example"}}, headers=AUTH)
    search = ("/crm/v3/objects/contacts/search", {"properties": ["firstname"]})
    seen = client.post(search[0], json=search[1], headers=AUTH).json["results"]
    assert [row["properties"]["firstname"] for row in seen] == ["Old"]
    clock.advance(timedelta(seconds=10))
    seen = client.post(search[0], json=search[1], headers=AUTH).json["results"]
    assert [row["properties"]["firstname"] for row in seen] == ["New", None]
    emulator.close()


AUTH = {"Authorization": f"Bearer {TOKEN}"}


def _client(emulator):
    from werkzeug.test import Client

    return Client(emulator)


records = st.lists(
    st.builds(
        lambda number, name: Record("contacts", str(number), {"firstname": name} if name else {}, AT, AT),
        st.integers(1, 10_000),
        st.sampled_from(["", "ada", "Bo", "12", "7"]),
    ),
    max_size=40,
    unique_by=lambda record: record.id,
)


@given(records, st.integers(1, 7), st.booleans())
def test_following_the_pages_gives_every_match_once_and_in_order(found, limit, descending):
    sorts = [{"propertyName": "firstname", "direction": "DESCENDING" if descending else "ASCENDING"}]
    everything, after, collected = matching(found, {"sorts": sorts}), "0", []
    while after is not None:
        shown, after = page_of(everything, {"limit": limit, "after": after})
        collected += shown
    assert collected == everything
    assert sorted(int(record.id) for record in collected) == sorted(int(record.id) for record in found)


@given(records, st.sampled_from(["ada", "Bo", "12", "7"]))
def test_equal_and_not_equal_divide_all_records_between_them(found, value):
    def count(operator):
        return len(matching(found, {"filterGroups": [{"filters": [{"propertyName": "firstname", "operator": operator, "value": value}]}]}))

    assert count("EQ") + count("NEQ") == len(found)


def test_a_request_may_have_three_thousand_characters(api):
    def asked(length):
        body = '{"query": "' + "x" * (length - len('{"query": ""}')) + '"}'
        return api.post("/crm/v3/objects/contacts/search", content=body, headers={"Content-Type": "application/json"}).status_code

    assert (asked(3000), asked(3001)) == (200, 400)


def test_records_are_found_by_what_they_are_associated_with(api):
    rule = {"propertyName": "associations.company", "operator": "EQ", "value": "201"}
    found = api.post("/crm/v3/objects/contacts/search", json={"filterGroups": [{"filters": [rule]}]}).json()
    assert [row["id"] for row in found["results"]] == ["101"]
