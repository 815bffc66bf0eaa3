"""Threads and contexts: the newest human word, and all evidence once."""

from shared.domain.evidence import EvidenceKind
from tests.builders import a_context, a_full_context, a_message, a_recollection, a_thread, a_thread_reading, an_answer, an_evidence


def test_the_head_of_a_thread_is_its_newest_message_that_a_person_wrote():
    bounce = a_message(id="m3", automatic=True)
    assert a_thread(a_message(), an_answer(), bounce).head == an_answer()
    assert a_thread(bounce).head is None


def test_a_context_gathers_evidence_of_every_agent_in_a_stable_order():
    kinds = [one.kind for one in a_full_context().evidence]
    assert kinds == sorted(kinds, key=list(dict.fromkeys(kinds)).index)
    assert list(dict.fromkeys(kinds)) == [EvidenceKind.FORM, EvidenceKind.MESSAGE, EvidenceKind.DOCUMENT, EvidenceKind.SLOT]
    assert [one.id for one in a_full_context().evidence[-5:]] == ["message.m1", "message.m0", "document.file-1.0", "slot.1", "slot.2"]


def test_evidence_found_twice_is_listed_once():
    remembered = a_recollection(evidence=an_evidence("message.m1"))
    ids = [one.id for one in a_context(reading=a_thread_reading(), memories=(remembered,)).evidence]
    assert ids.count("message.m1") == 1


def test_a_context_without_thread_has_the_facts_alone():
    context = a_context()
    assert context.evidence == context.facts
