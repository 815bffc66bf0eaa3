"""The JSON API: what can be read, and what can be decided, by whoever has a token of the workspace or a Google account it knows."""

from functions.api import (
    audit,
    connections,
    dead_letters,
    drafts,
    health,
    mailboxes,
    notices,
    policy,
    quotas,
    readings,
    reference,
    sends,
    suppressions,
    workspace,
)
from functions.api.routing import Doors, Route, answered
from shared.ports.requests import Asked, Reply
from shared.wiring import http_endpoint, ports

ROUTES: tuple[Route, ...] = (
    *readings.ROUTES,
    *connections.ROUTES,
    *workspace.ROUTES,
    *mailboxes.ROUTES,
    *drafts.ROUTES,
    *sends.ROUTES,
    *policy.ROUTES,
    *suppressions.ROUTES,
    *quotas.ROUTES,
    *audit.ROUTES,
    *dead_letters.ROUTES,
    *notices.ROUTES,
    *health.ROUTES,
    *reference.routes(lambda: ROUTES),
)

DOORS = Doors(
    let_in=lambda incoming: ports.callers.check(incoming),
    once=lambda caller, incoming, serve: ports.repeats.answer(caller, incoming, serve=serve),
)


@http_endpoint()
def api(asked: Asked[None]) -> Reply:
    """404 for another workspace's id, exactly as for one that never existed."""
    return answered(ROUTES, asked, DOORS)
