"""Long memory: earlier mails with the same people, ranked by what is asked now."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agents.long_memory.agent import PREVIEW, MailMemory
from shared.domain.conversation import Message, Recollection, Thread
from shared.domain.prose import flat
from tests.builders import PROSPECT, a_message, a_thread, an_operator, at
from tests.cases import cases_of
from tests.fakes.embedder import WordEmbedder
from tests.fakes.mailbox import MemoryMailbox

QUERY = "catering prices for the summit"


def threads_of(*messages: Message) -> list[Thread]:
    return [a_thread(one) for one in messages]


def recall(mailbox: MemoryMailbox, embedder: WordEmbedder | None = None, **asked: Any) -> Sequence[Recollection]:
    wanted = {"addresses": (PROSPECT,), "domains": ("brightleaf.example",), "query": QUERY, "without_thread": "now"}
    return MailMemory(mailbox=mailbox.of, embedder=embedder or WordEmbedder()).recall(operator=an_operator(), **{**wanted, **asked})


@pytest.mark.parametrize(("told", "expected"), cases_of("long_memory"))
def test_the_mails_that_bear_on_the_query_come_to_mind(told: dict[str, Any], expected: list[str]):
    mails = [
        a_message(id=f"m{number}", thread_id=thread, subject="", text=text, sent_at=at(days=number - 100))
        for number, (thread, text) in enumerate(told["mails"])
    ]
    assert [one.thread_id for one in recall(MemoryMailbox(*threads_of(*mails)), query=told["query"])] == expected


def test_a_recollection_cites_its_mail():
    [one] = recall(MemoryMailbox(*threads_of(a_message(id="m7", text="Hello. The catering prices for the summit are fixed."))))
    assert one.preview == "The catering prices for the summit are fixed."
    assert (one.evidence.id, one.evidence.text, one.evidence.at) == ("message.m7", one.preview, one.at)
    assert one.sender == PROSPECT


def test_colleagues_of_the_prospect_are_remembered():
    mail = a_message(sender="rui@brightleaf.example", text="Catering prices for the summit, please.")
    assert len(recall(MemoryMailbox(*threads_of(mail)))) == 1


def test_a_free_mail_domain_brings_nobody_else_to_mind():
    stranger = a_message(sender="stranger@gmail.com", text="Catering prices for the summit, please.")
    assert recall(MemoryMailbox(*threads_of(stranger)), addresses=("me@gmail.com",), domains=("gmail.com",)) == ()


def test_the_operators_own_side_is_not_searched():
    mailbox = MemoryMailbox(*threads_of(a_message(sender="maria@northwind.example", recipients=("joao@northwind.example",), text=QUERY)))
    assert recall(mailbox, addresses=("Maria@northwind.example",), domains=("northwind.example",)) == ()
    assert mailbox.calls == []


def test_machine_mail_and_empty_mail_are_not_memories():
    mails = (a_message(id="a", text=QUERY, automatic=True), a_message(id="b", text="  "))
    assert recall(MemoryMailbox(*threads_of(*mails))) == ()


def test_all_texts_are_embedded_in_one_batch():
    embedder = WordEmbedder()
    mails = [a_message(id=f"m{number}", thread_id=f"t{number}", text=f"{QUERY} {number}") for number in range(5)]
    recall(MemoryMailbox(*threads_of(*mails)), embedder)
    assert [len(batch) for batch in embedder.batches] == [6]


def test_nothing_found_costs_no_embedding():
    embedder = WordEmbedder()
    assert recall(MemoryMailbox(), embedder) == ()
    assert embedder.batches == []


def test_at_most_k_are_brought_back():
    mails = [a_message(id=f"m{number}", thread_id=f"t{number}", text=f"{QUERY} part {number}") for number in range(5)]
    assert len(recall(MemoryMailbox(*threads_of(*mails)), k=2)) == 2
    assert recall(MemoryMailbox(*threads_of(*mails)), k=0) == ()


def test_the_same_words_sent_twice_are_remembered_once():
    mails = [
        a_message(id=one, thread_id=one, text="Catering prices for the summit.", sent_at=at(days=-day)) for day, one in enumerate("ab", 1)
    ]
    assert [one.thread_id for one in recall(MemoryMailbox(*threads_of(*mails)))] == ["a"]


@given(st.lists(st.text(alphabet="catering prices.\n?!é", max_size=400), max_size=5))
def test_previews_are_short_and_verbatim_and_relevance_is_a_share(texts: list[str]):
    mails = {f"m{number}": a_message(id=f"m{number}", thread_id=f"t{number}", text=text) for number, text in enumerate(texts)}
    found = recall(MemoryMailbox(*threads_of(*mails.values())), k=5)
    assert [one.relevance for one in found] == sorted((one.relevance for one in found), reverse=True)
    for one in found:
        assert 0 < len(one.preview) <= PREVIEW
        assert one.preview in flat(mails[one.evidence.id.removeprefix("message.")].text)
        assert 0 <= one.relevance <= 1
