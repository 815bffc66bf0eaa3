"""A preview says which decisions would have ended differently, and how many mails a quota would have held back."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.guardrails import Relationship, refusals
from shared.domain.lawfulness import Letter
from shared.domain.policy import Guardrails, Mode, Quotas, Rules
from shared.domain.preview import Decision, Left, previewed, waited
from shared.domain.quotas import Reservation
from shared.domain.sends import Touch
from tests.builders import PROSPECT, WORKSPACE, an_operator, at
from tests.ruling import guardrails

SMALL = Relationship(domain="brightleaf.example", employees=10, owner_ids=("701",))
ANSWER = Letter(touch=Touch.ANSWER, footer=None)
LARGE = SMALL.model_copy(update={"employees": 500})


def a_decision(number: int = 1, **changes: Any) -> Decision:
    usual = {
        "draft_id": f"draft-{number}",
        "at": at(days=-1),
        "operator": an_operator(),
        "relationship": SMALL,
        "letter": ANSWER,
        "sent": False,
    }
    return Decision(**{**usual, **changes})


def left(*minutes: float, touch: Touch = Touch.FOLLOW_UP, recipients: Sequence[str] = ()) -> list[Left]:
    return [
        Left(
            place=Reservation(send_id=f"send-{number}", touch=touch, new_thread=False, at=at(minutes=minute)),
            operator=an_operator(),
            recipient=recipients[number] if recipients else f"{number}@brightleaf.example",
        )
        for number, minute in enumerate(minutes)
    ]


@pytest.mark.parametrize(
    ("rules", "decision", "refused", "allowed"),
    [
        (Rules(), {}, (), ()),
        (Rules(guardrails=Guardrails(employees_at_least=50)), {}, ("employees_at_least",), ()),
        (Rules(guardrails=Guardrails(employees_at_least=50)), {"relationship": LARGE}, (), ()),
        (Rules(), {"refused_by": ("employees_at_least",)}, (), ("employees_at_least",)),
        (Rules(guardrails=Guardrails(employees_at_least=50)), {"refused_by": ("employees_at_least",)}, (), ()),
        (Rules(), {"refused_by": ("employees_at_least",), "otherwise": True}, (), ()),
        (Rules(guardrails=Guardrails(employees_at_least=50)), {"otherwise": True}, (), ()),
        (Rules(mode=Mode.DRAFT_ONLY), {"sent": True}, ("mode",), ()),
        (Rules(mode=Mode.SEND_ALLOWED), {"sent": True}, (), ()),
        (Rules(mode=Mode.SEND_ALLOWED, send_operators=("jo",)), {"sent": True}, ("mode",), ()),
    ],
)
def test_a_decision_that_would_have_ended_differently_names_the_rules(
    rules: Rules, decision: dict[str, Any], refused: tuple[str, ...], allowed: tuple[str, ...]
) -> None:
    found = previewed(rules, decisions=[a_decision(**decision)], left=(), workspace_id=WORKSPACE)
    assert tuple(found.refused_by_rule) == refused
    assert tuple(found.allowed_by_rule) == allowed
    assert found.decisions == 1


@given(guardrails(), st.lists(st.tuples(st.sampled_from([SMALL, LARGE]), st.booleans()), max_size=8))
def test_every_decision_is_refused_allowed_or_as_it_was(rules: Guardrails, past: list[tuple[Relationship, bool]]) -> None:
    decisions = [
        a_decision(number, relationship=known, refused_by=("refuse_open_deal",) if refused else ())
        for number, (known, refused) in enumerate(past)
    ]
    found = previewed(Rules(guardrails=rules), decisions=decisions, left=(), workspace_id=WORKSPACE)
    against = {one.draft_id for one in decisions if refusals(rules, one.relationship, operator=one.operator)}
    assert {one.draft_id for one in found.refused} == {one.draft_id for one in decisions if not one.refused_by} & against
    assert {one.draft_id for one in found.allowed} == {one.draft_id for one in decisions if one.refused_by} - against


def test_mails_over_a_limit_would_have_waited_and_those_behind_them_too() -> None:
    assert waited(Quotas(mailbox_per_day=2), left(0, 1, 2, 3, 24 * 60 + 5), workspace_id=WORKSPACE) == {"mailbox_per_day": 3}
    assert waited(Quotas(mailbox_per_day=5), left(0, 1, 2, 3, 24 * 60 + 5), workspace_id=WORKSPACE) == {}


def test_each_contact_and_mailbox_is_counted_for_itself() -> None:
    three = left(0, 1, 2, recipients=[PROSPECT, "Ana.Silva+x@brightleaf.example", "rui@brightleaf.example"])
    assert waited(Quotas(follow_ups_per_contact_7_days=1), three, workspace_id=WORKSPACE) == {"follow_ups_per_contact_7_days": 1}


def test_what_no_day_allows_waits_for_ever_and_is_counted_once() -> None:
    assert waited(Quotas(workspace_per_day=0), left(0, 1), workspace_id=WORKSPACE) == {"workspace_per_day": 2}


@given(st.lists(st.integers(0, 20_000), max_size=12), st.integers(0, 3))
def test_nothing_waits_under_the_limits_it_left_under(minutes: list[int], most: int) -> None:
    """Mails taken one after the other by the limits themselves would all leave again."""
    kept: list[Left] = []
    limits = Quotas(mailbox_per_day=most)
    for one in left(*sorted(minutes)):
        if not waited(limits, [*kept, one], workspace_id=WORKSPACE):
            kept.append(one)
    assert waited(limits, kept, workspace_id=WORKSPACE) == {}
