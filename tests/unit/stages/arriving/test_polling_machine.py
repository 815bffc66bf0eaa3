"""Webhooks lost, repeated, late and out of order, looks at the forms at any time, deaths anywhere: one run per submission."""

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.agents.trigger.agent import FormTrigger
from shared.domain.hints import Hint, HintSource, HintState, Parsed, ParsedHint
from shared.domain.outbox import Outgoing
from shared.domain.polling import FormPolls
from shared.domain.run import Run, RunState
from shared.domain.submission import FormEntry, Submission
from shared.domain.work import Work
from shared.domain.workspace import CrmConnection, PortalRoute
from shared.ports.errors import Transient
from shared.runtime.outbox import OutboxPublisher
from shared.stages.arriving.intake import receive
from shared.stages.arriving.poll_forms import poll_forms
from shared.stages.chores.sweep import sweep
from shared.stages.drafting.plan import Researchers, plan
from tests.builders import WORKSPACE, a_form_entry, a_parsed_hint, a_plan, a_workspace, an_identity
from tests.fakes.agents import ScriptedAgent
from tests.fakes.crm import MemoryCrm
from tests.fakes.outbox import MemoryBus, MemoryTasks
from tests.unit.stages.crashing import Death, DyingStore
from tests.unit.stages.world import StageWorld

PEOPLE = ["ana.silva@brightleaf.example", "eva.lund@brightleaf.example"]
FORMS = ("form-demo", "form-guide")
DYING = st.tuples(st.one_of(st.none(), st.integers(0, 8)), st.booleans())
WORDS = st.sampled_from(["exact", "without its moment"])


class Quiet:
    def write(self, severity: str, message: str, **fields: object) -> None:
        """Nobody reads this log."""


