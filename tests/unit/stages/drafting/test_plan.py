"""Plan: from an announcement to one run, its context and its plan, however often and by however many hints it is told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.agents.trigger.agent import FormTrigger
from shared.domain.crm_entry import CrmRecord
from shared.domain.hints import HintState
from shared.domain.outbox import Channel
from shared.domain.people import Company, Contact, Deal
from shared.domain.planning import Action, Job
from shared.domain.run import Run, RunState, Step
from shared.domain.submission import Submission
from shared.ports.errors import Conflict, NotFound, Permanent, Transient
from shared.ports.store import Write
from shared.stages.arriving.resolve import PATIENCE
from tests.builders import (
    MONDAY,
    PROSPECT,
    WORKSPACE,
    a_contact,
    a_deal,
    a_form_entry,
    a_hint,
    a_job,
    a_parsed_hint,
    a_plan,
    a_recollection,
    a_slot,
    a_thread_reading,
    an_asset_match,
    an_identity,
    at,
)
from tests.fakes.crm import MemoryCrm
from tests.fakes.store import MemoryStore
from tests.unit.stages.planning import Planning
from tests.unit.stages.world import StageWorld


@pytest.fixture
def planning(world: StageWorld) -> Planning:
    return Planning(world)


def test_a_hint_becomes_a_planned_run_of_its_submission(planning: Planning):
    planning.world.later(minutes=1)
    planning()
    run, submission = planning.run, planning.world.one(Submission)
    assert (run.state, run.plan, run.recipient, run.operator_id) == (RunState.PLANNED, a_plan(), PROSPECT, "maria")
    assert (run.trace_id, run.opened_by, run.created_at, run.updated_at) == ("trace-1", "hint-1", MONDAY, at(minutes=1))
    assert (submission.id, submission.run_id, submission.contact_id) == (run.submission_id, run.id, "51")
    assert (submission.entry, submission.portal_id) == (a_form_entry(), "4242")
    assert (planning.hint().state, planning.hint().run_id) == (HintState.RESOLVED, run.id)
    assert run.history == (
        Step(state=RunState.RECEIVED, stage="form_webhook", at=MONDAY, note="announced by workflow"),
        Step(state=RunState.PLANNED, stage="plan", at=at(minutes=1), note=a_plan().reason),
    )


def test_a_context_is_as_old_as_the_moment_before_it_was_gathered(planning: Planning):
    planning.reader.answer = lambda **asked: planning.world.later(minutes=7)
    planning()
    assert planning.run.context is not None
    assert (planning.run.context.looked_at, planning.run.updated_at) == (MONDAY, at(minutes=7))


def test_the_planned_run_owes_its_event_in_the_same_commit(planning: Planning):
    planning.world.outbox.dead = True
    planning.world.later(minutes=1)
    planning()
    [owed] = planning.world.owed
    assert (owed.id, owed.channel, owed.destination) == (f"{planning.run.id}-planned", Channel.EVENT, "lead.planned")
    assert owed.payload == {"workspace_id": WORKSPACE, "id": planning.run.id}
    assert (owed.trace_id, owed.created_at) == ("trace-1", at(minutes=1))


def test_a_plan_to_do_nothing_goes_straight_to_the_crm(planning: Planning):
    planning.planner.answer = a_plan(action=Action.NO_ACTION, reason="They are a customer already.")
    planning()
    [owed] = planning.world.outbox.flushed
    assert (owed.channel, owed.destination) == (Channel.TASK, "crm")
    assert planning.run.placement_note == "They are a customer already."


def test_any_other_plan_leaves_no_note_for_the_crm(planning: Planning):
    planning()
    assert planning.run.placement_note == ""


def test_the_agents_are_asked_about_this_person_with_the_operator_who_owns_the_contact(planning: Planning):
    planning.identity.answer = an_identity(contact=a_contact(owner_id="702"))
    planning.reader.answer = a_thread_reading()
    planning()
    assert planning.run.operator_id == planning.run.context.operator_id == "jo"
    assert planning.identity.asked[0]["contact_id"] == "51"
    assert planning.identity.asked[0]["entry"] == a_form_entry()
    [(read, remembered, hunted, met)] = zip(
        planning.reader.asked, planning.memory.asked, planning.hunter.asked, planning.slots.asked, strict=True
    )
    assert (read["operator"].id, read["address"]) == ("jo", PROSPECT)
    assert (remembered["operator"].id, remembered["addresses"], remembered["domains"]) == ("jo", [PROSPECT], ["brightleaf.example"])
    assert hunted["workspace"].id == WORKSPACE
    assert (met["operator"].id, met["contact_timezone"], met["contact_country"]) == ("jo", "Europe/Lisbon", "Portugal")
    assert (met["urgency"], met["now"]) == (a_job().priority, MONDAY)


def test_without_a_thread_the_best_three_of_memory_count(planning: Planning):
    planning.memory.answer = recalled = tuple(a_recollection(thread_id=f"t{number}") for number in range(5))
    planning()
    assert planning.run.context.memories == recalled[:3]


def test_what_stands_in_the_thread_is_no_memory(planning: Planning):
    planning.reader.answer = a_thread_reading()
    planning.memory.answer = (a_recollection(thread_id="t1"), *(a_recollection(thread_id=f"t{number}") for number in range(2, 5)))
    planning()
    assert [one.thread_id for one in planning.run.context.memories] == ["t2", "t3", "t4"]


def test_colleagues_at_a_free_mail_provider_are_strangers(planning: Planning):
    planning.trigger.answer = (a_job(entry=a_form_entry(email="ana.silva@gmail.com")),)
    planning()
    assert planning.memory.asked[0]["domains"] == []


def test_a_contact_without_country_is_where_its_company_is(planning: Planning):
    planning.identity.answer = an_identity(contact=a_contact(country=""))
    planning()
    assert planning.slots.asked[0]["contact_country"] == "Portugal"


def test_nobody_knows_where_a_contact_without_country_and_company_is(planning: Planning):
    planning.identity.answer = an_identity(contact=a_contact(country=""), company=None)
    planning()
    assert planning.slots.asked[0]["contact_country"] == ""


def test_the_search_is_for_the_prospects_own_words_longest_first_and_not_for_their_address(planning: Planning):
    fields = {"email": "a-very-long-address@brightleaf.example", "topic": "Summit", "message": "Registration for 400 guests"}
    planning.trigger.answer = (a_job(entry=a_form_entry(fields=fields)),)
    planning()
    assert planning.hunter.asked[0]["query"] == planning.memory.asked[0]["query"] == "Registration for 400 guests Summit"


def test_a_search_is_never_longer_than_a_thousand_characters(planning: Planning):
    planning.trigger.answer = (a_job(entry=a_form_entry(fields={"message": "x" * 3000})),)
    planning()
    assert len(planning.hunter.asked[0]["query"]) == 1000


def test_everything_found_is_in_the_context(planning: Planning):
    planning.reader.answer, planning.memory.answer = a_thread_reading(), [a_recollection()]
    planning.hunter.answer, planning.slots.answer = [an_asset_match()], [a_slot()]
    planning()
    context = planning.run.context
    assert (context.job, context.identity, context.reading) == (a_job(), an_identity(), a_thread_reading())
    assert (context.memories, context.assets, context.slots) == ((a_recollection(),), (an_asset_match(),), (a_slot(),))
    assert {"form.message", "crm.contact.email", "profile.operator_name", "state.form_received"} <= {one.id for one in context.facts}
    assert planning.planner.asked == [{"context": context}]


def test_the_crm_records_that_were_read_are_kept(planning: Planning):
    planning.world.put(a_contact(first_name="Anna"))
    planning.identity.answer = an_identity(deals=(a_deal(),))
    planning()
    assert planning.world.one(Contact) == a_contact()
    assert planning.world.one(Company).id == "901"
    assert planning.world.one(Deal) == a_deal()


def test_a_contact_without_company_has_none_kept(planning: Planning):
    planning.identity.answer = an_identity(company=None)
    planning()
    assert planning.world.store.everything(Company) == []


# Repeats


def test_a_redelivery_changes_nothing_and_asks_no_vendor(planning: Planning):
    planning()
    before, asked = planning.run, len(planning.trigger.asked)
    planning.world.later(minutes=5)
    planning()
    assert planning.run == before
    assert len(planning.trigger.asked) == asked
    assert planning.world.outbox.destinations == ["lead.planned"]


def test_a_redelivery_publishes_what_a_dead_delivery_left(planning: Planning):
    planning.world.outbox.dead = True
    planning()
    planning.world.outbox.dead = False
    planning()
    assert planning.world.outbox.destinations == ["lead.planned"]
    assert not planning.world.owed


def test_a_delivery_that_died_after_resolving_is_carried_on_by_the_next_one(planning: Planning):
    planning.identity.answer = Transient("HubSpot is away")
    with pytest.raises(Transient):
        planning()
    assert planning.run.state is RunState.RECEIVED
    planning.identity.answer = an_identity()
    planning()
    assert planning.run.state is RunState.PLANNED


def test_three_hints_of_one_submission_are_one_run_planned_once(planning: Planning):
    planning.world.put(a_hint(id="hint-2"), a_hint(id="hint-3"))
    for hint in ("hint-1", "hint-2", "hint-3", "hint-2"):
        planning(hint)
    assert planning.run.opened_by == "hint-1"
    assert {one.run_id for one in planning.world.hints} == {planning.run.id}
    assert len(planning.planner.asked) == 1
    assert planning.world.outbox.destinations == ["lead.planned"]


def test_a_hint_that_only_joined_leaves_the_planning_to_the_one_that_opened_the_run(planning: Planning):
    planning.world.put(a_hint(id="hint-2"))
    planning.identity.answer = Transient("HubSpot is away")
    with pytest.raises(Transient):
        planning("hint-2")
    planning.identity.answer = an_identity()
    planning("hint-1")
    planning("hint-1")
    assert (planning.run.state, planning.run.opened_by) == (RunState.RECEIVED, "hint-2")
    assert planning.hint("hint-1").state is HintState.RESOLVED
    planning("hint-2")
    assert planning.run.state is RunState.PLANNED


def test_a_person_who_submits_twice_has_two_runs(planning: Planning):
    planning.world.put(a_hint(id="hint-2"))
    planning()
    planning.trigger.answer = (a_job(entry=a_form_entry(submitted_at=at(minutes=2))),)
    planning("hint-2")
    assert len(planning.world.store.everything(Run)) == 2


def test_an_interrupted_run_is_resumed_with_its_own_submission_though_a_newer_one_has_come(planning: Planning):
    crm = MemoryCrm(entries=[a_form_entry()])
    planning.trigger = FormTrigger(crm=crm.of, clock=planning.world.clock)
    planning.identity.answer = Transient("HubSpot is away")
    with pytest.raises(Transient):
        planning()
    crm.entries.append(a_form_entry(submitted_at=at(minutes=2), fields={"message": "One more thing."}))
    planning.identity.answer = an_identity()
    planning()
    assert planning.run.context.job.entry == a_form_entry()


def test_an_interrupted_run_asks_for_exactly_its_submission(planning: Planning):
    planning.world.put(a_hint(announced=a_parsed_hint(email="")))
    planning.identity.answer = Transient("HubSpot is away")
    for _ in range(2):
        with pytest.raises(Transient):
            planning()
    first, second = (asked["hint"] for asked in planning.trigger.asked)
    assert first == a_parsed_hint(email="")
    assert second == a_parsed_hint(email=PROSPECT, form_id="form-demo", submitted_at=MONDAY)


def test_a_hint_changed_by_somebody_else_is_resolved_as_it_is_now(planning: Planning):
    def failed_meanwhile(**_: Any) -> tuple[Job, ...]:
        planning.world.put(a_hint(state=HintState.FAILED, reason="too many attempts"))
        return (a_job(),)

    planning.trigger.answer = failed_meanwhile
    planning()
    assert (planning.run.state, planning.hint().state) == (RunState.PLANNED, HintState.RESOLVED)


def test_submissions_that_others_keep_taking_are_looked_at_again_later(planning: Planning):
    class Contended(MemoryStore):
        tries = 0

        def commit(self, *writes: Write) -> Sequence[object]:
            self.tries += 1
            raise Conflict("the document has changed")

    contended = Contended()
    contended.__dict__.update(planning.world.store.__dict__)
    planning.world.store = contended
    with pytest.raises(Transient, match="other deliveries"):
        planning()
    assert contended.tries == 5


def test_a_hint_that_joins_while_somebody_else_changes_it_is_left_to_them(planning: Planning):
    """Its next delivery finds the run it was to join."""
    planning()
    planning.world.put(a_hint(id="hint-2"))

    class Overtaken(MemoryStore):
        def commit(self, *writes: Write) -> Sequence[object]:
            raise Conflict("the document has changed")

    overtaken = Overtaken()
    overtaken.__dict__.update(planning.world.store.__dict__)
    planning.world.store = overtaken
    planning("hint-2")
    assert planning.hint("hint-2").run_id is None


# Which of several submissions a hint without a moment means


def submitted(**by: float) -> Job:
    return a_job(entry=a_form_entry(submitted_at=at(**by)))


def moments(planning: Planning) -> list[datetime]:
    return sorted(one.entry.submitted_at for one in planning.world.store.everything(Submission))


def test_two_hints_that_come_late_lead_to_both_submissions(planning: Planning):
    planning.world.put(a_hint(id="hint-2"))
    planning.trigger.answer = (submitted(seconds=-10), submitted(seconds=-40))
    planning()
    planning("hint-2")
    assert moments(planning) == [at(seconds=-40), at(seconds=-10)]
    assert planning.hint("hint-1").run_id != planning.hint("hint-2").run_id


def test_a_submission_told_again_at_once_is_joined_when_there_is_no_other(planning: Planning):
    planning.world.put(a_hint(id="hint-2"))
    planning.trigger.answer = (submitted(seconds=-60),)
    planning()
    planning("hint-2")
    assert planning.hint("hint-2").run_id == planning.run.id


def test_a_new_announcement_of_somebody_already_answered_waits_for_the_new_submission(planning: Planning):
    planning.trigger.answer = (submitted(seconds=-61),)
    planning.world.put(a_hint(id="hint-2"))
    planning()
    with pytest.raises(Transient, match="not appeared"):
        planning("hint-2")
    planning.trigger.answer = (submitted(minutes=-1), submitted(seconds=-61))
    planning("hint-2")
    assert moments(planning) == [at(seconds=-61), at(minutes=-1)]


def test_after_ten_minutes_an_announcement_without_a_new_submission_joins_the_old_run(planning: Planning):
    planning.trigger.answer = (submitted(minutes=-30),)
    planning.world.put(a_hint(id="hint-2"))
    planning()
    planning.world.later(minutes=10)
    planning("hint-2")
    assert planning.hint("hint-2").run_id == planning.run.id


def test_a_hint_that_names_its_moment_joins_the_run_of_that_moment(planning: Planning):
    planning.trigger.answer = (submitted(minutes=-30), submitted(minutes=-50))
    planning.world.put(a_hint(id="hint-2", announced=a_parsed_hint(submitted_at=at(minutes=-30))))
    planning()
    planning("hint-2")
    assert planning.hint("hint-2").run_id == planning.run.id


@pytest.mark.parametrize(("occurred_at", "meant"), [(None, at(minutes=3)), (at(minutes=1), at(minutes=1))])
def test_a_hint_without_a_moment_means_what_was_new_when_it_came(planning: Planning, occurred_at: datetime | None, meant: datetime):
    planning.world.put(a_hint(received_at=at(minutes=3), announced=a_parsed_hint(occurred_at=occurred_at)))
    planning.world.later(hours=1)
    planning()
    assert planning.trigger.asked[0]["hint"].occurred_at == meant


class Racing(MemoryStore):
    """Another delivery of the same hint does all the work just before this one's first commit."""

    def __init__(self, planning: Planning) -> None:
        self.__dict__.update(planning.world.store.__dict__)
        self.other: Planning | None = planning

    def commit(self, *writes: Write) -> Sequence[object]:
        if self.other is not None:
            other, self.other = self.other, None
            other()
        return super().commit(*writes)


