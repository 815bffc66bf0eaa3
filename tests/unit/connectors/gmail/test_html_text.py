"""HTML mail as a reader sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.connectors.gmail.html_text import text_of
from shared.connectors.gmail.newest_text import newest_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello <b>Ana</b>,</p><p>that works.</p>", "Hello Ana,\nthat works."),
        ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("Fish &amp; chips&nbsp;for &#8364;5", "Fish & chips for €5"),
        ("<style>p{color:red}</style><script>x()</script><title>T</title><p>Seen</p>", "Seen"),
        ("<ul><li>One</li><li>Two</li></ul>", "One\nTwo"),
        ("<p>Split <span>in</span><span>side</span> a word</p>", "Split inside a word"),
        ("<p>Unclosed <b>tags<p>and more", "Unclosed tags\nand more"),
        ("</div></p>Stray ends", "Stray ends"),
        ("<p>a < b and c > d</p>", "a < b and c > d"),
        ("<!DOCTYPE html><!-- a <b>comment</b> -->Seen<!-- unclosed", "Seen"),
        ("<![if !mso]>Word<![endif]> conditions<?xml:namespace prefix = o />", "Word conditions"),
        ("", ""),
    ],
)
def test_visible_text_is_kept_line_by_line(html, text):
    assert text_of(html) == text


@pytest.mark.parametrize(
    "quotation",
    [
        '<div class="gmail_quote"><div>On Monday Maria wrote:</div><blockquote class="gmail_quote">900</blockquote></div>',
        '<blockquote type="cite"><div>900</div></blockquote>',
        '<div id="appendonsend"></div><div id="divRplyFwdMsg"><b>From:</b> Maria<br><b>Sent:</b> Monday</div>',
        '<div class="yahoo_quoted"><div>900</div></div>',
        '<div class="moz-cite-prefix">On 23/11/2026 Maria wrote:<br></div><blockquote type="cite" cite="mid:a@b">900</blockquote>',
        '<div class="protonmail_quote">On Monday, Maria wrote:<br><blockquote class="protonmail_quote">900</blockquote></div>',
        '<div class="x_gmail_attr">On Monday Maria wrote:</div><blockquote class="x_gmail_quote">900</blockquote>',
        'Mon, 23 Nov 2026 10:00 от Maria &lt;m@x.example&gt;:<br><blockquote style="border-left: 1px solid #0857A6">900</blockquote>',
        '23.11.2026, 10:00, "Maria" &lt;m@x.example&gt;:</p><blockquote>900</blockquote>',
        "<hr><b>From: </b>maria@x.example<br><b>To: </b>a@x.example<br><b>Sent: </b>Monday<br><b>Subject: </b>Hello<p>900</p>",
        '<div id="mail-editor-reference-message-container"><b>From:</b> Maria</div>',
    ],
)
def test_what_a_client_marks_as_quotation_is_no_newest_text(quotation):
    assert newest_text(text_of(f"<div>That works.</div>{quotation}")) == "That works."


def test_an_answer_between_the_pieces_of_gmails_quotation_is_kept():
    cited = '<blockquote class="gmail_quote" style="border-left:1px #ccc solid">{}</blockquote>'
    attribution = '<div class="gmail_attr">On Mon, 23 Nov 2026, Maria &lt;m@x.example&gt; wrote:<br></div>'
    pieces = attribution + cited.format("How many?") + "<div>400</div>" + cited.format("When?") + "May"
    html = f'<div class="gmail_quote gmail_quote_container">{pieces}</div>'
    assert newest_text(text_of(html)) == "400\nMay"


def test_words_the_author_has_only_indented_are_kept():
    assert newest_text(text_of("<p>Our list:</p><blockquote>One</blockquote><p>Bye</p>")) == "Our list:\nOne\nBye"


@given(st.text(max_size=300))
def test_any_input_is_read_without_complaint(html):
    text_of(html)


@given(st.text(alphabet="<>!-[]/?ab =\"'&;#", max_size=80))
def test_broken_markup_is_read_without_complaint(html):
    text_of(html)


def test_taking_a_declaration_away_makes_no_new_one():
    assert text_of("a<<!x>![foo >b") == "a![foo >b"


PIECES = ["<b>", "</i>", "<div>", "<", "<a ", "<!--", "<![", "</", "&", "&#", '<a ">', "<style>", "<?"]


@pytest.mark.parametrize("piece", PIECES)
def test_hostile_mail_costs_a_moment_and_no_more(piece):
    assert len(text_of(piece * 20_000)) <= len(piece) * 20_000
