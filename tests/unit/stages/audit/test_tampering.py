"""Whatever a single hand does to a sealed log, verification says that it was done, and to which entry or block."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.audit import ActorKind, AuditEntry, Unsealed, entry_id
from shared.domain.keys import VersionedKey
from shared.domain.sealing import LATEST, AuditBlock, AuditHead, Checkpoint, Place, anchor_of, block_id, sealed
from shared.ports.store import Create, Put
from tests.builders import WORKSPACE
from tests.unit.stages.logbook import A_YEAR, ANA, Logbook

BLOCKS = 5
EDITS: dict[str, Any] = {
    "at": lambda entry: entry.at + timedelta(microseconds=1),
    "actor": lambda entry: entry.actor.model_copy(update={"kind": ActorKind.TOKEN}),
    "action": lambda entry: entry.action + "!",
    "draft_id": lambda _: "draft-of-somebody-else",
    "send_id": lambda _: "send-9",
    "run_id": lambda _: "run_9",
    "contact": lambda _: "0" * 32,
    "company": lambda _: "0" * 32,
    "policy_version": lambda entry: entry.policy_version + 1,
    "reason": lambda entry: entry.reason + " indeed",
    "before": lambda _: {"mode": "SEND_ALLOWED"},
    "after": lambda _: {"mode": "DRAFT_ONLY"},
    "evidence": lambda entry: (*entry.evidence, "rule"),
    "workspace_id": lambda _: "elsewhere",
}


def a_sealed_log(blocks: int = BLOCKS) -> Logbook:
    log = Logbook()
    log.write_and_seal(blocks)
    return log


def test_every_field_of_an_entry_is_edited_below() -> None:
    assert set(EDITS) == set(AuditEntry.model_fields) - {"id"}


def test_a_log_that_nobody_touched_has_no_flaw() -> None:
    found = a_sealed_log().verified()
    assert (found.flaws, found.blocks, found.entries, found.since) == ([], BLOCKS, 2 * BLOCKS, 1)


@given(st.integers(0, 2 * BLOCKS - 1), st.sampled_from(sorted(EDITS)))
@settings(max_examples=60)
def test_an_edited_entry_is_named(number: int, field: str) -> None:
    log = a_sealed_log()
    entry = log.entries[number]
    replaced = entry.model_copy(update={field: EDITS[field](entry)})
    log.store._documents[(WORKSPACE, "audit")][entry.id] = (replaced, 10**6)  # wherever it says that it belongs
    assert f"entry {entry.id} was changed after it was sealed" in log.told


@given(st.integers(0, 2 * BLOCKS - 1))
def test_a_removed_entry_is_named(number: int) -> None:
    log = a_sealed_log()
    entry = log.entries[number]
    log.remove(entry)
    assert f"entry {entry.id} is gone" in log.told


@given(st.integers(0, 2 * BLOCKS - 1), st.integers(0, 2 * BLOCKS - 1))
def test_entries_that_change_places_are_named(one: int, other: int) -> None:
    log = a_sealed_log()
    left, right = log.entries[one], log.entries[other]
    log.store.commit(Put(left.model_copy(update={"id": right.id})), Put(right.model_copy(update={"id": left.id})))
    named = {flaw.where for flaw in log.flaws}
    assert named == (set() if one == other else {f"entry {left.id}", f"entry {right.id}"})


@given(st.integers(0, 2 * BLOCKS - 1), st.booleans())
def test_an_entry_put_in_later_is_named_whatever_it_claims(number: int, with_a_place: bool) -> None:
    log = a_sealed_log()
    copied = log.entries[number]
    forged = log.tamper(copied, id=entry_id(copied.at, "zzz"), action="draft.approved")
    if with_a_place:
        log.store.commit(Put(Place(id=forged.id, workspace_id=WORKSPACE, block=1)))
    assert f"entry {forged.id} is in no block" in log.told


def test_an_entry_that_still_waits_is_no_flaw_and_one_removed_before_its_seal_is() -> None:
    log = a_sealed_log()
    [waiting] = log.write("draft.approved")
    assert log.flaws == []
    log.remove(next(one for one in log.entries if one.id == waiting))
    assert [one.where for one in log.flaws] == [f"entry {waiting}"]


def test_a_marker_put_back_for_a_sealed_entry_shows_as_an_entry_in_two_blocks() -> None:
    log = a_sealed_log()
    twice = log.entries[0]
    log.store.commit(Create(Unsealed(id=twice.id, workspace_id=WORKSPACE, at=twice.at)))
    log.seal()
    assert f"entry {twice.id} is sealed in block 1, and its place says otherwise" in log.told


def edits_of(block: AuditBlock) -> dict[str, dict[str, Any]]:
    return {
        "reordered": {"entries": tuple(reversed(block.entries))},
        "an entry less": {"entries": block.entries[1:]},
        "an entry twice": {"entries": (*block.entries, block.entries[0])},
        "another moment": {"sealed_at": block.sealed_at + timedelta(seconds=1)},
        "another seal": {"seal": "0" * 64},
        "another previous seal": {"previous": "0" * 64},
        "another previous digest": {"previous_digest": "0" * 64},
        "another key": {"key_version": 2},
        "another number": {"number": block.number + 7},
    }


@given(st.integers(0, BLOCKS - 1), st.sampled_from(sorted(edits_of(a_sealed_log(1).blocks[0]))))
@settings(max_examples=60)
def test_an_edited_block_is_named(number: int, how: str) -> None:
    log = a_sealed_log()
    block = log.blocks[number]
    changed = log.tamper(block, **edits_of(block)[how])
    assert f"block {changed.number}" in {flaw.where for flaw in log.flaws}


@given(st.integers(1, BLOCKS - 1))
def test_a_block_that_is_gone_from_the_middle_or_the_beginning_is_named(number: int) -> None:
    log = a_sealed_log()
    log.remove(log.blocks[number - 1])
    assert f"block {number} is missing" in log.told


@given(st.integers(1, BLOCKS), st.booleans())
def test_a_log_cut_off_at_the_end_is_told_by_the_vault(many: int, everything_fits: bool) -> None:
    """With the head set back, and every trace of the entries removed too."""
    log = a_sealed_log()
    kept, gone = log.blocks[:-many], log.blocks[-many:]
    log.remove(*gone)
    if everything_fits:
        ids = {one.id for block in gone for one in block.entries}
        log.remove(*(one for one in log.entries if one.id in ids), *(one for one in log.store.everything(Place) if one.id in ids))
        [head] = log.store.everything(AuditHead)
        back = anchor_of(kept[-1]).model_dump() if kept else {}
        log.tamper(head, **back, exported=len(kept)) if kept else log.remove(head)
    assert f"end is cut off: block {BLOCKS} was sealed and is in the vault" in log.told


def test_blocks_that_change_places_are_named() -> None:
    log = a_sealed_log()
    second, third = log.blocks[1], log.blocks[2]
    log.store.commit(
        Put(third.model_copy(update={"id": second.id, "number": 2})), Put(second.model_copy(update={"id": third.id, "number": 3}))
    )
    assert {"block 2", "block 3"} <= {flaw.where for flaw in log.flaws}


def resealed(blocks: Sequence[AuditBlock], log: Logbook, key: VersionedKey) -> list[AuditBlock]:
    """The chain anew, over the entries as they are now."""
    entries = {one.id: one for one in log.entries}
    anchor, made = anchor_of(blocks[0]), [blocks[0]]
    for block in blocks[1:]:
        made.append(sealed([entries[one.id] for one in block.entries], after=anchor, at=block.sealed_at, key=key))
        anchor = anchor_of(made[-1])
    return made


@pytest.mark.parametrize("stolen", [False, True])
def test_a_chain_sealed_anew_over_an_edited_entry_is_told(stolen: bool) -> None:
    """With another key by every seal; with the workspace's own, stolen, by the vault."""
    log = a_sealed_log()
    log.tamper(log.entries[4], reason="nobody decided this")
    key = log.keys.newest(WORKSPACE) if stolen else VersionedKey(version=1, secret=b"x" * 32)
    blocks = resealed(log.blocks, log, key)
    [head] = log.store.everything(AuditHead)
    log.store.commit(*(Put(one) for one in blocks), Put(head.model_copy(update=anchor_of(blocks[-1]).model_dump())))
    named = {flaw.where for flaw in log.flaws}
    assert named == ({"vault"} if stolen else {"vault", "block 2", "block 3", "block 4", "block 5"})


