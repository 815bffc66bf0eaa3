"""What operators may read of drafts and sends; called by the API function and the console. A foreign id and a missing one are the same."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from shared.domain.draft import Draft, DraftState, Revision, revision_id_for
from shared.domain.ids import WorkspaceId
from shared.domain.sends import Send, SendState
from shared.domain.workspace import Workspace
from shared.ports.errors import NotFound
from shared.ports.store import Key, Snapshot, Store
from shared.stages.deciding.approving import fingerprint_shown
from shared.stages.reading.engagements import engagement_with
from shared.stages.reading.grounds import ground_of_draft
from shared.stages.reading.records import Page, dumped, only, page_size, paged, require_cursor

DRAFT_LINE = (
    "id", "run_id", "state", "state_reason", "mailbox", "recipient", "recipient_name", "revision", "snoozed_until", "created_at",
    "updated_at",
)  # fmt: skip
SEND_LINE = ("id", "draft_id", "state", "reason", "mailbox", "recipient", "touch", "due_at", "created_at", "updated_at")


def drafts(
    *,
    workspace_id: WorkspaceId,
    store: Store,
    now: datetime,
    limit: int = 20,
    after: str = "",
    canaries: bool = False,
    state: DraftState | None = None,
    snoozed: bool = False,
) -> Page:
    """Newest first, without body and evidence; those of canaries, or those of everybody else. Snoozed ones only when asked for."""
    require_cursor(Draft, workspace_id, store, after)
    where: dict[str, object] = {"synthetic": canaries} | ({"state": state.value} if state else {})
    wanted = page_size(limit) + 1
    every = _every_draft(workspace_id, store, where, after=after, at_once=wanted)
    found = list(islice((one for one in every if snoozed or not _asleep(one.entity, now)), wanted))
    return paged(found, page_size(limit), _line)


def _every_draft(
    workspace_id: WorkspaceId, store: Store, where: Mapping[str, object], *, after: str, at_once: int
) -> Iterator[Snapshot[Draft]]:
    """Chunk by chunk: what is snoozed makes no page shorter."""
    while True:
        chunk = store.list(Draft, workspace_id=workspace_id, where=where, newest_by="created_at", limit=at_once, after=after)
        yield from chunk
        if len(chunk) < at_once:
            return
        after = chunk[-1].entity.id


def _asleep(draft: Draft, now: datetime) -> bool:
    return draft.snoozed_until is not None and draft.snoozed_until > now


def draft(*, workspace_id: WorkspaceId, id: str, store: Store, now: datetime) -> Mapping[str, object]:
    """Everything a page needs to decide on it, and the fingerprint that goes back with the decision. Raises NotFound.

    `operator` is None for one who was removed: nothing of theirs can be approved. `law` is as of now, by the policy in force.
    """
    found, workspace = store.read(Key(Draft, workspace_id, id), Key(Workspace, workspace_id, workspace_id))
    if found is None or workspace is None:
        raise NotFound(f"draft {id} does not exist")
    shown: Draft = found.entity
    operator = workspace.entity.operator_if_here(shown.operator_id)
    engagement = engagement_with(shown, store=store)
    law = ground_of_draft(shown, store=store, now=now)
    return dumped(shown) | {
        "body": shown.text.body,
        "fingerprint": fingerprint_shown(shown, operator.name if operator else ""),
        "operator": operator.name if operator else None,
        "sender": shown.sent_as(operator.name if operator else "").model_dump(mode="json", exclude={"signature_html"}),
        "law": law.model_dump(mode="json") if law else None,
        "decided_by": shown.decided_by.label if shown.decided_by else None,
        "revised_by": shown.revised_by.label if shown.revised_by else None,
        "considered": shown.considered.model_dump(mode="json", exclude={"draw"}) if shown.considered else None,
        "objected_by": shown.objected_by.label if shown.objected_by else None,
        "in_gmail": shown.placement.revision if shown.placement else None,
        "engagement": engagement.model_dump(mode="json") if engagement else None,
        "rewriting": shown.rewriting.model_dump(mode="json", include={"instruction", "at"}) if shown.rewriting else None,
    }


def revision(*, workspace_id: WorkspaceId, id: str, number: int, store: Store) -> Mapping[str, object]:
    """What a draft said before it was changed. Raises NotFound, for the present revision too."""
    found = store.get(Revision, workspace_id=workspace_id, id=revision_id_for(id, number=number))
    if found is None:
        raise NotFound(f"draft {id} has no earlier revision {number}")
    return dumped(found.entity) | {"body": found.entity.text.body, "by": found.entity.by.label if found.entity.by else None}


def sends(*, workspace_id: WorkspaceId, store: Store, limit: int = 20, after: str = "", state: SendState | None = None) -> Page:
    """Newest first: when each is due or what became of it, and why."""
    require_cursor(Send, workspace_id, store, after)
    where = {"state": state.value} if state else None
    found = store.list(Send, workspace_id=workspace_id, where=where, newest_by="created_at", limit=page_size(limit) + 1, after=after)
    return paged(found, page_size(limit), _send_line)


def send(*, workspace_id: WorkspaceId, id: str, store: Store) -> Mapping[str, object]:
    """With its history and its attempts. Raises NotFound."""
    found = store.get(Send, workspace_id=workspace_id, id=id)
    if found is None:
        raise NotFound(f"send {id} does not exist")
    return dumped(found.entity)


def _line(found: Draft) -> dict[str, Any]:
    return only(DRAFT_LINE, found) | {
        "subject": found.text.subject,
        "verdict": found.verdict.outcome if found.verdict else None,
        "risk": found.verdict.risk if found.verdict else None,
        "url": found.placement.url if found.placement else "",
        "decided_by": found.decided_by.label if found.decided_by else None,
    }


def _send_line(found: Send) -> dict[str, Any]:
    return only(SEND_LINE, found)
