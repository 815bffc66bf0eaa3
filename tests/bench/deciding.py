"""P11: what deciding and sending cost: gate, approval and the ledger in this process; and how many calls each makes on the suite."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import httpx

from infra.fronts import ProcessFront
from infra.generated import table
from infra.seed.loader import Seeded, seed
from infra.suite import Suite
from shared.agents.quality_gate.agent import DeterministicGate
from shared.domain.chores import CHORES, ChoreRecord
from shared.domain.draft import Draft
from shared.domain.policy import Mode, Rules, Window, default_policy
from shared.domain.sends import Send, SendState
from shared.gcp.firestore import FirestoreStore
from shared.ports.store import Put
from shared.runtime.clock import RandomIds, SystemClock
from tests.bench.figures import percentile
from tests.bench.latency import submit
from tests.bench.recording import Calls
from tests.builders import a_draft, a_full_context, a_plan, a_policy, a_voice, a_workspace, at
from tests.unit.stages.wire import SendingWorld

WARM_UP, TIMES = 20, 300
WARM_UP_SENDS, SENDS = 1, 3
NEVER = datetime(2100, 1, 1, tzinfo=UTC)
MINUTE, HOLD = timedelta(minutes=1), timedelta(seconds=20)
"""The scheduler ticks every full minute; a mail is held for less than one."""
NOTE = """## P11: deciding and sending

*In this process*: the gate on a believable draft, an approval, and a send from its claim to the settled ledger entry, over the tests' own
store and mailbox, which answer at once. CPU of the process; *round trips* are calls of the store, those at the same time included.
*On the suite*: everything that one approval through the API, and one send from the end of its hold to the settled entry, ask of the
emulators; no chore and no tick falls in between.
"""


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds of each time it was done; `trips` of the store for one."""

    name: str
    taken: Sequence[float]
    trips: float

    @property
    def per_second(self) -> float:
        return 1000 * len(self.taken) / sum(self.taken)


@dataclass(frozen=True)
class Deciding:
    costs: Sequence[Cost]
    calls: Mapping[str, Mapping[str, float]]  # of one operation on the suite


def measure(*, times: int = TIMES, sends: int = SENDS) -> Deciding:
    return Deciding([_gate(times), *_ledger(times)], _on_the_suite(sends))


def _gate(times: int) -> Cost:
    gate = DeterministicGate()
    case = {"workspace": a_workspace(), "draft": a_draft(), "context": a_full_context(), "plan": a_plan(), "voice": a_voice()}
    about: Mapping[str, Any] = {**case, "policy": a_policy(), "suppressed": "", "now": at()}
    for _ in range(WARM_UP):
        gate.judge(**about)
    return Cost("gate evaluation", [_cpu_ms(lambda: gate.judge(**about)) for _ in range(times)], 0)


def _ledger(times: int) -> Iterator[Cost]:
    """Each in a world of its own: nothing grows that a real store would find by an index."""
    for number in range(WARM_UP + times):
        if number in (0, WARM_UP):
            approvals, sends, trips = list[float](), list[float](), Counter[str]()
        world = SendingWorld()
        world.placed(1)
        before = len(world.store.trips)
        approvals.append(_cpu_ms(lambda: world.approve(1)))  # noqa: B023 - called at once
        world.later(minutes=1)
        between = len(world.store.trips)
        sends.append(_cpu_ms(lambda: world.deliver(1)))  # noqa: B023
        trips += Counter(approval=between - before, send=len(world.store.trips) - between)
        if world.state(1) is not SendState.SETTLED:
            raise RuntimeError(f"the send did not settle: it is {world.state(1)}")
    yield Cost("approval", approvals, trips["approval"] / times)
    yield Cost("send, from claim to settled", sends, trips["send"] / times)


def _cpu_ms(call: Callable[[], object]) -> float:
    before = time.process_time()
    call()
    return (time.process_time() - before) * 1000