def test_a_block_added_at_the_end_without_the_key_is_named() -> None:
    log = a_sealed_log()
    forged = log.tamper(log.blocks[-1], id=block_id(6), number=6, previous=log.blocks[-1].seal)
    assert f"block {forged.number}" in {flaw.where for flaw in log.flaws}
    assert "head names block 5, and the log goes on to block 6" in log.told


def test_a_head_that_names_what_does_not_stand_is_told() -> None:
    log = a_sealed_log()
    [head] = log.store.everything(AuditHead)
    log.tamper(head, number=9)
    assert "head names block 9, and the log ends with block 5" in log.told
    log.tamper(head, digest="0" * 64)
    assert "head names another block 5 than the one that stands there" in log.told
    log.remove(head)
    assert "head names nothing, and the log goes on to block 5" in log.told


def test_an_emptied_log_is_told() -> None:
    log = a_sealed_log()
    log.remove(*log.blocks, *log.entries, *log.store.everything(Place), *log.store.everything(AuditHead))
    assert [flaw.where for flaw in log.flaws] == ["end"]


def test_a_log_whose_beginning_is_removed_without_a_checkpoint_is_told() -> None:
    log = a_sealed_log()
    for block in log.blocks[:2]:
        log.remove(block, *(one for one in log.entries if one.id in {listed.id for listed in block.entries}))
    assert "blocks 1 to 2 are missing" in log.told


