"""What can be read of sends: when each is due, what became of it, and why."""

from functions.api.routing import Call, Route, cursor_of, limit_of, state_of
from shared.domain.sends import SendState
from shared.ports.requests import Reply
from shared.stages import reading_drafts
from shared.wiring import ports


def _listed(call: Call) -> Reply:
    page = reading_drafts.sends(
        workspace_id=call.workspace_id,
        store=ports.store,
        limit=limit_of(call.query),
        after=cursor_of(call.query),
        state=state_of(call.query, SendState),
    )
    return Reply({"items": list(page.items), "next": page.next})


def _shown(call: Call) -> Reply:
    return Reply(reading_drafts.send(workspace_id=call.workspace_id, id=call.parts["id"], store=ports.store))


ROUTES = (
    Route("GET", "sends", _listed, "Sends, the newest first"),
    Route("GET", "sends/{id}", _shown, "A send with its history"),
)
