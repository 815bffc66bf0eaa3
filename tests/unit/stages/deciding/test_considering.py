"""A placed draft is considered: approved by a rule that has earned it, or left to a person with one line that says why."""

from typing import Any

import pytest

from shared.domain.approval import Approval
from shared.domain.audit import ActorKind
from shared.domain.considered import Answer
from shared.domain.draft import DraftState
from shared.domain.holds import HoldState, wanted
from shared.domain.policy import AutoRule, Flag, KillSwitch
from shared.domain.sends import SendState
from shared.domain.suppression import Cause, Scope, Subject
from shared.domain.verdict import Outcome
from shared.ports.errors import Awaited, NotFound, Rejected
from shared.stages.deciding.ask_anew import ask_anew
from shared.stages.deciding.objecting import object_to
from shared.stages.deciding.snooze import snooze
from shared.stages.policy import track_records
from shared.stages.policy.track_records import replayed, track_record
from tests.builders import OPERATOR, WORKSPACE, a_company, a_context, a_slot, a_thread_reading, a_verdict, an_identity
from tests.unit.stages.considering import SAMPLES_THE_FIRST, ConsideringWorld
from tests.unit.stages.wire import KINDS, MARIA
from tests.unit.stages.world import a_planned_run


@pytest.fixture
def at() -> ConsideringWorld:
    """The first draft waits; the rule about earlier answers has earned its autonomy."""
    world = ConsideringWorld()
    world.placed(1)
    world.earn(73)
    return world


def test_a_rule_that_has_earned_it_approves_in_a_persons_place_and_the_mail_leaves_once_after_its_hold(at: ConsideringWorld) -> None:
    found = at.answer()
    assert (found.answer, found.rule) == (Answer.APPROVE, AutoRule.REPLIED_BEFORE)
    assert found.told == (
        "Approved by a rule: they wrote to us 30 days ago (replied before, earned: 73 of the last 73 approved unchanged)."
    )
    [approval] = at.approvals()
    assert (approval.actor.kind, approval.actor.label) == (ActorKind.RULE, "rule replied_before")
    assert (at.state(1), at.mailbox.left) == (SendState.APPROVED, [])
    at.sync()
    at.left_by_itself(1)
    at.left_by_itself(1)
    assert (at.state(1), len(at.mailbox.left), at.draft(1).state) == (SendState.SETTLED, 1, DraftState.SENT)
    assert at.actions() == [
        ("draft.considered", "stage consider"),
        ("draft.approved", "rule replied_before"),
        ("send.sent", "stage send"),
    ]


def test_what_is_considered_again_is_not_approved_again(at: ConsideringWorld) -> None:
    at.earn(80)  # so many that taking one back demotes nothing
    at.consider()
    at.consider()
    at.cancel(1)
    at.consider()
    assert (at.draft(1).state, at.draft(1).approvals, len(at.sends(1))) == (DraftState.PENDING, 1, 1)


def test_one_decision_less_and_a_person_is_asked(at: ConsideringWorld) -> None:
    world = ConsideringWorld()
    world.placed(1)
    world.earn(72)
    found = world.answer()
    assert (found.answer, found.rule, found.rules) == (Answer.ASK, None, (AutoRule.REPLIED_BEFORE,))
    assert found.told == (
        "A person decides: “replied before” is not earned yet: 72 of the last 72 approved unchanged; needs 1 more in a row."
    )
    assert (world.draft(1).state, world.approvals()) == (DraftState.PENDING, [])
    world.approve(1)
    world.placed(2)
    at_last = world.answer(2)
    assert at_last.answer is Answer.APPROVE


def test_a_rejection_demotes_the_rule(at: ConsideringWorld) -> None:
    at.earn(1, action="draft.rejected")
    found = at.answer()
    assert found.answer is Answer.ASK
    assert "not earned yet: 73 of the last 74 approved unchanged (1 rejected); needs 36 more in a row" in found.told


def test_what_a_person_takes_back_within_the_hold_demotes_the_rule(at: ConsideringWorld) -> None:
    at.consider()
    at.cancel(1)
    at.placed(2)
    found = at.answer(2)
    assert (found.answer, "1 rejected" in found.told) == (Answer.ASK, True)


