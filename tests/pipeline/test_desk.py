"""What operators do with drafts, through the API and every function, against the emulated Gmail's own books."""

import base64
from typing import Any

import httpx
import pytest

from shared.domain.approval import Approval, ApprovalState
from shared.domain.draft import Draft, DraftState
from shared.domain.verdict import Outcome
from tests.pipeline.world import World

END = b"\r\n\r\n"
FACTS = "We met at the expo in Porto, and 90 guests came."


@pytest.fixture
def placed(world: World) -> World:
    """A draft stands in Gmail and waits for a decision."""
    world.submit()
    world.settle()
    return world


def draft(world: World) -> Draft:
    [found] = world.drafts
    return found


def asked(world: World, method: str, path: str, body: Any = None, *, token: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token or world.seeded.api_token}"}
    return httpx.request(method, f"{world.suite.urls['functions']}/api/{path}", headers=headers, json=body, timeout=30)


def shown(world: World) -> dict[str, Any]:
    found: dict[str, Any] = asked(world, "GET", f"drafts/{draft(world).id}").json()
    return found


def decide(world: World, what: str, **body: Any) -> httpx.Response:
    answer = asked(world, "POST", f"drafts/{draft(world).id}/{what}", body)
    world.settle()
    return answer


def edited(world: World, old: str = "", new: str = FACTS) -> httpx.Response:
    page = shown(world)
    first = old or page["text"]["paragraphs"][0][0]["text"]
    return decide(world, "edit", subject=page["text"]["subject"], body=page["body"].replace(first, new), revision=page["revision"])


def in_gmail(world: World) -> bytes:
    """As the emulator keeps it, with line ends as they travel."""
    [id] = world.gmail_drafts()
    raw: bytes = world.mailbox.draft_message(id).raw
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def stands_as_approved(world: World) -> bool:
    """Byte for byte, but for the two headers Gmail gives every draft of its own."""
    approved, standing = approved_bytes(world), in_gmail(world)
    (head, _, body), (shown_head, _, shown_body) = approved.partition(END), standing.partition(END)
    added = [line for line in shown_head.removeprefix(head).split(b"\r\n") if line]
    return body == shown_body and shown_head.startswith(head) and all(line.startswith((b"Message-ID:", b"Date:")) for line in added)


def approved_bytes(world: World) -> bytes:
    approval: Approval = max(world.all(Approval), key=lambda one: one.at)
    return base64.urlsafe_b64decode(approval.raw)


def test_an_edited_and_approved_draft_stands_in_gmail_byte_for_byte(placed: World) -> None:
    answer = edited(placed)
    assert (answer.status_code, answer.json()["verdict"]["outcome"] != "FAIL") == (200, True)
    assert FACTS.encode() in in_gmail(placed)
    answer = decide(placed, "approve", fingerprint=shown(placed)["fingerprint"])
    assert (answer.status_code, answer.json()["send_id"]) == (200, None)
    assert stands_as_approved(placed)
    [approval] = placed.all(Approval)
    assert (draft(placed).state, approval.state, shown(placed)["in_gmail"]) == (DraftState.APPROVED, ApprovalState.USED, 2)
    assert not placed.outbox
    assert not placed.dead_letters


def test_the_second_to_decide_is_told_who_was_first_with_every_reason(placed: World) -> None:
    seen = shown(placed)["fingerprint"]
    decide(placed, "approve", fingerprint=seen)
    answer = decide(placed, "approve", fingerprint=seen)
    assert answer.status_code == 409
    assert answer.json()["reasons"][0].startswith("the draft is approved already by token ")
    assert decide(placed, "reject", reason="handled").status_code == 409


def test_an_edit_nobody_may_send_stays_out_of_gmail_and_cannot_be_approved(placed: World) -> None:
    before = in_gmail(placed)
    answer = edited(placed, new="Read https://rival.example/offer first.")
    assert (answer.json()["verdict"]["outcome"], in_gmail(placed)) == (Outcome.FAIL, before)
    refusal = decide(placed, "approve", fingerprint=answer.json()["fingerprint"])
    assert refusal.status_code == 409
    assert "rival.example" in refusal.json()["reasons"][0]
    assert edited(placed, old="Read https://rival.example/offer first.", new="Hello.").json()["verdict"]["outcome"] != "FAIL"


