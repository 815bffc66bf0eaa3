"""Exports of the audit log, a page at a time: JSON that verifies by itself, CSV that no spreadsheet runs. Called by the API function."""

import csv
import io
import json
import re
from collections.abc import Sequence

from shared.domain.audit import AuditEntry
from shared.domain.audit_file import ExportPart
from shared.domain.ids import WorkspaceId
from shared.domain.sealing import HEAD, LATEST, ORIGIN, Anchor, AuditBlock, AuditHead, Checkpoint, Place, anchor_of, block_id
from shared.ports.errors import Rejected
from shared.ports.store import Store
from shared.stages.audit.query import LARGEST_PAGE, Wanted, entries

CURSOR = re.compile(r"([0-9]{1,12})-([A-Za-z0-9-]{1,120})")
"""The head the export began with, and the entry it has come to."""
COLUMNS = ("at", "id", "actor_kind", "actor", "action", "draft_id", "send_id", "run_id", "contact", "company", "policy_version")
DETAILS = ("reason", "before", "after", "evidence")
STARTS_A_FORMULA = re.compile(r"^[\s\x00]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
"""What a spreadsheet would run: https://owasp.org/www-community/attacks/CSV_Injection"""


def json_part(wanted: Wanted, *, workspace_id: WorkspaceId, store: Store, after: str = "") -> ExportPart:
    """The page after that cursor. Every page tells of the head the first one began with: what is sealed meanwhile is not in the file."""
    number, last = _position(after)
    head = _head(workspace_id, number, store)
    page, rest = entries(wanted, workspace_id=workspace_id, store=store, limit=LARGEST_PAGE, after=last)
    checkpoint = store.get(Checkpoint, workspace_id=workspace_id, id=LATEST)
    return ExportPart(
        workspace_id=workspace_id,
        head=head,
        checkpoint=checkpoint.entity if checkpoint else None,
        whole=wanted.everything,
        entries=tuple(page),
        blocks=tuple(_blocks_of(page, workspace_id, head.number, store)),
        next=f"{head.number}-{rest}" if rest else "",
    )


def csv_part(wanted: Wanted, *, workspace_id: WorkspaceId, store: Store, after: str = "") -> tuple[str, str]:
    """Rows, below a header on the first page, and the cursor of the next one."""
    _, last = _position(after)
    page, rest = entries(wanted, workspace_id=workspace_id, store=store, limit=LARGEST_PAGE, after=last)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    if not after:
        writer.writerow((*COLUMNS, *DETAILS))
    writer.writerows([defused(one) for one in _row(entry)] for entry in page)
    return text.getvalue(), f"0-{rest}" if rest else ""


def defused(cell: str) -> str:
    """The cell, behind an apostrophe if a spreadsheet would take it for a formula."""
    return f"'{cell}" if STARTS_A_FORMULA.search(cell) else cell


def _row(entry: AuditEntry) -> Sequence[str]:
    said = entry.model_dump(mode="json") | {"actor_kind": entry.actor.kind.value, "actor": entry.actor.id}
    values = [said[name] for name in (*COLUMNS, *DETAILS)]
    return ["" if one in ({}, []) else one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in values]


def _position(after: str) -> tuple[int | None, str]:
    if not after:
        return None, ""
    found = CURSOR.fullmatch(after)
    if found is None:
        raise Rejected("after: should be the cursor of an earlier page", field="after")
    return int(found[1]), found[2]


def _head(workspace_id: WorkspaceId, number: int | None, store: Store) -> Anchor:
    """The head now, or the one the export began with."""
    if number is None:
        head = store.get(AuditHead, workspace_id=workspace_id, id=HEAD)
        return head.entity.anchor if head else ORIGIN
    block = store.get(AuditBlock, workspace_id=workspace_id, id=block_id(number)) if number else None
    if number and block is None:
        raise Rejected("after: the log has been shortened since this export began; begin again", field="after", status=409)
    return anchor_of(block.entity) if block else ORIGIN


def _blocks_of(page: Sequence[AuditEntry], workspace_id: WorkspaceId, last: int, store: Store) -> Sequence[AuditBlock]:
    if not page:
        return ()
    places = store.get_many(Place, workspace_id=workspace_id, ids=[one.id for one in page]).values()
    ids = sorted({block_id(one.entity.block) for one in places if one.entity.block <= last})
    return [one.entity for one in store.get_many(AuditBlock, workspace_id=workspace_id, ids=ids).values()] if ids else ()
