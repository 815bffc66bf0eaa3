"""The Store port, once for the memory of the tests and once for Firestore: what stages rely on holds for both."""

from collections.abc import Iterator

import pytest

from emulators.faults import Kind
from shared.domain.assets import AssetChunk
from shared.domain.audit import Actor, ActorKind, AuditEntry
from shared.domain.dead_letter import DeadLetter
from shared.domain.ids import WorkspaceId
from shared.domain.outbox import Channel, Outgoing
from shared.domain.run import Run, RunState
from shared.domain.voice import VoiceProfile
from shared.domain.workspace import ApiTokenRoute, HookRoute, MailboxRoute, PortalRoute, Workspace
from shared.ports.errors import Conflict, NotFound, Permanent, Transient
from shared.ports.store import Add, Create, Key, Put, Remove, Replace, ReplaceWorkspace, Snapshot, Store
from tests.builders import WORKSPACE, a_draft, a_full_context, a_hint, a_plan, a_run, a_voice, a_workspace, an_operator, at
from tests.contract.stores import ServedFirestore, served_firestore
from tests.fakes.store import MemoryStore

OTHER = WorkspaceId("southwind")


@pytest.fixture(scope="module")
def served() -> Iterator[ServedFirestore]:
    with served_firestore() as served:
        yield served


@pytest.fixture
def firestore(served: ServedFirestore) -> ServedFirestore:
    served.renew()
    return served


@pytest.fixture(params=["memory", "firestore"])
def store(request: pytest.FixtureRequest) -> Store:
    return MemoryStore() if request.param == "memory" else request.getfixturevalue("firestore").store


def seen(store: Store, id: str = "run_1", workspace: WorkspaceId = WORKSPACE) -> Snapshot[Run]:
    found = store.get(Run, workspace_id=workspace, id=id)
    assert found is not None
    return found


def put(store: Store, *runs: Run) -> None:
    store.commit(*(Put(one) for one in runs))


def listed(store: Store, **asked: object) -> list[str]:
    return [one.entity.id for one in store.list(Run, **{"workspace_id": WORKSPACE, **asked})]


def owed(id: str, *, workspace: WorkspaceId = WORKSPACE, **later: float) -> Outgoing:
    return Outgoing(
        id=id, workspace_id=workspace, channel=Channel.EVENT, destination="lead.planned", payload={}, trace_id="t", created_at=at(**later)
    )


# One document


def test_what_was_created_is_read_back_whole(store: Store):
    run = a_run(context=a_full_context(), plan=a_plan()).moved(RunState.PLANNED, stage="plan", at=at(microseconds=123456))
    store.commit(Create(run), Create(a_draft()))
    assert seen(store).entity == run
    assert store.get(type(a_draft()), workspace_id=WORKSPACE, id="draft-1").entity == a_draft()


def test_what_was_never_created_is_none(store: Store):
    assert store.get(Run, workspace_id=WORKSPACE, id="run_1") is None


def test_a_document_is_created_only_once(store: Store):
    store.commit(Create(a_run()))
    with pytest.raises(Conflict):
        store.commit(Create(a_run(recipient="eva@brightleaf.example")))
    assert seen(store).entity == a_run()


def test_a_document_is_replaced_only_if_unchanged_since_it_was_read(store: Store):
    store.commit(Create(a_run()))
    first, second = seen(store), seen(store)
    store.commit(Replace(first, a_run(placement_note="first")))
    with pytest.raises(Conflict):
        store.commit(Replace(second, a_run(placement_note="second")))
    assert seen(store).entity.placement_note == "first"


def test_writing_the_same_words_again_is_no_change(store: Store):
    """Firestore keeps the update time of a document that a write leaves as it was."""
    store.commit(Create(a_run()))
    before = seen(store)
    store.commit(Put(a_run()))
    store.commit(Replace(before, a_run(placement_note="in time")))
    assert seen(store).entity.placement_note == "in time"


def test_a_removed_document_cannot_be_replaced_not_even_after_it_came_again(store: Store):
    store.commit(Create(a_run()))
    before = seen(store)
    store.commit(Remove(a_run()))
    with pytest.raises(Conflict):
        store.commit(Replace(before, a_run()))
    store.commit(Create(a_run()))
    with pytest.raises(Conflict):
        store.commit(Replace(before, a_run()))


def test_replacing_leaves_nothing_of_what_was_there(store: Store):
    filled = a_voice()
    store.commit(Create(filled))
    before = store.get(VoiceProfile, workspace_id=WORKSPACE, id=filled.id)
    emptied = filled.model_copy(update={"phrasings": (), "never_used": (), "signature": ""})
    store.commit(Replace(before, emptied))
    assert store.get(VoiceProfile, workspace_id=WORKSPACE, id=filled.id).entity == emptied


