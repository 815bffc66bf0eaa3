"""The policy in force, from what the store has of it. Used by whoever judges, decides or sends."""

from shared.domain.ids import WorkspaceId
from shared.domain.policy import Policy, default_policy
from shared.ports.store import Snapshot


def policy_of(found: Snapshot[Policy] | None, workspace_id: WorkspaceId) -> Policy:
    """What was found; without one, the policy every workspace begins with."""
    return found.entity if found else default_policy(workspace_id)
