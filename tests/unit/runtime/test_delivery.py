"""Envelopes of Pub/Sub and Cloud Tasks: both spellings, every attempt, and nothing that arrives makes them fail otherwise than said."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.work import Work
from shared.ports.errors import Rejected
from shared.ports.requests import Incoming
from shared.runtime.delivery import Delivery, pushed_message, queued_task
from tests.unit.stages.world import work

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
MESSAGES = st.fixed_dictionaries(
    {}, optional={"data": JSON | st.just("eyJhIjogMX0="), "messageId": JSON, "message_id": JSON, "attributes": JSON, "publishTime": JSON}
)
ENVELOPES = st.fixed_dictionaries({}, optional={"message": MESSAGES | JSON, "subscription": JSON, "deliveryAttempt": JSON})


def incoming(body: bytes = b"", **headers: str) -> Incoming:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Incoming(method="POST", url="https://internal.example/plan", path="", query={}, headers=names, body=body)


def pushed(**envelope: Any) -> Delivery:
    return pushed_message(incoming(json.dumps(envelope).encode()))


def test_a_push_is_unwrapped():
    message = {"data": base64.b64encode("{“a”}".encode()).decode(), "messageId": "77", "attributes": {"trace_id": "t", "workspace_id": "w"}}
    assert pushed(message=message, subscription="projects/p/subscriptions/lead.received--plan", deliveryAttempt=4) == Delivery(
        id="77", source="lead.received--plan", payload="{“a”}", attributes={"trace_id": "t", "workspace_id": "w"}, attempt=4
    )


@pytest.mark.parametrize("spelling", ["messageId", "message_id"])
def test_the_message_id_is_found_in_both_spellings(spelling: str):
    assert pushed(message={spelling: "77"}).id == "77"


def test_a_message_of_nothing_but_attributes_has_an_empty_payload_and_is_the_first_attempt():
    assert pushed(message={"attributes": {"a": "1"}}) == Delivery(id="", source="", payload="", attributes={"a": "1"}, attempt=1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"\xff", "body"),
        (b"[]", "body"),
        (b"[" * 100_000, "body"),
        (b"{}", "message"),
        (b'{"message": "x"}', "message"),
        (b'{"message": {"data": "a"}}', "message.data"),
        (b'{"message": {"data": "\\u00e4\\u00e4\\u00e4\\u00e4"}}', "message.data"),
        (b'{"message": {"attributes": ["a"]}}', "message.attributes"),
        (b'{"message": {}, "deliveryAttempt": "soon"}', "deliveryAttempt"),
    ],
)
def test_an_envelope_that_is_none_is_rejected_by_the_part_that_is_wrong(body: bytes, field: str):
    with pytest.raises(Rejected) as refused:
        pushed_message(incoming(body))
    assert refused.value.field == field


def or_rejected(read: Callable[[], Any]) -> Any:
    """What was read; the error when it was refused as bad input. Anything else surfaces."""
    try:
        return read()
    except Rejected as error:
        return error


@given(ENVELOPES)
def test_whatever_the_envelope_it_is_a_delivery_or_rejected(envelope: dict[str, Any]):
    found = or_rejected(lambda: pushed(**envelope))
    parts = (
        (found.detail, found.field) if isinstance(found, Rejected) else (found.id, found.source, found.payload, *found.attributes.values())
    )
    assert all(isinstance(part, str) for part in parts)


@given(st.binary(max_size=60))
def test_whatever_the_payload_it_is_our_work_or_rejected(payload: bytes):
    delivery = pushed(message={"data": base64.b64encode(payload).decode()})
    assert isinstance(or_rejected(lambda: delivery.work), Work | Rejected)


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ("", "payload"),
        ("null", "payload"),
        ('{"workspace_id": "northwind"}', "id"),
        ('{"workspace_id": "northwind", "id": "a/b"}', "id"),
        ('{"workspace_id": "northwind", "id": "run_1", "body": "x"}', "body"),
    ],
)
def test_work_that_is_none_is_rejected_by_its_field(payload: str, field: str):
    with pytest.raises(Rejected) as refused:
        _ = Delivery(id="", source="", payload=payload).work
    assert refused.value.field == field
    assert refused.value.detail.startswith(f"{field}: ")


def test_our_own_payload_is_work():
    assert Delivery(id="", source="", payload=work().model_dump_json()).work == work()


def test_a_task_is_unwrapped_from_its_request():
    headers = {
        "x_cloudtasks_taskname": "run_1-placed",
        "x_cloudtasks_queuename": "crm",
        "x_cloudtasks_taskretrycount": "2",
        "x_trace_id": "t",
    }
    delivery = queued_task(incoming(b"{}", **headers))
    assert delivery == Delivery(id="run_1-placed", source="crm", payload="{}", attributes={"trace_id": "t"}, attempt=3)
    assert delivery.trace_id == "t"


def test_a_task_without_headers_is_a_first_attempt_of_nobody():
    assert queued_task(incoming(b"\xff")) == Delivery(id="", source="", payload="\ufffd", attributes={"trace_id": ""}, attempt=1)


def test_a_retry_count_that_is_no_number_is_rejected():
    with pytest.raises(Rejected) as refused:
        queued_task(incoming(x_cloudtasks_taskretrycount="often"))
    assert refused.value.field == "x-cloudtasks-taskretrycount"
