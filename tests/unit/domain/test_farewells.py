"""Whether somebody asks us to write no more: in their own words, and only while those are the newest they wrote."""

import pytest

from shared.domain.farewells import asks_to_stop, newest_from
from tests.builders import PROSPECT, a_message, a_thread, a_thread_reading, an_answer, at


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Unsubscribe: https://x.example/unsubscribe/n.1.abc", False), ("Unsubscribe", True),
        ("please unsubscribe me: it is too much", True),
        ("Stop emailing me.", True), ("Take us off your list", True), ("Don\u2019t contact me again", True), ("I opt out", True),
        ("Could you send prices?", False), ("Do not write the contract yet", False),
    ],
)  # fmt: skip
def test_only_their_own_words_ask_to_be_left_alone(text: str, *, wish: bool) -> None:
    assert asks_to_stop(text) is wish


def test_the_newest_mail_is_theirs_however_their_address_is_spelled_and_nobody_elses() -> None:
    theirs = a_message(id="m1", sender=PROSPECT.upper())
    later = (
        an_answer(id="m2"),
        a_message(id="m3", sender="colleague@northwind.example", sent_at=at(days=-8)),
        a_message(id="m4", automatic=True, sent_at=at(days=-7)),
    )
    found = newest_from([PROSPECT], a_thread_reading(thread=a_thread(theirs, *later)))
    assert found == theirs
    assert newest_from([PROSPECT], None) is None
