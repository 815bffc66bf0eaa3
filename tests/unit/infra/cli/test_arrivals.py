"""Which webhooks told of a submission: by contact, whatever the shape, since the form was filled in."""

from typing import Any

from infra.cli.arrivals import arrivals_of
from tests.builders import MONDAY, at

HOOKS = {"a": {"signature": "v3"}, "b": {"signature": "v2"}, "c": {"signature": "v1"}, "d": {"signature": None}}


def a_delivery(hook_id: str, shape: str, body: Any, *statuses: int, **changes: Any) -> dict[str, Any]:
    attempts = [{"at": MONDAY.isoformat(), "status": one, "reason": ""} for one in statuses]
    return {"hook_id": hook_id, "shape": shape, "body": body, "attempts": attempts, "created_at": at(seconds=1).isoformat(), **changes}


WORKFLOW = a_delivery("a", "workflow", {"email": "a@b.example", "objectId": 51}, 202)
LEGACY = a_delivery("b", "workflow-legacy", {"vid": 51, "properties": {}}, 503, 202)
EVENTS = a_delivery("c", "subscription", [{"objectId": 7}, {"objectId": 51, "subscriptionType": "contact.creation"}], 202)


def test_all_three_shapes_are_recognised_by_the_contact_they_are_about() -> None:
    found = arrivals_of("51", [WORKFLOW, LEGACY, EVENTS], HOOKS, since=MONDAY)

    assert [(one.shape, one.signature) for one in found] == [("workflow", "v3"), ("workflow-legacy", "v2"), ("subscription", "v1")]
    assert arrivals_of("52", [WORKFLOW, LEGACY, EVENTS], HOOKS, since=MONDAY) == ()


def test_what_came_for_an_earlier_submission_does_not_count() -> None:
    assert arrivals_of("51", [WORKFLOW], HOOKS, since=at(seconds=2)) == ()


def test_a_contact_nobody_knows_has_no_arrivals() -> None:
    assert arrivals_of("", [a_delivery("a", "workflow", {"objectId": ""}, 202)], HOOKS, since=MONDAY) == ()


def test_an_arrival_says_its_shape_its_signature_and_how_it_was_answered() -> None:
    [workflow, legacy] = arrivals_of("51", [WORKFLOW, LEGACY], HOOKS, since=MONDAY)
    [open_one] = arrivals_of("51", [a_delivery("d", "workflow", {"objectId": 51})], HOOKS, since=MONDAY)

    assert workflow.told == "workflow webhook, customised body, signature v3, answered 202"
    assert legacy.told == "workflow webhook, legacy contact body, signature v2, answered 202 after 2 attempts"
    assert open_one.told == "workflow webhook, customised body, unsigned, no answer yet"


def test_a_subscription_names_its_event() -> None:
    batch = a_delivery("c", "subscription", [{"objectId": 51, "subscriptionType": "contact.creation"}], 202)

    assert "(contact.creation)" in arrivals_of("51", [batch], HOOKS, since=MONDAY)[0].told
