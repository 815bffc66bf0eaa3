"""The thread reader: what a conversation says, only ever in the words of those who wrote it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agents.thread_reader.agent import NEWEST, MailThreadReader
from shared.agents.thread_reader.mood import mood_of
from shared.agents.thread_reader.topics import topics_of
from shared.domain.conversation import Direction, Message, Mood, Thread, ThreadReading
from shared.domain.prose import flat
from tests.builders import PROSPECT, a_message, a_thread, an_answer, an_operator, at
from tests.cases import cases_of
from tests.fakes.mailbox import MemoryMailbox

WRITERS = {
    "them": a_message,
    "me": an_answer,
    "colleague": lambda **told: a_message(sender="joao@northwind.example", sender_name="João", **told),
}
PROSE = st.text(alphabet=st.sampled_from("aA. ?!\n,'-1€“”<>&éß你。\t"), max_size=200)


def a_conversation(mails: list[list[str]], *, subject: str = "Summit") -> Thread:
    told = [
        WRITERS[who](
            id=f"m{number}", subject=subject, text=text, sent_at=at(days=number - 30), recipients=(PROSPECT, "maria@northwind.example")
        )
        for number, (who, text) in enumerate(mails, start=1)
    ]
    return a_thread(*told)


def read(*threads: Thread, **operator: Any) -> ThreadReading | None:
    return MailThreadReader(mailbox=MemoryMailbox(*threads).of).read(operator=an_operator(**operator), address=PROSPECT)


def reading_of(*messages: Message, **operator: Any) -> ThreadReading:
    reading = read(a_thread(*messages), **operator)
    assert reading is not None
    return reading


@pytest.mark.parametrize(("told", "expected"), cases_of("thread_reader"))
def test_a_conversation_is_understood(told: dict[str, Any], expected: dict[str, Any]):
    reading = read(a_conversation(told["mails"], subject=told["subject"]))
    assert reading is not None
    seen = {"last": reading.last_direction, "mood": reading.mood, "open": list(reading.open_questions)}
    assert seen == {name: expected[name] for name in seen}
    assert all(any(topic in one for one in reading.topics) for topic in expected["topics"])


def test_a_stranger_has_no_conversation():
    assert read() is None


def test_a_thread_in_which_no_person_wrote_is_no_conversation():
    assert read(a_thread(a_message(automatic=True))) is None


def test_a_machine_mail_is_neither_last_nor_quoted():
    reading = reading_of(a_message(), a_message(id="m9", text="I am out of office until Friday.", automatic=True, sent_at=at(days=-1)))
    assert reading.last_message_at == at(days=-10)
    assert "office" not in reading.summary


def test_a_mail_from_an_alias_counts_as_the_operators_own():
    own = a_message(id="m2", sender="maria.costa@northwind.example", text="We do.", sent_at=at(days=-1))
    reading = reading_of(a_message(), own)
    assert reading.last_direction is Direction.OUTBOUND
    assert reading.open_questions == ()


def test_the_summary_quotes_both_sides_in_two_sentences():
    reading = reading_of(a_message(), an_answer())
    assert reading.summary == ("Ana Silva asked: “Could you send prices for 400 guests?” You wrote: “I will come back to you with prices.”")


def test_a_mail_without_text_is_summed_up_as_such():
    assert reading_of(a_message(text="")).summary == "Ana Silva wrote without a word of text."


def test_one_span_of_a_mail_carries_its_id_and_several_are_numbered():
    reading = reading_of(a_message(), an_answer())
    assert [one.id for one in reading.evidence] == ["message.m2", "message.m1.1", "message.m1.2"]
    assert reading.evidence[0].source == "gmail:threads/t1/messages/m2"
    assert reading.evidence[1].label == "Mail from Ana Silva, 13 Nov 2026"


def test_only_the_newest_mails_of_a_long_thread_are_read():
    mails = [
        a_message(id=f"m{number}", text=f"Fact number {number} stands here.", sent_at=at(days=number - 90)) for number in range(NEWEST + 3)
    ]
    cited = {one.id for one in reading_of(*mails).evidence}
    assert "message.m0" not in cited
    assert f"message.m{NEWEST + 2}" in cited


def test_what_is_kept_of_an_endless_thread_stays_small():
    mails = [a_message(id=f"m{number}", text="A word. " * 50_000, sent_at=at(days=number - 90)) for number in range(NEWEST * 2)]
    reading = reading_of(*mails)
    assert len(reading.model_dump_json()) < 200_000
    assert reading.thread.head is not None
    assert reading.thread.head.id == mails[-1].id


def test_the_newest_three_open_questions_are_kept_once_each():
    asked = "Is there parking? Is there parking? Is there wifi? Is there a bar? Is there a stage?"
    assert reading_of(a_message(text=asked)).open_questions == ("Is there wifi?", "Is there a bar?", "Is there a stage?")


def test_a_question_asked_after_the_answer_is_open():
    later = a_message(id="m3", text="And what about parking?", sent_at=at(days=-8))
    assert reading_of(a_message(), an_answer(text="It costs 40 per guest."), later).open_questions == ("And what about parking?",)


@given(st.lists(st.tuples(st.sampled_from(sorted(WRITERS)), PROSE), min_size=1, max_size=6))
def test_whatever_people_write_only_their_own_words_are_cited(mails: list[tuple[str, str]]):
    thread = a_conversation([list(one) for one in mails])
    reading = read(thread)
    assert reading is not None
    texts = {one.id: flat(one.text) for one in thread.messages}
    for span in reading.evidence:
        assert span.text in texts[span.id.split(".")[1]]
    theirs = " ".join(flat(one.text) for one in thread.messages if one.sender == PROSPECT)
    assert all(question in theirs for question in reading.open_questions)
    assert len({one.id for one in reading.evidence}) == len(reading.evidence)
    assert len(reading.topics) <= 5


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("", Mood.NEUTRAL),
        ("We would like to meet.", Mood.NEUTRAL),
        ("That is not good.", Mood.NEGATIVE),
        ("It isn\u2019t a problem at all, great work!", Mood.POSITIVE),
        ("The delay is unacceptable, though the hall is great.", Mood.NEGATIVE),
        ("Great hall, unfortunately too far.", Mood.NEUTRAL),
    ],
)
def test_the_mood_follows_the_words_and_their_denial(text: str, mood: Mood):
    assert mood_of(text) is mood


def test_topics_put_the_subject_first_and_never_repeat_a_word():
    topics = topics_of(subject="Re: AW: Trade fair booth", texts=["The booth needs power. Booth staff arrive early, badge printing too."])
    assert topics[0] == "trade fair booth"
    assert sum("booth" in one for one in topics) == 1