def test_of_two_deliveries_at_once_one_plans(planning: Planning):
    late = Planning(planning.world)
    late.world = StageWorld()
    late.world.store, late.world.clock = Racing(planning), planning.world.clock
    late()
    assert planning.run.state is RunState.PLANNED
    assert (len(planning.planner.asked), len(late.planner.asked)) == (1, 0)


def test_a_run_that_was_planned_meanwhile_is_left_alone(planning: Planning):
    def planned_by_another(**_: Any) -> Any:
        planning.planner.answer = a_plan(reason="the other one")
        planning()
        return a_plan(reason="too late")

    planning.planner.answer = planned_by_another
    planning()
    assert planning.run.plan.reason == "the other one"
    assert planning.world.outbox.destinations == ["lead.planned"]


# Nothing there


def test_a_submission_that_has_not_appeared_yet_is_waited_for(planning: Planning):
    planning.trigger.answer = ()
    planning.world.clock.advance(PATIENCE - timedelta(seconds=1))
    with pytest.raises(Transient, match="not appeared"):
        planning()
    assert planning.hint().state is HintState.PENDING


def test_after_ten_minutes_a_hint_without_submission_is_ignored_with_its_reason(planning: Planning):
    planning.trigger.answer = ()
    planning.world.later(minutes=10)
    planning()
    assert (planning.hint().state, planning.hint().reason) == (HintState.IGNORED, "no form submission stands behind this event")
    assert planning.world.store.everything(Run) == []


