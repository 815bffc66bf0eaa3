"""The functions in a process that can be killed at a chosen step and is started anew by forking: `python -m tests.pipeline.crash_front`.

Reads one JSON line a command on standard input: {"port", "environment", "at", "after", "tally"} forks a server; {"stop": true} ends it.
"""

import importlib
import json
import os
import signal
import sys
from pathlib import Path

from emulators.serving import HttpServer
from infra.front import READY, application
from infra.manifests import load_all
from shared import wiring
from tests.pipeline.stepping import Steps, kill_process


def import_everything() -> None:
    """Before the first fork, so that a restart costs milliseconds. No adapter is built: gRPC starts in the child only."""
    for name in load_all():
        importlib.import_module(f"functions.{name}.main")
    for entry in wiring.REGISTRY.values():
        importlib.import_module(entry.target.partition(":")[0])


def serve(command: dict[str, object]) -> None:
    os.environ.update(command["environment"])  # type: ignore[call-overload]
    steps = Steps(doom=kill_process, at=int(str(command["at"])), after=bool(command["after"]), tally=Path(str(command["tally"])))
    wiring.ports.interpose(steps.interpose)
    with HttpServer(application(), port=int(str(command["port"]))):
        print(READY, flush=True)
        signal.pause()


def main() -> int:
    import_everything()
    child = 0
    for line in sys.stdin:
        if child:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            child = 0
        command = json.loads(line)
        if command.get("stop"):
            print("stopped", flush=True)
            continue
        child = os.fork()
        if child == 0:
            serve(command)
    return 0


if __name__ == "__main__":
    sys.exit(main())