@pytest.mark.parametrize("field", ["number", "digest", "block_seal", "sealed_at", "entries", "made_at", "seal", "key_version"])
def test_an_edited_checkpoint_is_told(field: str) -> None:
    log = a_sealed_log()
    log.world.clock.advance(A_YEAR)
    log.seal()
    [checkpoint] = log.store.everything(Checkpoint)
    assert log.flaws == []
    value = getattr(checkpoint, field)
    other = {int: lambda: value + 1, str: lambda: "0" * 64}.get(type(value), lambda: value + timedelta(days=1))()
    log.tamper(checkpoint, **{field: other})
    assert "checkpoint" in {flaw.where for flaw in log.flaws}


def test_a_forged_checkpoint_does_not_cover_up_what_was_removed() -> None:
    log = a_sealed_log()
    third = log.blocks[2]
    anchor = anchor_of(third)
    forged = Checkpoint(
        id=LATEST,
        workspace_id=WORKSPACE,
        number=3,
        block_seal=anchor.seal,
        digest=anchor.digest,
        sealed_at=third.sealed_at,
        entries=6,
        made_at=third.sealed_at,
        key_version=1,
        seal="0" * 64,
    )
    log.remove(*log.blocks[:3])
    log.store.commit(Put(forged))
    assert "checkpoint is not as it was sealed" in log.told


def test_what_stands_in_the_vault_and_is_no_head_is_told() -> None:
    log = a_sealed_log()
    log.vault.kept[f"{WORKSPACE}/heads/{9:012d}.json"] = b"not a head"
    assert "vault holds something else than a head of this log" in log.told


@pytest.mark.parametrize(("limit", "value"), [("BLOCKS_AT_ONCE", 2), ("ENTRIES_AT_ONCE", 4), ("ENTRIES_AT_ONCE", 1)])
def test_portions_together_find_what_lies_in_each(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    monkeypatch.setattr(f"shared.stages.audit.verify.{limit}", value)
    monkeypatch.setattr("shared.stages.audit.strays.PAGE", 3)
    monkeypatch.setattr("shared.stages.audit.strays.PAGES", 1)
    log = a_sealed_log()
    assert (log.verified().blocks, log.flaws) == (BLOCKS, [])
    changed = log.tamper(log.entries[7], reason="x")
    forged = log.tamper(log.entries[1], id=entry_id(log.entries[1].at, "zzz"))
    log.tamper(log.blocks[2], seal="0" * 64)
    assert {f"entry {changed.id}", f"entry {forged.id}", "block 3"} <= {flaw.where for flaw in log.flaws}
    assert ANA.id in str(forged)
