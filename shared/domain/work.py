"""What a message or a task carries: whose, and which. Never bodies."""

from typing import Annotated

from pydantic import StringConstraints

from shared.domain.entity import Value
from shared.domain.ids import WorkspaceId

DOCUMENT_ID = r"^[A-Za-z0-9-][A-Za-z0-9_-]{0,127}$"
"""What our own ids look like: nothing else may become part of a document path. Firestore keeps names like __this__ for itself."""
NOBODYS = WorkspaceId("_unrouted")
"""Where lies what belongs to no workspace (yet)."""


class Work(Value):
    """`id` names the document the stage loads afresh: a hint for plan, a run for every later stage."""

    workspace_id: Annotated[WorkspaceId, StringConstraints(pattern=DOCUMENT_ID)]
    id: Annotated[str, StringConstraints(pattern=DOCUMENT_ID)]
