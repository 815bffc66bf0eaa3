"""Quotas: which limits there are, how much of them is used, and when they reset."""

from pydantic import BaseModel, ConfigDict

from functions.api.routing import Call, Route
from shared.ports.requests import Reply
from shared.stages.reading.quota_use import quota_use
from shared.wiring import ports


class OfContact(BaseModel):
    """An address belongs in no URL."""

    model_config = ConfigDict(extra="forbid")

    contact: str


def _quotas(call: Call) -> Reply:
    contact = call.body.contact if call.body else ""
    return Reply({"items": quota_use(workspace_id=call.workspace_id, store=ports.store, clock=ports.clock, contact=contact)})


ROUTES = (
    Route("GET", "quotas", _quotas, "Every limit of the workspace and its mailboxes", answer="Quotas"),
    Route("POST", "quotas", _quotas, "The same, and those of one contact", body=OfContact, answer="Quotas"),
)
