"""Reading the audit log: by whom and what it is about, newest first, in pages. Called by the API function and by exports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.audit import AuditEntry
from shared.domain.ids import WorkspaceId
from shared.ports.store import Store
from shared.stages.audit.trail import named_in_log

LARGEST_PAGE = 100


@dataclass(frozen=True)
class Wanted:
    """What is empty is not asked for. `contact` is an address, `company` its mail domain; moments lie in [since, until)."""

    contact: str = ""
    company: str = ""
    draft: str = ""
    actor: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def everything(self) -> bool:
        return self == Wanted()


def entries(wanted: Wanted, *, workspace_id: WorkspaceId, store: Store, limit: int, after: str = "") -> tuple[Sequence[AuditEntry], str]:
    """A page, and the id to go on after; empty on the last one. Nothing about somebody whose salt is gone: nobody knows which they are."""
    where = _filters(wanted, workspace_id, store)
    if where is None:
        return (), ""
    found = store.list(
        AuditEntry,
        workspace_id=workspace_id,
        where=where,
        newest_by="at",
        since=wanted.since,
        until=wanted.until,
        limit=limit + 1,
        after=after,
    )
    page = [one.entity for one in found[:limit]]
    return page, page[-1].id if len(found) > limit else ""


def _filters(wanted: Wanted, workspace_id: WorkspaceId, store: Store) -> Mapping[str, str] | None:
    """None when nothing can be found."""
    where = {"draft_id": wanted.draft, "actor.id": wanted.actor, "action": wanted.action}
    for field, name in (("contact", wanted.contact), ("company", wanted.company.strip().removeprefix("@"))):
        if name:
            where[field] = named_in_log(name, workspace_id=workspace_id, store=store)
            if not where[field]:
                return None
    return {field: value for field, value in where.items() if value}
