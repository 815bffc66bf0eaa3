"""The index of Drive on screen."""

from typing import Any

from infra.cli import shelf
from tests.unit.infra.cli.answers import shown

INDEX = {"folders": 3, "complete_at": "2026-11-23T09:00:06Z", "embedder": "hash-256/1", "trouble": ""}


def a_line(**changes: Any) -> dict[str, Any]:
    usual = {
        "id": "one",
        "name": "Summit",
        "folder": "Case Studies",
        "kind": "case_study",
        "chunks": 4,
        "work": "none",
        "unreadable": "",
        "shareable": True,
        "share_reason": "anyone with the link may open it",
        "indexed_at": "2026-11-23T09:00:06Z",
    }
    return {**usual, **changes}


def page_of(*items: dict[str, Any], **index: Any) -> str:
    return " ".join(shown(shelf.page({"items": list(items), "next": "", "index": {**INDEX, **index}})).split())


def test_a_document_shows_its_parts_and_why_it_may_be_shared() -> None:
    text = page_of(a_line())
    assert "Summit Case Studies case_study 4 yes: anyone with the link" in text
    assert "3 folders, complete since" in text


def test_what_may_not_be_shared_and_what_cannot_be_read_say_why() -> None:
    text = page_of(a_line(shareable=False, share_reason="open to named people only", chunks=0, unreadable="the PDF is damaged"))
    assert "no: open to named" in text
    assert "none: the PDF is damaged" in text


def test_what_waits_to_be_read_says_so() -> None:
    assert "being read" in page_of(a_line(work="check", chunks=0, indexed_at=None), complete_at=None)


def test_what_stands_in_the_way_comes_first() -> None:
    assert "consent was revoked" in page_of(trouble="consent was revoked")
    assert "has not been looked at" in shown(shelf.page({"items": [], "next": "", "index": None}))
