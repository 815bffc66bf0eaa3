"""Where people are told of what waits for them: a channel in Slack, or an operator's own mailbox. Pure; used by the stages that tell."""

from collections.abc import Sequence
from enum import StrEnum

from shared.domain.entity import Value
from shared.domain.ids import OperatorId, WorkspaceId
from shared.domain.workspace import Operator, Workspace

EVERYBODY = OperatorId("")


class Medium(StrEnum):
    SLACK = "slack"
    MAIL = "mail"


class Place(Value):
    """`operator_id` is whose it is; empty: the workspace's channel."""

    medium: Medium
    operator_id: OperatorId = EVERYBODY


def slack_secret_of(workspace_id: WorkspaceId) -> str:
    """Its value is the bot token. The name follows from the workspace: no setting can lead to another secret."""
    return f"slack-token-{workspace_id}"


def places_of(workspace: Workspace, *, operator_id: OperatorId = EVERYBODY) -> Sequence[Place]:
    """Where one operator is told of what is theirs; without one, where everybody is told of what is the workspace's."""
    own = workspace.operator_if_here(operator_id) if operator_id else None
    readers = [own] if own else workspace.operators
    mailed = [Place(medium=Medium.MAIL, operator_id=one.id) for one in readers if one.notices_by_mail]
    if not workspace.slack_channel:
        return mailed
    return [Place(medium=Medium.SLACK, operator_id=own.id if own and own.slack else OperatorId("")), *mailed]


def channel_of(workspace: Workspace, operator: Operator | None) -> str:
    """Empty when the workspace is not told in Slack (any more)."""
    own = operator.slack if operator else ""
    return (own or workspace.slack_channel) if workspace.slack_channel else ""


def is_still(place: Place, workspace: Workspace) -> bool:
    """Whether the settings still name it."""
    operator = workspace.operator_if_here(place.operator_id)
    if place.medium is Medium.SLACK:
        return bool(workspace.slack_channel) and (not place.operator_id or bool(operator and operator.slack))
    return operator is not None and operator.notices_by_mail
