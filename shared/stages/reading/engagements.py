"""Who has opened a mail and followed its links, judged anew whenever it is read. Called by the API and the console."""

from shared.domain.draft import Draft
from shared.domain.engaged import Engagement, engagement_of
from shared.domain.sends import Send
from shared.domain.touches import Touches
from shared.ports.store import Store

MOST_SENDS = 100


def engagement_with(draft: Draft, *, store: Store) -> Engagement | None:
    """None for a draft that is not tracked: nothing is read for it."""
    if draft.tracked is None:
        return None
    kept = store.get(Touches, workspace_id=draft.workspace_id, id=draft.id)
    sends = store.list(Send, workspace_id=draft.workspace_id, where={"draft_id": draft.id}, limit=MOST_SENDS)
    left = [one.entity.departure.at for one in sends if one.entity.departure is not None]
    return engagement_of(kept.entity if kept else None, delivered_at=max(left, default=None))
