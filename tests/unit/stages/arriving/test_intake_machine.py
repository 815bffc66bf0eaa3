"""Announcements repeated, reordered and lost half-way: every submission becomes one run, planned once."""

from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.agents.trigger.agent import FormTrigger
from shared.domain.hints import Hint, HintSource, HintState, Parsed, ParsedHint
from shared.domain.outbox import Outgoing
from shared.domain.run import Run, RunState
from shared.domain.submission import FormEntry
from shared.domain.work import Work
from shared.domain.workspace import PortalRoute
from shared.ports.errors import Transient
from shared.stages.arriving.intake import receive
from shared.stages.chores.sweep import sweep
from shared.stages.drafting.plan import Researchers, plan
from tests.builders import WORKSPACE, a_form_entry, a_parsed_hint, a_plan, an_identity, at
from tests.fakes.agents import ScriptedAgent
from tests.fakes.crm import MemoryCrm
from tests.unit.stages.world import StageWorld

PEOPLE = ["ana.silva@brightleaf.example", "eva.lund@brightleaf.example"]
ENTRIES = [a_form_entry(email=email, submitted_at=at(hours=-hour)) for email in PEOPLE for hour in (1, 2)]
SOURCES = [HintSource.WORKFLOW, HintSource.WORKFLOW_LEGACY, HintSource.SUBSCRIPTION]


def announced(entry: FormEntry, source: HintSource) -> ParsedHint:
    """As precise as each way is: only the customised workflow says when it was submitted."""
    exact = {"submitted_at": entry.submitted_at, "form_id": entry.form_id}
    return a_parsed_hint(source=source, email=entry.email, contact_id="", occurred_at=None, **exact)


class Announcing(RuleBasedStateMachine):
    """HubSpot announces, Pub/Sub delivers, processes die; the CRM may not show a submission yet."""

    @initialize()
    def begin(self) -> None:
        self.world, self.crm = StageWorld(), MemoryCrm()
        self.world.store.add_route(route=PortalRoute(id="4242", workspace_id=WORKSPACE))
        self.trigger = FormTrigger(crm=self.crm.of, clock=self.world.clock)
        self.identity, self.planner = ScriptedAgent(an_identity()), ScriptedAgent(a_plan())
        self.told: set[tuple[str, HintSource]] = set()
        self.delivered = 0

    @rule(entries=st.lists(st.tuples(st.sampled_from(ENTRIES), st.sampled_from(SOURCES)), min_size=1, max_size=4), dies=st.booleans())
    def hubspot_announces(self, entries: list[tuple[FormEntry, HintSource]], dies: bool) -> None:
        self.world.outbox.dead = dies
        hints = tuple(announced(entry, source) for entry, source in entries)
        receive(Parsed(hints=hints), hook_token="", trace_id="t", store=self.world.store, outbox=self.world.outbox, clock=self.world.clock)
        self.told |= {(f"{entry.email} {entry.submitted_at}", source) for entry, source in entries}

    @rule(entry=st.sampled_from(ENTRIES))
    def the_crm_shows_a_submission(self, entry: FormEntry) -> None:
        if entry not in self.crm.entries:
            self.crm.entries.append(entry)

    @precondition(lambda self: bool(self.world.hints))
    @rule(data=st.data(), dies=st.booleans(), vendor_away=st.booleans())
    def pubsub_delivers_any_event_again(self, data: st.DataObject, dies: bool, vendor_away: bool) -> None:
        hint = data.draw(st.sampled_from(sorted(one.id for one in self.world.hints)))
        self.world.outbox.dead = dies
        self.identity.answer = Transient("HubSpot is away") if vendor_away else an_identity()
        self.deliver(hint)

    @rule()
    def the_sweep_comes(self) -> None:
        self.world.outbox.dead = False
        self.world.later(seconds=31)
        sweep(store=self.world.store, outbox=self.world.outbox, clock=self.world.clock)

    def deliver(self, hint: str) -> bool:
        agents = Researchers(self.identity, ScriptedAgent(), ScriptedAgent(()), ScriptedAgent(()), ScriptedAgent(()))
        ports = {"store": self.world.store, "outbox": self.world.outbox, "clock": self.world.clock}
        try:
            plan(Work(workspace_id=WORKSPACE, id=hint), trigger=self.trigger, researchers=agents, planner=self.planner, **ports)
        except Transient:
            return False
        return True

    @invariant()
    def every_announcement_is_stored_once(self) -> None:
        assert len(self.world.hints) == len(self.told)

    @invariant()
    def a_submission_has_one_run_and_a_run_its_own_words(self) -> None:
        runs = self.world.store.everything(Run)
        assert max(Counter(one.submission_id for one in runs).values(), default=1) == 1
        planned = [one.context.job.entry for one in runs if one.context]
        assert all(planned.count(entry) == 1 for entry in planned)

    @invariant()
    def every_event_is_published_or_still_owed(self) -> None:
        owed = {f"{one.id}-received" for one in self.world.hints} | {
            f"{one.id}-planned" for one in self.world.store.everything(Run) if one.state is RunState.PLANNED
        }
        assert owed == {one.id for one in (*self.world.outbox.flushed, *self.world.store.everything(Outgoing))}

    def teardown(self) -> None:
        """Once everything is visible and healthy, everything announced is planned."""
        self.crm.entries, self.identity.answer, self.world.outbox.dead = list(ENTRIES), an_identity(), False
        for hint in sorted((one.id for one in self.world.hints if one.state is not HintState.IGNORED), reverse=True):
            assert self.deliver(hint)
        hints = [one for one in self.world.store.everything(Hint) if one.state is not HintState.IGNORED]
        assert {one.state for one in hints} <= {HintState.RESOLVED}
        assert all(one.state is RunState.PLANNED for one in self.world.store.everything(Run))


Announcing.TestCase.settings = settings(max_examples=40, stateful_step_count=15)
TestAnnouncing = Announcing.TestCase
