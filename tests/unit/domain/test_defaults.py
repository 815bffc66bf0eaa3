"""What holds until somebody says otherwise: the numbers the product promises and the careful side of every switch."""

from datetime import time, timedelta

from shared.domain.agent_run import AgentRun
from shared.domain.circuit import FAILURE_WINDOW, FAILURES_TO_OPEN, PROBE_AFTER
from shared.domain.dead_letter import DeadLetter, DeadLetterState
from shared.domain.draft import Authorship, DraftState
from shared.domain.hints import HintState
from shared.domain.ids import OperatorId, TraceId
from shared.domain.people import Deal
from shared.domain.planning import Action, Plan, Priority, Tone
from shared.domain.policy import Mode, Rules
from shared.domain.run import RunState
from shared.domain.voice import VoiceProfile
from shared.domain.workspace import WorkingHours
from tests.builders import MONDAY, WORKSPACE, a_draft, a_hint, a_message, a_run, a_workspace


def test_nothing_is_sent_until_somebody_allows_it():
    assert Rules().mode is Mode.DRAFT_ONLY


def test_a_workspace_spends_twenty_dollars_a_day_on_models():
    assert a_workspace().daily_model_budget_usd == 20.0


def test_people_work_from_nine_to_half_past_five_on_weekdays():
    assert (WorkingHours().start, WorkingHours().end, WorkingHours().weekdays) == (time(9), time(17, 30), (0, 1, 2, 3, 4))


def test_a_circuit_opens_after_five_failures_in_a_minute_and_probes_after_half_a_minute():
    assert (5, timedelta(minutes=1), timedelta(seconds=30)) == (FAILURES_TO_OPEN, FAILURE_WINDOW, PROBE_AFTER)


def test_everything_begins_in_its_first_state():
    assert (a_hint().state, a_run().state, a_draft().state) == (HintState.PENDING, RunState.RECEIVED, DraftState.PENDING)


def test_a_plan_is_carried_out_at_once():
    plan = Plan(action=Action.SEND_FOLLOWUP, urgency=Priority.URGENT, risk=0, tone=Tone.FORMAL, reason="asked", call_to_action="When?")
    assert plan.delay_s == 0


def test_an_unlearned_voice_is_short_and_of_the_first_version():
    voice = VoiceProfile(id="maria", workspace_id=WORKSPACE, operator_id=OperatorId("maria"))
    assert (voice.version, voice.median_words, voice.phrasings) == (1, 90, ())


def test_a_model_call_costs_nothing_until_it_is_counted():
    call = AgentRun(
        id="a", workspace_id=WORKSPACE, agent="draft_writer", model="m", prompt_version="1", trace_id=TraceId("t"), outcome="ok", at=MONDAY
    )
    assert (call.attempts, call.tokens_in, call.tokens_out, call.cost_usd, call.latency_ms) == (1, 0, 0, 0.0, 0)
    assert not call.cache_hit
    assert not call.fell_back


def test_nobody_has_fallen_back_closed_a_deal_or_answered_automatically_unless_it_is_said():
    assert not Authorship(model="m", prompt_version="1").fell_back
    assert not Deal(id="1", workspace_id=WORKSPACE, name="Summit").closed
    assert not a_message().automatic


def test_a_dead_letter_is_open_and_was_never_tried():
    letter = DeadLetter(id="d", workspace_id=WORKSPACE, function="plan", source="s", payload="", reason="", received_at=MONDAY)
    assert (letter.attempts, letter.state) == (0, DeadLetterState.OPEN)
