"""P12: whether `api` says that it lives at once and without a look at anything, beside the empty function."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.generated import table
from tests.bench.accept import burst
from tests.bench.deployed import REFERENCES
from tests.bench.figures import Compared, compared, percentile
from tests.bench.recording import Recording
from tests.bench.scenes import Scene
from tests.bench.serving import served
from tests.bench.visitors import LIVE

ASKED, AT_ONCE = 200, 4
WITHIN_MS = 100.0
NOTE = f"""## P12: alive

`GET /{LIVE}` of a warm instance, {ASKED} times a round, {AT_ONCE} at once; the reference is the empty function asked the same way right
before. It must answer within {WITHIN_MS:.0f} ms (p99) and ask nothing of anybody: what cannot answer this is started anew.
"""


@dataclass(frozen=True)
class Alive:
    """`p50_ms` of a round; the 99th percentile of all answers, the slowest, and everything that was asked of the outside."""

    p50_ms: Compared
    p99_ms: float
    slowest_ms: float
    calls: Mapping[str, int]
    errors: int

    @property
    def met(self) -> bool:
        return self.p99_ms < WITHIN_MS and not self.calls and not self.errors


def measure(recording: Recording, *, folders: Mapping[str, Path], python: Path, rounds: int) -> Alive:
    """Each round of ours right after one of the empty function's; the first one of both warms up."""
    sources = {"empty": REFERENCES / "empty.py", "api": folders["api"] / "main.py"}
    asked = [_raw(recording.scenes[LIVE])] * ASKED
    with ExitStack() as stack:
        ports = {
            name: stack.enter_context(served(name, source, python=python, environment=recording.suite.environment())).port
            for name, source in sources.items()
        }
        before = recording.calls.count()
        reports = [{name: burst(port, asked, at_once=AT_ONCE) for name, port in ports.items()} for _ in range(rounds + 1)][1:]
        made = recording.calls.count() - before
    empty, ours = ([one[name] for one in reports] for name in sources)
    p50 = [[percentile(one["latencies_ms"], 0.5) for one in side] for side in (ours, empty)]
    every = [waited for one in ours for waited in one["latencies_ms"]]
    return Alive(compared(*p50), percentile(every, 0.99), max(every), dict(made), sum(_failed(one) for one in ours))


def section(alive: Alive) -> list[str]:
    """The part of docs/benchmarks.md."""
    one = alive.p50_ms
    ratio = f"**{one.ratio:.2f}** ({one.lowest:.2f} to {one.highest:.2f})"
    asked = ", ".join(f"{name} {count}" for name, count in sorted(alive.calls.items())) or "none"
    row = (
        f"`api`, {LIVE}",
        f"{one.ours:.1f}",
        f"{one.reference:.1f}",
        ratio,
        f"{alive.p99_ms:.0f}",
        f"{alive.slowest_ms:.0f}",
        asked,
        str(alive.errors),
    )
    columns = ("", "p50 ms", "empty function's", "ratio", "p99 ms", "slowest ms", "calls", "errors", "")
    return [NOTE, *table(columns, [(*row, "met" if alive.met else "**missed**")]), ""]


def _raw(scene: Scene) -> str:
    return f"{scene.method} {scene.path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"


def _failed(report: Mapping[str, Any]) -> int:
    return int(report["failed"]) + sum(count for status, count in report["statuses"].items() if int(status) != 200)
