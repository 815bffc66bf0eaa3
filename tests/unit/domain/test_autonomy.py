"""What the rules have earned, over generated histories: exactly what was logged, in whatever order it is read, and no more."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain import autonomy
from shared.domain.audit import Actor, ActorKind, AuditEntry, by_stage, entry_id
from shared.domain.autonomy import Fate, Standing, TrackRecord, folded, standing, wilson_lower
from shared.domain.policy import AutoRule
from shared.domain.sends import Touch
from tests.builders import WORKSPACE, at
from tests.unit.domain.autonomy_model import Ledger, least_share

MARIA, BOT = Actor(kind=ActorKind.PERSON, id="maria"), Actor(kind=ActorKind.TOKEN, id="crm")
RULE = Actor(kind=ActorKind.RULE, id="replied_before")
EMPTY = TrackRecord(id="maria", workspace_id=WORKSPACE)
FIRST, SECOND = AutoRule.REPLIED_BEFORE, AutoRule.KNOWN_GOOD
SMALL = 5
"""A window in which generated histories find their end."""
ACTIONS = (
    "draft.approved", "draft.approved", "draft.approved", "draft.rejected", "draft.edited", "draft.regenerated", "draft.edited_outside",
    "draft.discarded", "draft.undone", "draft.objected", "send.cancelled", "send.sent", "draft.snoozed", "send.voided", "send.voided fence",
)  # fmt: skip
BAD = ("draft.rejected", "draft.edited", "draft.edited_outside", "draft.discarded", "draft.objected", "suppression.added")


def an_entry(minute: int, action: str, number: int = 1, *, by: Actor = MARIA, evidence: tuple[str, ...] = (), **changes: Any) -> AuditEntry:
    moment = at(minutes=minute)
    name, _, rule = action.partition(" ")
    told = (*evidence, rule) if rule else evidence
    usual: dict[str, Any] = {"draft_id": f"draft-{number}", "contact": f"contact-{number % 3}"}
    return AuditEntry(id=entry_id(moment, "x"), workspace_id=WORKSPACE, at=moment, actor=by, action=name, evidence=told, **usual | changes)


def considered(minute: int, number: int, *rules: AutoRule, operator: str = "maria", touch: Touch = Touch.ANSWER) -> AuditEntry:
    told = (f"operator:{operator}", f"touch:{touch}", *(f"rule:{one}" for one in rules or (FIRST,)))
    return an_entry(minute, "draft.considered", number, by=by_stage("consider"), evidence=told)


def decided(*actions: str) -> list[AuditEntry]:
    """One draft after the other, each considered and then decided on in this way."""
    made: list[AuditEntry] = []
    for number, action in enumerate(actions, start=1):
        made += [considered(2 * number, number), an_entry(2 * number + 1, action, number)]
    return made


def earned(entries: list[AuditEntry], *, confidence: float = 0.90, rule: AutoRule = FIRST, touch: Touch = Touch.ANSWER) -> Standing:
    return standing(folded(EMPTY, entries).mails, rule=rule, touch=touch, confidence=confidence)


@st.composite
def histories(draw: st.DrawFn) -> list[AuditEntry]:
    """Anything that can be logged about a few drafts, and about the people they are for."""
    made: list[AuditEntry] = []
    for minute in range(1, draw(st.integers(1, 60))):
        number = draw(st.integers(1, 8))
        kind = draw(st.sampled_from(["considered", "decided", "decided", "decided", "suppressed"]))
        if kind == "considered":
            rules = draw(st.sampled_from([(FIRST,), (SECOND,), (FIRST, SECOND), ()]))
            entry = considered(minute, number, operator=draw(st.sampled_from(["maria", "maria", "jo"])), touch=draw(st.sampled_from(Touch)))
            answer = draw(st.sampled_from(["ask", "sampled", "approve"]))
            told = (*entry.evidence[:2], *(f"rule:{one}" for one in rules), f"answer:{answer}")
            made.append(entry.model_copy(update={"evidence": told}))
        elif kind == "decided":
            changed = draw(st.sampled_from([(), ("changed:0",), ("changed:12",)]))
            made.append(
                an_entry(minute, draw(st.sampled_from(ACTIONS)), number, by=draw(st.sampled_from([MARIA, BOT, RULE])), evidence=changed)
            )
        else:
            cause = draw(st.sampled_from(["complaint", "bounce", "opt_out", "manual"]))
            made.append(an_entry(minute, "suppression.added", number, draft_id="", reason=cause))
    return made


def lanes() -> Iterator[tuple[Touch, AutoRule]]:
    yield from itertools.product(Touch, (FIRST, SECOND))


@given(histories())
@settings(max_examples=400, deadline=None)
def test_what_is_earned_is_what_the_reference_says(history: list[AuditEntry]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(autonomy, "WINDOW", SMALL)
        ledger = Ledger("maria", SMALL)
        mails = folded(EMPTY, history).mails
        for entry in history:
            ledger.read(entry)
        for touch, rule in lanes():
            found = standing(mails, rule=rule, touch=touch, confidence=0.9)
            assert (found.clean, found.judged - found.clean) == ledger.counts(touch, rule)


@given(st.integers(1, 200).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_bound_is_the_least_share_that_would_be_no_surprise(seen: tuple[int, int]) -> None:
    assert wilson_lower(*seen) == pytest.approx(least_share(*seen), abs=1e-9)


@given(histories(), st.randoms(use_true_random=False), st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_order_repeats_and_where_reading_stopped_change_nothing(history: list[AuditEntry], chance: Any, cut: int) -> None:
    jumbled = [*history, *history[: cut // 2]]
    chance.shuffle(jumbled)
    once = folded(EMPTY, history)
    assert folded(EMPTY, jumbled) == once
    assert folded(folded(EMPTY, history[:cut]), jumbled) == once
    assert folded(once, jumbled) == once


@given(histories(), st.integers(1, 8), st.sampled_from(BAD), st.sampled_from(["complaint", "bounce", "opt_out"]), st.booleans())
@settings(max_examples=400, deadline=None)
def test_one_more_bad_judgement_never_promotes(history: list[AuditEntry], number: int, action: str, cause: str, small: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(autonomy, "WINDOW", SMALL if small else 200)
        reason = {"reason": cause, "draft_id": ""} if action == "suppression.added" else {}
        worse = [*history, an_entry(100, action, number, **reason)]
        for (touch, rule), asked in itertools.product(lanes(), (0.2, 0.5, 0.9)):
            before, after = (earned(one, confidence=asked, rule=rule, touch=touch) for one in (history, worse))
            assert after.bound <= before.bound + 1e-12
            assert before.earned or not after.earned


@given(histories(), st.integers(1, 8))
@settings(max_examples=300, deadline=None)
def test_a_decision_that_was_not_logged_never_promotes(history: list[AuditEntry], number: int) -> None:
    """Neither does one about a draft that nobody was seen to consider."""
    id = f"draft-{number}"
    unlogged = [one for one in history if not (one.draft_id == id and one.action == "draft.approved")]
    unconsidered = [one for one in history if not (one.draft_id == id and one.action == "draft.considered")]
    for touch, rule in lanes():
        assert earned(unlogged, rule=rule, touch=touch).clean <= earned(history, rule=rule, touch=touch).clean
        mails = [one for one in folded(EMPTY, unconsidered).mails if one.draft_id == id]
        assert mails == []


@pytest.mark.parametrize(("confidence", "clean"), [(0.85, 22), (0.90, 35), (0.95, 73), (0.98, 189)])
def test_so_many_clean_decisions_earn_it_and_one_less_does_not(confidence: float, clean: int) -> None:
    enough = decided(*["draft.approved"] * clean)
    assert earned(enough, confidence=confidence).earned
    assert not earned(enough[:-1], confidence=confidence).earned
    assert (earned([], confidence=confidence).needs, earned(enough[:-1], confidence=confidence).needs) == (clean, 1)


@pytest.mark.parametrize(("confidence", "decisions"), [(0.90, 53), (0.95, 110)])
def test_one_rejection_has_to_be_made_up_for(confidence: float, decisions: int) -> None:
    made = decided("draft.rejected", *["draft.approved"] * (decisions - 1))
    assert earned(made, confidence=confidence).earned
    assert not earned(made[:-1], confidence=confidence).earned


def test_a_rejection_demotes_a_rule_that_has_just_earned_it() -> None:
    made = decided(*["draft.approved"] * 35, "draft.rejected")
    found = earned(made)
    assert (found.earned, found.needs) == (False, 17)
    assert found.told == "not earned yet: 35 of the last 36 approved unchanged (1 rejected); needs 17 more in a row"


def test_a_complaint_takes_everything_that_was_earned_before_it_and_forgives_nothing() -> None:
    made = decided(*["draft.approved"] * 190, "draft.rejected")
    made.append(an_entry(500, "suppression.added", 190, draft_id="", reason="complaint", contact="contact-1"))
    found = earned(made)
    assert (found.clean, found.bad[Fate.REJECTED], found.earned) == (0, 1, False)
    assert found.bad[Fate.COMPLAINED] > 0


def test_only_the_newest_two_hundred_count() -> None:
    found = earned(decided(*["draft.rejected"] * 50, *["draft.approved"] * 200))
    assert (found.clean, found.judged, found.earned) == (200, 200, True)
    assert found.told == "earned: 200 of the last 200 approved unchanged"


@pytest.mark.parametrize(
    ("entries", "fate"),
    [
        ([("draft.approved", MARIA)], Fate.CLEAN),
        ([("draft.approved", BOT)], Fate.CLEAN),
        ([("draft.approved", RULE)], Fate.UNATTENDED),
        ([("draft.approved", RULE), ("send.sent", by_stage("send"))], Fate.UNATTENDED),
        ([("draft.approved", RULE), ("send.cancelled", MARIA)], Fate.REJECTED),
        ([("draft.approved", RULE), ("draft.objected", MARIA)], Fate.REJECTED),
        ([("draft.approved", RULE), ("send.voided", by_stage("send"))], Fate.OPEN),
        ([("draft.approved", RULE), ("send.voided fence", by_stage("send"))], Fate.CHANGED),
        ([("draft.approved", RULE), ("send.cancelled", MARIA), ("draft.approved", MARIA)], Fate.REJECTED),
        ([("draft.approved", MARIA), ("send.cancelled", MARIA)], Fate.OPEN),
        ([("draft.approved", MARIA), ("draft.undone", MARIA), ("draft.approved", MARIA)], Fate.CLEAN),
        ([("draft.edited", MARIA), ("draft.approved", MARIA)], Fate.CHANGED),
        ([("draft.edited", MARIA), ("draft.rejected", MARIA)], Fate.REJECTED),
        ([("draft.asked_anew", MARIA), ("draft.approved", MARIA)], Fate.CLEAN),
        ([("draft.regenerated", MARIA), ("draft.approved", MARIA)], Fate.CHANGED),
        ([("draft.edited_outside", by_stage("sync_mailbox")), ("draft.sent_by_operator", by_stage("sync_mailbox"))], Fate.CHANGED),
        ([("draft.discarded", by_stage("sync_mailbox"))], Fate.REJECTED),
        ([("draft.sent_by_operator", by_stage("sync_mailbox"))], Fate.OPEN),
        ([("draft.snoozed", MARIA)], Fate.OPEN),
    ],
)  # fmt: skip
def test_what_people_do_with_a_draft_says_this_about_the_rule(entries: list[tuple[str, Actor]], fate: Fate) -> None:
    history = [considered(1, 1), *(an_entry(2 + number, action, by=by) for number, (action, by) in enumerate(entries))]
    assert [one.fate for one in folded(EMPTY, history).mails] == [fate]


def test_a_rules_own_approval_says_nothing_even_when_it_is_read_before_the_consideration() -> None:
    approved = an_entry(1, "draft.approved", by=RULE)
    yes = considered(1, 1)
    yes = yes.model_copy(update={"id": approved.id + "y", "evidence": (*yes.evidence, "answer:approve")})
    history = [approved, yes, an_entry(2, "send.cancelled")]
    assert [one.fate for one in folded(EMPTY, history).mails] == [Fate.REJECTED]


def test_what_a_rule_could_not_approve_after_all_is_a_persons() -> None:
    yes, no = considered(1, 1), considered(2, 1)
    history = [yes.model_copy(update={"evidence": (*yes.evidence, "answer:approve")}), no]
    assert [one.fate for one in folded(EMPTY, history).mails] == [Fate.OPEN]


def test_how_much_was_changed_is_told() -> None:
    made = [*decided("draft.approved"), considered(10, 2), an_entry(11, "draft.edited", 2, evidence=("changed:12",))]
    made += [considered(12, 4), an_entry(13, "draft.edited", 4, evidence=("changed:30",))]
    assert "1 of the last 3 approved unchanged (2 changed by 21% of the words)" in earned(made).told


def test_kinds_of_mail_and_rules_earn_for_themselves_alone() -> None:
    made = [considered(1, 1, FIRST, SECOND, touch=Touch.OUTREACH), an_entry(2, "draft.approved", 1)]
    assert [earned(made, rule=rule, touch=Touch.OUTREACH).clean for rule in AutoRule] == [1, 1, 0, 0]
    assert earned(made, touch=Touch.ANSWER).judged == 0
