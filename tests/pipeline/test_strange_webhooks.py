"""Signed webhooks with odd contents: what is ours is kept once, the rest is told and stored nowhere."""

import json
from typing import Any

import httpx
import pytest

from emulators.hubspot.hooks import milliseconds
from emulators.hubspot.signing import signature_headers
from infra.seed.loader import HOOK_TOKEN
from shared.domain.hints import HintState
from shared.domain.run import RunState
from shared.domain.workspace import PortalRoute
from shared.ports.errors import Conflict
from tests.pipeline.world import DEMO, JONAS, World

PORTAL, RIVALS = 4400001, 4400002


def post(world: World, body: Any, *, token: str = "") -> httpx.Response:
    url = f"{world.suite.urls['functions']}/form-webhook" + (f"/{token}" if token else "")
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = milliseconds(world.suite.clock.now())
    headers = signature_headers("v3", secret=world.suite.hubspot.client_secret, method="POST", uri=url, body=content, timestamp_ms=stamp)
    return httpx.post(url, content=content, headers={**headers, "Content-Type": "application/json"}, timeout=30)


def event(world: World, number: int, *, portal: int = PORTAL, contact: int = 5101, **changes: Any) -> dict[str, Any]:
    usual = {"eventId": number, "portalId": portal, "objectId": contact, "subscriptionType": "contact.creation", "attemptNumber": 0}
    return usual | {"occurredAt": milliseconds(world.suite.clock.now())} | changes


def test_a_batch_that_repeats_itself_is_kept_once(world: World) -> None:
    batch = [event(world, number % 10) for number in range(100)]
    answers = [post(world, batch) for _ in range(2)]
    world.settle()

    assert [answer.status_code for answer in answers] == [202, 202]
    assert [len(answer.json()["run_ids"]) for answer in answers] == [10, 10]
    assert len(world.hints) == 10


BAD = [{"portalId": 2**63}, {"portalId": "ours"}, {"objectId": 0}, {"occurredAt": -1}, {"subscriptionType": 7}]


@pytest.mark.parametrize("wrong", BAD, ids=[str(one) for one in BAD])
def test_one_bad_event_takes_no_other_of_its_batch_along(world: World, capsys: pytest.CaptureFixture[str], wrong: dict[str, Any]) -> None:
    answer = post(world, [event(world, 1), event(world, 2, **wrong), event(world, 3, subscriptionType="contact.deletion"), event(world, 4)])

    [field] = wrong
    assert (answer.status_code, len(answer.json()["run_ids"]), len(world.hints)) == (202, 2, 2)
    assert [(one["index"], f"[1].{field}" in one["reason"]) for one in answer.json()["ignored"]] == [(2, False), (1, True)]
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "events of a batch refused" in line]
    assert [(one["severity"], one["count"], f"[1].{field}" in one["detail"]) for one in told] == [("ERROR", 1, True)]


def test_a_bad_event_beside_uninteresting_ones_is_no_bad_batch(world: World) -> None:
    answer = post(world, [event(world, 1, subscriptionType="contact.deletion"), event(world, 2, portalId=2**63)])

    assert (answer.status_code, [one["index"] for one in answer.json()["ignored"]], world.hints) == (200, [0, 1], [])


def test_a_full_batch_about_one_submission_is_one_run(world: World) -> None:
    world.suite.hubspot.announcer.hooks.clear()
    world.submit(JONAS)
    post(world, [event(world, number) for number in range(100)])
    world.run_to_the_end()

    assert world.only_run.state is RunState.DONE
    assert {hint.run_id for hint in world.hints} == {world.only_run.id}
    assert (len(world.gmail_drafts()), len(world.notes()), len(world.tasks())) == (1, 1, 1)


def test_events_without_a_submission_behind_them_end_with_that_reason(world: World) -> None:
    post(world, [event(world, number, contact=7_000_000 + number) for number in range(20)])
    world.run_to_the_end()

    assert {(hint.state, hint.reason) for hint in world.hints} == {(HintState.IGNORED, "no form submission stands behind this event")}
    assert not world.runs
    assert not world.dead_letters_everywhere()


def test_portals_nobody_connected_are_told_and_the_rest_is_kept(world: World) -> None:
    answer = post(world, [event(world, number, portal=PORTAL + number) for number in range(100)])

    assert (answer.status_code, len(answer.json()["run_ids"]), len(answer.json()["ignored"])) == (202, 1, 99)
    assert len(world.hints) == 1


@pytest.mark.parametrize("token", ["", HOOK_TOKEN])
def test_what_another_portal_says_never_reaches_this_workspace(world: World, token: str) -> None:
    answer = post(world, {"email": JONAS, "formId": DEMO, "portalId": RIVALS}, token=token)
    world.settle()

    assert (answer.status_code, len(answer.json()["ignored"])) == (200, 1)
    assert not world.hints


def test_no_workspace_can_take_anothers_portal(world: World) -> None:
    with pytest.raises(Conflict):
        world.store.add_route(route=PortalRoute(id=str(PORTAL), workspace_id="rival"))  # type: ignore[arg-type]


ODD = {
    "no JSON": b"{",
    "no text": b"\xff\xfe",
    "nothing": b"",
    "a number": b"1",
    "too many events": [{}] * 101,
    "an event of nothing": [{}],
    "nested without end": b"[" * 100_000,
    "a portal that is a path": {"email": JONAS, "portalId": "../workspaces/x"},
    "a portal beyond all numbers": {"email": JONAS, "portalId": 10**30},
    "an endless number": b'{"email": "a@b.example", "objectId": ' + b"9" * 5000 + b"}",
    "an address of a megabyte": {"email": "a" * 1_000_000 + "@b.example"},
    "nobody": {"portalId": PORTAL, "formId": DEMO},
    "a day that never was": {"email": JONAS, "submittedAt": "2026-02-31T00:00:00Z"},
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_what_makes_no_sense_is_refused_by_name_and_stored_nowhere(world: World, body: Any) -> None:
    answer = post(world, body, token=HOOK_TOKEN)

    assert (answer.status_code, bool(answer.json()["field"])) == (400, True)
    assert not world.hints


def test_half_a_character_in_an_announcement_does_not_lose_the_submission(world: World) -> None:
    world.suite.hubspot.announcer.hooks.clear()
    world.submit(JONAS)
    answer = post(
        world, rb'{"email": "jonas\ud83d@halden-foods.example", "contactId": 5101, "formId": "%s"}' % DEMO.encode(), token=HOOK_TOKEN
    )
    world.run_to_the_end()

    assert answer.status_code == 202
    assert world.only_run.state is RunState.DONE
