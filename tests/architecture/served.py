"""Serves one function in a process of its own, as functions-framework does, and tells what came of it; for the tests in this folder."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

NOWHERE = "localhost:1"
ALONE = {
    "SALES_AGENT_LOG_LEVEL": "ERROR",
    "FIRESTORE_EMULATOR_HOST": NOWHERE,
    "PUBSUB_EMULATOR_HOST": NOWHERE,
    "SALES_AGENT_TASKS_EMULATOR_HOST": NOWHERE,
    "SALES_AGENT_SECRETS_EMULATOR_HOST": NOWHERE,
}
"""Clients are built without credentials, and nobody answers them."""
SERVE = """
import json, sys
from functions_framework import create_app
target, source, request = sys.argv[1:]
answer = create_app(target, source).test_client().open(**json.loads(request))
files = {name: getattr(module, "__file__", None) or "" for name, module in list(sys.modules.items())}
print(json.dumps({"status": answer.status_code, "files": files}))
"""


@dataclass(frozen=True)
class Request:
    """What werkzeug's test client sends; without a credential unless headers hold one."""

    data: str = "{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    path: str = "/"
    method: str = "POST"


@dataclass(frozen=True)
class Served:
    """The status of the first answer, and the modules loaded after it (name → file)."""

    status: int
    files: dict[str, str]


def served(function: str, folder: Path, *, request: Request | None = None, environment: Mapping[str, str] = ALONE) -> Served:
    """The function's answer from the sources in this folder and nothing else: no PYTHONPATH, no site of the user."""
    answer = subprocess.run(
        [sys.executable, "-I", "-c", SERVE, function, str(folder / "main.py"), json.dumps(asdict(request or Request()))],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr
    return Served(**json.loads(answer.stdout.splitlines()[-1]))
