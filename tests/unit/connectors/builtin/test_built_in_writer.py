"""The built-in writer over the facts of a mail: what it says, what it never says, and that it always says the same."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.agents.draft_writer.output import WrittenMail
from shared.connectors.builtin import templates
from shared.connectors.builtin.writer import MOST_WORDS, VERSION, BuiltInWriter
from shared.domain.assets import AssetKind
from shared.domain.conversation import Direction
from shared.domain.facts import facts_of
from shared.domain.planning import Action, Tone
from shared.domain.prose import terms
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
        prompt_version="draft_writer/4",
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
    assert (reply.model, reply.cost_usd, reply.tokens_in, reply.tokens_out) == (VERSION, 0, 0, 0)


WORDINGS = [options for name, options in vars(templates).items() if name.isupper()]
FRAMES = terms(str([list(one.values()) if isinstance(one, dict) else one for one in WORDINGS]))


@pytest.mark.parametrize("action", [Action.SEND_FOLLOWUP, Action.PROPOSE_CALL, Action.SEND_ASSET])
def test_a_documented_sentence_has_no_words_but_its_sources_and_its_frame(action):
    request = a_request(plan=a_plan(action=action))
    told = {one.id: f"{one.text} {one.label}" for one in request.facts["context"].evidence}
    documented = [one for one in sentences(BuiltInWriter().complete(request).answer) if one.kind == "documented"]
    assert documented
    for one in documented:
        assert terms(one.text) <= FRAMES | terms(" ".join(told[source] for source in one.sources))


@pytest.mark.parametrize("action", [Action.SEND_FOLLOWUP, Action.PROPOSE_CALL, Action.SEND_ASSET])
def test_what_stands_in_quotation_marks_is_written_in_a_source_or_is_its_title(action):
    request = a_request(plan=a_plan(action=action))
    context = request.facts["context"]
    told = {one.id: one.text for one in context.evidence}
    titles = [one.name.lower() for one in context.assets]
    quoted = [(one, span) for one in sentences(BuiltInWriter().complete(request).answer) for span in re.findall(r"“(.+?)”", one.text)]
    assert quoted
    for one, span in quoted:
        assert any(span in told[source] for source in one.sources) or any(span.lower() in title for title in titles)


def unquoted(text):
    return re.sub(r"“[^”]*”", "", text)


@pytest.mark.parametrize("tone", list(Tone))
@pytest.mark.parametrize("action", [Action.SEND_FOLLOWUP, Action.PROPOSE_CALL, Action.SEND_ASSET])
def test_there_is_exactly_one_question(action, tone):
    for run in range(15):
        text = body(mail(plan=a_plan(action=action, tone=tone), run=f"run_{run}"))
        assert unquoted(text).count("?") == 1
        assert "—" not in text


@pytest.mark.parametrize("action", [Action.SEND_FOLLOWUP, Action.PROPOSE_CALL, Action.SEND_ASSET])
def test_two_of_the_operators_phrasings_are_used(action):
    text = body(mail(plan=a_plan(action=action), reading=None))
    assert sum(one.text in text for one in a_voice().phrasings) >= 2


def test_two_phrasings_are_used_in_a_thread_without_meeting_anew():
    text = body(mail(plan=a_plan(action=Action.PROPOSE_CALL)))
    assert "Thanks for reaching out" not in text
    assert sum(one.text in text for one in a_voice().phrasings) == 2


def test_a_thread_is_opened_with_a_phrasing_that_fits_old_acquaintances():
    voice = a_voice(phrasings=(Phrasing(text="Good that you write again", frequency=0.1, fits="opening"), *a_voice().phrasings))
    assert body(mail(voice=voice)).startswith("Good that you write again. ")


def test_a_second_phrasing_about_calls_follows_the_times_where_others_are_missing():
    phrasings = (
        Phrasing(text="happy to show you", frequency=0.4, fits="call"),
        Phrasing(text="bring your data", frequency=0.3, fits="call"),
    )
    text = body(mail(voice=a_voice(phrasings=phrasings), plan=a_plan(action=Action.PROPOSE_CALL)))
    assert text.index("Happy to show you.") < text.index("24 November") < text.index("Bring your data.")


def test_a_phrasing_about_documents_announces_one_and_only_one_that_is_there():
    voice = a_voice(phrasings=(Phrasing(text="I have put some reading below.", frequency=0.4, fits="asset"),))
    plan = a_plan(action=Action.SEND_ASSET)
    assert "I have put some reading below: our case study “Logistics summit”." in body(mail(voice=voice, plan=plan))
    assert "reading below" not in body(mail(voice=voice, plan=plan, assets=()))


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


def test_a_closing_may_tell_where_to_answer_but_ask_for_nothing_else():
    closings = {"Just reply here and I will take it from there.": True, "Just reply here with your guest list.": False}
    for text, used in closings.items():
        assert (text in body(mail(voice=a_voice(phrasings=(Phrasing(text=text, frequency=0.4, fits="closing"),))))) is used


def test_words_the_operator_never_uses_are_avoided():
    voice = a_voice(phrasings=(), never_used=("glad", "useful", "thanks"))
    for run in range(20):
        text = body(mail(voice=voice, run=f"run_{run}", plan=a_plan(tone=Tone.FORMAL, call_to_action="Would that be useful?"))).lower()
        assert not re.search(r"\b(?:glad|useful|thanks)\b", text)


def test_a_thread_is_answered_unlike_a_fresh_form():
    in_thread, fresh = (sentences(mail(voice=a_voice(phrasings=()), **found))[0].text for found in ({}, without_found()))
    assert in_thread != fresh


def test_the_open_question_of_the_thread_is_taken_up():
    assert "earlier question" in body(mail())
    assert "“Could you send prices for 400 guests?”" in body(mail())
    assert "prices" not in body(mail(reading=a_thread_reading(open_questions=())))


def test_a_question_of_the_thread_that_the_form_repeats_is_taken_up_once():
    text = body(mail(entry=saying("Could you send prices for 400 guests?")))
    assert text.count("prices for 400 guests") == 1


def test_what_is_asked_is_told_in_reported_speech_beside_what_they_plan():
    assert "“We plan a logistics summit for 400 guests in May” and asked how we handle registration." in body(mail(**without_found()))


def test_a_question_that_cannot_be_turned_is_quoted_with_its_mark():
    assert "“Does the pilot cover badges?” " in body(mail(entry=saying("Does the pilot cover badges?"), **without_found()))


SUMMIT = "Badges were printed at four desks. Guests of the summit registered at the door within two minutes.\n\nIt rained."


@pytest.mark.parametrize("action", [Action.SEND_ASSET, Action.PROPOSE_CALL])
def test_a_document_that_answers_is_quoted_and_linked(action):
    asset = an_asset_match(evidence=an_evidence("document.file-1.0", text=SUMMIT))
    answer = mail(plan=a_plan(action=action), assets=(asset,))
    (line,) = [one for one in sentences(answer) if "document.file-1.0" in one.sources and one.kind == "documented"]
    assert "“Guests of the summit registered at the door within two minutes.”" in line.text
    assert answer.attach == ("file-1",)


def test_beside_a_call_a_document_that_answers_nothing_is_left_out():
    asset = an_asset_match(evidence=an_evidence("document.file-1.0", text="Badges were printed at four desks."))
    assert mail(plan=a_plan(action=Action.PROPOSE_CALL), assets=(asset,)).attach == ()


def test_beside_a_call_the_document_they_asked_for_is_linked_even_if_it_answers_nothing():
    asset = an_asset_match(name="Case study - summits.pdf", evidence=an_evidence("document.file-1.0", text="Badges were printed at desks."))
    answer = mail(entry=saying("Could you send your case study on summits?"), plan=a_plan(action=Action.PROPOSE_CALL), assets=(asset,))
    assert answer.attach == ("file-1",)
    assert "case study “Summits”" in body(answer)


def test_a_document_that_was_asked_for_by_name_is_called_so():
    asset = an_asset_match(name="Registration guide for summits.pdf", kind=AssetKind.REPORT)
    answer = mail(entry=saying("I would like to read the registration guide."), assets=(asset,), plan=a_plan(action=Action.SEND_ASSET))
    assert answer.subject == "Registration guide you asked for"
    assert "“Registration guide for summits” you asked for" in body(answer)


def test_the_subject_is_their_question_else_what_the_mail_brings():
    assert mail(**without_found()).subject == "How we handle registration"
    assert mail(entry=saying("Could you send prices for 1,400 guests, please?")).subject == "Your request for prices for 1,400 guests"
    assert mail(entry=saying(""), plan=a_plan(action=Action.SEND_ASSET)).subject == "Case study: logistics summit"
    assert mail(entry=a_form_entry(fields={"interest": "badge printing"})).subject == "Your question about badge printing"
    assert mail(entry=saying("Does the hall have heating?")).subject == "Your message to Northwind Events"
    assert mail(entry=saying(""), **without_found()).subject == "Your request to Northwind Events"


@pytest.mark.parametrize("run", ["run_1", "run_2", "run_3", "run_4"])
@pytest.mark.parametrize("tone", list(Tone))
def test_nothing_is_pointed_at_that_nobody_said(run, tone):
    unsaid = {**without_found(), "slots": a_full_context().slots}
    answer = mail(entry=saying(""), plan=a_plan(action=Action.PROPOSE_CALL, tone=tone), run=run, **unsaid)
    assert "message" not in answer.subject
    assert not re.search(r"through it|with (?:this|that)\b|This is a subject|That sounds|answer", body(answer))


@pytest.mark.parametrize("run", ["run_1", "run_2", "run_3", "run_4"])
def test_a_wish_that_is_no_question_is_not_called_one(run):
    text = body(mail(entry=saying("could u send me ur folder about badges thx"), run=run, **without_found()))
    assert "could u send me ur folder about badges thx”" in text
    assert "question" not in text
    assert "asked" not in text


def test_an_earlier_mail_of_ours_answers_too():
    ours = a_message(id="m5", direction=Direction.OUTBOUND, sender="maria@northwind.example", text="A registration desk takes two hours.")
    evidence = (an_evidence("message.m5", text=ours.text),)
    reading = a_thread_reading(thread=a_thread(a_message(), ours), evidence=evidence, open_questions=())
    entry = saying("How long does a registration desk take?")
    assert "As I wrote to you before: “A registration desk takes two hours.”" in body(mail(entry=entry, reading=reading))
    assert "As I wrote" not in body(mail(entry=saying("Do you print badges?"), reading=reading))


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
    words = "and that is why we grew. Later in the same"
    torn = an_asset_match(passage=words, evidence=an_evidence("document.file-1.0", text=words))
    text = body(mail(plan=a_plan(action=Action.SEND_ASSET), assets=(torn,), reading=None, memories=(), entry=saying("")))
    assert "grew" not in text
    assert "Later" not in text


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
    assert unquoted(text).count("?") == 1
    assert not re.search(r"[{}<>—]|https?:|\n", text)
    assert all(one.sources for one in sentences(answer) if one.kind == "documented")
