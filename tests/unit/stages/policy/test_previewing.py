"""A preview over what was really decided: drafts, sends and what their runs knew, by pages, with nothing written."""

from typing import Any

import pytest

from shared.domain.draft import Draft, DraftState
from shared.domain.footer import Footer
from shared.domain.heard import Heard, heard_id
from shared.domain.policy import CURRENT, Guardrails, Mode, Policy, Rules
from shared.domain.run import Run
from shared.domain.sends import Departure, Send, SendState, Touch
from shared.ports.errors import Rejected
from shared.stages.policy import previewing
from shared.stages.policy.policies import Policies, Proposal
from shared.stages.policy.previewing import preview
from tests.builders import (
    OPERATOR,
    PROSPECT,
    WORKSPACE,
    a_company,
    a_contact,
    a_context,
    a_draft,
    a_run,
    a_verdict,
    a_violation,
    an_identity,
    at,
)
from tests.footers import a_footer
from tests.unit.stages.world import StageWorld

SMALL_FIRM = "employees_at_least"


def decided(
    world: StageWorld, number: int, *, employees: int = 120, days: float = -1, refused: tuple[str, ...] = (), **draft: Any
) -> Draft:
    """A run and its draft: approved, unless guardrails are named that refused it."""
    identity = an_identity(company=a_company(employees=employees))
    run = a_run(id=f"run_{number}", context=a_context(identity=identity))
    usual: dict[str, Any] = {"approvals": 1, "state": DraftState.APPROVED, "decided_at": at(days=days)}
    if refused:
        violations = tuple(a_violation(check=one) for one in refused)
        usual = {"state": DraftState.REJECTED, "verdict": a_verdict(outcome="FAIL", violations=violations)}
    usual |= {"id": f"draft-{number}", "run_id": run.id, "created_at": at(days=days), "updated_at": at(days=days)}
    kept = a_draft(**{**usual, **draft})
    world.put(run, kept)
    return kept


def sent(world: StageWorld, draft: Draft, *, state: SendState = SendState.SETTLED, minutes: float = 0) -> None:
    moment = at(days=-1, minutes=minutes)
    departure = Departure(gmail_message_id="g", thread_id="t", at=moment) if state is SendState.SETTLED else None
    world.put(
        Send(
            id=draft.id.replace("draft", "send"),
            workspace_id=WORKSPACE,
            approval_id="approval",
            draft_id=draft.id,
            operator_id=OPERATOR,
            mailbox="maria@northwind.example",
            recipient=PROSPECT,
            touch=Touch.FOLLOW_UP,
            new_thread=False,
            state=state,
            due_at=moment,
            departure=departure,
            trace_id="trace",
            created_at=moment,
            updated_at=moment,
        )
    )


def previewed(world: StageWorld, patch: dict[str, Any]) -> dict[str, Any]:
    policies = Policies(store=world.store, outbox=world.outbox, clock=world.clock, audit=world.audit)
    found = preview(Proposal(patch=patch), workspace_id=WORKSPACE, policies=policies, store=world.store, clock=world.clock)
    return dict(found)


def test_what_a_stricter_guardrail_would_have_refused_is_named_with_its_rule(world: StageWorld) -> None:
    decided(world, 1, employees=10)
    decided(world, 2, employees=500)
    found = previewed(world, {"guardrails": {"employees_at_least": 50}})
    assert (found["decisions"], found["refused"], found["allowed"]) == (2, 1, 0)
    assert found["refused_by_rule"] == {SMALL_FIRM: 1}
    [one] = found["refused_decisions"]
    assert (one["draft_id"], one["rules"]) == ("draft-1", [SMALL_FIRM])
    assert one["reason"] == "They have 10 employees, and only companies with 50 or more may be contacted."
    assert (found["before"], found["after"]) == ({"guardrails": {"employees_at_least": None}}, {"guardrails": {"employees_at_least": 50}})
    assert (found["based_on"], found["complete"]) == (0, True)


def test_what_the_gate_refused_would_be_allowed_if_nothing_else_was_in_the_way(world: StageWorld) -> None:
    decided(world, 1, refused=(SMALL_FIRM,))
    decided(world, 2, refused=(SMALL_FIRM, "ungrounded_money"))
    decided(world, 3, refused=("ungrounded_money",))
    found = previewed(world, {"quotas": {"mailbox_per_day": 5}})
    assert (found["decisions"], found["allowed_by_rule"]) == (2, {SMALL_FIRM: 1})
    assert [one["draft_id"] for one in found["allowed_decisions"]] == ["draft-1"]


def test_what_was_sent_would_not_be_in_draft_only_and_what_was_voided_by_a_guardrail_might_be(world: StageWorld) -> None:
    rules = Rules(mode=Mode.SEND_ALLOWED, guardrails=Guardrails(employees_at_least=50))
    world.put(Policy(id=CURRENT, workspace_id=WORKSPACE, version=3, rules=rules))
    sent(world, decided(world, 1, employees=500))
    sent(world, decided(world, 2, employees=10), state=SendState.VOIDED)
    assert previewed(world, {"mode": "DRAFT_ONLY"})["refused_by_rule"] == {"mode": 1}
    assert previewed(world, {"guardrails": {"employees_at_least": None}})["allowed_by_rule"] == {SMALL_FIRM: 1}


