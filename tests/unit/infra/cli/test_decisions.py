"""Deciding from a terminal: nothing leaves that was not shown and agreed to, and a refusal is said in words."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
import typer
from rich.console import Console

from infra.cli import decisions, listing
from infra.cli.client import Api
from infra.cli.connection import Connection
from infra.cli.failures import ExitCode, Failure
from shared.domain.audit import Actor, ActorKind
from shared.domain.draft import DraftState
from tests.builders import a_draft_text, at
from tests.unit.infra.cli.answers import a_placed_draft, draft_answer, shown

SHOWN = draft_answer(a_placed_draft())
ALREADY = "the draft is approved already by jo at 2026-11-23 09:00 UTC"


class Desk(Api):
    """The API, answering from a list; keeps what it was asked."""

    def __init__(self, *answers: httpx.Response) -> None:
        super().__init__(Connection(functions="http://suite.example"))
        self.asked: list[tuple[str, str, Any]] = []
        self._answers = list(answers)
        self._http = httpx.Client(base_url="http://suite.example/api", transport=httpx.MockTransport(self._answer))  # type: ignore[assignment]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path, json.loads(request.content) if request.content else None))
        if request.method == "GET":
            return httpx.Response(200, json=SHOWN)
        return self._answers.pop(0)


def outcome(**changes: Any) -> dict[str, Any]:
    usual = {"id": "draft-1", "approved": True, "reasons": [], "send_id": None, "due_at": None, "due_in_s": None}
    return {**usual, **changes}


def outcomes(*items: Mapping[str, Any]) -> httpx.Response:
    return httpx.Response(200, json={"items": list(items)})


@pytest.fixture
def agreed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked; every answer is yes."""
    questions: list[str] = []
    monkeypatch.setattr(typer, "confirm", lambda text, **_: questions.append(text) or True)  # type: ignore[func-returns-value]
    return questions


def approve(desk: Desk, *ids: str, **options: Any) -> tuple[bool, str]:
    out = Console(file=io.StringIO(), width=160)
    fine = decisions.approve(out, desk, ids, **{"yes": False, "as_json": False, **options})
    return fine, out.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_a_draft_is_shown_asked_about_and_approved_as_it_was_shown(agreed: list[str]) -> None:
    desk = Desk(outcomes(outcome()))
    fine, told = approve(desk, "draft-1")
    assert fine
    assert agreed == ["Let this leave to ana.silva@brightleaf.example?"]
    assert "You plan a logistics summit" in told
    assert "draft-1 is approved and is yours to send from Gmail" in told
    assert desk.asked[1] == ("POST", "/api/drafts/approvals", {"drafts": [{"id": "draft-1", "fingerprint": SHOWN["fingerprint"]}]})


def test_where_it_is_sent_the_moment_is_told(agreed: list[str]) -> None:
    soon = outcome(send_id="send_1", due_at="2026-11-23T09:00:15.123456+00:00", due_in_s=15)
    _, told = approve(Desk(outcomes(soon)), "draft-1")
    assert "draft-1 is approved and leaves in 15 s as send_1" in told
    _, told = approve(Desk(outcomes({**soon, "due_at": "2026-11-24T07:00:15.123456+00:00", "due_in_s": 79_215})), "draft-1")
    assert "leaves Tue 24 Nov 2026 07:00 UTC as send_1" in told


@pytest.mark.parametrize(
    ("path", "fix"),
    [
        ("sends/nope/cancel", "`sdr sends` shows what there is"),
        ("drafts/nope/undo", "`sdr drafts list` shows what there is"),
        ("forget", "`sdr runs list` and `sdr drafts list` show what there is"),
    ],
)
def test_what_does_not_exist_is_told_with_the_command_that_lists_its_kind(path: str, fix: str) -> None:
    with pytest.raises(Failure) as failure:
        Desk(httpx.Response(404, json={"detail": "nope does not exist"})).decide(path)
    assert failure.value.fix == fix


def test_who_says_no_approves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: False)
    desk = Desk()
    assert approve(desk, "draft-1")[0]
    assert [method for method, _, _ in desk.asked] == ["GET"]


def test_where_nobody_answers_nothing_is_approved_and_what_to_do_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    desk = Desk()
    with pytest.raises(Failure, match="nothing was approved") as failure:
        approve(desk, "draft-1")
    assert "--yes" in failure.value.fix
    assert [method for method, _, _ in desk.asked] == ["GET"]


def test_without_a_terminal_no_editor_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(Failure, match="no terminal") as failure:
        edited(Desk())
    assert "--body-file" in failure.value.fix


