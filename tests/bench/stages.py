"""P10: what our own code costs: submissions through all stages, in this process, with a store, a bus and vendors that answer at once."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import mean
from typing import Any

from infra.generated import table
from shared.domain.hints import HintSource, Parsed, ParsedHint
from shared.domain.outbox import QUEUE_WORKER, Queue, Topic
from shared.domain.run import Run, RunState
from shared.domain.work import Work
from shared.domain.workspace import PortalRoute
from shared.runtime.settings import load_settings
from shared.stages.arriving import intake
from shared.stages.drafting.draft import draft
from shared.stages.drafting.gate import gate
from shared.stages.drafting.hold_slots import hold_slots
from shared.stages.drafting.log_to_crm import log_to_crm
from shared.stages.drafting.place_draft import place_draft
from shared.stages.drafting.plan import Researchers, plan
from shared.stages.policy.suppressions import secret_of
from shared.wiring import Ports
from tests.bench.figures import percentile
from tests.builders import WORKSPACE, a_company, a_form_entry, a_workspace, an_operator, at
from tests.fakes.calendar import MemoryCalendar
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.crm import MemoryCrm
from tests.fakes.mailbox import MemoryMailbox
from tests.fakes.secrets import MemorySecrets
from tests.fakes.store import MemoryStore

TARGET_MS = 10.0
WARM_UP, PAGE = 20, 50
APART = timedelta(minutes=2)
NOTE = f"""## P10: our own code

New people of a known company fill in a form, one after the other, and every stage runs in one process: the real agents, the built-in writer
and the gate; store, bus, queues and vendors are the tests' own and answer at once. CPU of the process; at most {TARGET_MS:.0f} ms each.
"""


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds of a submission: by stage (mean) and whole."""

    submissions: int
    by_stage: Mapping[str, float]
    mean_ms: float
    p95_ms: float

    @property
    def met(self) -> bool:
        return self.mean_ms <= TARGET_MS


class Everything(Ports):
    """Wired as in production, except for what lies outside."""

    def __init__(self, outside: Mapping[str, Any]) -> None:
        super().__init__()
        self._outside = outside

    def resolve(self, name: str) -> Any:
        return self._outside[name] if name in self._outside else super().resolve(name)


class Line:
    """The pipeline in one process: what is published or enqueued waits in a row."""

    def __init__(self) -> None:
        self.clock, self.store = FixedClock(at()), MemoryStore()
        self.crm, self.mailbox = MemoryCrm(companies=[a_company()]), MemoryMailbox()
        self.waiting: deque[tuple[str, Work]] = deque()
        self.spent: dict[str, float] = defaultdict(float)
        outside = {
            "settings": load_settings({}),
            "clock": self.clock,
            "ids": CountingIds(),
            "store": self.store,
            "bus": self,
            "tasks": self,
            "secrets": MemorySecrets(**{secret_of(WORKSPACE): "1:" + "k" * 32}),
        }
        vendors = {"crm": self.crm.of, "mailbox": self.mailbox.of, "calendar": MemoryCalendar().of}
        self.ports = Everything({**outside, **vendors})
        self.store.save_workspace(workspace=a_workspace(operators=(an_operator(),)))
        self.store.add_route(route=PortalRoute(id="4242", workspace_id=WORKSPACE))

    def publish(self, *, topic: str, messages: Sequence[tuple[Mapping[str, str], Mapping[str, str]]]) -> None:
        self.waiting.extend((topic, Work.model_validate(payload)) for payload, _ in messages)

    def enqueue(self, *, queue: str, payload: Mapping[str, str], **_: object) -> None:
        self.waiting.append((QUEUE_WORKER[Queue(queue)], Work.model_validate(payload)))

    def submit(self, number: int) -> float:
        """CPU milliseconds of one submission through everything."""
        self.clock.advance(APART)
        email = f"visitor-{number}@northgate.example"
        # Real vendors answer from an index: ours would walk through everything they ever held.
        self.crm.entries = [*self.crm.entries[-PAGE:], a_form_entry(email=email, submitted_at=self.clock.now())]
        self.crm.contacts = self.crm.contacts[-PAGE:]
        self.mailbox.drafts = dict([*self.mailbox.drafts.items()][-PAGE:])
        told = ParsedHint(source=HintSource.WORKFLOW, portal_id="4242", email=email, form_id="form-demo", submitted_at=self.clock.now())
        before = time.process_time()
        self._timed("intake", lambda: self._receive(told))
        while self.waiting:
            destination, work = self.waiting.popleft()
            self._timed(destination, lambda: self.stages[destination](work))  # noqa: B023 - called at once
        return (time.process_time() - before) * 1000

    def _timed(self, stage: str, call: Callable[[], object]) -> None:
        before = time.process_time()
        call()
        self.spent[stage] += (time.process_time() - before) * 1000

    def _receive(self, told: ParsedHint) -> None:
        ports = self.ports
        intake.receive(Parsed(hints=(told,)), hook_token="", trace_id="t", store=ports.store, outbox=ports.outbox, clock=ports.clock)

    @property
    def stages(self) -> Mapping[str, Callable[[Work], object]]:
        ports = self.ports
        kept = {"store": ports.store, "clock": ports.clock}
        owing = {**kept, "outbox": ports.outbox}
        agents = ("identity_resolver", "thread_reader", "long_memory", "asset_hunter", "meeting_slot")
        found = Researchers(**{name: ports.resolve(name) for name in agents})
        return {
            Topic.LEAD_RECEIVED: lambda work: plan(
                work, trigger=ports.trigger, researchers=found, planner=ports.next_step_planner, **owing
            ),
            Topic.LEAD_PLANNED: lambda work: draft(work, draft_writer=ports.draft_writer, stationery=ports.stationery, **owing),
            Topic.DRAFT_WRITTEN: lambda work: gate(work, quality_gate=ports.quality_gate, suppressions=ports.suppressions, **owing),
            Topic.DRAFT_GATED: lambda work: place_draft(work, mailbox=ports.mailbox, **owing),
            Topic.DRAFT_PLACED: lambda work: hold_slots(work, calendar=ports.calendar, **kept),
            "log_to_crm": lambda work: log_to_crm(work, crm=ports.crm, crm_hygiene=ports.crm_hygiene, **kept),
        }


def measure(*, submissions: int) -> Cost:
    line = Line()
    for number in range(WARM_UP):
        line.submit(number)
    line.spent.clear()
    taken = [line.submit(WARM_UP + number) for number in range(submissions)]
    done = [run for run in line.store.everything(Run) if run.state is RunState.DONE]
    if len(done) != WARM_UP + submissions:
        raise RuntimeError(f"{WARM_UP + submissions - len(done)} submissions did not come through")
    return Cost(submissions, {name: spent / submissions for name, spent in line.spent.items()}, mean(taken), percentile(taken, 0.95))


def section(measured: Cost) -> list[str]:
    """The part of docs/benchmarks.md."""
    rows = [(f"`{name}`", f"{spent:.2f}") for name, spent in measured.by_stage.items()]
    whole = f"**{measured.mean_ms:.1f}** (95 % within {measured.p95_ms:.1f})"
    met = "met" if measured.met else "**missed**"
    return [NOTE, *table(("Stage", "CPU ms"), [*rows, (f"whole, {measured.submissions} submissions", f"{whole}, {met}")]), ""]
