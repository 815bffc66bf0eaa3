"""Nearest neighbours against plain arithmetic: whatever was written, changed and deleted before, and however close the vectors are."""

import math
import subprocess
import sys
from typing import Any

from google.cloud.firestore_v1.types import RunQueryRequest
from google.cloud.firestore_v1.vector import Vector
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.firestore.responses import Engine
from emulators.firestore.wire import microseconds, timestamp_of
from tests.unit.emulators.firestore.building import ROOT, StillClock, commit, deleting, fields, setting

NUMBERS = st.sampled_from([0.0, 1.0, -1.0, 0.5, 1e-9, 1.0 + 1e-12, 1e30, -3.25])
VECTORS = st.one_of(st.lists(NUMBERS, min_size=3, max_size=3), st.lists(NUMBERS, min_size=2, max_size=2))
PATHS = st.builds("{}/{}".format, st.sampled_from(["memory", "runs/1/memory"]), st.integers(0, 9))
STEPS = st.lists(st.tuples(PATHS, st.one_of(st.none(), VECTORS, VECTORS)), min_size=1, max_size=25)
MEASURES = st.sampled_from(["EUCLIDEAN", "COSINE", "DOT_PRODUCT"])


def distance(measure: str, one: list[float], other: list[float]) -> float:
    if measure == "EUCLIDEAN":
        return math.dist(one, other)
    product = math.sumprod(one, other) if hasattr(math, "sumprod") else math.fsum(a * b for a, b in zip(one, other, strict=True))
    lengths = math.hypot(*one) * math.hypot(*other)
    return product if measure == "DOT_PRODUCT" else 1 - product / lengths if lengths else 1.0


def searched(engine: Engine, query: list[float], measure: str, limit: int, *, group: bool, **options: Any) -> list[tuple[str, float]]:
    wanted = {
        "vector_field": {"field_path": "v"},
        "query_vector": fields({"v": Vector(query)})["v"],
        "distance_measure": measure,
        "limit": limit,
        "distance_result_field": "distance",
    }
    asked = {"from_": [{"collection_id": "memory", "all_descendants": group}], "find_nearest": wanted}
    answers = engine.run_query(RunQueryRequest.pb(RunQueryRequest(parent=ROOT, structured_query=asked, **options)))
    documents = [answer.document for answer in answers if answer.HasField("document")]
    return [(document.name.removeprefix(f"{ROOT}/"), document.fields["distance"].double_value) for document in documents]


def write(engine: Engine, path: str, vector: list[float] | None) -> Any:
    return commit(engine, deleting(path) if vector is None else setting(path, {"v": Vector(vector), "padding": "x" * 5000}))


@settings(max_examples=200, deadline=None)
@given(STEPS, st.lists(NUMBERS, min_size=3, max_size=3), MEASURES, st.integers(1, 12), st.booleans())
def test_the_closest_are_found_exactly_after_any_history(
    steps: list[tuple[str, list[float] | None]], query: list[float], measure: str, limit: int, group: bool
) -> None:
    engine, stored = Engine(StillClock()), dict[str, list[float] | None]()
    for path, vector in steps:
        write(engine, path, vector)
        stored[path] = vector
        searched(engine, query, measure, 1, group=group)  # from here on there is something to keep in step
    same = {path: vector for path, vector in stored.items() if vector and len(vector) == 3 and (group or path.startswith("memory/"))}
    expected = {path: distance(measure, vector, query) for path, vector in same.items()}
    found = searched(engine, query, measure, limit, group=group)
    assert len(found) == min(limit, len(expected))
    falling = -1 if measure == "DOT_PRODUCT" else 1
    for number, (path, told) in enumerate(found):
        assert math.isclose(told, expected[path], rel_tol=1e-9, abs_tol=1e-12)
        best = sorted(expected.values(), key=lambda one: falling * one)[number]
        assert math.isclose(told, best, rel_tol=1e-9, abs_tol=1e-12)


def test_neighbours_of_an_earlier_moment_are_found_among_what_was_there() -> None:
    engine = Engine(StillClock())
    at = microseconds(write(engine, "memory/1", [1.0, 0.0]).commit_time)
    write(engine, "memory/1", [0.0, 5.0])
    write(engine, "memory/2", [1.0, 0.0])
    assert searched(engine, [1.0, 0.0], "EUCLIDEAN", 3, group=False, read_time=timestamp_of(at)) == [("memory/1", 0.0)]
    assert [path for path, _ in searched(engine, [1.0, 0.0], "EUCLIDEAN", 3, group=False)] == ["memory/2", "memory/1"]


def test_without_a_search_for_neighbours_numpy_is_not_loaded() -> None:
    loads = "import sys, emulators.firestore.routes; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loads], check=False).returncode == 0