@pytest.mark.usefixtures("terminal")
def test_an_editor_that_cannot_be_opened_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor-anywhere")
    with pytest.raises(Failure, match="no editor could be opened") as failure:
        edited(Desk())
    assert "EDITOR" in failure.value.fix


def test_one_that_is_refused_is_named_with_every_reason_and_fails_the_command() -> None:
    fine, told = approve(Desk(outcomes(outcome(approved=False, reasons=["the gate: It asks twice.", "suppressed"]))), "draft-1", yes=True)
    assert not fine
    assert "draft-1: the gate: It asks twice.; suppressed" in told


def test_a_script_says_yes_itself_and_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Failure, match="somebody who looks") as failure:
        approve(Desk(), "draft-1", as_json=True)
    assert failure.value.code is ExitCode.USAGE
    approve(Desk(outcomes(outcome())), "draft-1", "draft-1", yes=True, as_json=True)
    assert '"approved": true' in capsys.readouterr().out


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits there and types."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)


def edited(desk: Desk, **given: Any) -> Any:
    decisions.edit(desk, "draft-1", **{"subject": "", "body_file": None, **given})
    return desk.asked[-1][2]


@pytest.mark.usefixtures("terminal")
def test_an_editor_opens_with_the_mail_and_what_is_saved_is_sent_with_its_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(click, "edit", lambda text, **_: opened.append(text) or "Subject: Other\n\nHello.\n")  # type: ignore[func-returns-value]
    assert edited(Desk(httpx.Response(200, json=SHOWN))) == {"subject": "Other", "body": "\nHello.\n", "revision": 1}
    assert opened == [f"Subject: Your logistics summit\n\n{a_draft_text().body}"]


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(("typed", "told"), [(None, "nothing was saved"), ("Hello", "the first line should be")])
def test_an_editor_that_saves_nothing_or_loses_the_subject_changes_nothing(monkeypatch: pytest.MonkeyPatch, typed: Any, told: str) -> None:
    monkeypatch.setattr(click, "edit", lambda *_, **__: typed)
    with pytest.raises(Failure, match=told):
        edited(Desk())


def test_subject_and_body_may_come_from_a_script(tmp_path: Path) -> None:
    file = tmp_path / "mail.txt"
    file.write_text("Hé.\n", encoding="utf-8")
    assert edited(Desk(httpx.Response(200, json=SHOWN)), body_file=file)["body"] == "Hé.\n"
    assert edited(Desk(httpx.Response(200, json=SHOWN)), subject="New") == {"subject": "New", "body": SHOWN["body"], "revision": 1}
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(Failure, match="no text in UTF-8"):
        edited(Desk(), body_file=file)


def test_a_conflict_is_said_in_the_words_of_whoever_was_faster() -> None:
    refusal = httpx.Response(409, json={"detail": ALREADY, "status": 409})
    with pytest.raises(Failure, match=ALREADY):
        Desk(refusal).on_draft("draft-1", "reject", reason="handled")
    reasons = httpx.Response(409, json={"detail": "a; b", "reasons": ["a", "b"], "status": 409})
    with pytest.raises(Failure, match="a; b"):
        Desk(reasons).on_draft("draft-1", "approve", fingerprint="x")


def test_a_wish_that_cannot_be_changes_nothing() -> None:
    with pytest.raises(Failure, match="until") as failure:
        Desk(httpx.Response(400, json={"detail": "until: should be one of …"})).on_draft("draft-1", "snooze", until="never")
    assert failure.value.fix == "nothing was changed"


def test_a_draft_page_tells_who_decided_whose_text_it_is_and_what_gmail_has() -> None:
    jo = Actor(kind=ActorKind.PERSON, id="jo")
    draft = a_placed_draft(
        state=DraftState.APPROVED, decided_by=jo, decided_at=at(), revision=2, revised_by=jo, snoozed_until=at(days=1), text=a_draft_text()
    )
    told = " ".join(shown(listing.draft_page(draft_answer(draft))).split())
    assert "Revision 2, by jo; Gmail still has 1" in told
    assert "Decided by jo, Mon 23 Nov 2026 09:00 UTC" in told
    assert "Snoozed until Tue 24 Nov 2026 09:00 UTC" in told


def test_sends_are_lines_with_their_reason_and_one_is_shown_step_by_step() -> None:
    send = {
        "id": "send_1", "draft_id": "draft-1", "state": "held", "recipient": "ana@b.example", "due_at": "2026-11-23T09:00:15Z",
        "reason": "the kill switch is on", "history": [{"at": "2026-11-23T09:00:00Z", "state": "approved", "note": "approved by jo"}],
    }  # fmt: skip
    assert "the kill switch is on" in shown(listing.sends_table([send]))
    assert "approved by jo" in shown(listing.send_page(send))
    assert "None yet" in shown(listing.sends_table([]))
