"""Another workspace's draft does not exist here: not to be seen, not to be decided, not to be told from one that never was."""

from typing import Any

import pytest

from shared.domain.draft import Draft
from tests.browser.operating import LEA, Operating

ACTIONS = ("approve", "undo", "object", "reject", "snooze", "wake", "regenerate", "edit")
FORM = {"fingerprint": "x", "reason": "wrong_tone", "until": "tomorrow", "instruction": "x", "subject": "x", "body": "x", "revision": "1"}


@pytest.fixture
def theirs(desk: Operating) -> Draft:
    return desk.world.change(desk.world.draft_to(LEA), id="draft_theirs", workspace_id="others", recipient_name="Secret Person")


def told(answer: Any, id: str) -> tuple[int, str]:
    return answer.status, answer.text().replace(id, "…")


@pytest.mark.parametrize("below", ["", "/panel", "/edit", "/edit/form", "/panel?changes=1"])
def test_it_is_shown_like_one_that_never_existed(desk: Operating, theirs: Draft, below: str):
    theirs_told = told(desk.page.request.get(f"{desk.url}/drafts/{theirs.id}{below}"), theirs.id)
    assert theirs_told == told(desk.page.request.get(f"{desk.url}/drafts/draft_nobody{below}"), "draft_nobody")
    assert theirs_told[0] == 404
    assert "Secret" not in theirs_told[1]


@pytest.mark.parametrize("action", ACTIONS)
def test_it_is_decided_like_one_that_never_existed(desk: Operating, theirs: Draft, action: str):
    asked = {one: told(desk.post(f"/drafts/{one}/{action}", **FORM), one) for one in (theirs.id, "draft_nobody")}
    assert asked[theirs.id] == asked["draft_nobody"]
    assert asked[theirs.id][0] == 404


def test_it_is_in_no_list_and_no_bulk(desk: Operating, theirs: Draft):
    for view in ("decide", "sending", "parked", "snoozed", "today"):
        assert "Secret" not in desk.page.request.get(f"{desk.url}/queue?view={view}").text()
    answer = desk.post("/queue/approve", wanted=f"{theirs.id} x", confirmed="yes")
    assert answer.json()["told"].startswith("0 approved. Not draft_theirs: draft draft_theirs does not exist")


@pytest.mark.parametrize(
    "path", ["/drafts/..%2F..%2Fx", "/drafts/__x__", "/assets/../main.py", "/assets/console.0.css", "/drafts/a/b/c", "/QUEUE"]
)
def test_a_strange_address_is_no_page(desk: Operating, path: str):
    assert desk.page.request.get(desk.url + path).status == 404


@pytest.mark.parametrize(
    "then",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/other",
        "/console/\\x",
        "/console/\r\nX: y",
        "/console/\u202e",
    ],
)
def test_signing_in_leads_nowhere_else(desk: Operating, then: str):
    answer = desk.post("/sign-in", address="mara@tidewater.example", then=then)
    assert answer.status == 303
    assert answer.headers["location"] == "/console/queue"


@pytest.mark.parametrize(
    "form", [{"wanted": "../x y"}, {"wanted": ""}, {"wanted": "__x__ y"}, {f"field{number}": "x" for number in range(1500)}]
)
def test_a_form_that_is_none_of_ours_is_refused_in_words(desk: Operating, form: dict[str, str]):
    answer = desk.post("/queue/approve", **form)
    assert (answer.status, "should be" in answer.text() or "at most" in answer.text() or "choose" in answer.text()) == (400, True)


def test_nobody_signs_in_as_somebody_who_is_no_operator(desk: Operating):
    assert desk.post("/sign-in", address="stranger@tidewater.example").status == 404


def test_an_address_makes_the_page_say_nothing_of_its_own(desk: Operating):
    text = desk.page.request.get(f"{desk.url}/queue?told=<b>x</b>&of=../../x&back=approve").text()
    assert "<b>x</b>" not in text
    assert "../../x" not in text
