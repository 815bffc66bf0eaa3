"""Suppression lists: a table of those who must not be written to comes in, and ours goes out by pages. Called by the API."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.domain.audit import Actor
from shared.domain.ids import WorkspaceId
from shared.domain.import_rows import Refused
from shared.domain.suppression import NEVER_EXPIRE, Cause, Scope, Subject, Suppression, subject_from, subjects_of
from shared.domain.suppression_rows import SuppressedRow, checked_list, list_from
from shared.domain.tables import UnreadableTableError
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import Rejected
from shared.ports.store import Store
from shared.stages.policy.suppressions import LARGEST_BATCH, OF_WHAT, WHY, Suppressions, Wish
from shared.stages.policy.wishes import heard_wishes

MOST_TOLD = 1_000
"""Rows named in a report; the counts are of all."""
LARGEST_PAGE = 100
LONGEST_NAME = 100


@dataclass(frozen=True)
class Upload:
    """`name` is what the list is called, `cause` of rows that name none; a dry run writes nothing."""

    content: bytes
    name: str
    cause: Cause
    dry_run: bool


@dataclass
class Report:
    """`known`: rows about which as much or more stood there before."""

    dry_run: bool
    rows: int
    refused: Sequence[Refused]
    added: list[int] = field(default_factory=list)
    known: list[int] = field(default_factory=list)

    def told(self) -> dict[str, object]:
        return {
            "dry_run": self.dry_run,
            "rows": self.rows,
            "added": len(self.added),
            "known": len(self.known),
            "rejected": len(self.refused),
            "rejected_rows": [one.model_dump() for one in self.refused[:MOST_TOLD]],
        }


def import_list(
    upload: Upload, *, workspace_id: WorkspaceId, by: Actor, suppressions: Suppressions, outbox: Outbox, clock: Clock
) -> Report:
    """In batches: what a crash leaves out the next upload brings in. Rejected for a table that is none."""
    if not upload.name.strip() or len(upload.name) > LONGEST_NAME or not upload.name.isprintable():
        raise Rejected(f"name: should be a name of at most {LONGEST_NAME} characters", field="name")
    try:
        table, ahead = list_from(upload.content)
    except UnreadableTableError as error:
        raise Rejected(str(error), field="content", status=413 if error.too_large else 400) from None
    accepted, refused = checked_list(table, ahead=ahead, cause=upload.cause, now=clock.now())
    report = Report(upload.dry_run, len(table.rows), refused)
    for batch in _batches(accepted):
        wishes = [Wish(one.subject, one.cause, f"import {upload.name}", one.ends) for one in batch]
        for one, new in zip(batch, _new(wishes, upload, workspace_id, by, suppressions, outbox), strict=True):
            (report.added if new else report.known).append(one.row)
    return report


def _new(
    wishes: Sequence[Wish], upload: Upload, workspace_id: WorkspaceId, by: Actor, suppressions: Suppressions, outbox: Outbox
) -> list[bool]:
    if upload.dry_run:
        return suppressions.looked_at(wishes, workspace_id=workspace_id)
    heard = heard_wishes(wishes, workspace_id=workspace_id, by=by, suppressions=suppressions, outbox=outbox)
    return [one.new for one in heard]


def _batches(rows: Sequence[SuppressedRow]) -> Iterator[Sequence[SuppressedRow]]:
    for start in range(0, len(rows), LARGEST_BATCH):
        yield rows[start : start + LARGEST_BATCH]


def listed(*, workspace_id: WorkspaceId, store: Store, limit: int = 20, after: str = "") -> tuple[list[Mapping[str, Any]], str]:
    """A page by id, and the cursor of the next one. Of an erased one there is the hash and the version of its key, and no clear text."""
    at_most = max(1, min(limit, LARGEST_PAGE))
    found = [one.entity for one in store.list(Suppression, workspace_id=workspace_id, limit=at_most + 1, after=after)]
    return [line_of(one) for one in found[:at_most]], found[at_most - 1].id if len(found) > at_most else ""


def line_of(one: Suppression) -> Mapping[str, Any]:
    told = one.model_dump(mode="json", exclude={"workspace_id", "by"})
    return told | {"by": one.by.label, "erased": not one.shown, "can_be_lifted": one.cause not in NEVER_EXPIRE}


def why_not(
    value: str, scope: Scope | None, *, company_id: str, workspace_id: WorkspaceId, suppressions: Suppressions
) -> list[Mapping[str, Any]]:
    """Everything that stands against writing to an address, or anybody of a domain or company; the wishes of people first."""
    subject = subject_from(value, scope)
    suppressions.check_spelling(subject)
    subjects = subjects_of([subject.value], company_id=company_id) if subject.scope is Scope.ADDRESS else _above(subject)
    standing = suppressions.about(subjects, workspace_id=workspace_id)
    return [{**line_of(one), "why": f"{WHY[one.cause]}{OF_WHAT[one.scope]}"} for one in standing]


def _above(subject: Subject) -> Sequence[Subject]:
    return subjects_of([], company_domain=subject.value) if subject.scope is Scope.DOMAIN else [subject]
