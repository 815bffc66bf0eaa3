"""The whole mail: what stands around the text, and what of it a recipient sees."""

from html import unescape
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.approval import fingerprint_of
from shared.domain.draft import draft_hash
from shared.domain.footer import Footer
from shared.domain.letter import letter_html
from shared.domain.tracked import Tracked, TrackedLink
from tests.builders import a_draft, a_draft_text, a_sender

FOOTER = Footer(identity="Northwind GmbH", postal_address="Hafenstr. 1, 20457 Hamburg", opt_out="https://run.example/unsubscribe/w.1.abc")
TRACKED = Tracked(
    picture="https://run.example/track/w.1.pic",
    links=(
        TrackedLink(url="https://docs.example/a", through="https://run.example/track/w.1.one"),
        TrackedLink(url="https://docs.example/a/b?x=1&y=2", through="https://run.example/track/w.1.two"),
    ),
    decoy="https://run.example/track/w.1.decoy",
)


class Seen(HTMLParser):
    """What a person reads, and where links and pictures lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self.leads, self.pictures = "", list[tuple[str, str]](), list[str]()
        self._within = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "a":
            self._within = True
            self.leads.append((told["href"] or "", ""))
        if tag == "img":
            self.pictures.append(told["src"] or "")

    def handle_endtag(self, tag: str) -> None:
        self._within = self._within and tag != "a"

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._within:
            leads_to, words = self.leads[-1]
            self.leads[-1] = (leads_to, words + data)


def test_the_footer_stands_below_the_signature():
    draft = a_draft(sender=a_sender(signature="Maria Costa"), footer=FOOTER)
    end = "\n-- \nMaria Costa\n\nNorthwind GmbH, Hafenstr. 1, 20457 Hamburg\nUnsubscribe: https://run.example/unsubscribe/w.1.abc\n"
    assert draft.letter.endswith(end)


def test_a_footer_alone_keeps_a_mail_plain():
    assert a_draft(footer=FOOTER).letter_html == ""


def test_a_footer_of_which_nothing_is_shown_changes_nothing():
    assert a_draft(footer=Footer()).letter == a_draft().letter


def test_what_is_tracked_leads_through_us_and_reads_as_before():
    seen = Seen(letter_html("See https://docs.example/a and\nhttps://docs.example/a/b?x=1&y=2.\n", None, FOOTER, TRACKED))
    assert seen.leads == [
        ("https://run.example/track/w.1.one", "https://docs.example/a"),
        ("https://run.example/track/w.1.two", "https://docs.example/a/b?x=1&y=2"),
        ("https://run.example/unsubscribe/w.1.abc", "Unsubscribe"),
        ("https://run.example/track/w.1.decoy", ""),
    ]
    assert seen.pictures == ["https://run.example/track/w.1.pic"]
    assert "See https://docs.example/a and" in seen.words


def test_the_beginning_of_an_address_that_is_not_tracked_leads_nowhere_through_us():
    body = "https://docs.example/a https://docs.example/a/Müller https://docs.example/a/c?x=1 https://docs.example/a."
    seen = Seen(letter_html(body, None, None, TRACKED))
    assert [words for _, words in seen.leads if words] == ["https://docs.example/a", "https://docs.example/a"]
    assert body in seen.words


@given(body=st.text(st.characters(exclude_characters="\0\r", exclude_categories=("Cs",)), max_size=200))
def test_whatever_the_text_says_its_reader_sees_it_unchanged(body):
    plain = letter_html(body, a_sender(signature_html="<b>M</b>"), None, None)
    tracked = letter_html(body, a_sender(signature_html="<b>M</b>"), None, TRACKED)
    assert Seen(tracked).words.strip() == Seen(plain).words.strip()
    assert "<script" not in unescape(plain) or "<script" in body


def test_whoever_changes_footer_or_tracking_changes_what_was_approved():
    drafts = [
        a_draft(),
        a_draft(footer=FOOTER),
        a_draft(footer=FOOTER, tracked=TRACKED),
        a_draft(footer=FOOTER.model_copy(update={"reason": "x"})),
    ]
    assert len({fingerprint_of(one, sender_name="M", thread_head="") for one in drafts}) == 4
    assert len({draft_hash(one) for one in drafts}) == 4


def test_links_keep_their_order_when_one_is_part_of_another():
    text = a_draft_text(greeting="https://docs.example/a/b?x=1&y=2 https://docs.example/a")
    html = a_draft(text=text, tracked=TRACKED).letter_html
    assert [lead for lead, _ in Seen(html).leads][:2] == ["https://run.example/track/w.1.two", "https://run.example/track/w.1.one"]
