"""What the rules have earned, as operators see it, and what a change of the policy would have let leave without a person."""

from typing import Any

import pytest

from shared.domain.autonomy import TrackRecord
from shared.domain.policy import AutoRule
from shared.domain.sends import Touch
from shared.ports.store import Put
from shared.stages.policy.earned_levels import levels
from shared.stages.policy.policies import Policies, Proposal
from shared.stages.policy.previewing import preview
from tests.builders import OPERATOR, WORKSPACE
from tests.unit.stages.considering import ConsideringWorld


def seen(at: ConsideringWorld, *, replay: bool = False) -> dict[str, Any]:
    return dict(levels(WORKSPACE, replay=replay, store=at.store, clock=at.clock))


def line(found: dict[str, Any], rule: AutoRule, touch: Touch = Touch.ANSWER) -> dict[str, Any]:
    [one] = [one for one in found["items"] if (one["operator_id"], one["rule"], one["touch"]) == (OPERATOR, rule, touch)]
    return dict(one)


def proposed(at: ConsideringWorld, **auto: Any) -> dict[str, Any]:
    audit = at.desk().audit
    policies = Policies(store=at.store, outbox=at.outbox, clock=at.clock, audit=audit)
    patch = {"auto_approval": auto}
    return dict(preview(Proposal(patch=patch), workspace_id=WORKSPACE, policies=policies, store=at.store, clock=at.clock))


@pytest.fixture
def at() -> ConsideringWorld:
    return ConsideringWorld(stance="watch")


def test_a_rule_that_nobody_has_judged_says_what_it_needs(at: ConsideringWorld) -> None:
    found = line(seen(at), AutoRule.KNOWN_GOOD)
    assert (found["may_act"], found["needs"]) == (False, 35)
    assert found["told"] == "not earned yet: nobody has judged any yet; needs 35 approved unchanged"


def test_a_rule_that_has_earned_it_says_by_what(at: ConsideringWorld) -> None:
    at.earn(73)
    found = line(seen(at), AutoRule.REPLIED_BEFORE)
    assert (found["may_act"], found["told"]) == (True, "earned: 73 of the last 73 approved unchanged")


def test_a_confidence_below_the_threshold_never_acts_and_says_so(at: ConsideringWorld) -> None:
    at.earn(40, AutoRule.HIGH_ICP)
    found = line(seen(at), AutoRule.HIGH_ICP)
    assert (found["may_act"], found["told"][:49]) == (False, "counts for 0.85, and 0.90 is asked for; earned: 4")


def test_other_kinds_of_mail_are_shown_once_one_was_considered(at: ConsideringWorld) -> None:
    assert {one["touch"] for one in seen(at)["items"]} == {"answer"}
    at.earn(1, touch=Touch.OUTREACH)
    assert line(seen(at), AutoRule.REPLIED_BEFORE, Touch.OUTREACH)["judged"] == 1


def test_the_log_read_from_its_beginning_says_the_same_unless_what_is_kept_was_changed(at: ConsideringWorld) -> None:
    at.earn(5)
    assert "replay" not in seen(at)
    assert seen(at, replay=True)["replay"] == "same"
    kept = at.store.get(TrackRecord, workspace_id=WORKSPACE, id=OPERATOR)
    assert kept is not None
    at.store.commit(Put(kept.entity.model_copy(update={"mails": kept.entity.mails[1:]})))
    assert seen(at, replay=True)["replay"] == "different"


def test_a_preview_tells_what_would_have_left_and_how_people_judged_it(at: ConsideringWorld) -> None:
    at.earn(150)
    for number in (1, 2, 3):
        at.placed(number, touch=Touch.ANSWER, thread_id="", reply_to_message_id="")
        at.consider(number)
    at.approve(1)
    found = proposed(at, stance="act")
    assert found["auto_approval"] == {"considered": 3, "approved": {"replied_before": 3}, "sampled": 0, "judged": {"clean": 1, "open": 2}}
    assert found["auto_approval_now"]["approved"] == {}
    assert proposed(at, stance="act", threshold=0.97)["auto_approval"]["approved"] == {}
    assert proposed(at, stance="act", rules={"replied_before": None})["auto_approval"]["approved"] == {}


def test_a_preview_samples_the_very_drafts_that_would_be_sampled(at: ConsideringWorld) -> None:
    at.key = "k42"  # by it the first draft's draw is just below 0.05
    at.earn(150)
    at.placed(1)
    at.consider(1)
    found = proposed(at, stance="act")["auto_approval"]
    assert (found["approved"], found["sampled"]) == ({}, 1)
