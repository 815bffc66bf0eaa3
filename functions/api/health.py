"""Whether the API is alive, ready and able: the first two for whoever runs it, the rest for the workspace; and how the workspace stands."""

from functions.api.routing import Call, Route
from shared.ports.requests import Reply
from shared.stages.reading import standing
from shared.wiring import ports


def _live(_: Call) -> Reply:
    """Looks at nothing: what cannot answer this should be started anew."""
    return Reply({"ok": True})


def _ready(_: Call) -> Reply:
    standing.reachable(store=ports.store)
    return Reply({"ok": True})


def _dependencies(call: Call) -> Reply:
    return Reply({"items": standing.dependencies(workspace_id=call.workspace_id, store=ports.store)})


def _status(call: Call) -> Reply:
    return Reply(standing.status(workspace_id=call.workspace_id, store=ports.store, clock=ports.clock))


ROUTES = (
    Route("GET", "status", _status, "How the workspace stands, and what waits for somebody", answer="Status"),
    Route("GET", "health/live", _live, "Whether the function runs", answer="Live", is_open=True),
    Route("GET", "health/ready", _ready, "Whether it can do its work", answer="Live", is_open=True, looks=True),
    Route("GET", "health/dependencies", _dependencies, "Whether those answer whom the work needs", answer="Dependencies"),
)
