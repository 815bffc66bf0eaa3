"""Ids that follow from what they identify."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ids import WorkspaceId, derived_id
from shared.domain.submission import FormEntry, run_id_for, submission_id
from shared.domain.tokens import token_digest
from tests.builders import MONDAY

PARTS = st.lists(st.text(max_size=8), max_size=4)
MOMENTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1), timezones=st.just(UTC))


def identified(**changes: Any) -> str:
    usual = {"workspace_id": WorkspaceId("w"), "portal_id": "4242"}
    entry = {"form_id": "f", "email": "ana@brightleaf.example", "submitted_at": MONDAY}
    told = {name: changes.pop(name) for name in list(changes) if name not in usual}
    return submission_id(**{**usual, **changes}, entry=FormEntry(**{**entry, **told}))


@given(PARTS, PARTS)
def test_the_same_parts_and_only_they_make_the_same_id(one: list[str], other: list[str]):
    assert (derived_id(*one) == derived_id(*other)) == (one == other)


def test_an_id_knows_where_one_part_ends_and_the_next_begins():
    assert len({derived_id("ab", "c"), derived_id("a", "bc"), derived_id("abc"), derived_id("abc", ""), derived_id("", "abc")}) == 5


def test_an_id_is_the_same_in_every_process_and_release():
    assert derived_id("submission", "northwind") == "4e6d667032f8655a45a686f084af2038"
    assert len(derived_id()) == 32


@pytest.mark.parametrize("email", ["ANA@brightleaf.example", " ana@brightleaf.example\n"])
def test_an_address_is_the_same_however_it_is_typed(email: str):
    assert identified(email=email) == identified()


@given(MOMENTS, st.integers(-14, 14))
def test_a_moment_is_the_same_in_every_zone(moment: datetime, hours: int):
    elsewhere = moment.astimezone(timezone(timedelta(hours=hours)))
    assert identified(submitted_at=elsewhere) == identified(submitted_at=moment)


def test_submissions_of_one_millisecond_are_one_and_of_two_are_two():
    exact = MONDAY.replace(microsecond=7_000)
    assert identified(submitted_at=exact + timedelta(microseconds=300)) == identified(submitted_at=exact)
    assert identified(submitted_at=exact + timedelta(milliseconds=1)) != identified(submitted_at=exact)
    assert identified(submitted_at=datetime.fromtimestamp(1.5, UTC)) == derived_id(
        "submission", "w", "4242", "f", "ana@brightleaf.example", "1500"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"workspace_id": WorkspaceId("v")},
        {"portal_id": "4243"},
        {"form_id": "g"},
        {"email": "eva@brightleaf.example"},
        {"submitted_at": MONDAY + timedelta(seconds=1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_part_of_a_submission_tells_it_from_others(change: dict[str, Any]):
    assert identified(**change) != identified()


def test_a_run_has_the_id_of_its_submission():
    first, second = identified(), identified(form_id="g")
    assert run_id_for(first) == run_id_for(first) != run_id_for(second)
    assert run_id_for(first) == "run_" + first[:26]


@given(st.text(max_size=40))
def test_a_token_is_found_by_its_digest_and_not_readable_from_it(token: str):
    digest = token_digest(token)
    assert digest == token_digest(token)
    assert len(digest) == 64
    assert digest != token_digest(token + "x")


def test_the_digest_is_plain_sha256_as_operators_compute_it():
    assert token_digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
