"""The workspace itself: who it is, from where it writes, and whether mails nobody asked for can leave."""

from pydantic import BaseModel, ConfigDict

from functions.api.routing import Call, Route
from shared.domain.roles import Role
from shared.domain.workspace import Workspace
from shared.ports.requests import Reply
from shared.stages.connecting.imprint import change_imprint, imprint_checks
from shared.wiring import ports


class Imprint(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    legal_name: str | None = None
    postal_address: str | None = None


def _shown(call: Call) -> Reply:
    return Reply(_told(ports.store.workspace(workspace_id=call.workspace_id)))


def _change(call: Call) -> Reply:
    asked: Imprint = call.body
    changed = change_imprint(
        call.workspace_id,
        legal_name=asked.legal_name,
        postal_address=asked.postal_address,
        by=call.actor,
        store=ports.store,
        audit=ports.audit,
    )
    return Reply(_told(changed))


def _told(workspace: Workspace) -> dict[str, object]:
    shown = workspace.model_dump(mode="json", include={"id", "name", "company_name", "legal_name", "postal_address"})
    return shown | {"checks": [one.model_dump(mode="json") for one in imprint_checks(workspace, secrets=ports.secrets)]}


ROUTES = (
    Route("GET", "workspace", _shown, "Who the workspace is, and whether mails nobody asked for can leave", answer="Workspace"),
    Route("PATCH", "workspace", _change, "Say who writes and from where", role=Role.ADMIN, body=Imprint, answer="Workspace"),
)
