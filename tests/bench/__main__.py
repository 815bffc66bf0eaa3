"""`python -m tests.bench`: measures everything in under six minutes and writes docs/benchmarks.md; parts are printed instead."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from infra.manifests import ROOT
from tests.bench import accept, cold, deciding, emulated_firestore, emulated_pubsub, latency, live, machine, stages, trips
from tests.bench.deployed import minimal_python, unzipped_bundles
from tests.bench.recording import recorded
from tests.bench.report import Measured, document

DOCUMENT = ROOT / "docs" / "benchmarks.md"
STAGED = 1000
PARTS = ("stages", "cold", "accept", "live", "latency", "trips", "deciding", "emulators")
EMULATED = (emulated_firestore, emulated_pubsub)
"""What measures an emulator: each answers rows."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)} (default: all, written to docs/benchmarks.md)")
    parser.add_argument("--runs", type=int, default=7, help="cold starts of each function (default: 7)")
    parser.add_argument("--rounds", type=int, default=5, help="bursts of each kind (default: 5)")
    parser.add_argument("--function", action="append", metavar="NAME", help="start only this one cold; repeat it (default: all)")
    parser.add_argument("--submissions", type=int, default=60, help="forms submitted (default: 60)")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"unknown part: {', '.join(sorted(unknown))}; choose from {', '.join(PARTS)}")
    if options.function and set(options.parts) != {"cold"}:
        parser.error("--function is for the part cold alone")
    measured = measure(options)
    if options.parts:
        print(document(measured))
    else:
        DOCUMENT.write_text(document(measured), encoding="utf-8")
        print(f"wrote {DOCUMENT.relative_to(ROOT)}")
    return 0


def measure(options: argparse.Namespace) -> Measured:
    wanted = options.parts or PARTS
    measured = Measured(machine=machine.described())
    if "latency" in wanted:
        _tell(f"{options.submissions} forms become drafts")
        measured = replace(measured, latency=latency.measure(submissions=options.submissions))
    if "stages" in wanted:
        _tell(f"{STAGED} submissions through all stages in one process")
        measured = replace(measured, stages=stages.measure(submissions=STAGED))
    if "trips" in wanted:
        _tell("round trips, counted")
        measured = replace(measured, trips=trips.measure())
    if "deciding" in wanted:
        _tell("drafts are judged, approved and sent")
        measured = replace(measured, deciding=deciding.measure())
    if "emulators" in wanted:
        _tell("the emulators, beside Google's where they are installed")
        measured = replace(measured, emulated=[row for module in EMULATED for row in module.measure()])
    if {"cold", "accept", "live"} & set(wanted):
        measured = _deployed(measured, wanted, options)
    return measured


def _deployed(measured: Measured, wanted: Sequence[str], options: argparse.Namespace) -> Measured:
    """What needs the functions as they deploy, and the requests a submission makes."""
    _tell("preparing the functions' own environment and bundles")
    python = minimal_python()
    with tempfile.TemporaryDirectory(prefix="sales-agent-bench-") as folder, recorded() as recording:
        folders = unzipped_bundles(Path(folder), python)
        if "cold" in wanted:
            _tell(f"{options.runs} cold starts of {' and '.join(options.function or ('every function',))}")
            contenders = [one for one in cold.contenders(recording, folders) if one.function in (options.function or folders)]
            measured = replace(measured, cold=cold.measure(cold.Starter(recording, python=python), contenders, runs=options.runs))
        if "accept" in wanted:
            _tell(f"{options.rounds} bursts of every kind of load")
            accepted, crowd = accept.measure(recording, folders=folders, python=python, rounds=options.rounds)
            measured = replace(measured, accepted=accepted, crowd=crowd)
        if "live" in wanted:
            _tell("whether anybody lives")
            measured = replace(measured, alive=live.measure(recording, folders=folders, python=python, rounds=options.rounds))
    return measured


def _tell(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