def test_a_draft_a_person_has_changed_in_gmail_is_not_written_over(placed: World) -> None:
    [id] = placed.gmail_drafts()
    theirs = in_gmail(placed) + b"PS: my own words.\r\n"
    thread_id = placed.mailbox.draft_message(id).thread_id
    placed.mailbox.replace_draft(id, theirs, at=placed.suite.clock.now(), thread_id=thread_id)
    edited(placed)
    assert (in_gmail(placed), draft(placed).state) == (theirs, DraftState.EDITED_OUTSIDE)


def test_a_draft_is_written_anew_as_asked_and_the_text_before_is_kept(placed: World) -> None:
    before = shown(placed)
    assert decide(placed, "regenerate", instruction="more formal and shorter").status_code == 202
    after = shown(placed)
    assert (after["revision"], after["in_gmail"], after["text"]["greeting"]) == (2, 2, "Dear Jonas,")
    assert len(after["body"].split()) < len(before["body"].split())
    earlier = asked(placed, "GET", f"drafts/{after['id']}/revisions/1").json()
    assert earlier["body"] == before["body"]


def test_undone_snoozed_and_rejected_every_step_is_taken_back_or_told(placed: World) -> None:
    decide(placed, "approve", fingerprint=shown(placed)["fingerprint"])
    assert decide(placed, "undo").json()["state"] == "pending"
    assert decide(placed, "undo").status_code == 409
    assert decide(placed, "snooze", until="tomorrow").status_code == 200
    assert asked(placed, "GET", "drafts").json()["items"] == []
    assert len(asked(placed, "GET", "drafts?snoozed=true&state=pending").json()["items"]) == 1
    standing = in_gmail(placed)
    answer = decide(placed, "reject", reason="other", note="the deal is done")
    assert (answer.json()["state"], answer.json()["state_reason"]) == ("rejected", "for another reason: the deal is done")
    assert in_gmail(placed) == standing


def test_many_are_approved_at_once_each_with_its_own_outcome(placed: World) -> None:
    page = shown(placed)
    named = [{"id": page["id"], "fingerprint": page["fingerprint"]}, {"id": "draft_9", "fingerprint": "x"}]
    answer = asked(placed, "POST", "drafts/approvals", {"drafts": named})
    placed.settle()
    assert [one["approved"] for one in answer.json()["items"]] == [True, False]
    assert stands_as_approved(placed)


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("approve", {}, "fingerprint"),
        ("edit", {"subject": "x", "body": "y", "revision": 0}, "revision"),
        ("edit", {"subject": "", "body": "y", "revision": 1}, "subject"),
        ("reject", {"reason": "because"}, "reason"),
        ("reject", {"reason": "other"}, "note"),
        ("snooze", {"until": "never"}, "until"),
        ("regenerate", {"instruction": "x" * 501}, "instruction"),
    ],
)
def test_a_body_that_cannot_be_is_refused_by_its_field(placed: World, what: str, body: dict[str, Any], field: str) -> None:
    answer = decide(placed, what, **body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert draft(placed).state is DraftState.PENDING


@pytest.mark.parametrize("what", ["approve", "edit", "reject", "regenerate", "snooze", "undo", "object"])
def test_a_draft_that_is_not_there_is_not_found_whatever_is_wanted_of_it(world: World, what: str) -> None:
    bodies: dict[str, Any] = {
        "approve": {"fingerprint": "x"},
        "edit": {"subject": "x", "body": "y", "revision": 1},
        "reject": {"reason": "handled"},
        "snooze": {"until": "tomorrow"},
    }
    answer = asked(world, "POST", f"drafts/draft_9/{what}", bodies.get(what, {}))
    assert (answer.status_code, answer.json()["detail"]) == (404, "draft draft_9 does not exist")


def test_sends_are_listed_and_a_missing_one_is_not_found(world: World) -> None:
    assert asked(world, "GET", "sends?state=parked").json() == {"items": [], "next": ""}
    assert asked(world, "GET", "sends/send_9").status_code == 404
    assert asked(world, "GET", "sends?state=lost").json()["field"] == "state"
