"""Drafts: the body a recipient reads, what counts as the same words, and which conversation a draft belongs to."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.draft import Attachment, content_hash, draft_hash, open_draft_id
from shared.domain.ids import WorkspaceId
from tests.builders import a_draft, a_draft_text, a_sentence

LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Zs"]), min_size=1, max_size=10), max_size=5)


def test_the_body_is_greeting_paragraphs_links_and_closing_with_a_blank_line_between():
    report = Attachment(file_id="1", name="Case study", url="https://docs.google.com/document/d/1")
    assert a_draft_text(attachments=(report,)).body == (
        "Hi Ana,\n\n"
        "Thanks for reaching out. You plan a logistics summit for 400 guests in May.\n\n"
        "Which part of registration matters most to you?\n\n"
        "Case study: https://docs.google.com/document/d/1\n\n"
        "Best,\nMaria Costa\nNorthwind Events\n"
    )


def test_a_body_without_signature_ends_with_the_sign_off():
    assert a_draft_text(signature="").body.endswith("\n\nBest,\n")


def test_the_sentences_come_in_reading_order():
    text = a_draft_text(paragraphs=((a_sentence("One."), a_sentence("Two.")), (a_sentence("Three."),)))
    assert [one.text for one in text.sentences] == ["One.", "Two.", "Three."]


def hashed(**changes: Any) -> str:
    usual = {"subject": "Your summit", "body": "Hi Ana,\n\nThanks.\n\nBest,\nMaria\n", "recipient": "ana@brightleaf.example"}
    return content_hash(**{**usual, **changes})


@pytest.mark.parametrize(
    "rendered",
    [
        {"body": "Hi Ana,\r\n\r\nThanks.\r\n\r\nBest,\r\nMaria\r\n"},
        {"body": "Hi Ana, \n\nThanks.\t\n\nBest,\nMaria"},
        {"body": "\n\nHi Ana,\n\nThanks.\n\nBest,\nMaria\n\n\n"},
        {"subject": "  Your\n summit "},
        {"recipient": " ANA@brightleaf.example "},
    ],
)
def test_what_a_mail_client_does_to_blanks_and_line_ends_is_no_edit(rendered: dict[str, str]):
    assert hashed(**rendered) == hashed()


@pytest.mark.parametrize(
    "edited",
    [
        {"body": "Hi Ana,\n\nThanks!\n\nBest,\nMaria\n"},
        {"body": "Hi Ana,\nThanks.\n\nBest,\nMaria\n"},
        {"body": "Hi Ana,\n\nthanks.\n\nBest,\nMaria\n"},
        {"subject": "your summit"},
        {"recipient": "eva@brightleaf.example"},
    ],
)
def test_what_a_person_changes_is_an_edit(edited: dict[str, str]):
    assert hashed(**edited) != hashed()


@given(LINES, LINES)
def test_bodies_hash_alike_exactly_when_their_lines_are_alike(one: list[str], other: list[str]):
    sent = "\r\n".join(f"{line} " for line in one)
    assert (hashed(body=sent) == hashed(body="\n".join(other))) == (one == other or not "".join(one + other))


def test_a_drafts_hash_is_of_its_own_words():
    draft = a_draft()
    assert draft_hash(draft) == content_hash(subject=draft.text.subject, body=draft.text.body, recipient=draft.recipient)
    assert draft_hash(draft) != draft_hash(a_draft(recipient="eva@brightleaf.example"))


def conversation(**changes: Any) -> str:
    usual = {"workspace_id": WorkspaceId("w"), "mailbox": "maria@northwind.example", "recipient": "ana@brightleaf.example", "thread_id": ""}
    return open_draft_id(**{**usual, **changes})


def test_in_a_thread_it_does_not_matter_who_is_written_to():
    assert conversation(thread_id="t1") == conversation(thread_id="t1", recipient="eva@brightleaf.example")
    assert conversation(thread_id="t1") != conversation(thread_id="t2")


def test_without_a_thread_there_is_one_conversation_per_mailbox_and_person():
    assert conversation() == conversation(recipient="Ana@Brightleaf.example")
    others = [
        {"recipient": "eva@brightleaf.example"},
        {"mailbox": "jo@northwind.example"},
        {"workspace_id": WorkspaceId("v")},
        {"thread_id": "t"},
    ]
    assert len({conversation(), *(conversation(**one) for one in others)}) == 5
