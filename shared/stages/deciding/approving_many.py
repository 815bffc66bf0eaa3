"""Approve many: exactly the drafts that were named, as they were seen, each with its own outcome. Called by the API and the console."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.audit import Actor
from shared.domain.ids import WorkspaceId
from shared.ports.errors import Conflict, NotFound, Rejected, SalesAgentError
from shared.stages.deciding.approving import Approved, NotApproved, approve
from shared.stages.deciding.desk import Desk

MOST = 25
"""At once: each looks into Gmail, and the caller waits."""


@dataclass(frozen=True)
class Wanted:
    """A draft and the fingerprint of what was seen of it."""

    draft_id: str
    fingerprint: str


@dataclass(frozen=True)
class Outcome:
    """`approved` is None when it was not; `reasons` then says why. `missing`: no such draft."""

    draft_id: str
    approved: Approved | None
    reasons: tuple[str, ...] = ()
    missing: bool = False


def approve_many(workspace_id: WorkspaceId, wanted: Sequence[Wanted], *, actor: Actor, trace_id: str, desk: Desk) -> list[Outcome]:
    """In the order asked for. One that cannot be approved keeps none of the others. Rejected when they are too many."""
    if not 1 <= len(wanted) <= MOST:
        raise Rejected(f"drafts: should be 1 to {MOST}", field="drafts")
    return [_one(workspace_id, one, actor=actor, trace_id=trace_id, desk=desk) for one in wanted]


def _one(workspace_id: WorkspaceId, wanted: Wanted, *, actor: Actor, trace_id: str, desk: Desk) -> Outcome:
    id = wanted.draft_id
    try:
        return Outcome(id, approve(workspace_id, id, fingerprint=wanted.fingerprint, actor=actor, trace_id=trace_id, desk=desk))
    except NotApproved as error:
        return Outcome(id, None, error.reasons)
    except NotFound as error:
        return Outcome(id, None, (error.detail,), missing=True)
    except (Conflict, Rejected) as error:
        return Outcome(id, None, (error.detail,))
    except SalesAgentError:
        return Outcome(id, None, ("Gmail could not be asked just now: try again",))
