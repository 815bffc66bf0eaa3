"""The built-in writer over the facts of a mail: what it says, what it never says, and that it always says the same."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.agents.draft_writer.output import WrittenMail
from shared.connectors.builtin.writer import MOST_WORDS, BuiltInWriter
from shared.domain.conversation import Direction
from shared.domain.facts import facts_of
from shared.domain.planning import Action, Tone
from shared.domain.voice import Phrasing
from shared.ports.errors import Permanent
from shared.ports.model import ModelRequest
from tests.builders import (
    PROSPECT,
    WORKSPACE,
    a_form_entry,
    a_full_context,
    a_job,
    a_message,
    a_plan,
    a_recollection,
    a_thread,
    a_thread_reading,
    a_voice,
    a_workspace,
    an_asset_match,
    an_evidence,
    an_identity,
    an_operator,
)

WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=300)
FIELDS = st.dictionaries(st.sampled_from(["firstname", "company", "message", "interest", "comments", "website"]), WORDS, max_size=5)


def a_request(*, entry=None, plan=None, voice=None, run="run_1", **found):
    entry = entry or a_form_entry()
    context = a_full_context(job=a_job(entry=entry), **found)
    facts = facts_of(workspace=a_workspace(), operator=an_operator(), entry=entry, identity=context.identity)
    return ModelRequest(
        agent="draft_writer",
        prompt_version="draft_writer/1",
        system="",
        prompt="",
        facts={"context": context.model_copy(update={"facts": facts}), "plan": plan or a_plan(), "voice": voice or a_voice()},
        output=WrittenMail,
        workspace_id=WORKSPACE,
        daily_budget_usd=1,
        run_id=run,
    )


def mail(**given):
    return BuiltInWriter().complete(a_request(**given)).answer


def sentences(answer):
    return [one for paragraph in answer.paragraphs for one in paragraph.sentences]


def body(answer):
    return " ".join(one.text for one in sentences(answer))


def without_found():
    return {"reading": None, "memories": (), "assets": (), "slots": ()}


def saying(message, **fields):
    return a_form_entry(fields={"firstname": "Ana", "message": message, **fields})


def test_the_same_run_gets_the_same_mail_and_runs_differ():
    mails = {run: mail(run=run).model_dump_json() for run in (f"run_{n}" for n in range(20))}
    assert all(mail(run=run).model_dump_json() == text for run, text in mails.items())
    assert len(set(mails.values())) > 10


def test_a_built_in_mail_costs_nothing():
    reply = BuiltInWriter().complete(a_request())
    assert (reply.model, reply.cost_usd, reply.tokens_in, reply.tokens_out) == ("built-in-writer/1", 0, 0, 0)


def test_every_documented_sentence_repeats_a_span_of_its_source():
    request = a_request(plan=a_plan(action=Action.PROPOSE_CALL))
    texts = {one.id: one.text for one in request.facts["context"].evidence}
    documented = [one for one in sentences(BuiltInWriter().complete(request).answer) if one.kind == "documented"]
    assert documented
    for one in documented:
        quoted = re.search(r"“(.+)”", one.text)
        assert all(texts[source] in one.text or (quoted and quoted[1] in texts[source]) for source in one.sources)


@pytest.mark.parametrize("tone", list(Tone))
@pytest.mark.parametrize("action", [Action.SEND_FOLLOWUP, Action.PROPOSE_CALL, Action.SEND_ASSET])
def test_there_is_exactly_one_question(action, tone):
    for run in range(15):
        text = body(mail(plan=a_plan(action=action, tone=tone), run=f"run_{run}"))
        assert text.count("?") == 1
        assert "—" not in text


@pytest.mark.parametrize("action", [Action.SEND_FOLLOWUP, Action.PROPOSE_CALL, Action.SEND_ASSET])
def test_two_of_the_operators_phrasings_are_used_fresh_and_in_a_thread(action):
    voice = a_voice()
    for found in ({}, {"reading": None}):
        text = body(mail(plan=a_plan(action=action), **found))
        assert sum(one.text in text for one in voice.phrasings) >= 2


def test_phrasings_that_ask_state_or_leave_something_open_are_not_used():
    texts = (
        "Let me know what you think",
        "Shall we talk?",
        "Over 500 teams trust us",
        "Dear {first_name}",
        "Read https://x.example",
        "Cheers",
    )
    voice = a_voice(
        phrasings=tuple(Phrasing(text=text, frequency=0.9, fits=fits) for text in texts for fits in ("opening", "closing", "any"))
    )
    text = body(mail(voice=voice))
    assert [one for one in texts if one in text] == []


def test_a_phrasing_for_anything_fills_in_where_others_are_missing():
    voice = a_voice(phrasings=(Phrasing(text="happy to help in any way", frequency=0.2),))
    assert "Happy to help in any way." in body(mail(voice=voice))


def test_words_the_operator_never_uses_are_avoided():
    voice = a_voice(phrasings=(), never_used=("glad", "useful", "thanks"))
    for run in range(20):
        text = body(mail(voice=voice, run=f"run_{run}", plan=a_plan(tone=Tone.FORMAL, call_to_action="Would that be useful?"))).lower()
        assert not re.search(r"\b(?:glad|useful|thanks)\b", text)


def test_a_thread_is_answered_unlike_a_fresh_form():
    in_thread, fresh = (sentences(mail(voice=a_voice(phrasings=()), **found))[0].text for found in ({}, without_found()))
    assert in_thread != fresh


def test_the_open_question_of_the_thread_is_taken_up():
    assert "you asked: “Could you send prices for 400 guests”" in body(mail())


def test_words_of_others_in_the_thread_are_never_repeated():
    ours = a_message(direction=Direction.OUTBOUND, sender="maria@northwind.example", text="Our margin on this is thin.")
    colleague = a_message(id="m7", sender="boss@brightleaf.example", text="Ana will leave the company.")
    evidence = tuple(an_evidence(f"message.{one.id}", text=one.text) for one in (ours, colleague))
    text = body(mail(reading=a_thread_reading(thread=a_thread(ours, colleague), evidence=evidence), memories=()))
    assert "margin" not in text
    assert "leave" not in text


def test_memories_of_other_people_are_never_repeated():
    foreign = a_recollection(sender="rival@other.example")
    assert "80 guests" not in body(mail(**{**without_found(), "memories": (foreign,)}))
    own = a_recollection(sender=f"Ana Silva <{PROSPECT}>")
    assert "80 guests" in body(mail(**{**without_found(), "memories": (own,)}))


def test_times_are_offered_as_their_evidence_spells_them():
    (line,) = [one for one in sentences(mail(plan=a_plan(action=Action.PROPOSE_CALL))) if "slot.1" in one.sources]
    assert "Tuesday 24 November at 15:00 (CET) or Wednesday 25 November at 11:00 (CET)" in line.text
    assert line.sources == ("slot.1", "slot.2")


@pytest.mark.parametrize("action", [Action.SEND_FOLLOWUP, Action.SEND_ASSET])
def test_times_are_not_offered_unplanned(action):
    assert "November" not in body(mail(plan=a_plan(action=action)))


def test_the_most_relevant_shareable_document_is_linked():
    assets = (an_asset_match(file_id="low", relevance=0.2), an_asset_match(file_id="high", relevance=0.9))
    hidden = an_asset_match(file_id="hidden", relevance=1.0, shareable=False)
    assert mail(plan=a_plan(action=Action.SEND_ASSET), assets=(*assets, hidden)).attach == ("high",)
    assert mail(plan=a_plan(action=Action.SEND_FOLLOWUP), assets=assets).attach == ()


def test_half_sentences_of_a_document_are_not_quoted():
    torn = an_asset_match(evidence=an_evidence("document.file-1.0", text="and that is why we grew. Later in the same"))
    assert "“" not in body(mail(plan=a_plan(action=Action.SEND_ASSET), assets=(torn,), reading=None, memories=(), entry=saying("")))


def test_the_request_is_the_plans_unless_it_speaks_of_what_is_not_there():
    plan = a_plan(action=Action.PROPOSE_CALL, call_to_action="Would one of these times work for you?")
    assert sentences(mail(plan=plan, voice=a_voice(phrasings=())))[-1].text == plan.call_to_action
    alone = sentences(mail(plan=plan, voice=a_voice(phrasings=()), **without_found()))[-1].text
    assert "these" not in alone
    assert alone.endswith("?")


def test_the_offer_closest_to_the_need_is_made():
    entry = saying("We need catering for our summit.")
    context = a_request(entry=entry, **without_found()).facts["context"]
    offers = [
        an_evidence(f"profile.offer.{n}", text=text) for n, text in enumerate(("a look at our badges", "a tasting of our catering"), 1)
    ]
    facts = tuple(one for one in context.facts if not one.id.startswith("profile.offer")) + tuple(offers)
    request = a_request(entry=entry)
    request = replace(request, facts={**request.facts, "context": context.model_copy(update={"facts": facts})})
    answer = BuiltInWriter().complete(request).answer
    assert "a tasting of our catering" in body(answer)
    assert "badges" not in body(answer)


def test_a_wall_of_evidence_still_makes_a_short_mail():
    long = "We need " + "registration and badges and speakers and rooms " * 3 + "for our summit."
    voice = a_voice(
        phrasings=tuple(Phrasing(text=f"{'really ' * 30}good", frequency=0.5, fits=fits) for fits in ("opening", "call", "closing"))
    )
    answer = mail(entry=saying(long), voice=voice, plan=a_plan(action=Action.PROPOSE_CALL))
    assert len(body(answer).split()) <= MOST_WORDS
    assert sentences(answer)[-2].text.endswith("?")


def test_other_agents_are_refused():
    with pytest.raises(Permanent, match="cannot serve"):
        BuiltInWriter().complete(replace(a_request(), facts={}))


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    fields=FIELDS, action=st.sampled_from([Action.SEND_FOLLOWUP, Action.PROPOSE_CALL, Action.SEND_ASSET]), tone=st.sampled_from(list(Tone))
)
def test_whatever_strangers_write_the_mail_stays_in_shape(fields, action, tone):
    answer = mail(entry=a_form_entry(fields=fields), plan=a_plan(action=action, tone=tone), identity=an_identity(company=None))
    text = f"{answer.subject} {body(answer)}"
    assert len(text.split()) < 200
    assert text.count("?") == 1
    assert not re.search(r"[{}<>—]|https?:|\n", text)
    assert all(one.sources for one in sentences(answer) if one.kind == "documented")
