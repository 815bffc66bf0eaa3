"""Which module serves which resource of the API: the first part of a path names it. Each is loaded when it is first asked for, since
their models and stages are most of what a cold start costs. Used by the API function and by its document.
"""

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from types import ModuleType

from functions.api.routing import Route

READINGS = partial(import_module, "functions.api.readings")
CONNECTIONS = partial(import_module, "functions.api.connections")
WORKSPACE = partial(import_module, "functions.api.workspace")
MAILBOXES = partial(import_module, "functions.api.mailboxes")
DRAFTS = partial(import_module, "functions.api.drafts")
SENDS = partial(import_module, "functions.api.sends")
POLICY = partial(import_module, "functions.api.policy")
SUPPRESSIONS = partial(import_module, "functions.api.suppressions")
QUOTAS = partial(import_module, "functions.api.quotas")
AUDIT = partial(import_module, "functions.api.audit")
DEAD_LETTERS = partial(import_module, "functions.api.dead_letters")
NOTICES = partial(import_module, "functions.api.notices")
HEALTH = partial(import_module, "functions.api.health")
REFERENCE = partial(import_module, "functions.api.reference")

RESOURCES: Mapping[str, partial[ModuleType]] = {
    "runs": READINGS,
    "events": READINGS,
    "holds": READINGS,
    "assets": READINGS,
    "index": READINGS,
    "canaries": READINGS,
    "polls": READINGS,
    "connections": CONNECTIONS,
    "workspace": WORKSPACE,
    "mailboxes": MAILBOXES,
    "drafts": DRAFTS,
    "sends": SENDS,
    "policy": POLICY,
    "suppressions": SUPPRESSIONS,
    "forget": SUPPRESSIONS,
    "quotas": QUOTAS,
    "audit": AUDIT,
    "dead-letters": DEAD_LETTERS,
    "notices": NOTICES,
    "status": HEALTH,
    "health": HEALTH,
    "openapi.json": REFERENCE,
    "docs": REFERENCE,
}


def routes_for(path: str) -> tuple[Route, ...]:
    """All that may serve this path: those of its resource; none when there is no such resource."""
    load = RESOURCES.get(path.strip("/").partition("/")[0])
    return _routes_in(load) if load else ()


def every_route() -> tuple[Route, ...]:
    return tuple(route for load in dict.fromkeys(RESOURCES.values()) for route in _routes_in(load))


def _routes_in(load: partial[ModuleType]) -> tuple[Route, ...]:
    routes: tuple[Route, ...] = load().ROUTES
    return routes
