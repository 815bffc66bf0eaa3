"""Pages: their headers, failures that are pages too, and changes that only our own pages may ask for."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from shared.ports.errors import Conflict, NotFound, Rejected, Transient
from shared.ports.requests import Failed, Incoming, Page
from tests.unit.runtime.calling import Door, a_request


def a_page(door: Door, handler: Callable[[Incoming], Page]) -> Callable[[Any], Any]:
    def console(incoming: Incoming, trace_id: str) -> Page:
        assert trace_id
        return handler(incoming)

    return door.endpoints.page_endpoint(failed=lambda one: Page(f"<p>{one.detail}</p>", one.status))(console)


def test_a_page_runs_its_own_scripts_and_nobody_elses():
    body, status, headers = a_page(Door(), lambda _: Page("<p>ä</p>", nonce="n1"))(a_request(headers={"Sec-Fetch-Site": "same-origin"}))
    assert (body, status) == ("<p>ä</p>", 200)
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'nonce-n1' 'strict-dynamic'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")


def test_a_page_without_scripts_runs_none():
    assert (
        "script-src 'none'"
        in a_page(Door(), lambda _: Page("x"))(a_request(headers={"Sec-Fetch-Site": "none"}))[2]["Content-Security-Policy"]
    )


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://public.example"}, 403),
        ({"Origin": "https://public.example"}, 200),
        ({"Origin": "https://public.example.evil.example"}, 403),
        ({"Origin": "http://public.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_only_our_own_pages_change_anything(headers: dict[str, str], status: int):
    done: list[Incoming] = []
    answer = a_page(Door(), lambda incoming: (done.append(incoming), Page("done"))[1])(a_request(headers=headers))
    assert answer[1] == status
    assert bool(done) is (status == 200)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Rejected("no", status=409), 409),
        (NotFound("gone"), 404),
        (Conflict("late"), 409),
        (Transient("down"), 503),
        (ValueError("secret"), 500),
    ],
)
def test_every_failure_becomes_a_page_that_gives_no_bug_away(error: Exception, status: int):
    def failing(_: Incoming) -> Page:
        raise error

    body, got, headers = a_page(Door(), failing)(a_request(headers={"Sec-Fetch-Site": "same-origin"}))
    assert got == status
    assert "secret" not in body
    assert headers["Content-Type"].startswith("text/html")


def test_a_request_that_cannot_be_read_fails_without_it():
    told: list[Failed] = []
    door = Door()

    def console(incoming: Incoming, trace_id: str) -> Page:
        raise AssertionError

    endpoint = door.endpoints.page_endpoint(failed=lambda one: (told.append(one), Page("", one.status))[1])(console)
    assert endpoint(a_request(b"x" * ((6 << 20) + 1)))[1] == 413
    assert told[0].incoming is None


@pytest.mark.parametrize(
    ("accepted", "kind", "length", "small"),
    [
        ("gzip, br", "text/html; charset=utf-8", 5000, True),
        ("br", "text/html; charset=utf-8", 5000, False),
        ("gzip", "font/woff2", 5000, False),
        ("gzip", "text/css", 100, False),
    ],
)
def test_a_long_text_is_packed_for_whoever_can_unpack_it(accepted: str, kind: str, length: int, small: bool):
    page = Page("é" * length, headers={"Content-Type": kind, "Vary": "Cookie"})
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": accepted}
    body, _, sent = a_page(Door(), lambda _: page)(a_request(headers=headers))
    if small:
        assert gzip.decompress(body).decode() == page.body
        assert (sent["Content-Encoding"], sent["Vary"]) == ("gzip", "Cookie, Accept-Encoding")
    else:
        assert body == page.body
        assert "Content-Encoding" not in sent
