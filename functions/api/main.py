"""The JSON API: what can be read, and what can be decided, by whoever has a token of the workspace or a Google account it knows."""

from functions.api.resources import routes_for
from functions.api.routing import Doors, answered
from shared.ports.requests import Asked, Reply
from shared.wiring import http_endpoint, ports

DOORS = Doors(
    let_in=lambda incoming: ports.callers.check(incoming),
    once=lambda caller, incoming, serve: ports.repeats.answer(caller, incoming, serve=serve),
)


@http_endpoint()
def api(asked: Asked[None]) -> Reply:
    """404 for another workspace's id, exactly as for one that never existed."""
    return answered(routes_for(asked.incoming.path), asked, DOORS)
