"""Links of a text that may lead through us: found whole, and safe to send somebody on to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.web_links import LONGEST_URL, MOST_LINKS, leads_on, web_links


def test_links_are_found_without_the_sentence_around_them():
    text = "See https://a.example/x?y=1&z=2#k, (http://b.example/p_(q)) and https://a.example/x?y=1&z=2#k.\nOr <https://c.example>!"
    assert web_links(text) == ("https://a.example/x?y=1&z=2#k", "http://b.example/p_(q)", "https://c.example")


def test_so_many_links_lead_through_us_and_no_more():
    assert len(web_links(" ".join(f"https://a.example/{number}" for number in range(50)))) == MOST_LINKS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://de.example/wiki/München", ()),
        ("https://münchen.example/a", ()),
        ("https://a.example/x?q=été&y=1", ()),
        ("https://a.example/表を見る", ()),
        ("https://a.example/cafe\u0301 https://a.example/1939\u20131945/x", ()),
        ("https://a.example/it's/b", ()),
        ("https://a.example/{id}/b", ()),
        ("“https://a.example/x”, «https://b.example» and https://c.example/y… or 'https://d.example'.", ("/x", "b", "/y", "d")),
        ("https://a.example/x。 https://b.example`", ("/x", "b")),
        ("[here](https://a.example/x) https://[2001:db8::1]/y. (https://b.example/[z])", ("/x", "/y", "/[z]")),
    ],
)
def test_an_address_that_goes_on_where_we_cannot_follow_is_left_alone(text: str, found: tuple[str, ...]):
    """Else its beginning would lead somewhere: to another page, or to another host."""
    assert [one.removesuffix(".example").endswith(end) for one, end in zip(web_links(text), found, strict=True)] == [True] * len(found)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/relative",
        "",
        "https://",
        "https:///path",
        "ftp://a.example",
        "https://user@evil.example",
        "https://good.example@evil.example/",
        "https://good.example\\@evil.example",
        "https://a.example/\r\nSet-Cookie: x=1",
        "https://a.example/ b",
        "https://a.example/\x00",
        "https://ä.example",
        "https://[::1",
        "https://a.example:99999/",
        " https://a.example",
        "https://a.example/" + "x" * LONGEST_URL,
    ],
)
def test_nobody_is_sent_to_what_is_no_plain_page(url: str):
    assert not leads_on(url)


@given(st.text())
def test_whatever_leads_on_is_a_page_in_one_line_of_ascii(text: str):
    for url in (*web_links(text), *web_links(f"https://a.example/{text}")):
        assert leads_on(url)
        assert url.lower().startswith(("http://", "https://"))
        assert url.isascii()
        assert url.isprintable()
        assert " " not in url


@given(st.text(alphabet="ab/?#@:.[]%\\ \n", max_size=30))
def test_reading_any_address_ends_in_yes_or_no(rest: str):
    assert leads_on(f"https://{rest}") in (True, False)