def test_what_a_person_objects_to_after_it_has_left_demotes_the_rule(at: ConsideringWorld) -> None:
    at.consider()
    with pytest.raises(Rejected, match="take the approval back"):
        object_to(WORKSPACE, "draft_1", actor=MARIA, desk=at.desk())
    at.sync()
    at.left_by_itself(1)
    for _ in range(2):
        object_to(WORKSPACE, "draft_1", actor=MARIA, desk=at.desk())
    assert [one[0] for one in at.actions()].count("draft.objected") == 1
    at.placed(2)
    found = at.answer(2)
    assert (found.answer, "1 rejected" in found.told) == (Answer.ASK, True)


def test_only_what_a_rule_approved_can_be_objected_to(at: ConsideringWorld) -> None:
    at.approve(1)
    with pytest.raises(Rejected, match="only what a rule has approved"):
        object_to(WORKSPACE, "draft_1", actor=MARIA, desk=at.desk())


def test_a_complaint_about_what_a_rule_let_leave_takes_all_it_had_earned(at: ConsideringWorld) -> None:
    at.consider()
    at.sync()
    at.left_by_itself(1)
    whom = Subject(scope=Scope.ADDRESS, value=at.draft(1).recipient)
    at.world.suppress(whom, Cause.COMPLAINT, by=MARIA)
    at.placed(2)
    found = at.answer(2)
    assert "not earned yet: 0 of the last 1 approved unchanged (1 complained about); needs" in found.told


def test_a_sampled_one_goes_to_a_person_whose_decision_counts(at: ConsideringWorld) -> None:
    at.key = SAMPLES_THE_FIRST
    found = at.answer()
    assert (found.answer, found.rule) == (Answer.SAMPLED, AutoRule.REPLIED_BEFORE)
    assert found.told.startswith("A person checks this one, picked by chance; a rule would have approved it: they wrote to us")
    assert at.consider() == found
    assert (at.draft(1).state, at.approvals()) == (DraftState.PENDING, [])
    at.approve(1)
    record = track_record(WORKSPACE, OPERATOR, store=at.store, clock=at.clock)
    assert record is not None
    assert [one.fate for one in record.mails if one.draft_id == "draft_1"] == ["clean"]


def test_it_is_off_unless_somebody_has_turned_it_on() -> None:
    at = ConsideringWorld(stance="off")
    at.placed(1)
    at.earn(73)
    assert (at.consider(), at.actions()) == (None, [])


def test_in_draft_only_nothing_is_considered(at: ConsideringWorld) -> None:
    at.set_rules(mode="DRAFT_ONLY")
    assert (at.consider(), at.approvals()) == (None, [])


def test_for_an_operator_who_may_not_send_nothing_is_considered(at: ConsideringWorld) -> None:
    at.set_rules(send_operators=("jo",))
    assert (at.consider(), at.approvals()) == (None, [])


def test_watching_earns_and_approves_nothing() -> None:
    at = ConsideringWorld(stance="watch")
    at.placed(1)
    at.earn(73)
    found = at.answer()
    assert (found.answer, found.rule) == (Answer.ASK, AutoRule.REPLIED_BEFORE)
    assert found.told.startswith(
        "A person decides: auto-approval only watches. A rule would have approved it: they wrote to us 30 days ago"
    )


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ({"kill_switch": KillSwitch(on=True, by="maria")}, "the kill switch is on"),
        ({"flags": {"auto_approval": Flag(percent=0).model_dump()}}, "the flag auto_approval leaves it out"),
        ({"auto_approval": {"stance": "act", "threshold_of": {OPERATOR: 0.96}}}, "counts for 0.95, and 0.96 is asked for"),
        ({"auto_approval": {"stance": "act", "rules": {"high_icp": 0.85}}}, "no rule speaks for sending it unseen"),
        ({"allowed_recipients": ()}, "outside production nobody is sent to"),
        ({"guardrails": {"refuse_owner_conflict": False, "industries": ("mining",)}}, "industry"),
    ],
)
def test_what_is_forbidden_wins_over_every_rule(at: ConsideringWorld, rules: dict[str, Any], why: str) -> None:
    at.set_rules(**rules)
    found = at.answer()
    assert (found.answer, at.approvals()) == (Answer.ASK, [])
    assert why in found.told


