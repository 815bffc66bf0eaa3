"""Connections: which accounts the workspace works with, how each stands and where to connect it, and a live look."""

from pydantic import BaseModel, ConfigDict

from functions.api.routing import Call, Route
from shared.domain.connections import Check, Part, Service
from shared.domain.outbox import address_of
from shared.domain.roles import Role
from shared.ports.errors import NotFound
from shared.ports.requests import Reply
from shared.stages.connecting.delegating import delegate
from shared.stages.connecting.linking import PARTS, target_of
from shared.stages.connecting.looking import Standing, look_again, standings
from shared.wiring import ports


class Delegating(BaseModel):
    """The mailbox is always among the parts."""

    model_config = ConfigDict(extra="forbid")

    parts: tuple[Part, ...] = PARTS[Service.GOOGLE]


def _terms(_: Call) -> Reply:
    told = ports.linking.delegations.terms(PARTS[Service.GOOGLE])
    return Reply({"client_id": told.client_id, "scopes": list(told.scopes), "where": told.where, "lacks": told.lacks})


def _delegate(call: Call) -> Reply:
    """404 for what the workspace has nothing of, and for its portal; 200 also when Google has not let us in, with what to do."""
    workspace = ports.store.workspace(workspace_id=call.workspace_id)
    target = target_of(workspace, call.parts["id"])
    if target.service is not Service.GOOGLE:
        raise NotFound("only Google accounts are opened by delegation")
    parts = [one for one in PARTS[Service.GOOGLE] if one in (Part.MAILBOX, *call.body.parts)]
    [found] = delegate(workspace, [target.operator_id], parts, by=call.actor, linking=ports.linking)
    return Reply({"works": found.works, "trouble": found.trouble, "checks": [_line(one) for one in found.checks]})


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
        "agreement": one.agreement,
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
    Route("GET", "connections/delegation", _terms, "What an administrator of a Workspace enters to let us in", answer="DelegationTerms"),
    Route(
        "POST",
        "connections/{id}/delegate",
        _delegate,
        "Open an operator's Google account by Workspace delegation, if it lets us in",
        role=Role.ADMIN,
        body=Delegating,
        answer="Delegated",
        refuses=("conflict",),
    ),
    Route("GET", "connections", _all, "Which accounts the workspace works with, and how each stands", answer="Connections"),
    Route("POST", "connections/{id}/check", _look, "Ask the vendor now what works", role=Role.OPERATOR, answer="Looked"),
)
