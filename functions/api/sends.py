"""What can be read of sends, and the two things a person decides about them: taking one back, and what became of a parked one."""

from pydantic import BaseModel, ConfigDict

from functions.api.routing import PAGE, Call, Route, cursor_of, limit_of, state_in, state_of
from shared.domain.roles import Role
from shared.domain.sends import SendState
from shared.ports.requests import Reply
from shared.stages.reading import drafts_and_sends
from shared.stages.sending.cancel import cancel
from shared.stages.sending.resolve_send import Word, resolve_send
from shared.wiring import ports


class Resolving(BaseModel):
    """`word` counts only where the mailbox itself cannot tell."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    word: Word | None = None


def _listed(call: Call) -> Reply:
    page = drafts_and_sends.sends(
        workspace_id=call.workspace_id,
        store=ports.store,
        limit=limit_of(call.query),
        after=cursor_of(call.query),
        state=state_of(call.query, SendState),
    )
    return Reply({"items": list(page.items), "next": page.next})


def _shown(call: Call) -> Reply:
    return Reply(drafts_and_sends.send(workspace_id=call.workspace_id, id=call.parts["id"], store=ports.store))


def _cancel(call: Call) -> Reply:
    cancel(call.workspace_id, call.parts["id"], actor=call.actor, desk=ports.desk)
    return _shown(call)


def _resolve(call: Call) -> Reply:
    asked: Resolving = call.body
    resolve_send(call.workspace_id, call.parts["id"], word=asked.word, actor=call.actor, desk=ports.desk)
    return _shown(call)


ROUTES = (
    Route("GET", "sends", _listed, "Sends, the newest first", answer="Sends", query=(*PAGE, state_in(SendState))),
    Route("GET", "sends/{id}", _shown, "A send with its history", answer="Send"),
    Route("POST", "sends/{id}/cancel", _cancel, "Take it back before it leaves", Role.OPERATOR, answer="Send"),
    Route("POST", "sends/{id}/resolve", _resolve, "Settle what became of a parked one", Role.OPERATOR, Resolving, "Send"),
)
