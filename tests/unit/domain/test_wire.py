"""At the wire: whatever voids an approval never goes, whatever waits does not go yet, and the rest goes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.approval import Approval, ApprovalState
from shared.domain.audit import Actor, ActorKind
from shared.domain.compliance import Compliance
from shared.domain.draft import DraftState
from shared.domain.guardrails import Relationship
from shared.domain.heard import Heard, MailboxState
from shared.domain.ids import ApprovalId, DraftId, TraceId
from shared.domain.jurisdictions import Basis
from shared.domain.lawful_basis import Footing
from shared.domain.policy import Guardrails, KillSwitch, Mode, Pace, Quotas, Rules
from shared.domain.quotas import Books, QuotaBook, Reservation
from shared.domain.sends import Send, Touch
from shared.domain.tracked import Tracked
from shared.domain.wire import KILLED, LISTENING, Go, Situation, Void, Wait, judged
from tests.builders import MONDAY, OPERATOR, PROSPECT, WORKSPACE, a_draft, a_policy, an_operator, at
from tests.footers import a_footer

ANYTHING = Rules(mode=Mode.SEND_ALLOWED, guardrails=Guardrails(refuse_owner_conflict=False))


def a_book(name: str, *places: Reservation, **changes: Any) -> QuotaBook:
    return QuotaBook(id=name, workspace_id=WORKSPACE, reservations=places, **changes)


def a_send(**changes: Any) -> Send:
    usual = {
        "id": "send_1-1",
        "workspace_id": WORKSPACE,
        "approval_id": ApprovalId("approval_1-1"),
        "draft_id": DraftId("draft-1"),
        "operator_id": OPERATOR,
        "mailbox": "maria@northwind.example",
        "recipient": PROSPECT,
        "touch": Touch.OUTREACH,
        "new_thread": True,
        "due_at": MONDAY,
        "trace_id": TraceId("trace-1"),
        "created_at": at(minutes=-5),
        "updated_at": at(minutes=-5),
    }
    return Send(**{**usual, **changes})


def an_approval(**changes: Any) -> Approval:
    usual = {
        "id": "approval_1-1",
        "workspace_id": WORKSPACE,
        "draft_id": DraftId("draft-1"),
        "revision": 1,
        "actor": Actor(kind=ActorKind.PERSON, id="maria"),
        "fingerprint": "f",
        "raw": "",
        "raw_digest": "",
        "thread_head": "",
        "policy_version": 1,
        "at": at(minutes=-5),
    }
    return Approval(**{**usual, **changes})


def heard(minutes: float) -> Heard:
    return Heard(id="h", workspace_id=WORKSPACE, at=at(minutes=minutes), thread_id="t1", gmail_message_id="m9")


def listening(**changes: Any) -> MailboxState:
    usual = {"id": OPERATOR, "workspace_id": WORKSPACE, "operator_id": OPERATOR, "cursor": "1", "read_at": MONDAY}
    return MailboxState(**{**usual, **changes})


def a_situation(rules: Rules = ANYTHING, **changes: Any) -> Situation:
    usual = {
        "send": a_send(),
        "approval": an_approval(),
        "draft": a_draft(state=DraftState.APPROVED, touch=Touch.OUTREACH, footer=a_footer()),
        "policy": a_policy().model_copy(update={"rules": rules}),
        "operator": an_operator(),
        "relationship": Relationship(domain="brightleaf.example", footing=Footing(country="US")),
        "books": Books(workspace=a_book("workspace"), mailbox=a_book("mailbox"), contact=a_book("contact")),
        "mailbox": listening(),
        "heard": None,
        "suppressed": "",
        "zone": "Europe/Lisbon",
        "production": True,
        "now": MONDAY,
    }
    return Situation(**{**usual, **changes})


def with_rules(case: Situation, **changes: Any) -> Situation:
    return replace(case, policy=case.policy.model_copy(update={"rules": case.policy.rules.model_copy(update=changes)}))


AGREED = Footing(country="DE", told=(Basis.CONSENT,))


def tracked(case: Situation) -> Situation:
    return replace(case, draft=case.draft.model_copy(update={"tracked": Tracked(picture="https://links.example/o")}))


FORBIDDEN = {
    "withdrawn": ("approval", lambda case: replace(case, approval=an_approval(state=ApprovalState.WITHDRAWN))),
    "used": ("approval", lambda case: replace(case, approval=an_approval(state=ApprovalState.USED))),
    "draft": ("approval", lambda case: replace(case, draft=a_draft(state=DraftState.PENDING))),
    "text": ("approval", lambda case: replace(case, draft=case.draft.model_copy(update={"revision": 2}))),
    "mode": ("mode", lambda case: with_rules(case, mode=Mode.DRAFT_ONLY)),
    "operator": ("mode", lambda case: with_rules(case, send_operators=("jo",))),
    "recipient": ("allowed_recipients", lambda case: replace(case, production=False)),
    "suppressed": ("suppression", lambda case: replace(case, suppressed="suppressed: they asked not to be written to")),
    "guardrail": ("employees_at_least", lambda case: with_rules(case, guardrails=Guardrails(employees_at_least=50))),
    "country": ("lawful_basis", lambda case: replace(case, relationship=Relationship(footing=Footing(country="DE")))),
    "footless": ("footer", lambda case: replace(case, draft=case.draft.model_copy(update={"footer": None}))),
    "undisclosed": ("disclosure", lambda case: with_rules(case, compliance=Compliance(disclosure="always"))),
    "watched": ("tracking", lambda case: replace(tracked(case), relationship=Relationship(footing=AGREED))),
    "heard": ("heard", lambda case: replace(case, heard=heard(-1))),
}
"""What can never become right again: its rule, and how it comes to be."""
POSTPONED = {
    "killed": lambda case: with_rules(case, kill_switch=KillSwitch(on=True)),
    "deaf": lambda case: replace(case, mailbox=None),
    "troubled": lambda case: replace(case, mailbox=listening(trouble="consent was revoked")),
    "silent": lambda case: replace(case, mailbox=listening(read_at=MONDAY - LISTENING - timedelta(seconds=1))),
    "early": lambda case: replace(case, send=case.send.model_copy(update={"due_at": at(minutes=1)})),
    "pace": lambda case: replace(case, books=case.books.model_copy(update={"mailbox": a_book("mailbox", last_at=at(seconds=-5))})),
    "quota": lambda case: with_rules(case, quotas=Quotas(mailbox_per_day=0)),
    "night": lambda case: replace(case, zone="Pacific/Honolulu"),
}
"""What has to be waited for."""


def test_a_mail_that_is_watched_goes_to_whoever_has_agreed_to_that() -> None:
    asked = with_rules(tracked(a_situation()), compliance=Compliance(watching_consented=True))
    assert isinstance(judged(replace(asked, relationship=Relationship(footing=AGREED))), Go)
    assert isinstance(judged(tracked(a_situation())), Go)  # in the United States


def test_what_nothing_speaks_against_goes_with_its_place() -> None:
    assert judged(a_situation()) == Go(Reservation(send_id="send_1-1", touch=Touch.OUTREACH, new_thread=True, at=MONDAY))


@pytest.mark.parametrize("why", FORBIDDEN)
def test_what_no_longer_holds_is_void_and_names_its_rule(why: str) -> None:
    rule, worsened = FORBIDDEN[why]
    found = judged(worsened(a_situation()))
    assert isinstance(found, Void)
    assert found.rule == rule
    assert found.reason


@pytest.mark.parametrize("why", POSTPONED)
def test_what_only_needs_time_waits_and_says_for_what(why: str) -> None:
    found = judged(POSTPONED[why](a_situation()))
    assert isinstance(found, Wait)
    assert found.reason
    assert found.until is None or found.until > MONDAY


@given(st.sets(st.sampled_from(sorted(FORBIDDEN))), st.sets(st.sampled_from(sorted(POSTPONED))))
def test_whatever_is_void_never_goes_and_never_waits_whatever_else_is_so(forbidden: set[str], postponed: set[str]) -> None:
    case = a_situation()
    for why in sorted(postponed):
        case = POSTPONED[why](case)
    for why in sorted(forbidden):
        case = FORBIDDEN[why][1](case)
    found = judged(case)
    assert isinstance(found, Void if forbidden else Wait if postponed else Go)
    if postponed and not forbidden and "killed" in postponed:
        assert found == Wait(KILLED, None)


@given(st.sets(st.sampled_from(sorted(FORBIDDEN)), min_size=1))
def test_what_is_void_stays_so_however_long_it_waits(forbidden: set[str]) -> None:
    case = a_situation()
    for why in sorted(forbidden):
        case = FORBIDDEN[why][1](case)
    for days in range(0, 60, 7):
        assert isinstance(judged(replace(case, now=at(days=days))), Void)


def test_an_answer_is_bound_by_no_window_but_by_everything_else() -> None:
    night = at(hours=14)
    answer = replace(a_situation(), send=a_send(touch=Touch.ANSWER, new_thread=False), now=night, mailbox=listening(read_at=night))
    assert isinstance(judged(answer), Go)
    assert isinstance(judged(replace(answer, send=a_send())), Wait)


def test_outside_production_every_recipient_must_be_listed_also_in_copy() -> None:
    case = with_rules(a_situation(production=False), allowed_recipients=(PROSPECT,))
    assert isinstance(judged(case), Go)
    copied = replace(case, draft=case.draft.model_copy(update={"cc": ("boss@brightleaf.example",)}))
    assert isinstance(judged(copied), Void)


def test_what_they_wrote_and_was_known_when_it_was_approved_does_not_stop_it() -> None:
    known = a_situation(heard=heard(-1))
    assert isinstance(judged(replace(known, approval=known.approval.model_copy(update={"heard": "m9"}))), Go)


def test_what_they_wrote_before_it_was_drafted_does_not_stop_it_and_an_hour_is_allowed_for_clocks() -> None:
    assert isinstance(judged(a_situation(heard=heard(-60))), Go)
    assert isinstance(judged(a_situation(heard=heard(-59))), Void)


def test_what_they_wrote_between_the_reading_of_the_mailbox_and_the_writing_of_the_draft_stops_it() -> None:
    late = a_draft(state=DraftState.APPROVED, footer=a_footer(), knows_until=at(hours=-6))
    assert isinstance(judged(a_situation(draft=late, heard=heard(-120))), Void)
    assert isinstance(judged(a_situation(draft=late, heard=heard(-7 * 60))), Go)


def test_what_they_wrote_in_the_thread_that_is_answered_is_known_by_its_newest_mail() -> None:
    case = a_situation(draft=a_draft(state=DraftState.APPROVED, footer=a_footer(), thread_id="t1"), heard=heard(-1))
    assert isinstance(judged(case), Go)
    assert isinstance(judged(replace(case, heard=heard(1))), Void)


def test_a_mailbox_sends_again_when_its_gap_is_over() -> None:
    case = a_situation(Rules(mode=Mode.SEND_ALLOWED, pace=Pace(gap_s=20)))
    just = replace(case, books=case.books.model_copy(update={"mailbox": a_book("mailbox", last_at=at(seconds=-5))}))
    found = judged(just)
    assert isinstance(found, Wait)
    assert found.until == at(seconds=15)
    assert isinstance(judged(replace(just, now=at(seconds=15))), Go)