def test_putting_writes_whatever_is_there(store: Store):
    put(store, a_run())
    put(store, a_run(placement_note="newer"))
    assert seen(store).entity.placement_note == "newer"


def test_removing_what_is_gone_is_fine(store: Store):
    store.commit(Create(a_run()))
    store.commit(Remove(a_run()))
    store.commit(Remove(a_run()))
    assert store.get(Run, workspace_id=WORKSPACE, id="run_1") is None


# One commit


def test_a_commit_is_all_or_nothing(store: Store):
    put(store, a_run(), a_run(id="run_2"))
    before = seen(store)
    put(store, a_run(placement_note="newer"))
    late = Replace(before, a_run(placement_note="late"))
    with pytest.raises(Conflict):
        store.commit(Create(a_run(id="run_3")), Put(a_hint()), Remove(a_run(id="run_2")), Add(WORKSPACE, "counters", "c", {"n": 1}), late)
    assert (listed(store), store.get(type(a_hint()), workspace_id=WORKSPACE, id="hint-1")) == (["run_1", "run_2"], None)
    assert store.counter(workspace_id=WORKSPACE, collection="counters", id="c") == {}


def test_the_state_and_what_it_owes_are_written_together(store: Store):
    store.commit(Create(a_run()))
    run = seen(store)
    store.commit(Replace(run, a_run(state=RunState.PLANNED)), Create(owed("run_1-planned")))
    assert seen(store).entity.state is RunState.PLANNED
    assert store.get(Outgoing, workspace_id=WORKSPACE, id="run_1-planned") is not None


def test_the_same_id_in_another_collection_is_another_document(store: Store):
    store.commit(Create(a_run(id="x")), Create(a_hint(id="x")), Create(a_draft(id="x")))
    store.commit(Remove(a_hint(id="x")))
    assert listed(store) == ["x"]


# Many documents


def test_many_are_read_at_once_and_missing_ones_are_missing(store: Store):
    put(store, a_run(), a_run(id="run_2"))
    found = store.get_many(Run, workspace_id=WORKSPACE, ids=["run_2", "run_9", "run_1", "run_2"])
    assert {id: one.entity.id for id, one in found.items()} == {"run_1": "run_1", "run_2": "run_2"}
    assert store.get_many(Run, workspace_id=WORKSPACE, ids=[]) == {}


def test_a_document_read_among_many_can_be_replaced(store: Store):
    put(store, a_run())
    [found] = store.get_many(Run, workspace_id=WORKSPACE, ids=["run_1"]).values()
    store.commit(Replace(found, a_run(placement_note="x")))
    assert seen(store).entity.placement_note == "x"


def test_without_an_order_documents_come_by_id(store: Store):
    put(store, *(a_run(id=f"run_{number}") for number in (3, 1, 2)))
    assert listed(store) == ["run_1", "run_2", "run_3"]
    assert listed(store, limit=1, after="run_1") == ["run_2"]


def test_the_newest_come_first_and_of_one_moment_the_higher_id(store: Store):
    put(store, a_run(id="a", created_at=at(hours=1)), a_run(id="b"), a_run(id="c", created_at=at(hours=2)), a_run(id="d"))
    assert listed(store, newest_by="created_at") == ["c", "a", "d", "b"]


