"""The sealer: what waits is chained once, in order, whoever else is at work; the head goes to the vault; erasure breaks no seal."""

import contextlib
from datetime import timedelta

import pytest

from shared.domain.audit import AuditEntry, ContactSalt, Unsealed, entry_id
from shared.domain.ids import WorkspaceId
from shared.domain.sealing import AuditHead, Place
from shared.ports.store import Create, Put
from shared.stages.audit.seal import Sealer
from shared.stages.audit.trail import forget_salt, named_in_log
from tests.builders import WORKSPACE, a_workspace
from tests.unit.stages.crashing import Death, DyingStore
from tests.unit.stages.logbook import ANA, KEY, NEXT_KEY, Logbook

JONAS = "jonas@halden.example"


@pytest.fixture
def log() -> Logbook:
    return Logbook()


def late(log: Logbook, *, minutes: int) -> str:
    """An entry made earlier, whose commit arrives only now."""
    at = log.world.clock.now() - timedelta(minutes=minutes)
    entry = AuditEntry(id=entry_id(at, "late"), workspace_id=WORKSPACE, at=at, actor=ANA, action="draft.rejected")
    log.store.commit(Create(entry), Create(Unsealed(id=entry.id, workspace_id=WORKSPACE, at=at)))
    return entry.id


def test_what_waits_is_sealed_in_the_order_of_time(log: Logbook) -> None:
    first = log.write("draft.approved")
    log.world.later(seconds=5)
    second = log.write("send.queued", "send.sent")
    assert log.seal().blocks == 1
    assert log.chained == [*first, *sorted(second)]
    assert log.waiting == []
    assert log.flaws == []


def test_nothing_is_sealed_when_nothing_waits(log: Logbook) -> None:
    assert log.seal().blocks == 0
    assert log.flaws == []


def test_a_backlog_is_sealed_in_blocks_that_fit_into_a_commit(log: Logbook) -> None:
    for _ in range(45):
        log.write(*["draft.approved"] * 10)
        log.world.later(seconds=1)
    assert log.seal().blocks == 3
    assert [len(one.entries) for one in log.blocks] == [200, 200, 50]
    assert log.chained == [one.id for one in log.entries]
    assert log.flaws == []


def test_an_entry_that_is_committed_late_joins_the_next_block_and_moves_no_other(log: Logbook) -> None:
    log.write_and_seal(2)
    chained = log.chained
    earlier = late(log, minutes=30)
    log.seal()
    assert log.chained == [*chained, earlier]
    assert log.flaws == []


def test_of_two_sealers_that_read_the_same_one_makes_the_block(log: Logbook) -> None:
    log.write("draft.approved")

    class Meanwhile(DyingStore):
        def commit(self, *writes: object) -> object:
            if log.waiting:
                log.seal()
            return self._store.commit(*writes)

    log.seal(store=Meanwhile(log.store))
    assert len(log.blocks) == 1
    assert log.flaws == []


def test_a_sealer_that_read_the_head_after_anothers_commit_and_the_markers_before_seals_nothing_twice(log: Logbook) -> None:
    log.write("draft.approved")
    stale = log.store.list(Unsealed, workspace_id=WORKSPACE)
    log.seal()
    sealer = Sealer(WORKSPACE, store=log.store, keys=log.keys, vault=log.vault, clock=log.world.clock)
    entries = log.store.get_many(AuditEntry, workspace_id=WORKSPACE, ids=[one.entity.id for one in stale])
    assert not sealer._committed(log.store.get(AuditHead, workspace_id=WORKSPACE, id="head"), stale, entries)
    assert len(log.chained) == 1


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("calls", range(14))
def test_a_sealer_may_die_at_any_call(log: Logbook, calls: int, after: bool) -> None:
    log.write_and_seal(1)
    log.world.later(days=2)
    written = log.write("draft.approved", "draft.rejected")
    with contextlib.suppress(Death):
        log.seal(store=DyingStore(log.store, left=calls, after=after))
    log.seal()
    assert log.chained[2:] == sorted(written)
    assert log.waiting == []
    assert log.flaws == []


def test_one_workspace_without_a_key_holds_up_no_other(log: Logbook) -> None:
    log.store.save_workspace(workspace=a_workspace(id=WorkspaceId("abroad")))
    log.store.commit(Put(Unsealed(id="x", workspace_id=WorkspaceId("abroad"), at=log.world.clock.now())))
    log.store.commit(Put(AuditEntry(id="x", workspace_id=WorkspaceId("abroad"), at=log.world.clock.now(), actor=ANA, action="a")))
    log.write("draft.approved")
    done = log.seal()
    assert (done.blocks, len(done.troubles)) == (1, 1)
    assert done.troubles[0].startswith("abroad: ")