def test_a_flag_lets_its_share_through(at: ConsideringWorld) -> None:
    at.set_rules(flags={"auto_approval": Flag(percent=100).model_dump()})
    found = at.answer()
    assert found.answer is Answer.APPROVE


@pytest.mark.parametrize("switch", ["kill", "draft only", "off", "without the rule"])
def test_what_is_switched_off_within_the_hold_does_not_leave(at: ConsideringWorld, switch: str) -> None:
    at.consider()
    at.sync()
    changes: dict[str, dict[str, Any]] = {
        "kill": {"kill_switch": KillSwitch(on=True, by="maria")},
        "draft only": {"mode": "DRAFT_ONLY"},
        "off": {"auto_approval": {"stance": "watch"}},
        "without the rule": {"auto_approval": {"stance": "act", "rules": {"high_icp": 0.85}}},
    }
    at.set_rules(**changes[switch])
    at.left_by_itself(1)
    assert (at.state(1), at.mailbox.left) == (SendState.HELD if switch == "kill" else SendState.VOIDED, [])


def test_what_a_person_approved_leaves_whatever_the_rules_say(at: ConsideringWorld) -> None:
    at.set_rules(auto_approval={"stance": "off"})
    at.approve(1)
    at.sync()
    at.left_by_itself(1)
    assert at.state(1) is SendState.SETTLED


def test_what_the_gate_warns_of_is_looked_at_and_earns_nothing(at: ConsideringWorld) -> None:
    at.placed(2, verdict=a_verdict(outcome=Outcome.WARN))
    found = at.answer(2)
    assert (found.told, found.rules) == ("A person decides: the gate wants it looked at.", ())


def test_an_answer_to_a_person_is_not_sent_unseen_unless_the_policy_says_so(at: ConsideringWorld) -> None:
    at.placed(2)
    at.earn(73, touch=at.draft(2).touch)
    run = at.world.run("run_2")
    assert run.context is not None
    at.world.put(run.model_copy(update={"context": run.context.model_copy(update={"reading": a_thread_reading()})}))
    found = at.answer(2)
    assert found.told == "A person decides: it answers what a person wrote."
    at.set_rules(auto_approval={"stance": "act", "answers_to_people": True})
    at.world.put(at.draft(2).model_copy(update={"considered": None}))
    again = at.answer(2)
    assert again.answer is Answer.APPROVE


def test_a_person_who_has_begun_with_it_is_left_alone(at: ConsideringWorld) -> None:
    at.placed(2)
    snooze(WORKSPACE, "draft_1", until="tomorrow", actor=MARIA, desk=at.desk())
    ask_anew(WORKSPACE, "draft_2", instruction="shorter", actor=MARIA, trace_id="trace", desk=at.desk())
    assert (at.consider(1), at.consider(2), at.approvals()) == (None, None, [])


def test_a_draft_whose_words_were_changed_in_gmail_is_left_to_a_person(at: ConsideringWorld) -> None:
    found, draft = at.mailbox.drafts[at.gmail_id(1)]
    at.mailbox.drafts[at.gmail_id(1)] = found.model_copy(update={"gmail_message_id": "saved", "content_hash": "other"}), draft
    answer = at.answer()
    assert answer.told == "A person decides: it was changed in Gmail: send it from there."
    assert [one[0] for one in at.actions()] == ["draft.considered", "draft.considered"]
    assert (at.consider(), at.approvals()) == (answer, [])


def test_somebody_who_has_opted_out_is_not_written_to(at: ConsideringWorld) -> None:
    whom = Subject(scope=Scope.ADDRESS, value=at.draft(1).recipient)
    at.world.suppress(whom, Cause.OPT_OUT, by=MARIA)
    found = at.answer()
    assert "suppressed" in found.told


