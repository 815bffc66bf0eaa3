"""The tasks that a turn of the kill switch owes: it is told, and what it held goes on. Used by the policies, and by whoever does it."""

from datetime import datetime

from shared.domain.ids import derived_id
from shared.domain.notices import Concern, Matter, owed_notice
from shared.domain.outbox import Outgoing, Queue, owed_work
from shared.domain.policy import TURN, Policy, version_id


def owed_turn(policy: Policy, *, at: datetime) -> Outgoing:
    """One per version of the policy, for whoever tends the sends."""
    id = f"{TURN}{version_id(policy.version)}"
    workspace_id = policy.workspace_id
    return owed_work(Queue.TEND_SENDS, id, workspace_id=workspace_id, at=at, trace_id=derived_id("switch", workspace_id, id))


def owed_for_turn(policy: Policy, *, at: datetime) -> tuple[Outgoing, ...]:
    """What it held goes on without waiting for anybody to be told."""
    matter = Matter(concern=Concern.SWITCH, id=version_id(policy.version), occasion="turned")
    told = owed_notice(matter, workspace_id=policy.workspace_id, at=at, queue=Queue.NOTIFY)
    return (told, owed_turn(policy, at=at))
