"""Dead letters: what nobody could process, looked at, handed over once more, or put away."""

from pydantic import BaseModel, ConfigDict, Field

from functions.api.routing import PAGE, Call, Route, cursor_of, limit_of, state_in, state_of
from shared.domain.dead_letter import DeadLetterState
from shared.domain.rejection import LONGEST_NOTE
from shared.domain.roles import Role
from shared.ports.requests import Reply
from shared.stages.deciding.dead_letters import letter_shown
from shared.stages.reading import letters
from shared.wiring import ports


class Settling(BaseModel):
    model_config = ConfigDict(extra="forbid")

    note: str = Field("", max_length=LONGEST_NOTE)


def _listed(call: Call) -> Reply:
    page = letters.dead_letters(
        workspace_id=call.workspace_id,
        store=ports.store,
        limit=limit_of(call.query),
        after=cursor_of(call.query),
        state=state_of(call.query, DeadLetterState),
    )
    return Reply({"items": list(page.items), "next": page.next})


def _shown(call: Call) -> Reply:
    return Reply(letters.dead_letter(workspace_id=call.workspace_id, id=call.parts["id"], store=ports.store))


def _replay(call: Call) -> Reply:
    replayed = ports.letter_box.replay(call.workspace_id, call.parts["id"], by=call.actor, trace_id=call.trace_id)
    return Reply(letter_shown(replayed), status=202)


def _resolve(call: Call) -> Reply:
    asked: Settling = call.body
    return Reply(letter_shown(ports.letter_box.resolve(call.workspace_id, call.parts["id"], note=asked.note, by=call.actor)))


ROUTES = (
    Route("GET", "dead-letters", _listed, "Dead letters, the newest first", answer="DeadLetters", query=(*PAGE, state_in(DeadLetterState))),
    Route("GET", "dead-letters/{id}", _shown, "A dead letter with what it said", answer="DeadLetter"),
    Route("POST", "dead-letters/{id}/replay", _replay, "Hand it over once more", Role.OPERATOR, answer="DeadLetter", status=202),
    Route("POST", "dead-letters/{id}/resolve", _resolve, "Put it away", Role.OPERATOR, Settling, "DeadLetter"),
)
