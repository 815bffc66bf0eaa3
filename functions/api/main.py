"""The JSON API behind a workspace token: what can be read, and what can be decided."""

from functions.api import audit, connections, drafts, policy, quotas, readings, sends, suppressions
from functions.api.routing import answered
from shared.ports.requests import Asked, Reply
from shared.wiring import http_endpoint

ROUTES = (
    *readings.ROUTES,
    *connections.ROUTES,
    *drafts.ROUTES,
    *sends.ROUTES,
    *policy.ROUTES,
    *suppressions.ROUTES,
    *quotas.ROUTES,
    *audit.ROUTES,
)


@http_endpoint(auth="workspace-token")
def api(asked: Asked[None]) -> Reply:
    """404 for another workspace's id, exactly as for one that never existed."""
    return answered(ROUTES, asked)
