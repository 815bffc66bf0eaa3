"""From a submitted form to the draft in Gmail, one submission after the other, on a suite whose clock runs."""

import os
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from infra.fronts import ProcessFront
from infra.seed.loader import Seeded, seed, submit_form
from infra.suite import Suite
from tests.bench.figures import percentile
from tests.bench.recording import Calls

WARM_UP = 5
AT_MOST_S = 30.0
APART = timedelta(seconds=11)
"""Virtual time; HubSpot counts in windows of ten seconds."""
FIELDS = {"firstname": "Nora", "lastname": "Berg", "message": "Could we see a demo for chilled products?"}
FORM = "5f0c2b8e-demo"


@dataclass(frozen=True)
class Latency:
    """Wall milliseconds to the draft; CPU milliseconds of the functions' process and calls per run, to its very end (CRM included)."""

    submissions: int
    p50_ms: float
    p95_ms: float
    slowest_ms: float
    cpu_ms: float
    calls: Mapping[str, float]


class MeasuredFront(ProcessFront):
    """Knows what its process has used."""

    def cpu_s(self) -> float:
        """User and system time so far."""
        assert self._process is not None
        with open(f"/proc/{self._process.pid}/stat") as file:  # noqa: PTH123
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(*, submissions: int) -> Latency:
    front = MeasuredFront()
    suite = Suite(front=front)
    calls = Calls(suite)
    with suite:
        seeded = seed(suite)
        for number in range(WARM_UP):
            submit(suite, seeded, f"warm-up-{number}")
        before, cpu = calls.count(), front.cpu_s()
        taken = [submit(suite, seeded, f"measured-{number}") for number in range(submissions)]
        made, cpu = calls.count() - before, front.cpu_s() - cpu
    return Latency(
        submissions=submissions,
        p50_ms=percentile(taken, 0.5),
        p95_ms=percentile(taken, 0.95),
        slowest_ms=max(taken),
        cpu_ms=cpu * 1000 / submissions,
        calls=per_run(made, submissions),
    )


def per_run(made: Counter[str], submissions: int) -> dict[str, float]:
    return {name: round(count / submissions, 2) for name, count in sorted(made.items())}


def submit(suite: Suite, seeded: Seeded, name: str) -> float:
    """Milliseconds from the press of the button to the draft; returns when the run is over in the CRM as well."""
    mailbox: Any = suite.gmail.mailboxes[seeded.operator.email]
    known = len(mailbox.drafts)
    started = time.perf_counter()
    fields = {"email": f"nora.berg@{name}.example", **FIELDS}
    submit_form(suite.urls["hubspot"], seeded.workspace.crm.portal_id, FORM, fields)
    nap = threading.Event()
    while len(mailbox.drafts) == known:
        if time.perf_counter() - started > AT_MOST_S:
            raise TimeoutError(f"no draft for {name}")
        nap.wait(0.001)
    taken = (time.perf_counter() - started) * 1000
    # The next one comes when the vendors' rate limits have forgotten this one.
    suite.settler.advance(APART)
    return taken
