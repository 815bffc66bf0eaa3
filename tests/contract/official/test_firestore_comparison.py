"""Random documents, writes and queries on Google's Firestore emulator and on ours: the same answers, the same refusals."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulators.firestore import errors
from tests.contract.official import requests
from tests.contract.official.both import Both

QUICK, MANY = 100, 3000
WITHOUT_AN_INDEX = ("refused", errors.FailedPrecondition.code)
"""Google's emulator knows no indexes, so it refuses the one order that always needs one: names downwards."""

RELAXED = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@pytest.fixture(scope="module")
def both(official_firestore: str) -> Iterator[Both]:
    seconds = iter(range(1_772_442_000, 9_000_000_000))
    both = Both(official_firestore, lambda: next(seconds) * 1_000_000)
    yield both
    both.close()


def compare(both: Both, data: st.DataObject) -> None:
    """Some commits, then some reads of what they left."""
    root = both.begin()
    for request in data.draw(st.lists(requests.commits(root), min_size=1, max_size=2), "commits"):
        official, ours = both.ask("Commit", request)
        assert ours == official
    for kind, request in data.draw(st.lists(reads(root), min_size=2, max_size=3), "reads"):
        official, ours = both.ask(kind, request)
        assert ours == official or official == WITHOUT_AN_INDEX


def reads(root: str) -> st.SearchStrategy[tuple[str, object]]:
    queries = requests.queries(root).map(lambda request: ("RunQuery", request))
    return st.one_of(queries, queries, requests.aggregations(root).map(lambda request: ("RunAggregationQuery", request)))


@settings(max_examples=QUICK, **RELAXED)
@given(st.data())
def test_both_emulators_give_the_same_answers(both: Both, data: st.DataObject) -> None:
    compare(both, data)


@pytest.mark.nightly
@settings(max_examples=MANY, **RELAXED)
@given(st.data())
def test_both_emulators_give_the_same_answers_however_long_one_looks(both: Both, data: st.DataObject) -> None:
    compare(both, data)