def test_a_list_goes_on_after_the_last_one_seen(store: Store):
    put(store, *(a_run(id=f"run_{number}", created_at=at(minutes=number // 2)) for number in range(6)))
    first = listed(store, newest_by="created_at", limit=3)
    assert first == ["run_5", "run_4", "run_3"]
    assert listed(store, newest_by="created_at", limit=3, after=first[-1]) == ["run_2", "run_1", "run_0"]
    assert listed(store, newest_by="created_at", after="run_0") == []


def test_a_cursor_nobody_knows_begins_at_the_beginning(store: Store):
    put(store, a_run())
    assert listed(store, newest_by="created_at", after="run_9") == ["run_1"]
    assert listed(store, after="run_9") == ["run_1"]


def test_a_cursor_that_a_filter_leaves_out_still_says_where_to_go_on(store: Store):
    put(store, a_run(id="a", state=RunState.FAILED), a_run(id="b"), a_run(id="c", state=RunState.FAILED))
    assert listed(store, where={"state": RunState.FAILED}, after="b") == ["c"]
    assert listed(store, where={"state": RunState.FAILED}, newest_by="created_at", after="b") == ["a"]


def test_lists_are_filtered_by_equality(store: Store):
    failed = {"state": RunState.FAILED}
    put(store, a_run(**failed), a_run(id="run_2"), a_run(id="run_3", failed_stage="plan", created_at=at(hours=1), **failed))
    assert listed(store, where={"state": RunState.FAILED}) == ["run_1", "run_3"]
    assert listed(store, where={"state": "failed", "failed_stage": "plan"}) == ["run_3"]
    assert listed(store, where={"state": RunState.FAILED}, newest_by="created_at", limit=1) == ["run_3"]
    assert listed(store, where={"state": RunState.DONE}) == []


def test_a_list_is_fifty_long_unless_asked_otherwise(store: Store):
    put(store, *(a_run(id=f"run_{number:02}") for number in range(51)))
    assert len(listed(store)) == 50


# Workspaces apart


def test_a_workspace_sees_nothing_of_another(store: Store):
    put(store, a_run(), a_run(id="run_2", workspace_id=OTHER), a_run(workspace_id=OTHER, placement_note="theirs"))
    assert listed(store) == ["run_1"]
    assert seen(store).entity.placement_note == ""
    assert store.get(Run, workspace_id=WORKSPACE, id="run_2") is None
    assert store.get_many(Run, workspace_id=WORKSPACE, ids=["run_1", "run_2"]).keys() == {"run_1"}
    assert listed(store, newest_by="created_at", after="run_2") == ["run_1"]


def test_a_list_by_time_begins_with_the_first_moment_and_ends_before_the_last(store: Store):
    put(store, *(a_run(id=f"run_{hour}", created_at=at(hours=hour)) for hour in range(5)))
    assert listed(store, newest_by="created_at", since=at(hours=1), until=at(hours=4)) == ["run_3", "run_2", "run_1"]
    assert listed(store, newest_by="created_at", since=at(hours=1), until=at(hours=4), after="run_3", limit=1) == ["run_2"]
    assert listed(store, newest_by="created_at", since=at(hours=4)) == ["run_4"]


def test_a_filter_may_look_into_a_field(store: Store):
    entries = [
        AuditEntry(id=name, workspace_id=WORKSPACE, at=at(), actor=Actor(kind=ActorKind.PERSON, id=name), action="a")
        for name in ("ana", "bo")
    ]
    store.commit(*(Put(one) for one in entries))
    found = store.list(AuditEntry, workspace_id=WORKSPACE, where={"actor.id": "bo"})
    assert [one.entity for one in found] == [entries[1]]


def test_a_workspace_changes_nothing_of_another(store: Store):
    put(store, a_run(), a_run(workspace_id=OTHER))
    store.commit(Remove(a_run()), Add(WORKSPACE, "counters", "c", {"n": 1}))
    assert seen(store, workspace=OTHER).entity.workspace_id == OTHER
    assert store.counter(workspace_id=OTHER, collection="counters", id="c") == {}


# Outbox, counters, routes, workspaces


def test_what_is_overdue_is_found_across_workspaces_oldest_first(store: Store):
    store.commit(*(Create(one) for one in (owed("b", minutes=2), owed("a", workspace=OTHER, minutes=1), owed("c", minutes=3))))
    found = [one.entity for one in store.overdue_outbox(before=at(minutes=3))]
    assert [(one.id, one.workspace_id) for one in found] == [("a", OTHER), ("b", WORKSPACE)]
    assert [one.entity.id for one in store.overdue_outbox(before=at(hours=1), limit=2)] == ["a", "b"]
    store.commit(*(Remove(one) for one in found))
    assert [one.entity.id for one in store.overdue_outbox(before=at(hours=1))] == ["c"]


def test_a_counter_begins_at_zero_and_adds_up(store: Store):
    assert store.counter(workspace_id=WORKSPACE, collection="counters", id="spend") == {}
    store.commit(Add(WORKSPACE, "counters", "spend", {"cost_usd": 0.25, "calls": 1}))
    store.commit(Add(WORKSPACE, "counters", "spend", {"cost_usd": 0.5, "calls": 1, "fallbacks": 0}))
    assert store.counter(workspace_id=WORKSPACE, collection="counters", id="spend") == {"cost_usd": 0.75, "calls": 2, "fallbacks": 0}


def test_a_route_leads_to_the_workspace_that_was_first(store: Store):
    store.add_route(route=PortalRoute(id="4242", workspace_id=WORKSPACE))
    with pytest.raises(Conflict):
        store.add_route(route=PortalRoute(id="4242", workspace_id=OTHER))
    assert store.route(PortalRoute, id="4242") == PortalRoute(id="4242", workspace_id=WORKSPACE)
    assert store.route(PortalRoute, id="5151") is None


def test_routes_of_one_kind_are_not_found_as_another(store: Store):
    store.add_route(route=ApiTokenRoute(id="digest", workspace_id=WORKSPACE, label="console"))
    store.add_route(route=MailboxRoute(id="maria@northwind.example", workspace_id=WORKSPACE))
    assert store.route(HookRoute, id="digest") is None
    assert store.route(ApiTokenRoute, id="digest").label == "console"
    assert store.route(MailboxRoute, id="maria@northwind.example").workspace_id == WORKSPACE


def test_a_workspace_is_kept_whole_and_can_change(store: Store):
    with pytest.raises(NotFound, match="northwind"):
        store.workspace(workspace_id=WORKSPACE)
    store.save_workspace(workspace=a_workspace())
    assert store.workspace(workspace_id=WORKSPACE) == a_workspace()
    store.save_workspace(workspace=a_workspace(id=OTHER))
    assert [one.id for one in store.workspaces()] == [WORKSPACE, OTHER]
    changed = a_workspace(name="Northwind Group", operators=(an_operator(aliases=()),), offers=())
    store.save_workspace(workspace=changed)
    assert store.workspace(workspace_id=WORKSPACE) == changed


# Firestore alone


@pytest.mark.parametrize("code", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "ABORTED", "INTERNAL", "UNKNOWN"])
def test_a_firestore_that_is_away_for_a_moment_is_asked_again(firestore: ServedFirestore, code: str):
    firestore.fail("*", code=code, times=3)
    firestore.store.commit(Create(a_run()))
    assert len(firestore.clock.pauses) == 3
    assert seen(firestore.store).entity == a_run()


def test_a_firestore_that_stays_away_is_transient_for_every_call(firestore: ServedFirestore):
    firestore.fail("*")
    store = firestore.store
    calls = {
        "get": lambda: store.get(Run, workspace_id=WORKSPACE, id="r"),
        "get_many": lambda: store.get_many(Run, workspace_id=WORKSPACE, ids=["r"]),
        "commit": lambda: store.commit(Put(a_run())),
        "list": lambda: store.list(Run, workspace_id=WORKSPACE),
        "overdue_outbox": lambda: store.overdue_outbox(before=at()),
        "counter": lambda: store.counter(workspace_id=WORKSPACE, collection="counters", id="c"),
        "workspace": lambda: store.workspace(workspace_id=WORKSPACE),
        "workspaces": lambda: store.workspaces(),
        "save_workspace": lambda: store.save_workspace(workspace=a_workspace()),
        "route": lambda: store.route(PortalRoute, id="p"),
        "add_route": lambda: store.add_route(route=PortalRoute(id="p", workspace_id=WORKSPACE)),
    }
    for name, call in calls.items():
        with pytest.raises(Transient, match="not available") as away:
            call()
        assert (away.value.source, "UNAVAILABLE" in away.value.raw or "fault" in away.value.raw) == ("firestore", True), name


@pytest.mark.parametrize("code", ["PERMISSION_DENIED", "INVALID_ARGUMENT", "UNAUTHENTICATED"])
def test_what_firestore_refuses_is_not_repeated(firestore: ServedFirestore, code: str):
    firestore.fail("*", code=code)
    with pytest.raises(Permanent, match="Firestore refuses"):
        firestore.store.commit(Put(a_run()))
    assert firestore.clock.pauses == []


def test_a_commit_whose_answer_was_lost_finds_itself_as_a_conflict(firestore: ServedFirestore):
    firestore.fail("Commit", Kind.DROP_AFTER, times=1)
    with pytest.raises(Conflict):
        firestore.store.commit(Create(a_run()))
    assert seen(firestore.store).entity == a_run()


def test_writing_without_conditions_is_repeated_without_harm(firestore: ServedFirestore):
    firestore.fail("Commit", Kind.DROP_AFTER, times=1)
    put(firestore.store, a_run())
    assert seen(firestore.store).entity == a_run()


def test_a_counter_whose_answer_was_lost_is_not_counted_twice(firestore: ServedFirestore):
    firestore.fail("Commit", Kind.DROP_AFTER, times=1)
    with pytest.raises(Transient):
        firestore.store.commit(Add(WORKSPACE, "counters", "c", {"n": 1}))
    assert firestore.store.counter(workspace_id=WORKSPACE, collection="counters", id="c") == {"n": 1}


def test_a_counter_beside_something_new_is_repeated_and_not_counted_twice(firestore: ServedFirestore):
    counting = (Create(a_run()), Add(WORKSPACE, "counters", "c", {"n": 1}))
    firestore.fail("Commit", Kind.STATUS, times=1)
    firestore.store.commit(*counting)
    firestore.fail("Commit", Kind.DROP_AFTER, times=1)
    with pytest.raises(Conflict):
        firestore.store.commit(Create(a_run(id="run_2")), *counting[1:])
    assert firestore.store.counter(workspace_id=WORKSPACE, collection="counters", id="c") == {"n": 2}


def test_a_sender_cannot_name_an_attribute_so_that_its_letter_is_unreadable(firestore: ServedFirestore):
    letter = DeadLetter(
        id="d",
        workspace_id=WORKSPACE,
        function="plan",
        source="s",
        payload="\u0000",
        attributes={"_array": "x", "a.b": "`"},
        reason="",
        received_at=at(),
    )
    firestore.store.commit(Put(letter))
    assert firestore.store.get(DeadLetter, workspace_id=WORKSPACE, id="d").entity == letter


# The nearest vectors


def a_chunk(id: str, *vector: float, workspace: WorkspaceId = WORKSPACE, embedder: str = "e/1") -> AssetChunk:
    return AssetChunk(
        id=id,
        workspace_id=workspace,
        asset_id="file-1",
        generation=1,
        position=0,
        start=0,
        text=f"text of {id}",
        embedder=embedder,
        vector=vector,
    )


def near(store: Store, *vector: float, limit: int = 10, embedder: str = "e/1") -> list[tuple[str, float]]:
    found = store.nearest(
        AssetChunk, workspace_id=WORKSPACE, field="vector", vector=vector, limit=limit, where={"embedder": embedder, "asset_id": "file-1"}
    )
    return [(one.entity.id, round(one.similarity, 6)) for one in found]


def test_the_most_similar_come_first_whatever_their_length(store: Store):
    store.commit(Put(a_chunk("far", 0, 1)), Put(a_chunk("long", 3, 3)), Put(a_chunk("same", 1, 0)), Put(a_chunk("opposite", -1, 0)))
    assert near(store, 2, 0) == [("same", 1.0), ("long", 0.707107), ("far", 0.0), ("opposite", -1.0)]
    assert near(store, 2, 0, limit=2) == [("same", 1.0), ("long", 0.707107)]


def test_filters_come_before_the_search(store: Store):
    store.commit(*(Put(a_chunk(f"other-{number}", 1, 0, embedder="e/2")) for number in range(5)), Put(a_chunk("mine", 0, 1)))
    assert near(store, 1, 0, limit=1) == [("mine", 0.0)]


def test_neither_other_dimensions_nor_other_workspaces_nor_the_vectorless_are_found(store: Store):
    store.commit(Put(a_chunk("three", 1, 0, 0)), Put(a_chunk("theirs", 1, 0, workspace=OTHER)), Put(a_chunk("blank")))
    assert near(store, 1, 0) == []


def test_what_is_found_comes_whole_but_for_its_vector(store: Store):
    chunk = a_chunk("one", 0.6, 0.8)
    store.commit(Put(chunk))
    [found] = store.nearest(
        AssetChunk, workspace_id=WORKSPACE, field="vector", vector=(0.6, 0.8), limit=1, where={"embedder": "e/1", "asset_id": "file-1"}
    )
    assert found.entity == chunk.model_copy(update={"vector": ()})
    assert store.get(AssetChunk, workspace_id=WORKSPACE, id="one").entity == chunk


def test_a_document_that_has_changed_since_is_not_removed(store: Store):
    store.commit(Create(a_run()))
    before = seen(store)
    store.commit(Replace(before, a_run(placement_note="changed")))
    with pytest.raises(Conflict):
        store.commit(Remove(before.entity, before))
    store.commit(Remove(before.entity, seen(store)))
    with pytest.raises(Conflict):
        store.commit(Remove(before.entity, before))


def test_a_workspace_is_replaced_only_as_it_was_seen_and_with_everything_else_of_the_commit(store: Store) -> None:
    store.save_workspace(workspace=a_workspace())
    [found] = store.read(Key(Workspace, WORKSPACE, WORKSPACE))
    assert found is not None
    told = found.entity.model_copy(update={"slack_channel": "C0SALES001"})
    store.commit(ReplaceWorkspace(found, told), Put(a_run()))
    assert store.workspace(workspace_id=WORKSPACE) == told
    with pytest.raises(Conflict):
        store.commit(ReplaceWorkspace(found, a_workspace(name="Other")), Put(a_run(id="run_2")))
    assert store.workspace(workspace_id=WORKSPACE) == told
    assert store.get(Run, workspace_id=WORKSPACE, id="run_2") is None