def test_times_are_held_before_anything_is_approved(at: ConsideringWorld) -> None:
    slot = a_slot()
    text = at.draft(1).text
    cited = text.sentences[0].model_copy(update={"sources": (slot.evidence.id,)})
    draft = at.draft(1).model_copy(update={"text": text.model_copy(update={"paragraphs": ((cited,),)})})
    run = at.world.run("run_1")
    assert run.context is not None
    at.world.put(run.model_copy(update={"context": run.context.model_copy(update={"slots": (slot,)})}))
    at.mailbox.drafts.clear()
    placement = at.mailbox.create_draft(draft=draft)
    at.world.put(draft.model_copy(update={"placement": placement}))
    hold = wanted(slot, draft=draft, now=at.clock.now())
    with pytest.raises(Awaited):
        at.consider()
    at.world.put(hold)
    with pytest.raises(Awaited):
        at.consider()
    at.world.put(hold.model_copy(update={"state": HoldState.FAILED}))
    found = at.answer()
    assert "is not held any more" in found.told
    at.world.put(hold.model_copy(update={"state": HoldState.HELD}), at.draft(1).model_copy(update={"considered": None}))
    again = at.answer()
    assert again.answer is Answer.APPROVE


def test_earlier_good_outcomes_and_the_companys_fit_speak_for_it_too() -> None:
    at = ConsideringWorld(threshold=0.85)
    at.has_written(days=120)
    at.placed(1)
    at.earn(35, AutoRule.KNOWN_GOOD)
    at.earn(22, AutoRule.HIGH_ICP)
    identity = an_identity(company=a_company(domain="one.example", icp_tier="tier_1"))
    at.world.put(a_planned_run(id="run_1", draft_id="draft_1", context=a_context(identity=identity)))
    at.set_rules(guardrails={"refuse_owner_conflict": False})
    fit = at.answer()
    assert (fit.answer, fit.rule, fit.rules) == (Answer.APPROVE, AutoRule.HIGH_ICP, (AutoRule.HIGH_ICP,))


def test_a_mail_that_a_person_approved_and_nobody_was_sorry_for_speaks_for_the_next_one(at: ConsideringWorld) -> None:
    at.has_written(days=120)
    at.earn(35, AutoRule.KNOWN_GOOD)
    at.sync()
    at.approve(1)
    at.left_by_itself(1)
    at.placed(2, KINDS[0])
    too_soon = at.answer(2)
    assert too_soon.rules == ()
    at.later(days=8)
    at.sync()
    at.placed(3, KINDS[0])
    found = at.answer(3)
    assert (found.rules, found.answer) == ((AutoRule.KNOWN_GOOD,), Answer.APPROVE)


def test_a_wording_that_is_approved_once_and_for_all_speaks_for_every_mail_of_it(at: ConsideringWorld) -> None:
    at.has_written(days=120)
    at.earn(35, AutoRule.APPROVED_TEMPLATE)
    found = at.answer()
    assert found.rules == ()
    at.set_rules(auto_approval={"stance": "act", "wordings": {"first-answer": found.wording}})
    at.world.put(at.draft(1).model_copy(update={"considered": None}))
    again = at.answer()
    assert (again.rule, again.answer) == (AutoRule.APPROVED_TEMPLATE, Answer.APPROVE)


def test_what_the_log_says_is_kept_and_a_replay_comes_to_the_same(at: ConsideringWorld) -> None:
    at.consider()
    at.later(hours=1)
    kept = track_record(WORKSPACE, OPERATOR, store=at.store, clock=at.clock)
    assert kept == track_record(WORKSPACE, OPERATOR, store=at.store, clock=at.clock) == replayed(WORKSPACE, OPERATOR, store=at.store)
    assert kept is not None
    assert kept.through == at.entries[-1].id


def test_a_log_that_is_not_read_to_its_end_earns_nothing(at: ConsideringWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track_records, "AT_ONCE", 100)
    monkeypatch.setattr(track_records, "PAGE", 50)
    found = at.answer()
    assert "the log of decisions is still being read" in found.told
    at.placed(2)
    again = at.answer(2)
    assert again.answer is Answer.APPROVE


def test_a_missing_draft_is_said_to_be_missing(at: ConsideringWorld) -> None:
    with pytest.raises(NotFound):
        at.consider(4)
    assert at.store.everything(Approval) == []
