"""No mail keeps the reader busy: patterns are of bounded width, and twice the hostile text costs twice the steps."""

import sys
from collections.abc import Callable
from re import Pattern
from re import _parser as parser  # type: ignore[attr-defined]

import pytest

from shared.connectors.gmail import history, html_text, mail_headers, newest_text, reading
from tests.unit.agents.quality_gate.test_linear import varying_repeats

WIDEST = 400
MODULES = (history, mail_headers, newest_text, reading)
PATTERNS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": one
    for module in MODULES
    for name, one in vars(module).items()
    if isinstance(one, Pattern)
}
RUNS = {"newest_text._EMPTY_LINES", "reading.MESSAGE_ID", "reading.CHARSET"}
"""One class repeated without end, in a text of bounded length or by itself: a single pass."""

HOSTILE = [
    "on ",
    "On a\n",
    "On 1/1/2020 a@b.c wrote\n",
    "On 1 wrote:\n> a\nb\n",
    "wrote:\n> a\n",
    "From:\n",
    "From: a@b\nTo: a\nx\ny\n",
    "Subject: a\n",
    "01/01/2001 10:00 PM\nTo: a\n",
    "name\n",
    ">",
    "> ",
    "_",
    "\n",
    "--\n",
    "-----\n",
    "---\nmailing list\n",
    "Sent from my x\n",
    "> (((\n)\n",
    "a@",
    "1/",
    "2020-10-10 ",
    " On Mon, ",
    "x" * 390 + "\n",
    " " * 300 + "x\n",
    "am 1 schrieb ",
    ": a\n",
    "From: " * 20 + "\n",
]
MARKUP = [
    "<",
    "<div>",
    "</div>",
    '<div class="gmail_quote">',
    "<blockquote>",
    "a<i></i>",
    "&amp;",
    "&",
    "<!--",
    "<!",
    "<a b=",
    "<br>",
    "<p></p>",
    "&#x",
    "<x y=z ",
    "<style>",
    "<hr>",
    "<a b='",
    '<blockquote type="cite">a',
]


def steps(read: Callable[[str], str], text: str) -> int:
    """Calls made, of our functions and of the interpreter's own."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        read(text)
    finally:
        sys.setprofile(None)
    return count


def grows(read: Callable[[str], str], piece: str) -> float:
    size = 16_384
    once, twice = ((piece * (length // len(piece) + 1))[:length] for length in (size, 2 * size))
    read(once)  # patterns that are made when they are needed count for neither
    return steps(read, twice) / max(steps(read, once), 100)


@pytest.mark.parametrize("piece", HOSTILE, ids=lambda piece: piece.strip()[:14] or "blank")
def test_twice_the_text_costs_twice_the_steps(piece: str):
    assert grows(newest_text.newest_text, piece) < 2.3


@pytest.mark.parametrize("piece", MARKUP)
def test_twice_the_markup_costs_twice_the_steps(piece: str):
    assert grows(html_text.text_of, piece) < 2.3


@pytest.mark.parametrize("piece", HOSTILE, ids=lambda piece: piece.strip()[:14] or "blank")
def test_sixty_four_kilobytes_cost_no_more_than_a_few_steps_a_line(piece: str):
    text = (piece * (65_536 // len(piece) + 1))[:65_536]
    lines = text.count("\n") + 1
    assert steps(newest_text.newest_text, text) < 12 * lines + 400 * min(lines, history.MOST_LINES_READ)


def test_the_patterns_are_found_at_all():
    assert len(PATTERNS) > 12


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_looks_no_further_than_a_line(name: str):
    parsed = parser.parse(PATTERNS[name].pattern, PATTERNS[name].flags)
    assert name in RUNS or parsed.getwidth()[1] <= WIDEST


@pytest.mark.parametrize("name", PATTERNS)
def test_no_pattern_repeats_what_itself_repeats(name: str):
    parsed = parser.parse(PATTERNS[name].pattern, PATTERNS[name].flags)
    assert not [inner for repeated in varying_repeats(parsed) for inner in varying_repeats(repeated) if inner.getwidth()[1] > 1]