def test_a_marker_whose_entry_is_gone_stays_and_blocks_nothing(log: Logbook) -> None:
    for _ in range(3):
        log.write(*["draft.approved"] * 100)
    gone = log.entries[:210]
    log.remove(*gone)
    log.seal()
    assert log.waiting == [one.id for one in gone]
    assert len(log.chained) == 90
    assert f"entry {gone[0].id} is gone; it had not been sealed yet" in log.told


def test_a_clock_that_goes_back_does_not_put_a_block_before_the_last_one(log: Logbook) -> None:
    log.write_and_seal(1)
    log.world.later(hours=-2)
    log.write("draft.approved")
    log.seal()
    assert log.blocks[1].sealed_at == log.blocks[0].sealed_at


def test_a_new_key_seals_what_is_new_and_the_old_one_goes_on_proving_what_was(log: Logbook) -> None:
    log.write_and_seal(1)
    log.world.secrets.values[f"audit-key-{WORKSPACE}"] = f"{NEXT_KEY}\n{KEY}"
    log.write_and_seal(1)
    assert [one.key_version for one in log.blocks] == [1, 2]
    assert log.flaws == []
    log.world.secrets.values[f"audit-key-{WORKSPACE}"] = NEXT_KEY
    assert "block 1 names version 1 of the key, which the workspace's secret does not hold" in log.told


def test_the_head_lies_in_the_vault_after_every_run(log: Logbook) -> None:
    log.write_and_seal(2)
    assert sorted(log.vault.kept) == [f"{WORKSPACE}/heads/{number:012d}.json" for number in (1, 2)]


def test_a_vault_that_is_away_holds_up_no_sealing_and_gets_the_head_later(log: Logbook) -> None:
    log.vault.away = True
    log.write("draft.approved")
    assert log.seal().troubles == (f"{WORKSPACE}: the vault does not answer",)
    assert len(log.blocks) == 1
    log.vault.away = False
    log.seal()
    assert len(log.vault.kept) == 1


def test_a_vault_that_kept_it_and_did_not_answer_gets_the_same_again(log: Logbook) -> None:
    log.vault.forgets_to_answer = True
    log.write("draft.approved")
    log.seal()
    log.vault.forgets_to_answer = False
    assert log.seal().troubles == ()
    assert len(log.vault.kept) == 1


def test_another_head_under_the_same_number_is_told(log: Logbook) -> None:
    log.vault.kept[f"{WORKSPACE}/heads/{1:012d}.json"] = b"{}"
    log.write("draft.approved")
    assert "something else lies under" in log.seal().troubles[0]


def test_after_erasure_entries_name_nobody_and_the_chain_verifies(log: Logbook) -> None:
    log.write("draft.approved", recipient=JONAS)
    log.seal()
    named = named_in_log(JONAS, workspace_id=WORKSPACE, store=log.store)
    assert log.entries[0].contact == named
    log.store.commit(*forget_salt(WORKSPACE, " Jonas+news@Halden.example"))
    assert named_in_log(JONAS, workspace_id=WORKSPACE, store=log.store) == ""
    assert len(log.store.everything(ContactSalt)) == 1  # the company's
    assert log.flaws == []


def test_whoever_is_written_to_again_after_erasure_is_somebody_new_to_the_log(log: Logbook) -> None:
    log.write("draft.approved", recipient=JONAS)
    log.store.commit(*forget_salt(WORKSPACE, JONAS))
    log.world.later(seconds=1)
    log.write("draft.approved", recipient=JONAS)
    assert log.entries[0].contact != log.entries[1].contact
    assert log.entries[0].company == log.entries[1].company


def test_two_spellings_of_one_address_in_one_commit_are_one_person(log: Logbook) -> None:
    writes = log.world.audit.writes(
        *(_noted("draft.approved", "Jonas@Halden.example"), _noted("send.queued", JONAS)), by=ANA, workspace_id=WORKSPACE
    )
    log.store.commit(*writes)
    assert len({one.contact for one in log.entries}) == 1


def test_every_sealed_entry_knows_its_block(log: Logbook) -> None:
    log.write_and_seal(2)
    places = {one.id: one.block for one in log.store.everything(Place)}
    assert places == {one.id: block.number for block in log.blocks for one in block.entries}


def _noted(action: str, recipient: str) -> object:
    from shared.stages.audit.trail import Noted

    return Noted(action=action, recipient=recipient)
