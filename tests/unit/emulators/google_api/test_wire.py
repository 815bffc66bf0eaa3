"""What Google's APIs share on the wire: multipart bodies, partial answers, page tokens and quotas."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from emulators.google_api import masks, parts
from emulators.google_api.errors import GoogleApiError
from emulators.google_api.quotas import MINUTE, Quota
from emulators.google_api.requests import count, marked, page

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def request(**query):
    return Request(EnvironBuilder(query_string={name: str(value) for name, value in query.items()}).get_environ())


@given(
    st.lists(st.binary(max_size=60).filter(lambda body: b"frontier" not in body), min_size=1, max_size=4), st.sampled_from([b"\n", b"\r\n"])
)
def test_every_byte_between_two_boundaries_arrives(bodies, end):
    whole = b"".join(b"--frontier" + end + b"Content-Type: message/rfc822" + end + end + body + end for body in bodies) + b"--frontier--"
    found = parts.split("multipart/related; boundary=frontier", whole)
    assert [one.content_type for one in found] == ["message/rfc822"] * len(bodies)
    assert [one.body for one in found] == [body[:-1] if end == b"\n" and body.endswith(b"\r") else body for body in bodies]


def test_parts_without_headers_and_bodies_without_boundaries_are_understood():
    assert parts.split("multipart/mixed; boundary=b", b"--b\r\n\r\nbody\r\n--b--") == [parts.Part({}, b"body")]
    assert parts.split("multipart/mixed", b"--b\r\n\r\nbody\r\n--b--") == []


@pytest.mark.parametrize(
    ("fields", "cut"),
    [
        (None, {"a": 1, "b": {"c": 2, "d": [{"e": 3, "f": 4}]}}),
        ("a", {"a": 1}),
        ("b/c", {"b": {"c": 2}}),
        ("b(c,d/e)", {"b": {"c": 2, "d": [{"e": 3}]}}),
        ("b/d(e),a", {"a": 1, "b": {"d": [{"e": 3}]}}),
        ("*", {"a": 1, "b": {"c": 2, "d": [{"e": 3, "f": 4}]}}),
        ("z", {}),
    ],
)
def test_a_mask_cuts_an_answer(fields, cut):
    assert masks.masked({"a": 1, "b": {"c": 2, "d": [{"e": 3, "f": 4}]}}, fields) == cut


@pytest.mark.parametrize("fields", ["a(", "a)", ",", "a//b"])
def test_what_is_no_mask_is_refused(fields):
    with pytest.raises(GoogleApiError, match="Invalid field selection"):
        masks.masked({"a": 1}, fields)


@given(st.integers(0, 30), st.integers(1, 7), st.integers(1, 99))
def test_pages_lead_through_everything_once_and_remember_their_mark(total, size, mark):
    seen, token = [], None
    while True:
        asked = request(**({"pageToken": token} if token else {}))
        assert marked(asked, fresh=mark) == mark
        shown, token = page(list(range(total)), asked, size=size, mark=mark if not seen else 1000)
        seen += shown
        if token is None:
            break
    assert seen == list(range(total))


@pytest.mark.parametrize(("given_size", "size"), [(None, 10), (3, 3), (99, 50)])
def test_page_sizes_are_capped(given_size, size):
    assert count(request(**({"n": given_size} if given_size else {})), "n", default=10, most=50) == size


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["cheap", "dear"])), max_size=40), st.integers(10, 60))
def test_no_minute_costs_more_than_the_limit(calls, limit):
    quota, now, booked = Quota({"dear": 10, "cheap": 2}), NOON, []
    quota.restrict(limit)
    for seconds, method in calls:
        now += timedelta(seconds=seconds)
        try:
            quota.spend(method, "maria", now)
        except GoogleApiError:
            assert sum(units for at, units in booked if at > now - MINUTE) + quota.costs[method] > limit
        else:
            booked.append((now, quota.costs[method]))
        assert sum(units for at, units in booked if at > now - MINUTE) <= limit


def test_a_refusal_says_when_to_come_back():
    quota = Quota()
    quota.restrict(1)
    quota.spend("any", "maria", NOON)
    quota.spend("any", "leo", NOON)
    with pytest.raises(GoogleApiError, match=r"Retry after 2026-11-23T12:01:00\.000Z"):
        quota.spend("any", "maria", NOON + timedelta(seconds=30))
    quota.restrict(None)
    quota.spend("any", "maria", NOON)
