"""What the law refuses is refused before a model is asked; what only waits for a setting waits, and goes on when it is there."""

import pytest

from shared.domain.compliance import Compliance
from shared.domain.lawful_basis import Footing
from shared.domain.planning import Action, Context
from shared.domain.run import Run, RunState
from shared.domain.sends import Touch
from shared.ports.errors import ReconnectNeeded, SettingNeeded
from shared.stages.drafting.grounds import check_address, lawful_step
from tests.builders import MONDAY, a_contact, a_context, a_form_entry, a_job, a_plan, a_run, a_workspace, an_identity, at
from tests.unit.stages.world import StageWorld

UNADDRESSED = a_workspace(postal_address="")


def imported(*, basis: str, asked: bool = False) -> Context:
    identity = an_identity(contact=a_contact(country="Germany", lawful_basis=basis), company=None, company_matched_by="")
    return a_context(job=a_job(entry=a_form_entry(imported=not asked)), identity=identity)


def stepped(world: StageWorld, context: Context):
    return lawful_step(a_plan(), context, workspace=world.workspace, store=world.store, now=MONDAY)


def test_whoever_may_not_be_written_to_costs_no_model_call(world: StageWorld) -> None:
    made = stepped(world, imported(basis=""))
    assert (made.action, made.refused, "Germany" in made.reason, "hs_legal_basis" in made.reason) == (Action.NO_ACTION, True, True, True)


def test_whoever_has_agreed_or_asked_is_written_to_and_who_asked_costs_no_look(world: StageWorld) -> None:
    assert stepped(world, imported(basis="consent")) == a_plan()
    world.store.trips.clear()
    assert stepped(world, imported(basis="", asked=True)) == a_plan()
    assert world.store.trips == []


@pytest.mark.parametrize(("touch", "waits"), [(Touch.OUTREACH, True), (Touch.FOLLOW_UP, True), (Touch.ANSWER, False)])
def test_a_run_waits_for_the_address_that_its_footer_has_to_say(touch: Touch, waits: bool) -> None:
    footing = Footing(country="DE")
    if waits:
        with pytest.raises(SettingNeeded, match="sdr workspace set --postal-address"):
            check_address(Compliance(), footing, touch=touch, workspace=UNADDRESSED)
    check_address(Compliance(), footing, touch=touch, workspace=a_workspace(postal_address="1 Quay") if waits else UNADDRESSED)
    assert issubclass(SettingNeeded, ReconnectNeeded)


def ended(run: Run, *states: RunState) -> Run:
    for state in states:
        run = run.moved(state, stage="any", at=at())
    return run.model_copy(update={"placement_note": "why"})


def test_a_run_is_refused_by_gate_or_law_and_by_nothing_else() -> None:
    through = (RunState.PLANNED, RunState.DRAFTED, RunState.GATED)
    plan, idle = a_plan(), a_plan(action=Action.NO_ACTION)
    assert ended(a_run(plan=plan), *through, RunState.LOGGED).refused == "why"
    assert ended(a_run(plan=idle.model_copy(update={"refused": True})), RunState.PLANNED, RunState.LOGGED).refused == "why"
    assert ended(a_run(plan=idle), RunState.PLANNED, RunState.LOGGED).refused == ""
    assert ended(a_run(plan=plan), *through, RunState.PLACED, RunState.LOGGED).refused == ""
    assert ended(a_run(plan=plan), *through).refused == ""
