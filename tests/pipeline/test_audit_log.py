"""The audit log on the whole suite: sealed within a minute, in the vault, asked, exported and verified through the API and `sdr audit`."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulators.faults import Kind
from infra.cli import auditing, invariants
from infra.cli.auditing import Filters
from infra.cli.client import Api
from infra.cli.connection import connection_of
from infra.cli.findings import Health
from infra.cli.wording import console
from shared.domain.audit import Actor, ActorKind, AuditEntry, Unsealed
from shared.domain.ids import derived_id
from shared.domain.sealing import AuditBlock
from shared.ports.store import Put
from shared.runtime.clock import RandomIds, clock_for
from shared.stages.audit.trail import AuditTrail, Noted, forget_salt
from tests.builders import a_draft
from tests.pipeline.world import JONAS, World

BUCKET = "sales-agent-local-audit"
MARIA = Actor(kind=ActorKind.PERSON, id="maria")
SINCE, UNTIL = "2026-11-23", "2026-11-24T00:00:00Z"


def decide(world: World, *actions: str, recipient: str = JONAS) -> None:
    """What a stage commits, without the change it would describe."""
    trail = AuditTrail(store=world.store, clock=clock_for(world.suite.settings), ids=RandomIds())
    draft = a_draft(id="draft-7", recipient=recipient)
    noted = [Noted(action=one, draft=draft, reason="=cmd()", before={"mode": "DRAFT_ONLY", "steps": [[1, 2.5], []]}) for one in actions]
    world.store.commit(*trail.writes(*noted, by=MARIA, workspace_id=world.workspace_id))


def api(world: World) -> Api:
    return Api(connection_of(world.suite, world.seeded))


def ask(world: World, path: str, **query: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.seeded.api_token}"}
    return httpx.get(f"{world.suite.urls['functions']}/api/{path}", params=query, headers=headers, trust_env=False)


def verified(world: World) -> list[dict[str, str]]:
    flaws, start = [], ""
    while True:
        part = ask(world, "audit/verify", start=start).raise_for_status().json()
        flaws += part["flaws"]
        start = part["next"]
        if not start:
            return flaws


def in_vault(world: World) -> list[str]:
    return sorted(world.suite.storage.contents(BUCKET))


def test_a_minute_later_an_entry_is_sealed_and_its_head_is_in_the_vault(world: World) -> None:
    decide(world, "draft.approved", "send.queued")
    world.advance(minutes=1)
    assert world.all(Unsealed) == []
    [block] = world.all(AuditBlock)
    assert {one.id for one in block.entries} == {one.id for one in world.all(AuditEntry)}
    assert in_vault(world) == [f"{world.workspace_id}/heads/{1:012d}.json"]
    assert verified(world) == []
    assert invariants.log_is_sealed(world.store, world.workspace_id, now=world.suite.clock.now()).health is Health.OK


def test_what_is_in_the_vault_stays_there(world: World) -> None:
    decide(world, "draft.approved")
    world.advance(minutes=1)
    [name] = in_vault(world)
    at = f"{world.suite.urls['storage']}/storage/v1/b/{BUCKET}/o/{name.replace('/', '%2F')}"
    assert httpx.delete(at).status_code == 403


def test_while_the_vault_is_away_the_log_is_sealed_and_the_head_follows(world: World) -> None:
    world.fail("storage", "objects.*", Kind.STATUS, status=503)
    decide(world, "draft.approved")
    world.advance(minutes=1)
    assert (len(world.all(AuditBlock)), in_vault(world)) == (1, [])
    world.heal("storage")
    world.advance(minutes=1)
    assert len(in_vault(world)) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"contact": JONAS},
        {"company": "halden-foods.example"},
        {"draft": "draft-7"},
        {"actor": "maria"},
        {"action": "draft.approved"},
        {"contact": JONAS, "company": "halden-foods.example", "draft": "draft-7", "actor": "maria", "action": "draft.approved"},
    ],
)
@pytest.mark.parametrize("period", [{}, {"from": SINCE, "to": UNTIL}])
def test_every_filter_has_its_index(world: World, query: dict[str, str], period: dict[str, str]) -> None:
    decide(world, "draft.approved")
    decide(world, "draft.approved", recipient="eva@elsewhere.example") if "contact" in query else None
    found = ask(world, "audit", **query, **period).raise_for_status().json()
    assert [one["draft_id"] for one in found["items"]] == ["draft-7"]
    assert ask(world, "audit", **query, to=SINCE).raise_for_status().json()["items"] == []


@pytest.mark.parametrize("query", [{"from": "yesterday"}, {"to": "9999-12-31T23:59:59-14:00"}, {"after": "../x"}, {"limit": "many"}])
def test_a_question_that_makes_no_sense_is_refused_by_name(world: World, query: dict[str, str]) -> None:
    answer = ask(world, "audit", **query)
    assert (answer.status_code, answer.json()["field"]) == (400, next(iter(query)))
    assert ask(world, "audit/export", format="xml").json()["field"] == "format"
    assert ask(world, "audit/verify", start="nowhere").json()["field"] == "start"


def test_what_somebody_does_to_the_store_is_named(world: World) -> None:
    decide(world, "draft.approved", "send.queued")
    world.advance(minutes=1)
    entry = world.all(AuditEntry)[0]
    world.store.commit(Put(entry.model_copy(update={"reason": "nobody said this"})))
    assert [one["where"] for one in verified(world)] == [f"entry {entry.id}"]


@pytest.mark.parametrize("field", ["actor.kind", "colour"])
def test_a_document_that_is_none_of_ours_any_more_is_named_and_stops_nothing(world: World, field: str) -> None:
    decide(world, "draft.approved", "send.queued")
    world.advance(minutes=1)
    entry = world.all(AuditEntry)[0]
    world.store._client.document(f"workspaces/{world.workspace_id}/audit/{entry.id}").update({field: "robot"})
    assert {"where": f"entry {entry.id}", "what": "cannot be read: it is no document of ours any more"} in verified(world)


def test_a_copy_of_an_entry_under_another_name_is_named(world: World) -> None:
    decide(world, "draft.approved", "send.queued")
    world.advance(minutes=1)
    entry = world.all(AuditEntry)[0]
    documents = world.store._client.collection(f"workspaces/{world.workspace_id}/audit")
    documents.document("zz-copy").set(documents.document(entry.id).get().to_dict())
    assert {"where": f"entry {entry.id}", "what": "stands there twice, once under another name"} in verified(world)


def test_an_unreadable_block_is_named(world: World) -> None:
    decide(world, "draft.approved")
    world.advance(minutes=1)
    world.store._client.document(f"workspaces/{world.workspace_id}/audit_blocks/{1:012d}").update({"entries": "none"})
    assert {"where": "block 1", "what": "cannot be read: it is no document of ours any more"} in verified(world)


def test_an_exported_file_verifies_without_the_suite_and_an_edited_one_does_not(world: World, tmp_path: Path) -> None:
    decide(world, "draft.approved", "send.queued")
    world.advance(minutes=1)
    file, keys, head = tmp_path / "log.json", tmp_path / "keys", tmp_path / "head"
    auditing.export(console(), api(world), Filters(), kind="json", file=file)
    keys.write_text("1:" + derived_id("local audit key", world.workspace_id))
    head.write_bytes(world.suite.storage.contents(BUCKET)[in_vault(world)[0]])
    for given in ({"keys": None, "head": None}, {"keys": keys, "head": head}):
        assert auditing.verify_file(console(), file, **given, as_json=True)
    edited = json.loads(file.read_text())
    edited["entries"][0]["actor"]["id"] = "somebody"
    file.write_text(json.dumps(edited))
    assert not auditing.verify_file(console(), file, keys=None, head=None, as_json=False)


def test_the_command_verifies_the_log_itself(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    decide(world, "draft.approved")
    world.advance(minutes=1)
    assert auditing.verify(console(), api(world), as_json=False)
    assert "1 entries in 1 blocks are as they were sealed" in capsys.readouterr().out
    world.store.commit(Put(world.all(AuditBlock)[0].model_copy(update={"seal": "0" * 64})))
    assert not auditing.verify(console(), api(world), as_json=False)
    assert "block 1 is not as it was sealed" in capsys.readouterr().out


def test_a_table_is_exported_with_its_formulas_defused(world: World, tmp_path: Path) -> None:
    decide(world, "draft.approved")
    auditing.export(console(), api(world), Filters(contact=JONAS), kind="csv", file=tmp_path / "log.csv")
    header, row = csv.reader(io.StringIO((tmp_path / "log.csv").read_text(), newline=""))
    assert dict(zip(header, row, strict=True))["reason"] == "'=cmd()"
    assert ask(world, "audit/export", format="csv").headers["Content-Type"] == "text/csv; charset=utf-8"


def test_after_erasure_the_log_verifies_and_names_nobody(world: World) -> None:
    decide(world, "draft.approved")
    world.advance(minutes=1)
    world.store.commit(*forget_salt(world.workspace_id, JONAS))
    assert ask(world, "audit", contact=JONAS).json()["items"] == []
    assert verified(world) == []
    assert JONAS not in json.dumps(_everything(world))


def _everything(world: World) -> Any:
    return [one.model_dump(mode="json") for one in (*world.all(AuditEntry), *world.all(AuditBlock))]
