"""A draft as it is read: its exact words, each sentence with its evidence, and word by word what an edit has changed."""

from hypothesis import given
from hypothesis import strategies as st

from functions.console.letter import Piece, blocks, changes, cited
from shared.domain.draft import SentenceClass
from tests.builders import a_draft, a_draft_text, a_sentence, an_evidence

EVIDENCE = (an_evidence("form.message"), an_evidence("document.1"), an_evidence("slot.1"))


def text_of(draft_blocks: list[list[Piece]]) -> str:
    return "\n\n".join("".join(piece.text for piece in block) for block in draft_blocks) + "\n"


def test_the_letter_is_the_body_word_for_word():
    draft = a_draft(evidence=EVIDENCE)
    assert text_of(blocks(draft)) == draft.text.body


def test_evidence_is_numbered_in_the_order_of_reading_and_only_what_is_named():
    paragraphs = ((a_sentence("One.", "slot.1"), a_sentence("Two.", "form.message", "slot.1")),)
    draft = a_draft(evidence=EVIDENCE, text=a_draft_text(paragraphs=paragraphs))
    assert [(number, one.id) for number, one in cited(draft).values()] == [(1, "slot.1"), (2, "form.message")]
    marks = {piece.text: piece.marks for block in blocks(draft) for piece in block if piece.sentence}
    assert marks == {"One.": (1,), "Two.": (2, 1)}


def test_a_source_that_is_not_there_marks_nothing():
    draft = a_draft(evidence=(), text=a_draft_text(paragraphs=((a_sentence("One.", "slot.9"),),)))
    assert [piece.marks for block in blocks(draft) for piece in block if piece.sentence] == [()]


def test_an_edited_body_is_shown_as_it_was_left_and_keeps_the_marks_of_what_was_kept():
    paragraphs = ((a_sentence("We met.", "form.message"), a_sentence("Mine now.", kind=SentenceClass.OPERATOR)),)
    edited = "Dear all,\n\nWe\nmet.  Mine now.\n\nYours\n"
    draft = a_draft(evidence=EVIDENCE, text=a_draft_text(paragraphs=paragraphs, edited=edited))
    assert text_of(blocks(draft)) == edited
    pieces = [(piece.text, piece.marks) for block in blocks(draft) for piece in block]
    assert pieces == [("Dear all,", ()), ("We\nmet.", (1,)), ("  ", ()), ("Mine now.", ()), ("Yours", ())]


def test_a_change_is_told_word_by_word():
    told = [(one.kind, one.text) for one in changes("It takes several hours a week.", "It takes about seven hours a week.")]
    assert told == [("kept", "It takes "), ("gone", "several"), ("new", "about seven"), ("kept", " hours a week.")]


def test_a_rewritten_sentence_is_one_change():
    told = [(one.kind, one.text) for one in changes("Happy to walk you through it. Best,", "Glad to show you more. Best,")]
    assert told == [("gone", "Happy to walk you through it."), ("new", "Glad to show you more."), ("kept", " Best,")]


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_texts_can_be_read_from_their_difference(before: str, after: str):
    told = changes(before, after)
    assert "".join(one.text for one in told if one.kind != "new") == before
    assert "".join(one.text for one in told if one.kind != "gone") == after
