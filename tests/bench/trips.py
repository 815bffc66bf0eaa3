"""P5: latency as sequential round trips: every call to the outside is held back by 20 ms, and the waiting is counted in such steps."""

import json
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch

from emulators.faults import Fault, Kind
from infra.fronts import ProcessFront
from infra.generated import table
from infra.seed.loader import Seeded, seed
from infra.suite import Suite
from shared.domain.planning import Priority
from shared.wiring import Ports
from tests.bench.latency import submit
from tests.bench.recording import Calls

STEP_MS = 20.0
SLACK = 1.25
"""What a step may cost over its delay: the work between the calls."""
WARM_UP, RUNS = 3, 7
APART = timedelta(seconds=11)
FUNCTIONS: Mapping[str, int | None] = {"form_webhook": 3, "plan": None, "draft": 8, "gate": 4, "place_draft": None, "log_to_crm": None}
AGENTS: Mapping[str, int] = {"thread_reader": 2, "long_memory": 2, "asset_hunter": 2, "meeting_slot": 1}
END_TO_END = "form → placed draft", 24
NOTE = f"""## P5: round trips

Every call of the functions to Firestore, Pub/Sub, Cloud Tasks, Secret Manager and the vendors is held back by {STEP_MS:.0f} ms, in a warm
process whose caches are filled; deliveries are not. *Trips* is what that adds to the wall time, in steps: how many calls wait for
each other. The target in trips is met if the wall time stays below {SLACK} times trips times {STEP_MS:.0f} ms. Agents are called alone,
for the contact of the seed with three mails.
"""


@dataclass(frozen=True)
class Trip:
    """Wall milliseconds with every call delayed, and at once; medians."""

    name: str
    target: int | None
    delayed_ms: float
    plain_ms: float

    @property
    def trips(self) -> float:
        return (self.delayed_ms - self.plain_ms) / STEP_MS

    @property
    def met(self) -> bool:
        return self.target is None or self.delayed_ms <= SLACK * self.target * STEP_MS


@dataclass(frozen=True)
class Trips:
    rows: Sequence[Trip]
    calls: Mapping[str, float]  # of one run, to its end


def measure() -> Trips:
    log = Path(tempfile.mkdtemp(prefix="sales-agent-bench-")) / "functions.log"
    front = ProcessFront(log_path=log)
    suite = Suite(front=front, settings={"SALES_AGENT_LOG_LEVEL": "DEBUG"})
    calls = Calls(suite)
    with suite:
        seeded = seed(suite)
        for number in range(WARM_UP):
            submit(suite, seeded, f"warm-up-{number}")
        plain, before = _forms(suite, seeded, log, "plain"), calls.count()
        with every_call_delayed(suite):
            delayed = _forms(suite, seeded, log, "delayed")
        made = Counter({name: count / RUNS for name, count in (calls.count() - before).items()})
        rows = [Trip(name, target, delayed[name], plain[name]) for name, target in (*FUNCTIONS.items(), END_TO_END)]
        rows += list(_agents(suite, seeded))
    return Trips(rows, {name: round(count, 1) for name, count in made.items()})


@contextmanager
def every_call_delayed(suite: Suite) -> Iterator[None]:
    """What the functions ask for; not what the emulators deliver, nor what a visitor of the website does."""
    for name, emulator in suite.emulators.items():
        for route in (f"{name}.deliver*", "hubspot.submissions.create") if name == "hubspot" else (f"{name}.deliver*",):
            if name in ("hubspot", "pubsub", "tasks", "scheduler"):
                emulator.faults.add(Fault(route, Kind.DELAY, delay_s=0.0))
        emulator.faults.add(Fault(f"{name}.*", Kind.DELAY, delay_s=STEP_MS / 1000))
    try:
        yield
    finally:
        for emulator in suite.emulators.values():
            emulator.faults.clear()


def _forms(suite: Suite, seeded: Seeded, log: Path, name: str) -> dict[str, float]:
    """Median milliseconds of each function and of the whole way."""
    seen = len(_served(log))
    whole = [submit(suite, seeded, f"{name}-{number}") for number in range(RUNS)]
    by_function = defaultdict(list)
    for entry in _served(log)[seen:]:
        by_function[entry["function"]].append(entry["duration_ms"])
    slowest = {function: sorted(times)[-RUNS:] for function, times in by_function.items()}  # a hint that only joins is quicker
    return {**{function: float(median(times)) for function, times in slowest.items()}, END_TO_END[0]: median(whole)}


def _served(log: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    return [one for one in lines if one["message"] == "served"]


def _agents(suite: Suite, seeded: Seeded) -> Iterator[Trip]:
    ports = Ports()
    with patch.dict(os.environ, suite.environment()):
        for name, ask in _questions(ports, seeded, suite).items():
            plain = _timed(ask)
            with every_call_delayed(suite):
                yield Trip(name, AGENTS[name], _timed(ask), plain)


def _questions(ports: Ports, seeded: Seeded, suite: Suite) -> dict[str, Callable[[], object]]:
    operator, query = seeded.operator, "How are promotions handled for chilled products?"
    jonas = "jonas.keller@halden-foods.example"
    return {
        "thread_reader": lambda: ports.thread_reader.read(operator=operator, address=jonas),
        "long_memory": lambda: ports.long_memory.recall(
            operator=operator, addresses=[jonas], domains=["halden-foods.example"], query=query
        ),
        "asset_hunter": lambda: ports.asset_hunter.hunt(workspace=seeded.workspace, query=query),
        "meeting_slot": lambda: ports.meeting_slot.propose(
            operator=operator,
            recipient=jonas,
            contact_timezone="Europe/Oslo",
            contact_country="Norway",
            contact_phone="",
            urgency=Priority.URGENT,
            now=suite.clock.now(),
        ),
    }


def _timed(ask: Callable[[], object]) -> float:
    ask()
    taken = []
    for _ in range(RUNS):
        started = perf_counter()
        ask()
        taken.append((perf_counter() - started) * 1000)
    return float(median(taken))


def section(measured: Trips) -> list[str]:
    """The part of docs/benchmarks.md."""
    rows = [
        (
            one.name if " " in one.name else f"`{one.name}`",
            f"{one.trips:.1f}",
            f"{one.delayed_ms:.0f}",
            f"{one.plain_ms:.0f}",
            "" if one.target is None else f"{one.target} trips, {SLACK * one.target * STEP_MS:.0f} ms",
            "" if one.target is None else ("met" if one.met else "**missed**"),
        )
        for one in measured.rows
    ]
    counted = ", ".join(f"{name} {count:g}" for name, count in sorted(measured.calls.items()))
    lines = table(("What", "trips", "ms, calls delayed", "ms, calls at once", "target", "met"), rows)
    return [NOTE, *lines, "", f"One run, to its end in the CRM, makes these calls: {counted}.", ""]
