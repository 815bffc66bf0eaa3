"""Notices: where people are told of what waits for them, what keeps them from being told, and a trial."""

from pydantic import BaseModel, ConfigDict, Field

from functions.api.routing import Call, Route
from shared.domain.roles import Role
from shared.ports.requests import Reply
from shared.stages.telling.settling import Reader
from shared.wiring import ports


class Settled(BaseModel):
    """What is left out stays as it is; an empty name takes a place away. The bot token stands in Secret Manager, never here."""

    model_config = ConfigDict(extra="forbid", strict=True)

    slack_channel: str | None = Field(default=None, max_length=80)
    operators: dict[str, Reader] = Field(default={}, max_length=200)


def _shown(call: Call) -> Reply:
    return Reply(ports.noticing.standing(call.workspace_id))


def _change(call: Call) -> Reply:
    asked: Settled = call.body
    ports.noticing.change(call.workspace_id, slack_channel=asked.slack_channel, readers=asked.operators, by=call.actor)
    return _shown(call)


def _try(call: Call) -> Reply:
    checks = ports.noticing.trial(call.workspace_id, by=call.actor)
    return Reply({"works": all(one.works for one in checks), "checks": [one.model_dump(mode="json") for one in checks]})


ROUTES = (
    Route("GET", "notices", _shown, "Where people are told of what waits for them", answer="Notices"),
    Route("PATCH", "notices", _change, "Choose where people are told", Role.ADMIN, Settled, "Notices"),
    Route("POST", "notices/try", _try, "Put a trial notice at every place", Role.OPERATOR, answer="Looked"),
)
