"""What operators may read of dead letters; called by the API function. A foreign id and a missing one are the same."""

from collections.abc import Mapping

from shared.domain.dead_letter import DeadLetter, DeadLetterState
from shared.domain.ids import WorkspaceId
from shared.ports.errors import NotFound
from shared.ports.store import Store
from shared.stages.deciding.dead_letters import letter_line, letter_shown
from shared.stages.reading.records import Page, page_size, paged, require_cursor


def dead_letters(
    *, workspace_id: WorkspaceId, store: Store, limit: int = 20, after: str = "", state: DeadLetterState | None = None
) -> Page:
    """Newest first, without what they said."""
    require_cursor(DeadLetter, workspace_id, store, after)
    where = {"state": state.value} if state else None
    found = store.list(DeadLetter, workspace_id=workspace_id, where=where, newest_by="received_at", limit=page_size(limit) + 1, after=after)
    return paged(found, page_size(limit), letter_line)


def dead_letter(*, workspace_id: WorkspaceId, id: str, store: Store) -> Mapping[str, object]:
    """Raises NotFound."""
    found = store.get(DeadLetter, workspace_id=workspace_id, id=id)
    if found is None:
        raise NotFound(f"dead letter {id} does not exist")
    return letter_shown(found.entity)
