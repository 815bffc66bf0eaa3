"""P1 and P2: what a function costs from the start of its process to its first answer, and what it has loaded by then."""

import http.client
import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.deployed import REFERENCES, bare_environment
from tests.bench.figures import Compared, compared
from tests.bench.recording import Recording
from tests.bench.scenes import Scene, restore
from tests.bench.serving import served
from tests.bench.visitors import LIVE

FORBIDDEN = {
    "form_webhook": (
        "openai", "numpy", "rich", "jinja2", "holidays",
        "shared.connectors.gmail", "shared.connectors.drive", "shared.connectors.calendar", "shared.agents",
    ),
}  # fmt: skip
WEBHOOK, OTHERS, WITH_MODEL = 3.0, 3.6, 5.5
"""The most a cold start may cost of the empty function's."""
EVERYWHERE = ("rich", "typer", "yaml", "jsonschema", "numpy", "pytest", "aiohttp", "emulators", "infra")


@dataclass(frozen=True)
class Contender:
    """One thing to start: a function with its request, and the most its cost may be of the empty function's."""

    label: str
    function: str
    source: Path
    scene: Scene
    target: float
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ColdStart:
    """`cpu_ms` in one process; `deployed_ms` with the command that deploys: click, gunicorn, its worker, and their end."""

    contender: Contender
    cpu_ms: Compared
    deployed_ms: Compared
    modules: int
    ours: int
    beyond_empty: int
    forbidden: tuple[str, ...]
    calls: Mapping[str, int]


class Starter:
    """Starts a function in the minimal environment and asks it once."""

    def __init__(self, recording: Recording, *, python: Path) -> None:
        self._python, self._suite, self._calls = python, recording.suite, recording.calls
        self.asked: Counter[str] = Counter()

    def cpu_ms(self, contender: Contender) -> float:
        """User and system time of the whole process until the first request is answered."""
        process = self._start(contender)
        _ask(process, contender.scene)
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
        return (used.ru_utime + used.ru_stime) * 1000

    def deployed_ms(self, contender: Contender) -> float:
        """The same for functions-framework's own command, gunicorn's worker included, until both have ended."""
        restore(self._suite, contender.scene)
        environment = {**self._suite.environment(), **contender.settings}
        with served(contender.function, contender.source, python=self._python, environment=environment) as server:
            _send(server.port, contender.scene)
        return server.cpu_ms

    def modules(self, contender: Contender) -> dict[str, str]:
        """The modules after the first answer, and their files; the calls it made are in `asked` afterwards."""
        before = self._calls.count()
        process = self._start(contender, "modules")
        _ask(process, contender.scene)
        assert process.stderr is not None
        loaded: dict[str, str] = json.loads(process.stderr.readlines()[-1])
        process.wait()
        self.asked = self._calls.count() - before
        return loaded

    def _start(self, contender: Contender, *options: str) -> subprocess.Popen[str]:
        restore(self._suite, contender.scene)
        command = [self._python, "-I", REFERENCES / "one_request.py", contender.function, contender.source, *options]
        environment = {**bare_environment(), **self._suite.environment(), **contender.settings}
        return subprocess.Popen(
            command, cwd=contender.source.parent, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )


def contenders(recording: Recording, folders: Mapping[str, Path]) -> list[Contender]:
    """Every function, those that call a language model a second time with one, and the answer of `api` that looks at nothing."""
    model = {"OPENAI_API_KEY": "sk-emulated", "OPENAI_BASE_URL": recording.suite.urls["openai"] + "/v1"}
    plain = [
        Contender(name, name, folder / "main.py", recording.scenes[name], WEBHOOK if name == "form_webhook" else OTHERS)
        for name, folder in sorted(folders.items(), key=lambda item: (item[0] != "form_webhook", item[0]))
    ]
    with_model = [
        Contender(f"{one.label}, model by SDK", one.function, one.source, one.scene, WITH_MODEL, model)
        for one in plain
        if one.function in ("plan", "draft")
    ]
    live = Contender(f"api, {LIVE}", "api", folders["api"] / "main.py", recording.scenes[LIVE], OTHERS)
    return [*plain, *with_model, live]


def measure(starter: Starter, wanted: Sequence[Contender], *, runs: int) -> list[ColdStart]:
    """Empty, ours, empty, ours, …: each of ours is divided by the empty function that ran right before it."""
    empty = Contender("empty", "empty", REFERENCES / "empty.py", wanted[0].scene, 1.0)
    known = starter.modules(empty)
    loaded = [(starter.modules(one), dict(starter.asked)) for one in wanted]
    alone = _in_turns(starter.cpu_ms, empty, wanted, runs=runs)
    deployed = _in_turns(starter.deployed_ms, empty, wanted, runs=max(1, runs // 3))
    return [_cold_start(one, alone[index], deployed[index], loaded[index], known) for index, one in enumerate(wanted)]


def forbidden_in(loaded: Mapping[str, str], *, function: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """What this function must do without and has loaded; what functions-framework itself brings is not ours to leave out."""
    prefixes = {*EVERYWHERE, *FORBIDDEN.get(function, ())}
    return tuple(sorted(p for p in prefixes if p not in known and any(name == p or name.startswith(f"{p}.") for name in loaded)))


def _in_turns(cost: Callable[[Contender], float], empty: Contender, wanted: Sequence[Contender], *, runs: int) -> list[Compared]:
    ours: list[list[float]] = [[] for _ in wanted]
    reference: list[list[float]] = [[] for _ in wanted]
    for _ in range(runs):
        for index, one in enumerate(wanted):
            reference[index].append(cost(empty))
            ours[index].append(cost(one))
    return [compared(one, other) for one, other in zip(ours, reference, strict=True)]


def _cold_start(
    one: Contender, cpu: Compared, deployed: Compared, loaded: tuple[dict[str, str], dict[str, int]], known: Mapping[str, str]
) -> ColdStart:
    modules, calls = loaded
    return ColdStart(
        contender=one,
        cpu_ms=cpu,
        deployed_ms=deployed,
        modules=len(modules),
        ours=sum(name.partition(".")[0] in ("shared", "functions", "main") for name in modules),
        beyond_empty=len(modules.keys() - known.keys()),
        forbidden=forbidden_in(modules, function=one.function, known=known),
        calls=calls,
    )


def _ask(process: subprocess.Popen[str], scene: Scene) -> None:
    """The scene's request, answered well; anything else ends the benchmark."""
    assert process.stderr is not None
    line = process.stderr.readline()
    if not line.strip().isdecimal():
        raise RuntimeError(f"{scene.function} did not start: {line}{process.stderr.read()}")
    _send(int(line), scene)


def _send(port: int, scene: Scene) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(scene.method, scene.path, body=scene.body, headers=dict(scene.headers))
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status >= 300:
        raise RuntimeError(f"{scene.function} answered {answer.status}: {text.decode()}")
