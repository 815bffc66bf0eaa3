"""What a message or a task carries: whose, and which. Never bodies."""

from shared.domain.entity import Value
from shared.domain.ids import WorkspaceId


class Work(Value):
    """`id` names the document the stage loads afresh: a hint for plan, a run for every later stage."""

    workspace_id: WorkspaceId
    id: str
