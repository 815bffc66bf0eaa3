"""A footer of ours in their mail is no wish of theirs."""

import pytest

from shared.agents.next_step_planner.refusals import _OPT_OUT


@pytest.mark.parametrize(
    ("text", "wish"),
    [("Unsubscribe: https://x.example/unsubscribe/n.1.abc", False), ("Unsubscribe", True), ("please unsubscribe me: it is too much", True)],
)
def test_only_their_own_words_ask_to_be_left_alone(text: str, *, wish: bool) -> None:
    assert bool(_OPT_OUT.search(text)) is wish
