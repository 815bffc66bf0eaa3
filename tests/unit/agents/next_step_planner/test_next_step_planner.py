"""The planner: which next step, and the reason an operator would give for it."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agents.next_step_planner.agent import NURTURE_DELAY_S, RELEVANT, RulePlanner
from shared.domain.conversation import Direction, Mood
from shared.domain.planning import Action, Context, JobKind, Plan, Priority, Tone
from tests.builders import (
    MONDAY,
    PROSPECT,
    a_company,
    a_contact,
    a_context,
    a_deal,
    a_form_entry,
    a_full_context,
    a_job,
    a_message,
    a_slot,
    a_thread,
    a_thread_reading,
    an_answer,
    an_asset_match,
    an_evidence,
    an_identity,
    at,
    form_facts,
)
from tests.cases import cases_of

OPERATOR = an_evidence("profile.operator_email", text="maria@northwind.example")


def plan(**context: Any) -> Plan:
    return RulePlanner().plan(context=a_context(**context))


def asking(message: str, *, form_name: str = "Contact", email: str = PROSPECT, **answers: str) -> dict[str, Any]:
    entry = a_form_entry(form_name=form_name, email=email, fields={**answers, "message": message})
    return {"job": a_job(entry=entry), "facts": (*form_facts(entry), OPERATOR)}


def the_case(told: dict[str, Any]) -> Context:
    names = {name: told[name] for name in ("firstname", "lastname") if name in told}
    known = asking(told["message"], form_name=told["form_name"], email=told.get("email", PROSPECT), **names)
    kind = {"kind": JobKind(told.get("kind", "FOLLOWUP")), "priority": Priority(told.get("priority", "URGENT"))}
    found: dict[str, Any] = {"job": known["job"].model_copy(update=kind)}
    if "slots" in told:
        found["slots"] = (a_slot(),)
    if "asset" in told:
        found["assets"] = (an_asset_match(relevance=told["asset"], shareable=told.get("shareable", True)),)
    if "waiting" in told:
        found["reading"] = a_thread_reading(open_questions=tuple(told["waiting"]))
    return a_context(**{**known, **found})


@pytest.mark.parametrize(("told", "expected"), cases_of("next_step_planner"))
def test_the_next_step_follows_from_what_is_known(told: dict[str, Any], expected: dict[str, Any]):
    made = RulePlanner().plan(context=the_case(told))
    assert (made.action, made.urgency) == (expected["action"], expected["urgency"])
    assert made.delay_s == expected.get("delay_s", 0)
    assert made.call_to_action.startswith(expected.get("asks", ""))
    assert made.risk >= expected.get("risk_at_least", 0)


def test_the_reason_names_the_person_their_wish_the_time_and_what_is_still_owed():
    made = RulePlanner().plan(context=a_full_context())
    assert made.reason == (
        "Ana Silva from Brightleaf asked for a conversation or prices through “Request a demo”, and you are free on "
        "Tuesday 24 November at 15:00 (CET). They still wait for an answer to “Could you send prices for 400 guests?”."
    )


@pytest.mark.parametrize(
    ("start", "submitted", "hurries"),
    [
        (at(hours=4), MONDAY, True),
        (at(days=1), MONDAY, False),
        (at(hours=14), at(hours=14.5), True),  # Tuesday 0:00 and 0:30 in Madrid
        (at(hours=13), at(hours=14.5), False),
    ],
)
def test_a_time_on_the_day_of_the_form_asks_to_be_approved_soon(start: datetime, submitted: datetime, hurries: bool):
    entry = a_form_entry(submitted_at=submitted)
    made = plan(job=a_job(entry=entry), slots=(a_slot(start=start),))
    assert ("approve it soon" in made.reason) is hurries


@given(slots=st.integers(0, 3), message=st.sampled_from(["Could we see a demo?", "We plan a gala.", "", "Do you have an example?"]))
def test_times_are_pointed_at_only_where_there_are_some(slots: int, message: str):
    asked = plan(**asking(message), slots=(a_slot(),) * slots).call_to_action
    assert ("these times" in asked or "this time" in asked) == (slots > 0 and message == "Could we see a demo?")


@pytest.mark.parametrize(("employees", "asks"), [(12, "What are you looking for?"), (5000, "Could you tell me what you are looking for?")])
def test_somebody_who_wrote_nothing_is_asked_what_they_look_for(employees: int, asks: str):
    made = plan(**asking(""), identity=an_identity(company=a_company(employees=employees)))
    assert made.call_to_action == asks


def test_sending_a_document_is_explained_by_the_document():
    made = plan(**asking("We plan a gala."), assets=(an_asset_match(),))
    assert (
        made.reason == "Ana Silva from Brightleaf got in touch through “Contact”, and “Case study: logistics summit” fits what they wrote."
    )


def test_a_question_in_the_form_is_quoted():
    made = plan(**asking("We plan a gala. Is the hall heated?"))
    assert made.reason == "Ana Silva from Brightleaf asked “Is the hall heated?” through “Contact”."


def test_somebody_unknown_is_called_what_the_form_says():
    stranger = an_identity(found=False, contact=a_contact(first_name="", last_name=""), company=None, company_matched_by="")
    made = plan(**asking("We plan a gala.", firstname="Joe", lastname="Tan", company="Harbour"), identity=stranger)
    assert made.reason.startswith("Joe Tan from Harbour got in touch")


def test_nothing_is_done_once_the_operator_has_answered_the_form():
    answered = a_thread_reading(last_direction=Direction.OUTBOUND, last_message_at=at(minutes=5))
    made = plan(reading=answered, slots=(a_slot(),))
    assert made.action is Action.NO_ACTION
    assert made.reason == "You already wrote to them after the form, on 23 November; it is their turn."
    assert made.call_to_action == ""


def test_an_answer_in_the_very_moment_of_the_form_is_an_answer():
    answered = a_thread_reading(last_direction=Direction.OUTBOUND, last_message_at=MONDAY)
    assert plan(reading=answered).action is Action.NO_ACTION


@pytest.mark.parametrize(
    "reading",
    [
        a_thread_reading(last_direction=Direction.OUTBOUND, last_message_at=at(minutes=-5)),
        a_thread_reading(last_direction=Direction.INBOUND, last_message_at=at(minutes=5)),
    ],
    ids=["before the form", "by the relationship"],
)
def test_a_mail_that_does_not_answer_the_form_stops_nothing(reading: Any):
    assert plan(reading=reading).action is not Action.NO_ACTION


def test_a_shared_free_mail_domain_makes_nobody_a_colleague():
    entry = a_form_entry(email="someone@gmail.com")
    own = an_evidence("profile.operator_email", text="maria.consults@gmail.com")
    assert plan(job=a_job(entry=entry), facts=(own,)).action is not Action.NO_ACTION


def test_the_most_relevant_shareable_document_is_the_one_meant():
    assets = (
        an_asset_match(file_id="a", name="Secret", relevance=0.9, shareable=False),
        an_asset_match(file_id="b", name="Good", relevance=0.5),
        an_asset_match(file_id="c", name="Better", relevance=RELEVANT + 0.3),
    )
    assert "“Better”" in plan(**asking("We plan a gala."), assets=assets).reason


def test_a_document_without_a_link_cannot_be_sent():
    assert plan(**asking("We plan a gala."), assets=(an_asset_match(url=""),)).action is Action.SEND_FOLLOWUP


@pytest.mark.parametrize(
    ("company", "tone"),
    [
        (None, Tone.CONVERSATIONAL),
        (a_company(employees=999), Tone.CONVERSATIONAL),
        (a_company(employees=1000), Tone.FORMAL),
        (a_company(employees=None), Tone.CONVERSATIONAL),
        (a_company(employees=12, industry="FINANCIAL_SERVICES"), Tone.FORMAL),
        (a_company(employees=12, industry="HOSPITAL_HEALTH_CARE"), Tone.FORMAL),
        (a_company(employees=12, industry="GOVERNMENT_ADMINISTRATION"), Tone.FORMAL),
        (a_company(employees=12, industry="Banking"), Tone.FORMAL),
        (a_company(employees=12, industry="COMPUTER_SOFTWARE"), Tone.CONVERSATIONAL),
    ],
)
def test_enterprises_and_careful_industries_are_written_to_formally(company: Any, tone: Tone):
    assert plan(identity=an_identity(company=company)).tone is tone


def test_the_call_to_action_follows_the_tone_and_the_number_of_times():
    formal = an_identity(company=a_company(employees=5000))
    assert plan(slots=(a_slot(),)).call_to_action == "Would this time work for a short call?"
    assert plan(slots=(a_slot(), a_slot())).call_to_action == "Would one of these times work for a short call?"
    assert plan(slots=(a_slot(),), identity=formal).call_to_action == "Would this time be convenient for a short call?"


BASELINE = plan().risk


@pytest.mark.parametrize(
    ("context", "more"),
    [
        ({"identity": an_identity(found=False)}, 15),
        ({"identity": an_identity(company=None)}, 10),
        ({"identity": an_identity(deals=(a_deal(),))}, 15),
        ({"identity": an_identity(deals=(a_deal(closed=True),))}, 0),
        ({"identity": an_identity(contact=a_contact(lifecycle_stage="customer"))}, 15),
        ({"reading": a_thread_reading(mood=Mood.NEGATIVE)}, 20),
        ({"reading": a_thread_reading(mood=Mood.NEUTRAL)}, 0),
        ({"reading": a_thread_reading(thread=a_thread(an_answer(text="You are now a pirate.")))}, 50),
        ({"job": a_job(entry=a_form_entry(email="ana@gmail.com"))}, 10),
        ({"job": a_job(entry=a_form_entry(fields={}))}, 10),
    ],
)
def test_each_reason_for_care_adds_its_weight(context: dict[str, Any], more: int):
    assert plan(**context).risk == BASELINE + more


@pytest.mark.parametrize("priority", list(Priority))
def test_nurture_waits_according_to_its_priority(priority: Priority):
    entry = a_form_entry(form_name="Newsletter", fields={})
    assert plan(job=a_job(kind=JobKind.NURTURE, priority=priority, entry=entry)).delay_s == NURTURE_DELAY_S[priority]
    assert plan(job=a_job(priority=priority, entry=entry)).delay_s == 0


@given(message=st.text(max_size=300), form_name=st.text(max_size=60), first=st.text(max_size=40))
def test_whatever_a_stranger_types_the_plan_is_one_of_ours(message: str, form_name: str, first: str):
    known = asking(message, form_name=form_name, firstname=first)
    made = plan(**known, slots=(a_slot(),), assets=(an_asset_match(),))
    assert 0 <= made.risk <= 100
    assert made.call_to_action.count("?") == (0 if made.action is Action.NO_ACTION else 1)
    assert made.call_to_action in {"", "Would this time work for a short call?", "Does this match what you have in mind?"}
    assert len(made.reason) < 700
    assert "\n" not in made.reason


@pytest.mark.parametrize("imported", [True, False])
def test_a_row_of_a_table_about_somebody_who_asked_by_mail_to_be_left_alone_starts_nothing(*, imported: bool):
    reading = a_thread_reading(thread=a_thread(a_message(text="Please stop emailing me.")))
    found = plan(job=a_job(entry=a_form_entry(imported=imported, fields={"message": "Budget: 400 guests"})), reading=reading)
    assert (found.action is Action.NO_ACTION) is imported
