"""Listeners against a model: whatever is written, what a listener was told adds up to what a fresh query finds."""

from typing import Any

import pytest
from google.cloud.firestore_v1.types import ListenRequest, TargetChange
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from emulators.firestore.errors import InvalidArgument
from emulators.firestore.listeners import Listener
from emulators.firestore.responses import Engine
from tests.unit.emulators.firestore.building import ROOT, StillClock, commit, deleting, found_ids, get, setting

Kind = TargetChange.TargetChangeType
PATHS = [*(f"drafts/{name}" for name in "abcd"), "runs/1/drafts/e", "runs/2"]
NUMBERS = st.integers(0, 3)
BY_N = [{"field": {"field_path": "n"}, "direction": "ASCENDING"}]
QUERIES: list[dict[str, Any]] = [
    {"from_": [{"collection_id": "drafts"}]},
    {"from_": [{"collection_id": "drafts"}], "order_by": BY_N, "limit": 2},
    {"from_": [{"collection_id": "drafts"}], "order_by": BY_N, "offset": 1},
    {"from_": [{"collection_id": "drafts", "all_descendants": True}], "where": {
        "field_filter": {"field": {"field_path": "n"}, "op": "GREATER_THAN", "value": {"integer_value": 1}}}},
    {"from_": [{"collection_id": "drafts"}], "order_by": BY_N, "start_at": {"values": [{"integer_value": 2}], "before": True}},
]  # fmt: skip
NAMED = ["drafts/a", "runs/2", "runs/3"]


def adding(target_id: int, query: dict[str, Any] | None = None, **options: Any) -> Any:
    wanted = (
        {"query": {"parent": ROOT, "structured_query": query}} if query else {"documents": {"documents": [f"{ROOT}/{p}" for p in NAMED]}}
    )
    return ListenRequest.pb(ListenRequest(add_target={"target_id": target_id, **wanted, **options}))


class Follower:
    """A client: keeps per target what it was told, and the latest resume token of a consistent moment."""

    def __init__(self) -> None:
        self.views: dict[int, dict[str, int]] = {}
        self.current: set[int] = set()
        self.token = b""
        self.consistent = True

    def hear(self, answers: list[Any]) -> None:
        for answer in answers:
            kind = answer.WhichOneof("response_type")
            self.consistent = kind == "target_change" and not answer.target_change.target_ids
            getattr(self, f"_{kind}")(getattr(answer, kind))

    def _target_change(self, change: Any) -> None:
        self.token = change.resume_token or self.token
        for target in change.target_ids:
            if change.target_change_type == Kind.CURRENT:
                self.current.add(target)
            elif change.target_change_type == Kind.REMOVE:
                self.views.pop(target, None)
            else:
                self.views.setdefault(target, {})
            if change.target_change_type == Kind.RESET:
                self.views[target].clear()

    def _document_change(self, change: Any) -> None:
        for target in change.target_ids:
            self.views[target][change.document.name] = change.document.fields["n"].integer_value

    def _document_delete(self, change: Any) -> None:
        for target in change.removed_target_ids:
            self.views[target].pop(change.document, None)

    _document_remove = _document_delete


class Listening(RuleBasedStateMachine):
    """Target 0-4 are the queries (ids one higher), 9 is documents by name; a dropped line is taken up again with its token."""

    @initialize()
    def start(self) -> None:
        self.clock = StillClock()
        self.engine, self.follower = Engine(self.clock), Follower()
        self.wanted: dict[int, dict[str, Any] | None] = {}
        self.listener = self.engine.listen()

    @rule(index=st.integers(0, len(QUERIES)))
    def listen(self, index: int) -> None:
        target = index + 1
        if target not in self.wanted:
            self.wanted[target] = QUERIES[index] if index < len(QUERIES) else None
            self.listener.request(adding(target, self.wanted[target]))

    @precondition(lambda self: self.wanted)
    @rule(data=st.data())
    def stop_listening(self, data: st.DataObject) -> None:
        target = data.draw(st.sampled_from(sorted(self.wanted)))
        del self.wanted[target]
        self.listener.request(ListenRequest.pb(ListenRequest(remove_target=target)))

    @rule(writes=st.lists(st.tuples(st.sampled_from(PATHS), st.none() | NUMBERS), min_size=1, max_size=3, unique_by=lambda one: one[0]))
    def write(self, writes: list[tuple[str, int | None]]) -> None:
        commit(self.engine, *(deleting(path) if n is None else setting(path, {"n": n}) for path, n in writes))

    @rule()
    def lose_the_line_and_resume(self) -> None:
        self.follower.hear(self.listener.pending())
        self.listener.close()
        self.listener = self.engine.listen()
        for target, query in self.wanted.items():
            token = {"resume_token": self.follower.token} if self.follower.views.get(target) is not None else {}
            self.listener.request(adding(target, query, **token))

    @rule()
    def restore_an_earlier_state(self) -> None:
        self.engine.load(self.engine.dump())

    @rule()
    def lose_everything(self) -> None:
        self.engine.reset()

    @invariant()
    def what_was_told_is_what_there_is(self) -> None:
        answers = self.listener.pending()
        self.follower.hear(answers)
        assert not answers or self.follower.consistent or answers[-1].target_change.target_change_type == Kind.REMOVE
        for target, query in self.wanted.items():
            view = self.follower.views[target]
            names = found_names(self.engine, query) if query else [path for path, data in get(self.engine, *NAMED).items() if data]
            assert sorted(view) == sorted(f"{ROOT}/{name}" for name in names)
            stored = get(self.engine, *names)
            assert view == {f"{ROOT}/{name}": data["n"] for name, data in stored.items() if data}
        assert self.follower.views.keys() == self.wanted.keys()