def test_what_a_lower_quota_would_have_held_back_is_counted_beside_what_the_present_one_would(world: StageWorld) -> None:
    for number in range(4):
        sent(world, decided(world, number), minutes=number)
    found = previewed(world, {"quotas": {"mailbox_per_day": 1, "follow_ups_per_contact_7_days": 100}})
    assert (found["sends"], found["waited"], found["waited_now"]) == (4, {"mailbox_per_day": 3}, {"follow_ups_per_contact_7_days": 2})


def test_only_the_last_thirty_days_count_and_canaries_never_do(world: StageWorld) -> None:
    decided(world, 1, days=-29.9)
    decided(world, 2, days=-30.1)
    decided(world, 3, synthetic=True)
    decided(world, 4, operator_id="somebody who has left")
    decided(world, 5, approvals=0, state=DraftState.PENDING)
    assert previewed(world, {"quotas": {"mailbox_per_day": 5}})["decisions"] == 1


def test_it_reads_by_pages_and_says_when_there_was_more(world: StageWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previewing, "PAGE", 2)
    for number in range(7):
        decided(world, number, days=-1 - number / 100)
    world.store.trips.clear()
    assert (found := previewed(world, {"mode": "SEND_ALLOWED"}))["complete"]
    assert found["decisions"] == 7
    assert world.store.trips.count("list") == 5  # sends, and drafts two by two
    monkeypatch.setattr(previewing, "MOST", 4)
    few = previewed(world, {"mode": "SEND_ALLOWED"})
    assert (few["decisions"], few["complete"]) == (4, False)


def test_nothing_is_written_and_what_cannot_be_is_refused(world: StageWorld) -> None:
    decided(world, 1)
    world.store.trips.clear()
    previewed(world, {"mode": "SEND_ALLOWED"})
    assert "commit" not in world.store.trips
    with pytest.raises(Rejected) as refused:
        previewed(world, {"mode": "NEVER"})
    assert refused.value.field == "mode"


def test_a_run_that_is_gone_leaves_its_decision_out(world: StageWorld) -> None:
    decided(world, 1)
    [run] = world.store.everything(Run)
    world.put(run.model_copy(update={"context": None}))
    assert previewed(world, {"mode": "SEND_ALLOWED"})["decisions"] == 0


def outreach(world: StageWorld, number: int, *, basis: str = "", footer: Footer | None = None, **draft: Any) -> Draft:
    """A mail nobody asked for, to somebody in Portugal."""
    kept = decided(world, number, touch=Touch.OUTREACH, footer=footer or a_footer(), **draft)
    contact = a_contact(country="Portugal", lawful_basis=basis)
    world.put(a_run(id=kept.run_id, context=a_context(identity=an_identity(contact=contact))))
    return kept


def test_who_could_not_have_been_written_to_under_a_stricter_rule_about_consent_is_named(world: StageWorld) -> None:
    outreach(world, 1, basis="customer")
    outreach(world, 2, basis="consent")
    outreach(world, 3, refused=("lawful_basis",))
    found = previewed(world, {"compliance": {"consent_only": ["PT"]}})
    assert (found["refused_by_rule"], found["allowed"]) == ({"lawful_basis": 1}, 0)
    assert "PT" in found["refused_decisions"][0]["reason"]
    assert found["after"] == {"compliance": {"consent_only": ["PT"]}}
    found = previewed(world, {"compliance": {"assessment": "LIA-7"}})
    assert (found["refused"], found["allowed_by_rule"]) == (0, {"lawful_basis": 1})


def test_a_mail_would_have_said_what_the_rules_had_asked_it_to_say(world: StageWorld) -> None:
    """It is written under the same rules: the footer of another policy does not speak against it."""
    outreach(world, 1, basis="consent")
    decided(world, 2)
    assert previewed(world, {"compliance": {"disclosure": "always"}})["refused"] == 0
    outreach(world, 3, basis="consent", refused=("disclosure",))
    assert previewed(world, {"compliance": {"disclosure": "never"}})["allowed_by_rule"] == {"disclosure": 1}


def test_what_they_had_written_before_it_was_decided_counts_and_what_came_later_does_not(world: StageWorld) -> None:
    outreach(world, 1)
    outreach(world, 2, days=-3)
    id = heard_id(WORKSPACE, PROSPECT)
    world.put(Heard(id=id, workspace_id=WORKSPACE, at=at(days=-2), thread_id="t", gmail_message_id="m"))
    found = previewed(world, {"guardrails": {"refuse_open_deal": False}})
    assert [one["draft_id"] for one in found["refused_decisions"]] == ["draft-2"]
