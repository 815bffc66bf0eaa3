"""Cutting documents: verbatim, overlapping, at the author's pauses."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.chunks import OVERLAP, SIZE
from shared.domain.chunks import chunks_of as cut


def chunks_of(text: str) -> tuple[str, ...]:
    return tuple(one.text for one in cut(text))


DOCUMENT = st.text(alphabet=st.sampled_from("ab .!?\n-é你"), max_size=6000)


@given(DOCUMENT)
def test_chunks_are_verbatim_small_and_leave_nothing_out(text: str):
    chunks, place, covered = chunks_of(text), 0, 0
    stripped = text.strip()
    for chunk in chunks:
        place = stripped.index(chunk, max(0, covered - OVERLAP))
        assert 0 < len(chunk) <= SIZE
        assert place <= covered
        covered = max(covered, place + len(chunk))
    assert covered == len(stripped)


@given(DOCUMENT)
def test_each_chunk_says_where_it_stands(text: str):
    assert all(text.strip()[one.start :].startswith(one.text) for one in cut(text))


@given(st.lists(st.integers(0, 40), min_size=5, max_size=40))
def test_neighbours_overlap_by_at_most_two_hundred_characters(lengths: list[int]):
    text = " ".join(f"{'x' * length}{number}" for number, length in enumerate(lengths * 15))
    starts = [(text.index(chunk), len(chunk)) for chunk in chunks_of(text)]
    for (start, length), (following, _) in pairwise(starts):
        assert start < following <= start + length
        assert start + length - following <= OVERLAP


def test_neighbours_share_whole_sentences():
    chunks = chunks_of(" ".join(f"Sentence number {number} stands here." for number in range(100)))
    for one, following in pairwise(chunks):
        shared = following[: following.index(".") + 1]
        assert shared.startswith("Sentence number")
        assert shared in one


def test_a_cut_falls_between_paragraphs_when_there_is_one_in_reach():
    paragraph = "x" * 40 + ". " + "y" * 600
    text = f"{paragraph}\n\n{paragraph}\n\n{paragraph}"
    assert chunks_of(text)[0].strip() == paragraph


def test_a_cut_falls_between_sentences_inside_a_long_paragraph():
    text = "One sentence stands here. " * 100
    assert all(chunk.strip().endswith(".") for chunk in chunks_of(text))


def test_a_wall_of_letters_is_cut_all_the_same():
    assert [len(chunk) for chunk in chunks_of("x" * 2500)] == [1000, 1000, 500]


def test_nothing_yields_no_chunks():
    assert chunks_of(" \n\n ") == ()
