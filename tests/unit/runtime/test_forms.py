"""Forms as strangers post them: whatever way they are put, their fields are the same; what is no form has none."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ports.errors import Rejected
from shared.ports.requests import Incoming
from shared.runtime.forms import fields_of

WISH = [("List-Unsubscribe", "One-Click")]
PLAIN = b"List-Unsubscribe=One-Click"
PARTS = b'--b1\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b1--\r\n'


def posted(body: bytes, kind: str | None) -> Incoming:
    headers = {} if kind is None else {"content-type": kind}
    return Incoming("POST", "https://run.example/unsubscribe/t", "/t", {}, headers, body, "192.0.2.1")


@pytest.mark.parametrize("kind", [None, "", "application/x-www-form-urlencoded", "APPLICATION/X-WWW-Form-Urlencoded; charset=UTF-8"])
def test_a_short_form_is_read_however_its_type_is_spelled(kind: str | None) -> None:
    assert fields_of(posted(PLAIN, kind)) == WISH


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=b1", 'Multipart/Form-Data; Boundary="b1"', "MULTIPART/FORM-DATA;boundary=b1"]
)
def test_a_form_in_parts_is_read_however_its_type_is_spelled(kind: str) -> None:
    assert fields_of(posted(PARTS, kind)) == WISH
    assert fields_of(posted(b"a word before it\r\n" + PARTS, kind)) == WISH
    assert fields_of(posted(PARTS.replace(b"\r\n", b"\n"), kind)) == WISH


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/related; boundary=b1", ";;;=\x00", "*/*"])
def test_what_is_no_form_has_no_fields(kind: str) -> None:
    assert fields_of(posted(PLAIN, kind)) == []


@given(
    body=st.one_of(st.binary(max_size=300), st.just(PARTS), st.just(PLAIN)),
    kind=st.one_of(st.none(), st.text(max_size=40), st.sampled_from([f"multipart/form-data; boundary={one}" for one in ("b1", "ä")])),
)
def test_whatever_is_posted_is_read_or_rejected(body: bytes, kind: str | None) -> None:
    with suppress(Rejected):
        fields_of(posted(body, kind))
