"""Work in child processes: results come back, limits hold, and a dead child is told from a slow one."""

import subprocess
import sys

from infra.manifests import ROOT

SCRIPT = """
import os, signal, time
from infra.mutants.trial import Trial, in_children

def work(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 4:
        signal.pause()
    print("a child is silent")
    return {"twice": 2 * number, "long": "x" * 200_000 if number == 5 else ""}

trials = [Trial(number, lambda number=number: work(number), 0.5) for number in range(6)]
for key, result in sorted(in_children(trials, at_once=2)):
    print(key, result if isinstance(result, str) else (result["twice"], len(result["long"])))
"""


def test_every_child_ends_with_its_result_or_with_what_became_of_it() -> None:
    """In a process of its own: forking the test session would copy its threads' locks."""
    answer = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert answer.stdout.splitlines() == ["0 (0, 0)", "1 (2, 0)", "2 (4, 0)", "3 died", "4 timed out", "5 (10, 200000)"], answer.stderr
