"""Identities as Gmail tells them: usable or not, with a signature that can do nothing."""

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.connectors.gmail.signature import ATTRIBUTES, LONGEST, TAGS, sender_of
from shared.connectors.gmail.wire import Identity
from shared.ports.mailbox import SenderUnusable
from tests.builders import an_operator

ALIAS = "sales@northwind.example"


def sender(**changes: Any) -> Any:
    told = {"send_as_email": ALIAS, "display_name": "Northwind Sales", "verification_status": "accepted"}
    return sender_of(Identity(**{**told, **changes}), address=ALIAS, operator=an_operator())


def cleaned(html: str) -> str:
    return sender(signature=html).signature_html


def test_an_alias_is_told_with_its_name_its_answers_address_and_its_signature():
    found = sender(reply_to_address="Desk@northwind.example", signature="<b>Maria Costa</b><br>Sales")
    assert (found.address, found.name, found.reply_to) == (ALIAS, "Northwind Sales", "desk@northwind.example")
    assert (found.signature, found.signature_html) == ("Maria Costa\nSales", "<b>Maria Costa</b><br>Sales")


def test_an_alias_without_a_name_bears_the_operators():
    assert sender(display_name=" ").name == "Maria Costa"


@pytest.mark.parametrize("status", ["pending", "verificationStatusUnspecified", ""])
def test_an_alias_nobody_has_confirmed_says_what_to_do(status):
    with pytest.raises(SenderUnusable, match="not confirmed yet: open the mail"):
        sender(verification_status=status)


def test_the_primary_address_needs_no_confirmation():
    assert sender(verification_status="", is_primary=True).address == ALIAS


def test_an_alias_that_is_gone_says_what_to_do():
    with pytest.raises(SenderUnusable, match="does not send as sales@northwind.example: add it"):
        sender_of(None, address=ALIAS, operator=an_operator())


def test_an_international_domain_travels_in_ascii():
    assert sender(send_as_email="Maria@MÜNCHEN.example").address == "maria@xn--mnchen-3ya.example"


def test_a_domain_that_would_become_another_on_the_way_is_refused():
    with pytest.raises(SenderUnusable, match="cannot be written"):
        sender(send_as_email="maria@straße.example")


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("Maria <script>alert(1)</script>Costa", "Maria Costa"),
        ('<p onclick="x()" class="y">Hi</p>', "<p>Hi</p>"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<a href="https://northwind.example/?a=1&amp;b=2">x</a>', '<a href="https://northwind.example/?a=1&amp;b=2">x</a>'),
        ('<a href="mailto:maria@northwind.example">x</a>', '<a href="mailto:maria@northwind.example">x</a>'),
        ('<img src="https://n.example/logo.png" alt="logo" onerror="x()">', '<img src="https://n.example/logo.png" alt="logo">'),
        ('<img src="data:image/png;base64,AA">', "<img>"),
        ('<span style="color: #333; font-size: 12px">x</span>', '<span style="color: #333; font-size: 12px">x</span>'),
        ('<span style="background: url(https://x.example/t)">x</span>', "<span>x</span>"),
        ('<div style="position: fixed">x</div>', "<div>x</div>"),
        ("<b>open", "<b>open</b>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<iframe src='https://x.example'></iframe><form><input></form>", ""),
        ("<!-- a --><b>x</b>", "<b>x</b>"),
    ],
)
def test_a_signature_keeps_its_looks_and_loses_what_could_act(html, kept):
    assert cleaned(html) == kept


def test_a_signature_longer_than_any_is_refused():
    with pytest.raises(SenderUnusable, match="shorten it"):
        cleaned("x" * (LONGEST + 1))


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


PIECES = (
    "<b> </b> <script> </script> <a href='javascript:x()'> <img src=x onerror=y> <style> </style> < > & \" ' <!-- --> <svg/onload=x>",
    "<a\thref=\"https://x.example\"> <p style='x:url(y)'> &lt;script&gt; <template> </template> </div> <table><tr><td> <!DOCTYPE x> <?y",
)
pieces = st.sampled_from([one for row in PIECES for one in row.split(" ")])


@settings(deadline=None)
@given(st.lists(pieces | st.text(max_size=8), max_size=30).map("".join))
def test_nothing_but_looks_links_and_pictures_ever_remains(html):
    seen = Seen()
    seen.feed(cleaned(html))
    seen.close()
    assert set(seen.tags) <= TAGS
    assert {name for name, _ in seen.attributes} <= ATTRIBUTES | {"href", "src", "style"}
    assert not any((value or "").lower().startswith("javascript") or "url(" in (value or "") for _, value in seen.attributes)
