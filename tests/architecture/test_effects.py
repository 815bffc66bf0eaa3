"""Where effects may come from: time and chance through ports, the environment through settings, errors through families."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.sources import SHIPPED, Source, dotted, sources

MACHINE = "shared/runtime/clock.py"
"""The adapters of Clock and Ids: the only file that asks the machine for time or chance."""
WALL_CLOCK = {("shared/gcp/oidc.py", "time.time()")}
"""Identity tokens alone are checked against the wall clock: their issuer lives by it."""
BANNED_CALLS = re.compile(
    r"(datetime\.)?datetime\.(now|utcnow|today)|(datetime\.)?date\.today|time\.(time|time_ns|sleep|monotonic|localtime|gmtime)"
    r"|(uuid\.)?uuid[14]|random(\..+)?|secrets\.(token_\w+|choice|randbelow|randbits)|os\.urandom"
)
BANNED_MODULES = {"random", "uuid", "secrets", "time"}
BROAD = {
    "shared/runtime/endpoints.py": 1,  # the one place where an unforeseen error becomes an answer
}
ENVIRONMENT = re.compile(r"os\.(environ|getenv|putenv)(\..+)?")
LOG = "shared/runtime/logging.py"


def test_time_and_chance_are_asked_for_in_one_file_only() -> None:
    bad = [
        f"{source.name}:{line} {what}"
        for source in sources(*SHIPPED)
        for what, line in _machine_asked(source)
        if source.name != MACHINE and (source.name, what) not in WALL_CLOCK
    ]
    assert not bad, "\n".join(bad)


def test_only_the_endpoint_catches_everything() -> None:
    found = {source.name: len(list(_catches_everything(source))) for source in sources(*SHIPPED)}
    assert {name: count for name, count in found.items() if count} == BROAD


def test_nothing_fails_in_silence() -> None:
    bad = [
        f"{source.name}:{node.lineno}"
        for source in sources(*SHIPPED)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and all(isinstance(line, ast.Pass) for line in node.body)
    ]
    assert not bad, bad


def test_only_one_file_that_ships_reads_the_environment() -> None:
    readers = {source.name for source in sources(*SHIPPED) for node in ast.walk(source.tree) if ENVIRONMENT.fullmatch(dotted(node))}
    assert readers == {"shared/runtime/settings.py"}


def test_emulators_take_options_and_not_the_environment() -> None:
    bad = {source.name for source in sources("emulators") for node in ast.walk(source.tree) if ENVIRONMENT.fullmatch(dotted(node))}
    assert not bad, bad


def test_nothing_that_ships_prints_but_the_log() -> None:
    bad = [
        f"{source.name}:{node.lineno}"
        for source in sources(*SHIPPED)
        for node in ast.walk(source.tree)
        if source.name != LOG and isinstance(node, ast.Call) and dotted(node.func) in {"print", "pprint", "breakpoint"}
    ]
    assert not bad, bad


def test_no_test_sleeps_on_the_machines_clock() -> None:
    bad = [
        f"{source.name}:{node.lineno}"
        for source in sources("tests")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and dotted(node.func) in {"time.sleep", "sleep"}
    ]
    assert not bad, bad


def _machine_asked(source: Source) -> Iterator[tuple[str, int]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and BANNED_CALLS.fullmatch(dotted(node.func)):
            yield f"{dotted(node.func)}()", node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module in {*BANNED_MODULES, "os"}:
            yield from ((f"from {node.module} import {one.name}", node.lineno) for one in node.names)


def _catches_everything(source: Source) -> Iterator[ast.ExceptHandler]:
    for node in ast.walk(source.tree):
        caught = node.type if isinstance(node, ast.ExceptHandler) else None
        names = caught.elts if isinstance(caught, ast.Tuple) else [caught] if caught else []
        bare = isinstance(node, ast.ExceptHandler) and caught is None
        if isinstance(node, ast.ExceptHandler) and (bare or {dotted(name) for name in names} & {"Exception", "BaseException"}):
            yield node