class Losing(RuleBasedStateMachine):
    """Every call of intake, plan, poll and sweep runs on a store that may die under it."""

    @initialize()
    def begin(self) -> None:
        self.world, self.crm, self.bus = StageWorld(), MemoryCrm(), MemoryBus()
        self.crm.page_size = 3
        connection = CrmConnection(portal_id="4242", token_secret="t", form_ids=FORMS, since=self.world.clock.now())
        self.world.store.save_workspace(workspace=a_workspace(crm=connection))
        self.world.store.add_route(route=PortalRoute(id="4242", workspace_id=WORKSPACE))
        self.submitted: list[FormEntry] = []
        self.on_their_way: list[ParsedHint] = []
        self.hidden: list[FormEntry] = []

    @rule(email=st.sampled_from(PEOPLE), form=st.sampled_from(FORMS), words=st.lists(WORDS, max_size=2), shown=st.booleans())
    def somebody_submits(self, email: str, form: str, words: list[str], shown: bool) -> None:
        self.world.later(seconds=3)
        entry = a_form_entry(email=email, form_id=form, submitted_at=self.world.clock.now())
        self.submitted.append(entry)
        (self.crm.entries if shown else self.hidden).append(entry)
        self.on_their_way += [self.announced(entry, one, number) for number, one in enumerate(words)]

    def announced(self, entry: FormEntry, words: str, number: int) -> ParsedHint:
        told: dict[str, Any] = {"email": entry.email, "contact_id": "", "event_key": str(number)}
        exact = {"form_id": entry.form_id, "submitted_at": entry.submitted_at}
        return a_parsed_hint(**told, occurred_at=entry.submitted_at, **(exact if words == "exact" else {}))

    @precondition(lambda self: self.on_their_way)
    @rule(data=st.data(), repeats=st.booleans(), dying=DYING)
    def a_webhook_arrives(self, data: st.DataObject, repeats: bool, dying: tuple[int | None, bool]) -> None:
        hint = data.draw(st.sampled_from(self.on_their_way))
        if self.lives(dying, lambda ports: receive(Parsed(hints=(hint,)), hook_token="", trace_id="t", **ports)) and not repeats:
            self.on_their_way.remove(hint)

    @precondition(lambda self: self.on_their_way)
    @rule(data=st.data())
    def a_webhook_is_lost(self, data: st.DataObject) -> None:
        self.on_their_way.remove(data.draw(st.sampled_from(self.on_their_way)))

    @precondition(lambda self: self.hidden)
    @rule()
    def the_crm_shows_a_submission_late(self) -> None:
        self.crm.entries.append(self.hidden.pop(0))

    @rule(minutes=st.sampled_from([1, 5, 11]))
    def time_passes(self, minutes: int) -> None:
        self.world.later(minutes=minutes)

    @rule(dying=DYING, away=st.booleans())
    def somebody_looks_at_the_forms(self, dying: tuple[int | None, bool], away: bool) -> None:
        self.crm.troubles = {FORMS[1]: Transient("HubSpot is away")} if away else {}
        self.lives(dying, lambda ports: poll_forms(Work(workspace_id=WORKSPACE, id="20261123T0900"), crm=self.crm.of, **ports))

    @precondition(lambda self: self.bus.sent)
    @rule(data=st.data(), dying=DYING)
    def an_event_is_delivered(self, data: st.DataObject, dying: tuple[int | None, bool]) -> None:
        told = data.draw(st.sampled_from([payload["id"] for topic, payload, _ in self.bus.sent if topic == "lead.received"]))
        self.plans(told, dying)

    @rule(dying=DYING)
    def the_sweep_comes(self, dying: tuple[int | None, bool]) -> None:
        self.world.later(seconds=31)
        self.lives(dying, lambda ports: sweep(**ports))

    def plans(self, hint: str, dying: tuple[int | None, bool] = (None, False)) -> None:
        agents = Researchers(ScriptedAgent(an_identity()), ScriptedAgent(), ScriptedAgent(()), ScriptedAgent(()), ScriptedAgent(()))
        found = {"trigger": FormTrigger(crm=self.crm.of, clock=self.world.clock), "researchers": agents, "planner": ScriptedAgent(a_plan())}
        self.lives(dying, lambda ports: plan(Work(workspace_id=WORKSPACE, id=hint), **ports, **found))

    def lives(self, dying: tuple[int | None, bool], work: Any) -> bool:
        store: Any = DyingStore(self.world.store, left=dying[0], after=dying[1])
        outbox = OutboxPublisher(bus=self.bus, tasks=MemoryTasks(), store=store, log=Quiet())  # type: ignore[arg-type]
        try:
            work({"store": store, "outbox": outbox, "clock": self.world.clock})
        except (Death, Transient):
            return False
        return True

    @invariant()
    def no_submission_has_two_runs_and_no_run_is_of_nothing(self) -> None:
        known = self.world.store.everything(Submission)
        assert max(Counter((one.entry.form_id, one.entry.email, one.entry.submitted_at) for one in known).values(), default=1) == 1
        assert {one.entry.submitted_at for one in known} <= {one.submitted_at for one in self.submitted}
        assert len(self.world.store.everything(Run)) == len(known)

    @invariant()
    def the_counts_are_true(self) -> None:
        for polls in self.world.store.everything(FormPolls):
            assert polls.repaired == sum(one.announced.source is HintSource.POLL for one in self.world.hints)
            assert polls.repaired <= polls.seen <= len(self.submitted)

    def teardown(self) -> None:
        """Once everything is shown and nobody dies, the looks of the next day leave nothing without its run."""
        self.crm.entries += self.hidden
        self.crm.troubles, self.on_their_way = {}, []
        for _ in range(4):
            self.world.later(hours=8)
            self.lives((None, False), lambda ports: poll_forms(Work(workspace_id=WORKSPACE, id="x"), crm=self.crm.of, **ports))
            self.lives((None, False), lambda ports: sweep(**ports))
            for hint in self.world.store.everything(Hint):
                self.plans(hint.id)
        runs = self.world.store.everything(Run)
        assert Counter(one.context.job.entry.submitted_at for one in runs if one.context) == Counter(
            one.submitted_at for one in self.submitted
        )
        assert {one.state for one in runs} <= {RunState.PLANNED}
        assert {one.state for one in self.world.hints} <= {HintState.RESOLVED, HintState.IGNORED}
        assert not [one for one in self.world.store.everything(Outgoing) if one.destination == "lead.received"]


Losing.TestCase.settings = settings(max_examples=120, stateful_step_count=20)
TestLosing = Losing.TestCase
