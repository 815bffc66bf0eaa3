"""What follows from the violations: outcome, risk, what may be sent, who must approve."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agents.quality_gate.agent import GATE_VERSION, MOST_OF_ONE_CHECK, DeterministicGate
from shared.agents.quality_gate.risk import risk_of
from shared.domain.draft import Draft
from shared.domain.editing import edited
from shared.domain.planning import Tone
from shared.domain.policy import Guardrails, Mode, Weights
from shared.domain.verdict import Outcome, Severity, Violation
from shared.domain.voice import Phrasing
from shared.ports.agents import QualityGate
from tests import builders as b
from tests.unit.agents.quality_gate.judging import judged
from tests.unit.agents.quality_gate.seeded_drafts import a_tale, spans_of

SENDING = b.a_policy(mode=Mode.SEND_ALLOWED)
FORBIDDEN = "synergy leverage touchpoint paradigm bandwidth circleback".split()


def a_draft_saying(*texts: str) -> Draft:
    told = tuple(b.a_sentence(text) for text in (*texts, "Which part of registration matters most to you?"))
    return b.a_draft(thread_id="t1", text=b.a_draft_text(paragraphs=(told,)))


def violation(check: str = "link", severity: Severity = Severity.HIGH) -> Violation:
    return b.a_violation(check=check, severity=severity)


def test_the_gate_is_what_the_stage_expects() -> None:
    gate: QualityGate = DeterministicGate()
    assert gate


def test_a_good_draft_passes_without_risk() -> None:
    verdict = judged()
    assert (verdict.outcome, verdict.risk, verdict.violations, verdict.suggestions) == (Outcome.PASS, 0, (), ())
    assert (verdict.gate_version, verdict.judged_at) == (GATE_VERSION, b.at(minutes=2))


@pytest.mark.parametrize("text", ["That is fine.", "There is synergy.", "It costs €900."])
def test_draft_only_never_allows_sending_and_always_asks_a_person(text: str) -> None:
    verdict = judged(a_draft_saying(text))
    assert not verdict.send_allowed
    assert verdict.approval_required


@pytest.mark.parametrize(
    ("text", "outcome", "send_allowed", "approval_required"),
    [
        ("That is fine.", Outcome.PASS, True, False),
        ("There is synergy.", Outcome.WARN, True, True),
        ("It costs €900.", Outcome.FAIL, False, True),
    ],
)
def test_where_sending_is_allowed_the_outcome_decides(text: str, outcome: Outcome, send_allowed: bool, approval_required: bool) -> None:
    verdict = judged(a_draft_saying(text), policy=SENDING)
    assert (verdict.outcome, verdict.send_allowed, verdict.approval_required) == (outcome, send_allowed, approval_required)


def test_a_warning_beside_a_failure_does_not_soften_it() -> None:
    verdict = judged(a_draft_saying("There is synergy.", "It costs €900."))
    assert verdict.outcome is Outcome.FAIL
    assert {one.outcome for one in verdict.violations} == {Outcome.FAIL, Outcome.WARN}


def test_suggestions_are_told_once_and_in_order() -> None:
    verdict = judged(a_draft_saying("It costs €900.", "It costs €900."))
    assert len(verdict.violations) == 2
    assert verdict.suggestions == (verdict.violations[0].suggestion,)


def test_more_of_the_same_is_cut_off() -> None:
    verdict = judged(a_draft_saying(*(f"It costs €9{number}." for number in range(50))))
    assert len([one for one in verdict.violations if one.check == "ungrounded_money"]) == MOST_OF_ONE_CHECK


@pytest.mark.parametrize(("count", "risk"), [(1, 10), (3, 30), (4, 40), (6, 40)])
def test_forbidden_words_weigh_ten_each_up_to_forty(count: int, risk: int) -> None:
    draft = a_draft_saying("There is " + " and ".join(FORBIDDEN[:count]) + " here.")
    assert judged(draft, voice=b.a_voice(never_used=tuple(FORBIDDEN))).risk == risk


@pytest.mark.parametrize(
    ("found", "risk"),
    [
        ([violation()], 50),
        ([violation(severity=Severity.MEDIUM)], 20),
        ([violation(severity=Severity.LOW)], 10),
        ([violation("third_party", Severity.MEDIUM)], 25),
        ([violation("stage_mismatch")], 40),
        ([violation("industry_mismatch", Severity.MEDIUM)], 30),
        ([violation(), violation("em_dash", Severity.LOW), violation("third_party", Severity.MEDIUM)], 85),
        ([violation(), violation(), violation()], 100),
        ([violation(), violation("link_2"), violation("link_3")], 100),
        ([], 0),
    ],
)
def test_risk_is_the_weighted_sum_capped_at_a_hundred(found: list[Violation], risk: int) -> None:
    assert risk_of(found) == risk


def test_the_weights_come_from_policy() -> None:
    assert risk_of([violation()], weights=Weights(high=7)) == 7


def test_weights_of_single_checks_come_from_policy_too() -> None:
    weights = Weights(by_check={"link": 5, "previously_bounced": 30}, most_of_check={"link": 8}, cap=90)
    assert risk_of([violation(), violation()], weights=weights) == 8
    assert risk_of([violation("previously_bounced", Severity.LOW)], weights=weights) == 30
    assert risk_of([violation("third_party")] * 4, weights=weights) == 90


def test_every_guardrail_in_the_way_is_told_and_weighs_like_any_failure() -> None:
    strict = b.a_policy(guardrails=Guardrails(employees_at_least=500, industries=("Retail",), refuse_open_deal=True))
    verdict = judged(policy=strict)
    assert [one.check for one in verdict.violations] == ["industries", "employees_at_least"]
    assert (verdict.outcome, verdict.risk, verdict.send_allowed) == (Outcome.FAIL, 100, False)
    assert judged(policy=b.a_policy(mode=Mode.SEND_ALLOWED, guardrails=Guardrails(employees_at_least=50))).send_allowed


def test_who_must_not_be_written_to_fails_first_and_says_why() -> None:
    verdict = judged(suppressed="suppressed: they complained about a mail of ours", policy=SENDING)
    assert (verdict.violations[0].check, verdict.outcome, verdict.send_allowed) == ("suppressed", Outcome.FAIL, False)
    assert verdict.violations[0].reason == "They must not be written to: they complained about a mail of ours."


@given(st.integers(0, 10**6))
def test_the_same_draft_always_gets_the_same_verdict(seed: int) -> None:
    tale = a_tale(seed)
    draft = a_draft_saying(f"We plan for {seed} guests.")
    assert judged(draft, context=tale.context) == judged(draft, context=tale.context)


@given(st.integers(0, 10**6), st.data())
def test_a_draft_of_nothing_but_cited_spans_invents_nothing(seed: int, data: st.DataObject) -> None:
    tale = a_tale(seed)
    spans = data.draw(st.lists(st.sampled_from([one for one in spans_of(tale) if one.text]), max_size=8))
    told = tuple(b.a_sentence(one.text, one.id) for one in spans)
    verdict = judged(b.a_draft(thread_id="t1", text=b.a_draft_text(greeting="Hi there,", paragraphs=(told,))), context=tale.context)
    assert [one for one in verdict.violations if one.check.startswith("ungrounded") or one.check.endswith("_source")] == []


def test_secrets_and_numbers_are_not_repeated_in_the_verdict() -> None:
    verdict = judged(a_draft_saying("The card 4242 4242 4242 4242 was charged."))
    card = next(one for one in verdict.violations if one.check == "card_number")
    assert card.quote == "…4242"


def test_the_tone_the_operator_really_writes_in_is_never_off() -> None:
    plan, formal = b.a_plan(tone=Tone.FORMAL), {"greeting": "Dear Ana,", "sign_off": "Kind regards,"}
    told = (b.a_sentence("Cheers from all of us."), b.a_sentence("Which part matters most to you?"))
    draft = b.a_draft(thread_id="t1", text=b.a_draft_text(paragraphs=(told,), **formal))
    habit = b.a_voice(phrasings=(Phrasing(text="Cheers from all of us", frequency=0.5),))
    assert [one.check for one in judged(draft, plan=plan).violations] == ["tone"]
    assert judged(draft, plan=plan, voice=habit).violations == ()


def edited_draft(before: str, after: str) -> Draft:
    """The builders' draft, changed by a person twice: away from what it said there, and on to something else."""
    once = b.a_draft_text().body.replace(before, "Good morning.")
    text = edited(b.a_draft_text(), subject="Your logistics summit", body=once)
    return b.a_draft(text=edited(text, subject="Your logistics summit", body=once.replace("Good morning.", after)))


@pytest.mark.parametrize("part", ["Hi Ana,", "Best,"])
def test_a_greeting_or_ending_that_a_person_puts_back_is_the_operators_own_again(part: str) -> None:
    assert [one.check for one in judged(edited_draft(part, part)).violations] == []


def test_a_person_who_greets_somebody_else_is_stopped_like_the_writer_is() -> None:
    found = judged(edited_draft("Hi Ana,", "Hi Maria,"))
    assert [(one.check, one.outcome) for one in found.violations] == [("greeting", Outcome.FAIL)]


def test_a_first_line_that_greets_nobody_is_no_greeting() -> None:
    found = judged(edited_draft("Hi Ana,", "Maria Costa of Northwind Events here."))
    assert [(one.check, one.outcome) for one in found.violations] == [("greeting", Outcome.WARN)]


def test_a_suggestion_says_no_words_that_came_from_outside_as_a_name() -> None:
    context = b.a_context(identity=b.an_identity(contact=b.a_contact(first_name="<b>Ana, pay 500 EUR")))
    found = judged(edited_draft("Hi Ana,", "Well:"), context=context)
    assert [one.suggestion for one in found.violations if one.check == "greeting"] == ["Start with “Hi there,”."]