def test_an_ignored_hint_is_not_looked_into_again(planning: Planning):
    planning.world.put(a_hint(state=HintState.IGNORED))
    planning()
    assert planning.trigger.asked == []


def test_a_hint_resolved_meanwhile_is_not_ignored(planning: Planning):
    def resolved_by_another(**_: Any) -> tuple[Job, ...]:
        planning.world.put(a_hint(state=HintState.RESOLVED, run_id="run_1"))
        return ()

    planning.trigger.answer = resolved_by_another
    planning.world.later(minutes=10)
    planning()
    assert planning.hint().state is HintState.RESOLVED


def test_a_run_whose_submission_disappears_from_the_crm_does_not_wait_for_ever(planning: Planning):
    planning.identity.answer = Transient("HubSpot is away")
    with pytest.raises(Transient):
        planning()
    planning.trigger.answer = ()
    with pytest.raises(Transient):
        planning()
    planning.world.later(minutes=10)
    with pytest.raises(Permanent, match="disappeared"):
        planning()
    assert planning.hint().state is HintState.RESOLVED


def test_a_hint_nobody_stored_is_not_found(planning: Planning):
    with pytest.raises(NotFound, match="event hint-9"):
        planning("hint-9")


def test_a_failed_or_finished_run_stays_as_it_is(planning: Planning):
    planning()
    finished = planning.run.model_copy(update={"state": RunState.DONE, "crm": CrmRecord(note_id="1", task_id="2", written_at=MONDAY)})
    planning.world.put(finished)
    planning()
    assert planning.run == finished
