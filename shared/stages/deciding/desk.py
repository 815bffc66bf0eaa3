"""What decisions about drafts need. Used by every stage in which a person, or the wire, decides."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.audit import Actor
from shared.domain.draft import Draft, DraftState, Placement
from shared.domain.ids import WorkspaceId
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import NotFound, Rejected
from shared.ports.files import FilesOf
from shared.ports.mailbox import Mailbox, MailboxOf
from shared.ports.store import Snapshot, Store
from shared.stages.audit.trail import AuditTrail
from shared.stages.policy.suppressions import Suppressions


class Surroundings(Protocol):
    @property
    def environment(self) -> str: ...


@dataclass(frozen=True)
class Desk:
    """What decisions about drafts need."""

    store: Store
    outbox: Outbox
    clock: Clock
    mailbox: MailboxOf
    suppressions: Suppressions
    audit: AuditTrail
    settings: Surroundings
    files: FilesOf

    @property
    def production(self) -> bool:
        """Whether anybody at all may be written to; elsewhere only allow-listed recipients are."""
        return self.settings.environment == "prod"


def drafted(workspace_id: WorkspaceId, draft_id: str, *, store: Store) -> Snapshot[Draft]:
    """Raises NotFound."""
    found = store.get(Draft, workspace_id=workspace_id, id=draft_id)
    if found is None:
        raise NotFound(f"draft {draft_id} does not exist")
    return found


def check_pending(draft: Draft) -> None:
    """Rejected, telling who was faster, unless it waits for a decision."""
    if draft.state is not DraftState.PENDING:
        raise Rejected(already(draft), status=409)


def already(draft: Draft) -> str:
    """What somebody is told who comes second."""
    return f"the draft is {draft.state} already{_told(draft.decided_by, draft.decided_at)}"


def who_was_faster(seen: Draft, *, store: Store) -> str:
    """For whom a compare-and-set has just refused: who did what meanwhile, and when."""
    found = store.get(Draft, workspace_id=seen.workspace_id, id=seen.id)
    if found is None:
        return f"draft {seen.id} does not exist any more"
    now = found.entity
    if now.state is not DraftState.PENDING and now.state is not seen.state:
        return already(now)
    if now.revision != seen.revision:
        return changed_meanwhile(now)
    return "the draft has just changed: look again"


def changed_meanwhile(draft: Draft) -> str:
    return f"the text was changed{_told(draft.revised_by, draft.revised_at)}: look again"


def _told(by: Actor | None, at: datetime | None) -> str:
    return (f" by {by.label}" if by else "") + (f" at {at:%Y-%m-%d %H:%M} UTC" if at else "")


def placed_as(draft: Draft) -> Placement:
    """Where it stands. Rejected when it stands nowhere."""
    if draft.placement is None:
        raise Rejected("the draft does not stand in Gmail", status=409)
    return draft.placement


def thread_head(draft: Draft, mailbox: Mailbox) -> str:
    """The Message-ID of the newest message of its thread that is no machine's; empty for a new thread, or one that is gone."""
    if not draft.thread_id:
        return ""
    try:
        head = mailbox.thread(thread_id=draft.thread_id).head
    except NotFound:
        return ""
    return head.message_id if head else ""
