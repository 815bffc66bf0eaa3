"""Files that go along: their names, their kinds, their size, and the text without their links."""

from email.utils import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.approval import fingerprint_of
from shared.domain.draft import Attachment, draft_hash
from shared.domain.editing import edited, enclosing
from shared.domain.enclosures import ENDINGS, MOST_BYTES, file_name, refusal
from tests.builders import a_draft, a_draft_text, an_enclosure

LINK = Attachment(file_id="file-1", name="Case study", url="https://docs.google.com/document/d/file-1")
OTHER = Attachment(file_id="file-2", name="Report", url="https://docs.google.com/document/d/file-2")
FILE = LINK.model_copy(update={"file": an_enclosure()})
TEXT = a_draft_text(attachments=(LINK, OTHER))
OWN = edited(TEXT, subject=TEXT.subject, body=TEXT.body.replace("Hi Ana,", "Hello Ana,"))


@given(st.text(max_size=300), st.sampled_from(sorted(ENDINGS)))
def test_a_name_is_printable_short_and_ends_as_its_kind_does(name, kind):
    made = file_name(name, kind)
    assert made.endswith(ENDINGS[kind])
    assert len(made) <= 130
    assert not set(made) & set('\r\n\x00/\\:*?"<>|\u202e')
    assert quote(made) == made
    assert file_name(made, kind) == made


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Offer", "Offer.pdf"),
        ("Offer.PDF", "Offer.pdf"),
        ("", "document.pdf"),
        ("../../etc/passwd", "etc passwd.pdf"),
        ("a\r\nBcc: all@x.example", "a Bcc all@x.example.pdf"),
        ("Offer\u202efdp.exe", "Offer fdp.exe.pdf"),
    ],
)
def test_names_lose_what_could_hurt(name, made):
    assert file_name(name, "application/pdf") == made


def test_too_much_and_strange_kinds_are_refused_in_words():
    assert refusal([an_enclosure(size=MOST_BYTES)]) == ""
    assert refusal([an_enclosure(size=MOST_BYTES), an_enclosure(size=500_000)]).startswith("the files have 10.5 MB together")
    assert "is of a kind that is not sent as a file" in refusal([an_enclosure(mime_type="application/x-msdownload")])


@pytest.mark.parametrize("text", [TEXT, OWN], ids=["as written", "a person's"])
def test_a_file_stands_in_the_mail_instead_of_its_link_and_back(text):
    with_file = enclosing(text, [FILE])
    assert (LINK.line in with_file.body, OTHER.line in with_file.body) == (False, True)
    assert with_file.files == (FILE.file,)
    again = enclosing(with_file, [])
    assert (LINK.line in again.body, OTHER.line in again.body, again.files) == (True, True, ())
    assert again.body.endswith("\n\nBest,\nMaria Costa\nNorthwind Events\n")
    assert sorted(again.body.split()) == sorted(text.body.split())


def test_editing_the_words_keeps_the_files():
    text = enclosing(TEXT, [FILE])
    changed = edited(text, subject=text.subject, body=text.body.replace("Hi Ana,", "Hello Ana,"))
    assert (changed.files, changed.body.startswith("Hello Ana,")) == ((FILE.file,), True)


def test_whatever_of_a_file_changes_asks_again_and_shows_in_gmail():
    changes = ({"name": "b.pdf"}, {"mime_type": "image/png"}, {"size": 9}, {"sha256": "0" * 64})
    texts = [enclosing(TEXT, [LINK.model_copy(update={"file": an_enclosure(**one)})]) for one in ({}, *changes)]
    drafts = [a_draft(text=one) for one in (TEXT, *texts)]
    assert len({draft_hash(one) for one in drafts}) == 5  # Gmail does not tell the bytes; its size, kind and name
    assert len({fingerprint_of(one, sender_name="M", thread_head="") for one in drafts}) == 5  # the size follows from the bytes
