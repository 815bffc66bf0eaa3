"""Asking the log and taking it away: filters, pages, files that verify by themselves, and cells that no spreadsheet runs."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.audit import Actor, ActorKind
from shared.domain.audit_file import AuditFile, FileProof, proof_of
from shared.domain.sealing import Anchor
from shared.ports.errors import Rejected
from shared.stages.audit.export import csv_part, defused, json_part
from shared.stages.audit.query import Wanted, entries
from shared.stages.audit.trail import Noted, forget_salt
from tests.builders import WORKSPACE, a_draft, at
from tests.unit.stages.logbook import Logbook

JONAS, EVA, ROW = "jonas@halden.example", "eva@halden.example", "mail@row.example"
BO = Actor(kind=ActorKind.STAGE, id="send")


@pytest.fixture
def log() -> Logbook:
    log = Logbook()
    for number, (recipient, action) in enumerate([(JONAS, "draft.approved"), (EVA, "draft.rejected"), (ROW, "draft.approved")]):
        log.write(action, draft=a_draft(id=f"draft-{number}", recipient=recipient), reason=f"because {number}")
        log.seal()
        log.world.later(hours=1)
    log.store.commit(*log.world.audit.writes(Noted(action="policy.changed"), by=BO, workspace_id=WORKSPACE))
    log.seal()
    return log


def asked(log: Logbook, **wanted: Any) -> list[str]:
    page, _ = entries(Wanted(**wanted), workspace_id=WORKSPACE, store=log.store, limit=100)
    return [one.reason or one.action for one in page]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["policy.changed", "because 2", "because 1", "because 0"]),
        ({"contact": " Jonas@HALDEN.example"}, ["because 0"]),
        ({"company": "@halden.example"}, ["because 1", "because 0"]),
        ({"draft": "draft-1"}, ["because 1"]),
        ({"actor": "send"}, ["policy.changed"]),
        ({"action": "draft.approved"}, ["because 2", "because 0"]),
        ({"action": "draft.approved", "company": "halden.example"}, ["because 0"]),
        ({"since": at(hours=1), "until": at(hours=3)}, ["because 2", "because 1"]),
        ({"contact": "nobody@halden.example"}, []),
    ],
)
def test_the_log_is_asked_newest_first_by_what_it_is_about(log: Logbook, wanted: dict[str, Any], found: list[str]) -> None:
    assert asked(log, **wanted) == found


def test_nobody_finds_what_was_about_somebody_who_was_erased(log: Logbook) -> None:
    log.store.commit(*forget_salt(WORKSPACE, JONAS))
    assert asked(log, contact=JONAS) == []
    assert "because 0" in asked(log, company="halden.example")


def test_pages_follow_each_other_to_the_end(log: Logbook) -> None:
    page, following = entries(Wanted(), workspace_id=WORKSPACE, store=log.store, limit=3)
    rest, end = entries(Wanted(), workspace_id=WORKSPACE, store=log.store, limit=3, after=following)
    assert (len(page), len(rest), end) == (3, 1, "")


def exported(log: Logbook, between: Callable[[], object] = lambda: None, **wanted: Any) -> dict[str, Any]:
    """As the command line joins pages; `between` happens after each."""
    pages, after = [], ""
    while not pages or after:
        part = json_part(Wanted(**wanted), workspace_id=WORKSPACE, store=log.store, after=after).model_dump(mode="json")
        pages.append(part)
        after = part["next"]
        between()
    blocks = {one["number"]: one for page in pages for one in page["blocks"]}
    joined = {name: pages[-1][name] for name in ("workspace_id", "head", "checkpoint", "whole")}
    return {**joined, "exported_at": at().isoformat(), "entries": [x for p in pages for x in p["entries"]], "blocks": list(blocks.values())}


def proven(file: dict[str, Any], log: Logbook | None = None, *, head: Anchor | None = None) -> FileProof:
    """Through JSON, as it lies on a disk."""
    keys = log.keys.of(WORKSPACE) if log else None
    return proof_of(AuditFile.model_validate_json(json.dumps(file)), keys, head=head)


@pytest.mark.parametrize("with_keys", [False, True])
def test_an_exported_file_verifies_by_itself(log: Logbook, with_keys: bool) -> None:
    proof = proven(exported(log), log if with_keys else None)
    assert proof == FileProof(flaws=(), entries=4, waiting=0, blocks=4, anchored=4)


def test_an_export_behind_a_checkpoint_verifies_too(log: Logbook) -> None:
    log.world.later(days=1)
    log.seal(keep=timedelta(hours=25))
    file = exported(log)
    assert (file["checkpoint"]["number"], proven(file, log).flaws) == (2, ())


def test_what_is_sealed_while_an_export_goes_on_does_not_disturb_it(log: Logbook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.stages.audit.export.LARGEST_PAGE", 2)
    log.write("late.entry")

    def meanwhile() -> None:
        log.write("later.entry")
        log.seal()

    file = exported(log, meanwhile)
    assert file["head"]["number"] == 4
    assert proven(file, log) == FileProof(flaws=(), entries=5, waiting=1, blocks=4, anchored=4)


def test_a_filtered_file_says_how_much_of_it_only_the_key_can_prove(log: Logbook) -> None:
    proof = proven(exported(log, company="halden.example"), log)
    assert (proof.flaws, proof.entries, proof.blocks, proof.anchored) == ((), 2, 2, 0)


def edits(file: dict[str, Any]) -> dict[str, Callable[[dict[str, Any]], object]]:
    def cut_off(one: dict[str, Any]) -> None:
        ids = {listed["id"] for listed in one["blocks"].pop()["entries"]}
        one["entries"] = [entry for entry in one["entries"] if entry["id"] not in ids]

    return {
        "an entry edited": lambda one: one["entries"][1].update(reason="nobody said this"),
        "an entry removed": lambda one: one["entries"].pop(1),
        "an entry twice": lambda one: one["entries"].append(one["entries"][0]),
        "a block edited": lambda one: one["blocks"][0].update(sealed_at=at(days=9).isoformat()),
        "a block removed": lambda one: one["blocks"].pop(1),
        "the last block cut off": cut_off,
        "another head": lambda one: one["head"].update(digest="0" * 64),
        "another workspace": lambda one: one.update(workspace_id="southwind"),
    }


@pytest.mark.parametrize("how", sorted(edits({})))
@pytest.mark.parametrize("with_keys", [False, True])
def test_an_edited_file_is_found_out_with_and_without_the_key(log: Logbook, how: str, with_keys: bool) -> None:
    file = exported(log)
    edits(file)[how](file)
    assert proven(file, log if with_keys else None).flaws


def test_a_file_made_up_as_a_whole_does_not_lead_to_the_head_in_the_vault(log: Logbook) -> None:
    [head] = [json.loads(one) for name, one in log.vault.kept.items() if name.endswith("4.json")]
    kept = Anchor(**{name: head[name] for name in ("number", "seal", "digest")})
    assert proven(exported(log), head=kept).flaws == ()
    other = Logbook()
    other.write_and_seal(4)
    assert [one.where for one in proven(exported(other), head=kept).flaws] == ["head"]
    assert "not in the file" in proven(exported(log), head=kept.model_copy(update={"number": 9})).flaws[0].what


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-5", "@SUM(A1)", "\tx", "\rx", "\n=1", "  =1", "\u00a0=1", "\uff1d1+1", "\x00=1"])
def test_what_a_spreadsheet_would_run_stands_behind_an_apostrophe(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40))
def test_every_cell_reads_back_and_none_begins_like_a_formula(reason: str) -> None:
    log = Logbook()
    log.write("draft.approved", reason=reason)
    text, following = csv_part(Wanted(), workspace_id=WORKSPACE, store=log.store)
    header, row = csv.reader(io.StringIO(text, newline=""))
    told = dict(zip(header, row, strict=True))
    assert told["reason"] in (reason, f"'{reason}")
    assert not told["reason"].lstrip(" \u00a0").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert (told["actor"], told["action"], following) == ("ana", "draft.approved", "")


def test_only_the_first_page_of_a_table_has_a_header(log: Logbook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.stages.audit.export.LARGEST_PAGE", 3)
    first, following = csv_part(Wanted(), workspace_id=WORKSPACE, store=log.store)
    second, end = csv_part(Wanted(), workspace_id=WORKSPACE, store=log.store, after=following)
    assert (first.count("\r\n"), second.count("\r\n"), end) == (4, 1, "")
    assert first.startswith('"at","id"')


def test_a_cursor_that_is_none_is_refused(log: Logbook) -> None:
    with pytest.raises(Rejected, match="cursor of an earlier page"):
        json_part(Wanted(), workspace_id=WORKSPACE, store=log.store, after="../x")
