"""Half a character in HubSpot's JSON: it becomes a question mark, everything else stays as it is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.hubspot.webhooks import parse_webhook
from shared.connectors.hubspot.whole_text import whole

SCALARS = st.none() | st.booleans() | st.integers() | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text("\ud83d\udc4d\\ud")


@given(VALUES)
def test_whole_text_is_read_as_json_is(value: Any):
    assert whole(json.dumps(value).encode()) == whole(json.dumps(value, ensure_ascii=False).encode()) == value


@given(ANY_TEXT, ANY_TEXT)
def test_whatever_was_typed_can_be_encoded_afterwards(name: str, value: str):
    [(told, kept)] = whole(json.dumps({name: [value]}).encode()).items()
    assert len((told + kept[0]).encode()) >= len(told + kept[0])


@pytest.mark.parametrize(
    ("written", "read"), [(r"half \ud83d", "half ?"), (r"\udc4d", "?"), (r"\uD83D\uDC4D", "👍"), (r"\\ud83d", r"\ud83d")]
)
def test_only_halves_are_replaced(written: str, read: str):
    assert whole(f'"{written}"'.encode()) == read


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'"\\ud"'])
def test_what_is_no_json_is_a_value_error(content: bytes):
    with pytest.raises(ValueError):
        whole(content)


def test_an_announcement_with_half_a_character_is_a_hint_that_can_be_stored():
    [hint] = parse_webhook(rb'{"email": "ana\ud83d@brightleaf.example", "hs_object_id": 51}').hints
    assert (hint.email, hint.contact_id) == ("ana?@brightleaf.example", "51")
