"""The fake and Firestore side by side: any sequence of writes and reads has the same outcome in both."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from shared.domain.ids import WorkspaceId
from shared.domain.run import Run, RunState
from shared.domain.workspace import Workspace
from shared.ports.errors import Conflict
from shared.ports.store import Add, Create, Key, Put, Remove, Replace, Snapshot, Store, Write
from tests.builders import a_run, a_workspace, at
from tests.contract.stores import ServedFirestore, served_firestore
from tests.fakes.store import MemoryStore

WORKSPACES = [WorkspaceId("northwind"), WorkspaceId("southwind")]
IDS = ["a", "b", "c"]
PLACES = st.tuples(st.sampled_from(WORKSPACES), st.sampled_from(IDS))
KINDS = st.sampled_from(["create", "replace", "put", "put", "put", "remove", "add"])
RUNS = st.builds(
    lambda place, note, minutes, state: a_run(
        workspace_id=place[0], id=place[1], placement_note=note, created_at=at(minutes=minutes), state=state
    ),
    PLACES,
    st.sampled_from(["", "x", "y"]),
    st.integers(0, 2),
    st.sampled_from([RunState.RECEIVED, RunState.PLANNED]),
)


class Side:
    """One store and what was read from it earlier."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.seen: dict[tuple[str, str], Snapshot[Run]] = {}

    def writes(self, told: Sequence[tuple[str, Run]]) -> list[Write]:
        """Replacing what was never read is creating."""
        made: list[Write] = []
        for kind, run in told:
            snapshot = self.seen.get((run.workspace_id, run.id))
            if kind == "replace" and snapshot is not None:
                made.append(Replace(snapshot, run))
            elif kind == "add":
                made.append(Add(run.workspace_id, "counters", run.id, {"n": 1, "half": 0.5}))
            else:
                made.append({"put": Put, "remove": Remove}.get(kind, Create)(run))
        return made

    def commit(self, told: Sequence[tuple[str, Run]]) -> str:
        """What was written counts as read: the next replacement builds on the version the commit gave."""
        writes = self.writes(told)
        try:
            versions = self.store.commit(*writes)
        except Conflict:
            return "conflict"
        for write, version in zip(writes, versions, strict=True):
            if isinstance(write, Create | Replace | Put):
                self.seen[write.entity.workspace_id, write.entity.id] = Snapshot(write.entity, version)
        return "done"

    def read(self, *keys: Key) -> list[object]:
        return [one and one.entity for one in self.store.read(*keys)]

    def listed(self, workspace: WorkspaceId, **asked: Any) -> list[Run]:
        return [one.entity for one in self.store.list(Run, workspace_id=workspace, **asked)]


def each_document_once(told: list[tuple[str, Run]]) -> bool:
    """Stages write a document once per commit."""
    places = [(kind == "add", run.workspace_id, run.id) for kind, run in told]
    return len(set(places)) == len(places)


class Comparing(RuleBasedStateMachine):
    served: ClassVar[ServedFirestore]

    def __init__(self) -> None:
        super().__init__()
        self.served.renew()
        self.memory, self.firestore = Side(MemoryStore()), Side(self.served.store)

    def both(self, ask: Any) -> Any:
        one, other = ask(self.memory), ask(self.firestore)
        assert one == other
        return one

    @rule(told=st.lists(st.tuples(KINDS, RUNS), min_size=1, max_size=4).filter(each_document_once))
    def commit(self, told: list[tuple[str, Run]]) -> None:
        self.both(lambda side: side.commit(told))

    @initialize(runs=st.lists(RUNS, min_size=3, max_size=6))
    def begin_with_some(self, runs: list[Run]) -> None:
        self.both(lambda side: [side.commit([("put", run)]) for run in runs])

    @rule(places=st.lists(PLACES, min_size=1, max_size=4))
    def read_several(self, places: list[tuple[WorkspaceId, str]]) -> None:
        keys = [Key(Workspace, workspace, workspace) if id == "c" else Key(Run, workspace, id) for workspace, id in places]
        self.both(lambda side: side.read(*keys))

    @rule(workspace=st.sampled_from(WORKSPACES))
    def save_workspace(self, workspace: WorkspaceId) -> None:
        self.both(lambda side: side.store.save_workspace(workspace=a_workspace(id=workspace)))

    @rule(place=PLACES)
    def read(self, place: tuple[WorkspaceId, str]) -> None:
        for side in (self.memory, self.firestore):
            found = side.store.get(Run, workspace_id=place[0], id=place[1])
            with contextlib.suppress(KeyError):
                del side.seen[place]
            if found is not None:
                side.seen[place] = found
        assert self.memory.seen.keys() == self.firestore.seen.keys()

    @rule(
        workspace=st.sampled_from(WORKSPACES),
        where=st.none() | st.sampled_from([{"state": one} for one in (RunState.RECEIVED, RunState.PLANNED)]),
        limit=st.integers(1, 3),
    )
    def list_some(self, workspace: WorkspaceId, **asked: Any) -> None:
        for newest_by in (None, "created_at"):
            for after in ("", *IDS):
                self.both(lambda side, order=newest_by, last=after: side.listed(workspace, newest_by=order, after=last, **asked))

    @invariant()
    def everything_is_the_same(self) -> None:
        for workspace in WORKSPACES:
            self.both(lambda side, workspace=workspace: side.listed(workspace))

    @invariant()
    def counters_are_the_same(self) -> None:
        self.both(lambda side: [side.store.counter(workspace_id=WORKSPACES[0], collection="counters", id=id) for id in IDS])


@pytest.fixture(scope="module")
def served() -> Iterator[ServedFirestore]:
    with served_firestore() as served:
        yield served


def test_memory_and_firestore_answer_alike_whatever_is_asked_of_them(served: ServedFirestore):
    Comparing.served = served
    limits = settings(max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Comparing, settings=limits)
