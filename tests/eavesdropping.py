"""Listens wherever our code can say something, and fails the test in which a planted secret or body is heard. A pytest plugin."""

import functools
import importlib
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.confidential import plant, secrets_in, told_in
from tests.makers import CONSTANTS, SOURCES

Said = Iterable[tuple[str, object]]
"""Where, and what was said there."""

FOR_OPERATORS = frozenset({"why, in runs", "the output of a process that failed"})
"""Here no secret may be told, but words may: the gate names the link or the placeholder it refuses, and a command that follows a run
which fails shows it to whoever asked. What these say is heard again wherever it goes from there, into a log or an answer."""

_heard: list[str] = []
_heeded = [_heard]


# Where our code can say something
def _line(_: None, _log: Any, severity: str, message: str, **fields: object) -> Said:
    """Also one below the level that is written, and a field that is withheld only by its name."""
    yield f"the log line “{message}”", " ; ".join(map(str, fields.values()))


def _refusal(answer: tuple[str | bytes, int, Mapping[str, str]], *_: Any) -> Said:
    """A success is not looked at: the console and the API show a draft to its operator."""
    body, status, headers = answer
    if status >= 400:
        yield f"an answer {status}", body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        yield f"a header of an answer {status}", " ; ".join(headers.values())


def _error(_: None, error: Any, *_given: Any, **_more: Any) -> Said:
    """What is raised: its `detail` is shown and logged. `raw`, the vendor's own words, may hold anything and is neither."""
    yield f"the text of a {type(error).__name__}", str(error)
    yield f"the detail of a {type(error).__name__}", getattr(error, "detail", "")


def _complaint(_: None, failure: Any, *_given: Any, **_more: Any) -> Said:
    yield "what the command line complains of", f"{failure.message} ; {failure.fix}"


def _stored(_: None, write: Any, *_given: Any, **_more: Any) -> Said:
    """Of documents only what says why; bodies have documents of their own. The log of decisions and what is owed hold ids alone."""
    entity = write.entity
    if entity.collection in ("audit", "outbox"):
        yield f"an entry of {entity.collection}", entity.model_dump_json(warnings=False)
    else:
        for why in (getattr(entity, "reason", ""), getattr(entity, "failure_reason", "")):
            if why:
                yield f"why, in {entity.collection}", why


def _ended(process: Any, *_given: Any, **_more: Any) -> Said:
    yield "the standard error of a process", _text(process.stderr)
    if process.returncode:
        yield "the output of a process that failed", _text(process.stdout)


EARS: Mapping[str, Callable[..., Said]] = {
    "shared.runtime.logging:EventLog.write": _line,
    "shared.runtime.endpoints:_rendered": _refusal,
    "shared.ports.errors:SalesAgentError.__init__": _error,
    "infra.cli.failures:Failure.__init__": _complaint,
    "shared.ports.store:Create.__init__": _stored,
    "shared.ports.store:Replace.__init__": _stored,
    "shared.ports.store:Put.__init__": _stored,
    "subprocess:run": _ended,
}


class Libraries(logging.Handler):
    """What libraries log, from WARNING on: nothing else is written where we are deployed."""

    def emit(self, record: logging.LogRecord) -> None:
        hear(f"a line of {record.name}", self.format(record))


def hear(where: str, said: object) -> None:
    for name in (secrets_in if where in FOR_OPERATORS else told_in)(str(said)):
        _heeded[-1].append(f"{where} tells: {name}")


@contextmanager
def overheard() -> Iterator[list[str]]:
    """For tests of this: what is heard meanwhile fails nobody."""
    _heeded.append([])
    try:
        yield _heeded[-1]
    finally:
        _heeded.pop()


def listen() -> None:
    for place, ear in EARS.items():
        _follow(place, lambda made, *given, ear=ear, **more: [hear(*one) for one in ear(made, *given, **more)])
    for place, plants in SOURCES.items():
        _follow(place, plants)
    logging.getLogger().addHandler(Libraries(level=logging.WARNING))


def _follow(place: str, then: Callable[..., object]) -> None:
    """Calls `then` with the result and the arguments whenever this has returned."""
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    followed = getattr(owner, name)

    @functools.wraps(followed)
    def following(*given: Any, **more: Any) -> Any:
        result = followed(*given, **more)
        then(result, *given, **more)
        return result

    setattr(owner, name, following)


# As a plugin
def pytest_configure() -> None:
    listen()


def pytest_runtest_setup() -> None:
    for logger in [one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)]:
        logger.disabled = False  # import-linter configures logging, which silences every library in the tests after it
    for module, names in CONSTANTS.items():
        if module in sys.modules:
            for name in names:
                plant(f"{name} of {module}", getattr(sys.modules[module], name))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    for title, content in report.sections:
        if title in (f"Captured stdout {call.when}", f"Captured stderr {call.when}"):
            hear(title, "\n".join(line for line in content.splitlines() if not line.startswith('{"severity"')))  # heard as it was written
    if call.when == "teardown" and isinstance(folder := getattr(item, "funcargs", {}).get("tmp_path"), Path):
        for log in folder.rglob("*.log"):
            hear(f"what a process logged in {log.name}", log.read_text(encoding="utf-8", errors="replace"))
    if _heard:
        told = "\n".join(dict.fromkeys(_heard))
        _heard.clear()
        report.sections.append(("Said where nobody may hear it", told))
        if not report.failed:
            report.outcome, report.longrepr = "failed", told
    return report


def _text(output: str | bytes | None) -> str:
    return output.decode("utf-8", "replace") if isinstance(output, bytes) else output or ""
