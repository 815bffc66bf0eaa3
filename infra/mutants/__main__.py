"""`python -m infra.mutants [places…]`: the command line; prints what survived and how much was killed, writes build/mutants.json."""

import argparse
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

from infra.manifests import ROOT
from infra.mutants.session import KILLED, Mutant, run

PURE = ROOT / "shared"
"""Only code without effects of its own is broken: a mutant of code that writes files could write anywhere."""
PLACES = ("shared/domain", "shared/stages")
TESTS = ("tests/unit/domain", "tests/unit/stages")
REPORT = ROOT / "build" / "mutants.json"
FLOOR = 80.0


class Tally:
    """Counts verdicts as they come and remembers what nobody noticed."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {}
        self.unnoticed: list[dict[str, object]] = []

    def tell(self, mutant: Mutant, verdict: str) -> None:
        name = str(mutant.path.relative_to(ROOT))
        self.counts.setdefault(name, Counter())[verdict] += 1
        if verdict != KILLED:
            change = {"before": mutant.mutation.before, "after": mutant.mutation.after, "verdict": verdict}
            self.unnoticed.append({"file": name, "line": mutant.mutation.lines.start, **change})
        if sum(self.total.values()) % 250 == 0:
            print(f"{sum(self.total.values())} mutants tried, {self.percent:.1f}% killed", file=sys.stderr)

    @property
    def total(self) -> Counter[str]:
        return sum(self.counts.values(), Counter())

    @property
    def percent(self) -> float:
        return _percent(self.total)


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    tally, started = Tally(), time.monotonic()
    paths = sorted({path for place in options.places for path in _modules(ROOT / place)})
    failed = run(options.tests, paths, workers=options.workers, tell=tally.tell)
    if failed:
        print("the tests fail without any mutant:", *failed, sep="\n  ", file=sys.stderr)
        return 2
    _write(options.report, tally, seconds=time.monotonic() - started)
    _print(tally, seconds=time.monotonic() - started)
    return 0 if tally.percent >= options.floor else 1


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.mutants", description=__doc__)
    parser.add_argument("places", nargs="*", default=PLACES, help="files or folders to break (default: domain and stages)")
    parser.add_argument("--tests", nargs="+", default=list(TESTS), help="tests that should notice")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="mutants tried at once")
    parser.add_argument("--floor", type=float, default=FLOOR, help="least percentage killed for exit code 0")
    parser.add_argument("--report", type=Path, default=REPORT, help="where the JSON report goes (default: build/mutants.json)")
    options = parser.parse_args(arguments)
    for place in options.places:
        if not (ROOT / place).resolve().is_relative_to(PURE):
            parser.error(f"{place} is outside shared/")
    return options


def _modules(place: Path) -> list[Path]:
    return [place] if place.is_file() else list(place.rglob("*.py"))


def _print(tally: Tally, *, seconds: float) -> None:
    for one in sorted(tally.unnoticed, key=lambda one: (str(one["file"]), int(str(one["line"])))):
        print(f"{one['file']}:{one['line']} {one['verdict']}: {one['before']}  →  {one['after']}")
    for name, counts in sorted(tally.counts.items()):
        print(f"{_percent(counts):6.1f}%  {counts[KILLED]:5} of {sum(counts.values()):5}  {name}")
    print(f"{tally.percent:6.1f}%  {tally.total[KILLED]:5} of {sum(tally.total.values()):5}  killed in {seconds:.0f} s")


def _write(path: Path, tally: Tally, *, seconds: float) -> None:
    path.parent.mkdir(exist_ok=True)
    report = {"killed_percent": tally.percent, "seconds": round(seconds), "files": tally.counts, "unnoticed": tally.unnoticed}
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")


def _percent(counts: Counter[str]) -> float:
    return 100.0 * counts[KILLED] / (sum(counts.values()) or 1)


if __name__ == "__main__":
    sys.exit(main())
