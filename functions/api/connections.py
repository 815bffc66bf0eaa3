"""Connections: which accounts the workspace works with, how each stands and where to connect it, and a live look."""

from functions.api.routing import Call, Route
from shared.domain.connections import Check
from shared.domain.outbox import address_of
from shared.domain.roles import Role
from shared.ports.requests import Reply
from shared.stages.connecting.linking import target_of
from shared.stages.connecting.looking import Standing, look_again, standings
from shared.wiring import ports


def _all(call: Call) -> Reply:
    workspace = ports.store.workspace(workspace_id=call.workspace_id)
    return Reply({"items": [_told(one) for one in standings(workspace, store=ports.store)]})


def _look(call: Call) -> Reply:
    """404 for what the workspace has nothing of."""
    workspace = ports.store.workspace(workspace_id=call.workspace_id)
    checks = look_again(workspace, target_of(workspace, call.parts["id"]), linking=ports.linking)
    return Reply({"works": all(one.works for one in checks), "checks": [_line(one) for one in checks]})


def _told(one: Standing) -> dict[str, object]:
    """Without the name of the secret."""
    page = f"{ports.settings.public_url.rstrip('/')}{address_of('console')}/connect"
    return {
        "id": one.target.id,
        "service": one.target.service,
        "operator": one.target.operator_id,
        "account": one.account,
        "state": one.state,
        "reason": one.reason,
        "fix": one.fix,
        "connected_by": one.by,
        "since": one.at.isoformat() if one.at else None,
        "checked_at": one.checked_at.isoformat() if one.checked_at else None,
        "checks": [_line(check) for check in one.checks],
        "connect_at": f"{page}#of-{one.target.id}",
    }


def _line(check: Check) -> dict[str, object]:
    return check.model_dump(mode="json")


ROUTES = (
    Route("GET", "connections", _all, "Which accounts the workspace works with, and how each stands", answer="Connections"),
    Route("POST", "connections/{id}/check", _look, "Ask the vendor now what works", role=Role.OPERATOR, answer="Looked"),
)