def _on_the_suite(sends: int) -> dict[str, dict[str, float]]:
    """Calls of one approval and of one send: the mean of several, each of another draft."""
    suite = Suite(front=ProcessFront())
    calls = Calls(suite)
    with suite:
        seeded = seed(suite)
        store = FirestoreStore(settings=suite.settings, clock=SystemClock(), ids=RandomIds())
        _open_the_gates(seeded, store, suite)
        made: dict[str, Counter[str]] = {"approval": Counter(), "send": Counter()}
        for number in range(-WARM_UP_SENDS, sends):
            approval, send = _approved_and_sent(suite, seeded, store, calls, f"decided-{number + WARM_UP_SENDS}")
            if number >= 0:
                made["approval"] += approval
                made["send"] += send
    return {what: {name: round(count / sends, 1) for name, count in counted.items()} for what, counted in made.items()}


def _open_the_gates(seeded: Seeded, store: FirestoreStore, suite: Suite) -> None:
    """Sending is allowed at any hour and to these; no chore comes in between."""
    domains = tuple(f"decided-{number}.example" for number in range(WARM_UP_SENDS + SENDS))
    rules = Rules(mode=Mode.SEND_ALLOWED, allowed_recipients=domains, window=Window(touches=()))
    policy = default_policy(seeded.workspace.id).model_copy(update={"rules": rules, "version": 1})
    chores = [ChoreRecord(id=one.queue, workspace_id=seeded.workspace.id, period=NEVER) for one in CHORES]
    store.commit(Put(policy), *(Put(one) for one in chores))
    for domain in domains:
        suite.gmail.mailbox(f"nora.berg@{domain}")


def _approved_and_sent(suite: Suite, seeded: Seeded, store: FirestoreStore, calls: Calls, name: str) -> tuple[Counter[str], Counter[str]]:
    known = {one.entity.id for one in store.list(Draft, workspace_id=seeded.workspace.id)}
    submit(suite, seeded, name)
    [draft] = [one.entity for one in store.list(Draft, workspace_id=seeded.workspace.id) if one.entity.id not in known]
    place, headers = f"{suite.urls['functions']}/api/drafts/{draft.id}", {"Authorization": f"Bearer {seeded.api_token}"}
    seen = httpx.get(place, headers=headers, timeout=30).raise_for_status().json()["fingerprint"]
    _just_after_a_tick(suite)
    before = calls.count()
    answer = httpx.post(f"{place}/approve", headers=headers, json={"fingerprint": seen}, timeout=30).raise_for_status().json()
    suite.settler.settle()
    approved = calls.count()
    suite.settler.advance(HOLD)
    sent = calls.count()
    send = store.get(Send, workspace_id=seeded.workspace.id, id=answer["send_id"])
    if send is None or send.entity.state is not SendState.SETTLED:
        raise RuntimeError(f"the send did not settle: {send.entity if send else 'there is none'}")
    return approved - before, sent - approved


def _just_after_a_tick(suite: Suite) -> None:
    """So that the next one comes when everything is counted."""
    now = suite.clock.now()
    suite.settler.advance(MINUTE - timedelta(seconds=now.second, microseconds=now.microsecond))
    suite.settler.settle()


def section(measured: Deciding) -> list[str]:
    """The part of docs/benchmarks.md."""
    rows = [
        (
            one.name,
            f"{one.per_second:.0f}",
            f"{median(one.taken):.2f}",
            f"{percentile(one.taken, 0.99):.2f}",
            f"{one.trips:g}" if one.trips else "none",
        )
        for one in measured.costs
    ]
    counted = [
        (f"one {what}", ", ".join(f"{name} {count:g}" for name, count in sorted(calls.items()) if count), f"{sum(calls.values()):g}")
        for what, calls in measured.calls.items()
    ]
    lines = table(("In this process", "a second", "p50, CPU ms", "p99, CPU ms", "round trips"), rows)
    return [NOTE, *lines, "", *table(("On the suite", "calls", "together"), counted), ""]
