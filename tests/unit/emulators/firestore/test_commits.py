"""Commits against a model that is a plain dict: any sequence of them, with preconditions, failing as a whole or landing as a whole."""

from typing import Any

import pytest
from google.cloud.firestore_v1.types import Write
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from emulators.firestore import errors
from emulators.firestore.responses import Engine
from emulators.firestore.wire import microseconds
from tests.unit.emulators.firestore.building import ROOT, StillClock, batch_write, commit, deleting, get, setting

PATHS = [f"drafts/{name}" for name in "abc"]
DATA = st.dictionaries(st.sampled_from(["state", "n"]), st.integers(0, 2), max_size=2)
CONDITIONS = st.sampled_from([None, "exists", "missing", "current", "stale"])
WRITES = st.lists(
    st.tuples(st.sampled_from(PATHS), st.one_of(st.none(), DATA), CONDITIONS), min_size=1, max_size=3, unique_by=lambda write: write[0]
)
STALE_US = 1_000_000


class Commits(RuleBasedStateMachine):
    """`model` holds what each document should say; `versions` the update time it should have."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = StillClock()
        self.engine = Engine(self.clock)
        self.model: dict[str, dict[str, Any]] = {}
        self.versions: dict[str, int] = {}
        self.latest = 0

    @rule(writes=WRITES)
    def commit(self, writes: list[tuple[str, dict[str, int] | None, str | None]]) -> None:
        refusals = [self._refusal(path, condition) for path, _, condition in writes]
        expected = next((refusal for refusal in refusals if refusal), None)
        requests = [self._write(path, data, condition) for path, data, condition in writes]
        if expected:
            with pytest.raises(expected):
                commit(self.engine, *requests)
            return
        answer = commit(self.engine, *requests)
        at = microseconds(answer.commit_time)
        assert at > self.latest
        self.latest = at
        for (path, data, _), result in zip(writes, answer.write_results, strict=True):
            self._land(path, data, at)
            assert microseconds(result.update_time) == self.versions.get(path, 0)

    @rule(by=st.integers(-5_000_000, 5_000_000))
    def let_time_pass_or_jump_back(self, by: int) -> None:
        self.clock.us += by

    @rule()
    def dump_and_load_elsewhere(self) -> None:
        engine = Engine(self.clock)
        engine.load(self.engine.dump())
        self.engine = engine

    @invariant()
    def the_engine_says_what_the_model_says(self) -> None:
        assert get(self.engine, *PATHS) == {path: self.model.get(path) for path in PATHS}

    def _land(self, path: str, data: dict[str, int] | None, at: int) -> None:
        if data is None:
            self.model.pop(path, None)
            self.versions.pop(path, None)
        elif self.model.get(path) != data:
            self.model[path], self.versions[path] = data, at

    def _refusal(self, path: str, condition: str | None) -> type[Exception] | None:
        if condition == "exists" and path not in self.model:
            return errors.NotFound
        if condition == "missing" and path in self.model:
            return errors.AlreadyExists
        return errors.FailedPrecondition if condition == "stale" or (condition == "current" and path not in self.model) else None

    def _write(self, path: str, data: dict[str, int] | None, condition: str | None) -> dict[str, Any]:
        conditions: dict[str, Any] = {}
        if condition in ("exists", "missing"):
            conditions["exists"] = condition == "exists"
        elif condition:
            version = self.versions.get(path, STALE_US) if condition == "current" else STALE_US
            seconds, rest = divmod(version, 1_000_000)
            conditions["update_time"] = {"seconds": seconds, "nanos": rest * 1000}
        return deleting(path, **conditions) if data is None else setting(path, data, **conditions)


TestCommits = Commits.TestCase
TestCommits.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@given(st.lists(st.tuples(st.sampled_from(PATHS), st.integers(0, 3)), max_size=20))
def test_every_moment_of_the_past_can_be_read_again(steps: list[tuple[str, int]]) -> None:
    engine, history = Engine(StillClock()), []
    for path, number in steps:
        answer = commit(engine, setting(path, {"n": number}) if number else deleting(path))
        history.append((microseconds(answer.commit_time), get(engine, *PATHS)))
    for moment_us, expected in history:
        snapshot = engine._store.as_of(moment_us)
        stored = {path: snapshot.get(f"{ROOT}/{path}") for path in PATHS}
        assert {path: record and {"n": record.document.fields["n"].integer_value} for path, record in stored.items()} == expected


def test_a_moment_forgotten_by_a_reset_cannot_be_read() -> None:
    engine = Engine(StillClock())
    answer = commit(engine, setting("drafts/a", {"n": 1}))
    commit(engine, setting("drafts/a", {"n": 2}))
    engine.reset()
    with pytest.raises(errors.FailedPrecondition, match="too old"):
        engine._store.as_of(microseconds(answer.commit_time))


def test_a_batch_write_lands_what_it_can() -> None:
    engine = Engine(StillClock())
    answer = batch_write(engine, setting("drafts/a", {"n": 1}), setting("drafts/b", {"n": 2}, exists=True), deleting("drafts/c"))
    assert [status.code for status in answer.status] == [0, errors.NotFound.code, 0]
    assert get(engine, *PATHS) == {"drafts/a": {"n": 1}, "drafts/b": None, "drafts/c": None}


def test_a_batch_write_may_touch_each_document_once_only() -> None:
    with pytest.raises(errors.InvalidArgument):
        batch_write(Engine(StillClock()), setting("drafts/a", {}), deleting("drafts/a"))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "drafts/a",
        ROOT,
        f"{ROOT}/drafts",
        f"{ROOT}/drafts/",
        f"{ROOT}//a",
        f"{ROOT}/drafts/..",
        f"{ROOT}/drafts/__x__",
        f"{ROOT}/drafts/{'x' * 1501}",
    ],
)
def test_a_name_that_is_no_documents_is_refused(name: str) -> None:
    with pytest.raises(errors.InvalidArgument):
        commit(Engine(StillClock()), {"update": {"name": name}})


def test_stored_timestamps_are_cut_to_microseconds() -> None:
    engine = Engine(StillClock())
    moment = {"timestamp_value": {"seconds": 7, "nanos": 123_456_789}}
    commit(engine, {"update": {"name": f"{ROOT}/drafts/a", "fields": {"at": moment, "all": {"array_value": {"values": [moment]}}}}})
    stored = engine._store.get(f"{ROOT}/drafts/a")
    assert stored is not None
    assert stored.document.fields["at"].timestamp_value.nanos == 123_456_000
    assert stored.document.fields["all"].array_value.values[0].timestamp_value.nanos == 123_456_000


def test_the_older_form_of_a_transform_creates_its_document() -> None:
    engine = Engine(StillClock())
    increment = {"field_path": "n", "increment": {"integer_value": 2}}
    commit(engine, Write(transform={"document": f"{ROOT}/drafts/a", "field_transforms": [increment, increment]}))
    assert get(engine, "drafts/a") == {"drafts/a": {"n": 4}}