def found_names(engine: Engine, query: dict[str, Any]) -> list[str]:
    ids = found_ids(engine, query)
    return [path for path in PATHS if path.rpartition("/")[2] in ids]


TestListening = Listening.TestCase
TestListening.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)


def told(listener: Listener) -> list[str]:
    """The kinds of what is pending, target changes by theirs."""
    kinds = [(answer.WhichOneof("response_type"), answer.target_change.target_change_type) for answer in listener.pending()]
    return [Kind(change).name if kind == "target_change" else kind for kind, change in kinds]


def test_a_new_target_is_told_everything_then_that_it_is_current() -> None:
    engine = Engine(StillClock())
    commit(engine, setting("drafts/a", {"n": 1}))
    listener = engine.listen()
    listener.request(adding(1))
    assert told(listener) == ["ADD", "document_change", "document_delete", "document_delete", "CURRENT", "NO_CHANGE"]


def test_commits_elsewhere_are_not_told() -> None:
    engine = Engine(StillClock())
    listener = engine.listen()
    listener.request(adding(1, QUERIES[0]))
    told(listener)
    commit(engine, setting("runs/2", {"n": 1}))
    assert told(listener) == []


def test_who_comes_back_hears_only_what_was_missed() -> None:
    engine = Engine(StillClock())
    commit(engine, setting("drafts/a", {"n": 1}), setting("drafts/b", {"n": 1}))
    listener = engine.listen()
    listener.request(adding(1, QUERIES[0]))
    token = listener.pending()[-1].target_change.resume_token
    commit(engine, deleting("drafts/a"))
    again = engine.listen()
    again.request(adding(1, QUERIES[0], resume_token=token))
    assert told(again) == ["ADD", "document_delete", "CURRENT", "NO_CHANGE"]


@pytest.mark.parametrize("token", [b"nonsense", b"1"])
def test_who_comes_back_with_a_forgotten_token_starts_anew(token: bytes) -> None:
    engine = Engine(StillClock())
    engine.reset()
    commit(engine, setting("drafts/a", {"n": 1}))
    engine.load(engine.dump())
    listener = engine.listen()
    listener.request(adding(1, QUERIES[0], resume_token=token))
    assert told(listener) == ["ADD", "RESET", "document_change", "CURRENT", "NO_CHANGE"]


def test_a_target_for_once_is_removed_when_it_is_current() -> None:
    listener = Engine(StillClock()).listen()
    listener.request(adding(1, QUERIES[0], once=True))
    assert told(listener) == ["ADD", "CURRENT", "NO_CHANGE", "REMOVE"]


def test_a_query_the_service_refuses_removes_its_target_and_says_why() -> None:
    listener = Engine(StillClock()).listen()
    listener.request(adding(1, QUERIES[0] | {"offset": -1}))
    answers = listener.pending()
    assert (answers[-1].target_change.target_change_type, answers[-1].target_change.cause.code) == (Kind.REMOVE, 3)


@pytest.mark.parametrize("request_", [ListenRequest.pb(ListenRequest()), adding(1)])
def test_a_request_that_makes_no_sense_ends_the_stream(request_: Any) -> None:
    listener = Engine(StillClock()).listen()
    listener.request(adding(1))
    listener.request(request_)
    with pytest.raises(InvalidArgument):
        listener.take()


def test_a_closed_listener_waits_no_longer() -> None:
    listener = Engine(StillClock()).listen()
    listener.close()
    assert listener.take() == []
