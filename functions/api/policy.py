"""The policy: what is in force, its history, changes, a look at what a change would have done, and the kill switch."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from functions.api.routing import PAGE, Call, Route, cursor_of, limit_of, yes, yes_of
from shared.domain.policy import Policy, version_id
from shared.domain.roles import Role
from shared.ports.requests import Reply
from shared.stages.policy.earned_levels import levels
from shared.stages.policy.policies import Proposal
from shared.stages.policy.previewing import preview
from shared.wiring import ports

Version = Annotated[int, Field(ge=0, le=999_999)]


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Why(Given):
    reason: str


class Stop(Given):
    """In an emergency nobody has to say why."""

    reason: str = ""


class Proposed(Given):
    """A merge patch (RFC 7396) or the whole rules."""

    patch: dict[str, Any] | None = None
    rules: dict[str, Any] | None = None

    @property
    def proposal(self) -> Proposal:
        return Proposal(patch=self.patch, rules=self.rules)


class Changed(Proposed):
    """`based_on` is the version that was looked at: another one in force is a conflict."""

    based_on: Version
    reason: str


class RolledBack(Given):
    version: Version
    based_on: Version
    reason: str


def _told(policy: Policy) -> dict[str, Any]:
    return policy.model_dump(mode="json", exclude={"id", "workspace_id", "changed_by"}) | {
        "changed_by": policy.changed_by.label if policy.changed_by else ""
    }


def _current(call: Call) -> Reply:
    return Reply(_told(ports.policies.current(workspace_id=call.workspace_id)))


def _versions(call: Call) -> Reply:
    limit = max(1, min(limit_of(call.query), 99))
    found = ports.policies.versions(workspace_id=call.workspace_id, limit=limit + 1, after=cursor_of(call.query))
    more = version_id(found[limit - 1].version) if len(found) > limit else ""
    return Reply({"items": [_told(one) for one in found[:limit]], "next": more})


def _change(call: Call) -> Reply:
    body: Changed = call.body
    changed = ports.policies.change(
        body.proposal, based_on=body.based_on, workspace_id=call.workspace_id, by=call.actor, reason=body.reason
    )
    return Reply(_told(changed))


def _roll_back(call: Call) -> Reply:
    body: RolledBack = call.body
    changed = ports.policies.roll_back(
        body.version, based_on=body.based_on, workspace_id=call.workspace_id, by=call.actor, reason=body.reason
    )
    return Reply(_told(changed))


def _preview(call: Call) -> Reply:
    found = preview(call.body.proposal, workspace_id=call.workspace_id, policies=ports.policies, store=ports.store, clock=ports.clock)
    return Reply(found)


def _autonomy(call: Call) -> Reply:
    return Reply(levels(call.workspace_id, replay=yes_of(call.query, "replay"), store=ports.store, clock=ports.clock))


def _kill(call: Call) -> Reply:
    return Reply(_told(ports.policies.kill(workspace_id=call.workspace_id, by=call.actor, reason=call.body.reason)))


def _release(call: Call) -> Reply:
    return Reply(_told(ports.policies.release(workspace_id=call.workspace_id, by=call.actor, reason=call.body.reason)))


ROUTES = (
    Route("GET", "policy", _current, "The policy in force", answer="Policy"),
    Route("GET", "policy/versions", _versions, "Every policy that was in force, the newest first", answer="Policies", query=PAGE),
    Route("PATCH", "policy", _change, "Change the policy", role=Role.ADMIN, body=Changed, answer="Policy"),
    Route(
        "POST", "policy/rollback", _roll_back, "Go back to what an earlier version said", role=Role.ADMIN, body=RolledBack, answer="Policy"
    ),
    Route("POST", "policy/preview", _preview, "What a change would have done in the last 30 days", body=Proposed, answer="Preview"),
    Route("POST", "policy/kill", _kill, "Stop everything that would leave", role=Role.OPERATOR, body=Stop, answer="Policy"),
    Route("POST", "policy/release", _release, "Let things leave again", role=Role.ADMIN, body=Why, answer="Policy"),
    Route(
        "GET",
        "policy/autonomy",
        _autonomy,
        "What the rules of auto-approval have earned, and what they still need",
        answer="Autonomy",
        query=(yes("replay", "Work it out anew from every logged decision"),),
    ),
)
