"""Whose work something is, as long as they are an operator of the workspace. Used by every stage that acts for one."""

from shared.domain.ids import OperatorId
from shared.domain.workspace import Operator, Workspace
from shared.ports.errors import OperatorLeft


def operator_of(workspace: Workspace, operator_id: OperatorId) -> Operator:
    """Raises OperatorLeft for one who was removed."""
    found = workspace.operator_if_here(operator_id)
    if found is None:
        raise OperatorLeft(left_words(operator_id))
    return found


def left_words(operator_id: OperatorId) -> str:
    return f"its operator, {operator_id}, is no longer in this workspace"
