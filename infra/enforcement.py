"""Holds every function of a suite to its manifest, as separate bundles and accounts do in Google Cloud. Used by infra.front."""

import json
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from infra.closure import needed
from infra.manifests import Manifest
from shared.runtime.logging import EventLog
from shared.runtime.problems import Problem
from shared.wiring import REGISTRY, Ports

WRITER = "datastore.user"


class Field(StrEnum):
    """The lists of a manifest that grant something."""

    USES = "uses"
    PUBLISHES = "publishes"
    ENQUEUES = "enqueues"
    SECRETS = "secrets"
    KEEPS = "keeps"
    ROLES = "roles"


class OutsideManifest(BaseException):
    """Not an Exception on purpose: neither a stage nor the endpoint may take it for a failure of the world."""

    def __init__(self, manifest: Manifest, granted_by: Field, thing: str) -> None:
        self.function = manifest.name
        remedy = _remedy(manifest, granted_by, thing)
        super().__init__(f"{self.function} touched {thing}, which its manifest does not grant; if it should, {remedy}")


BEHIND_THE_WORDS = {"all": "some function is triggered by {thing}", "chores": "the manifest of whoever {thing} calls says chore: true"}
"""What makes a thing one of those that a word in place of a list means."""


def _remedy(manifest: Manifest, granted_by: Field, thing: str) -> str:
    if granted_by in manifest.words:
        return BEHIND_THE_WORDS[manifest.words[granted_by]].format(thing=thing)
    return f"functions/{manifest.name}/function.yaml says {granted_by}: [{', '.join([*getattr(manifest, granted_by), thing])}]"


@dataclass(frozen=True)
class Ledger:
    """What the functions of one front touched: (function, list of the manifest, thing), and every violation."""

    touched: set[tuple[str, Field, str]] = field(default_factory=set)
    violations: list[OutsideManifest] = field(default_factory=list)

    def unused(self, manifests: Iterable[Manifest]) -> list[str]:
        """Grants of those functions that were called at all and that none of their calls needed, as `function: list: thing`."""
        called = {name for name, _, _ in self.touched}
        return [
            f"{one.name}: {granted_by}: {thing}"
            for one in manifests
            for granted_by in (Field.USES, Field.PUBLISHES, Field.ENQUEUES, Field.SECRETS, Field.KEEPS)
            for thing in getattr(one, granted_by)
            if one.name in called and (one.name, granted_by, thing) not in self.touched
        ]


class Bounds:
    """What one function may touch."""

    def __init__(self, manifest: Manifest, ledger: Ledger) -> None:
        self._manifest, self._ledger = manifest, ledger
        self._loadable = needed(manifest.uses, registry=REGISTRY)

    def check(self, granted_by: Field, thing: str) -> None:
        """Raises OutsideManifest, and keeps it for whoever asks the ledger."""
        grant = self._grant_for(granted_by, thing)
        if grant is None:
            violation = OutsideManifest(self._manifest, granted_by, thing)
            self._ledger.violations.append(violation)
            raise violation
        self._ledger.touched.add((self._manifest.name, granted_by, grant))

    def _grant_for(self, granted_by: Field, thing: str) -> str | None:
        """The entry of the manifest that covers the thing; what an adapter needs comes with the adapter."""
        granted: tuple[str, ...] = getattr(self._manifest, granted_by)
        if granted_by in (Field.SECRETS, Field.KEEPS):
            return next((one for one in granted if covers(one, thing)), None)
        return thing if thing in granted or (granted_by is Field.USES and thing in self._loadable) else None


def covers(granted: str, secret: str) -> bool:
    """`hubspot-token-*` is every secret that begins like this: one for each workspace or operator. Without a star it is one secret."""
    return secret.startswith(granted.removesuffix("*")) if granted.endswith("*") else secret == granted


_serving: ContextVar[Bounds | None] = ContextVar("serving", default=None)


class HeldToManifest:
    """WSGI: a function whose calls stay within bounds; the first one that does not ends the request with a 500 that says why."""

    def __init__(self, app: Any, manifest: Manifest, ledger: Ledger) -> None:
        self._app, self._bounds = app, Bounds(manifest, ledger)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        token = _serving.set(self._bounds)
        try:
            answer: Iterable[bytes] = self._app(environ, start_response)
        except OutsideManifest as violation:
            return _refused(violation, start_response)
        finally:
            _serving.reset(token)
        return answer


def _refused(violation: OutsideManifest, start_response: Callable[..., Any]) -> Iterable[bytes]:
    EventLog(project="").write("ERROR", "outside the manifest", function=violation.function, detail=str(violation))
    start_response("500 Internal Server Error", [("Content-Type", "application/problem+json")])
    return [json.dumps(Problem(500, str(violation)).reply.content).encode()]


def hold_to_manifests(ports: Ports) -> None:
    """From now on `ports` watches whatever a HeldToManifest function takes from it; everybody else's calls pass as before."""
    vars(ports)["resolve"] = partial(_resolve, partial(Ports.resolve, ports))


def _resolve(resolve: Callable[[str], Any], name: str) -> Any:
    """At every look-up and not only when an adapter is built: functions of one process share adapters."""
    _check(Field.USES, name)
    adapter = resolve(name)
    return Watched(adapter, WATCHED[name]) if name in WATCHED else adapter


def _check(granted_by: Field, thing: str) -> None:
    bounds = _serving.get()
    if bounds is not None:
        bounds.check(granted_by, thing)


Check = Callable[[Mapping[str, Any]], tuple[Field, str]]

WATCHED: dict[str, dict[str, Check]] = {
    "bus": {"publish": lambda call: (Field.PUBLISHES, call["topic"])},
    "tasks": {"enqueue": lambda call: (Field.ENQUEUES, call["queue"])},
    "secrets": dict.fromkeys(("get", "newer"), lambda call: (Field.SECRETS, call["name"])),
    "safe": dict.fromkeys(("add", "retire", "create"), lambda call: (Field.KEEPS, call["name"])),
    "store": {"commit": lambda _: (Field.ROLES, WRITER)},
}
"""Calls that a role, topic, queue or secret of its own stands behind: adapter → method → what must be granted, from its arguments."""


class Watched:
    """An adapter, some of whose calls are checked before they are made."""

    def __init__(self, adapter: Any, checks: Mapping[str, Check]) -> None:
        self._adapter, self._checks = adapter, checks

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        if name not in self._checks:
            return found

        def checked(*args: Any, **call: Any) -> Any:
            _check(*self._checks[name](call))
            return found(*args, **call)

        return checked
