"""Editing: what a person left keeps its sources, what they wrote is theirs, and nothing escapes the gate."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.draft import Attachment, DraftText, SentenceClass
from shared.domain.editing import as_typed, edited
from tests.builders import a_draft_text, a_sentence

LINK = Attachment(file_id="file-1", name="Case study", url="https://docs.google.com/document/d/file-1")
QUOTED = a_sentence("You asked: “How do you handle registration? And badges?”", "form.message")
LINKED = a_draft_text(
    attachments=(LINK,), paragraphs=((QUOTED, a_sentence("Thanks for reaching out.")), (a_sentence("Which part matters?"),))
)


def kinds(text: DraftText) -> list[tuple[str, str]]:
    return [(one.text, one.kind.value) for one in text.sentences]


def parts(text: DraftText) -> Counter[str]:
    told = [text.greeting, *(one.text for one in text.sentences), *(f"{one.name}: {one.url}" for one in text.attachments)]
    return Counter(" ".join([*told, text.sign_off, text.signature]).split())


def changed(text: DraftText, old: str, new: str) -> DraftText:
    assert old in text.body
    return edited(text, subject=text.subject, body=text.body.replace(old, new))


@pytest.mark.parametrize("text", [a_draft_text(), LINKED])
def test_a_text_that_was_only_looked_at_is_the_same_text(text: DraftText):
    assert edited(text, subject=f" {text.subject} ", body=text.body.replace("\n", "  \r\n")) is text


def test_a_changed_sentence_is_the_persons_and_the_others_keep_their_sources():
    text = changed(a_draft_text(), "Thanks for reaching out.", "Thank you, Ana.")
    assert kinds(text) == [
        ("Thank you, Ana.", "operator"),
        ("You plan a logistics summit for 400 guests in May.", "documented"),
        ("Which part of registration matters most to you?", "inferred"),
    ]
    assert text.sentences[1].sources == ("form.message",)
    assert (text.greeting, text.sign_off, text.signature) == ("Hi Ana,", "Best,", "Maria Costa\nNorthwind Events")
    assert text.body == text.edited == a_draft_text().body.replace("Thanks for reaching out.", "Thank you, Ana.")


def test_a_sentence_that_holds_several_is_known_as_one():
    text = changed(LINKED, "Thanks for reaching out.", "Good to hear from you.")
    assert kinds(text)[:2] == [(QUOTED.text, "documented"), ("Good to hear from you.", "operator")]
    assert text.attachments == (LINK,)


def test_a_sentence_that_is_only_wrapped_otherwise_is_unchanged():
    text = edited(LINKED, subject=LINKED.subject, body=LINKED.body.replace("handle registration", "handle\nregistration") + "PS: more.\n")
    assert kinds(text)[0] == (QUOTED.text, "documented")


def test_a_longer_sentence_around_a_known_one_is_the_persons():
    text = changed(a_draft_text(), "for 400 guests in May.", "for 400 guests in May.And 500 in June.")
    assert (text.sentences[1].kind, text.sentences[1].text) == (
        SentenceClass.OPERATOR,
        "You plan a logistics summit for 400 guests in May.And 500 in June.",
    )


def test_a_removed_link_is_linked_no_more_and_a_changed_one_is_the_persons_word():
    assert changed(LINKED, f"{LINK.name}: {LINK.url}\n\n", "").attachments == ()
    other = changed(LINKED, LINK.url, "https://rival.example/x")
    assert (other.attachments, "Case study: https://rival.example/x" in [one.text for one in other.sentences]) == ((), True)


def test_another_greeting_or_ending_is_the_persons():
    text = edited(a_draft_text(), subject="Your summit", body="Hello Ana!\n\nWhich part matters?\n\nCheers,\nMaria\n")
    assert (text.greeting, text.sign_off, text.signature, text.own_subject) == ("", "", "", True)
    assert kinds(text) == [(one, "operator") for one in ("Hello Ana!", "Which part matters?", "Cheers,", "Maria")]


def test_a_text_edited_twice_remembers_what_was_never_changed():
    once = changed(a_draft_text(), "Thanks for reaching out.", "Thank you, Ana.")
    twice = changed(once, "Thank you, Ana.", "Hello again.")
    assert [kind for _, kind in kinds(twice)] == ["operator", "documented", "inferred"]
    assert twice.greeting == "Hi Ana,"


WORDS = st.lists(st.sampled_from([*LINKED.body.split(" "), "new", "3", "€", "…", "\n\n", "\n", "- item", "!!", LINK.url]), max_size=40)


@given(WORDS, st.integers(0, 60), st.integers(0, 20))
def test_every_word_of_an_edited_body_stands_in_a_part_the_gate_reads(words: list[str], at: int, cut: int):
    spoken = LINKED.body.split(" ")
    body = " ".join([*spoken[:at], *words, *spoken[at + cut :]])
    if not as_typed(body):
        return
    text = edited(LINKED, subject=LINKED.subject, body=body)
    assert parts(text) == Counter(text.body.split())
    assert as_typed(text.body) == as_typed(body)
