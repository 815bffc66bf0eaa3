"""Prints the processor time the gate takes for ordinary and for hostile drafts: `python -m tests.unit.agents.quality_gate.timing`."""

import statistics
import time

from shared.domain.draft import Draft
from tests.unit.agents.quality_gate.hostile import HOSTILE, a_hostile_draft, a_hostile_world
from tests.unit.agents.quality_gate.judging import a_world, judged
from tests.unit.agents.quality_gate.seeded_drafts import a_good_draft, a_tale

ROUNDS = 5


def milliseconds(draft: Draft, **given: object) -> float:
    started = time.process_time()
    judged(draft, **given)
    return 1000 * (time.process_time() - started)


def main() -> None:
    tales = [a_tale(seed) for seed in range(200)]
    usual = [milliseconds(a_good_draft(tale), context=tale.context) for tale in tales]
    print(f"{'ordinary drafts':32} p50 {statistics.median(usual):7.2f} ms   max {max(usual):7.2f} ms")
    for name, text in HOSTILE.items():
        draft, world = a_hostile_draft(text), a_hostile_world(text)
        alone = statistics.median(milliseconds(draft, context=a_world()) for _ in range(ROUNDS))
        both = statistics.median(milliseconds(draft, context=world) for _ in range(ROUNDS))
        print(f"{name:32} 64 KB draft {alone:7.1f} ms   with 64 KB of evidence too {both:7.1f} ms")


if __name__ == "__main__":
    main()
