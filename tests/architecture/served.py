"""Serves one function in a process of its own, as functions-framework does, and tells what came of it; for the tests in this folder."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NOWHERE = "localhost:1"
"""Clients are built without credentials and nobody answers them: what is refused must be refused before any call."""
ENVIRONMENT = {
    "SALES_AGENT_LOG_LEVEL": "ERROR",
    "FIRESTORE_EMULATOR_HOST": NOWHERE,
    "PUBSUB_EMULATOR_HOST": NOWHERE,
    "SALES_AGENT_TASKS_EMULATOR_HOST": NOWHERE,
    "SALES_AGENT_SECRETS_EMULATOR_HOST": NOWHERE,
}
SERVE = """
import json, sys
from functions_framework import create_app
target, source = sys.argv[1:]
client = create_app(target, source).test_client()
statuses = [client.post("/", json={}).status_code, client.get("/").status_code]
files = {name: getattr(module, "__file__", None) or "" for name, module in list(sys.modules.items())}
print(json.dumps({"statuses": statuses, "files": files}))
"""


@dataclass(frozen=True)
class Served:
    """The answers to an empty POST and a GET, both without credentials, and the modules loaded after them (name → file)."""

    statuses: list[int]
    files: dict[str, str]


def served(function: str, folder: Path) -> Served:
    """The function's answers from the sources in this folder and nothing else: no PYTHONPATH, no site of the user."""
    answer = subprocess.run(
        [sys.executable, "-I", "-c", SERVE, function, str(folder / "main.py")],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr
    return Served(**json.loads(answer.stdout.splitlines()[-1]))
