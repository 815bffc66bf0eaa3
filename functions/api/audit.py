"""The audit log: what was decided, by whom; as a list, as an export, and whether it is as it was sealed."""

import re
from collections.abc import Mapping
from datetime import datetime

from functions.api.routing import PAGE, Asks, Call, Route, cursor_of, limit_of
from shared.domain.moments import written_moment
from shared.domain.roles import Role
from shared.ports.errors import Rejected
from shared.ports.requests import Reply
from shared.stages.audit.export import CURSOR as EXPORT_CURSOR
from shared.stages.audit.export import csv_part, json_part
from shared.stages.audit.query import LARGEST_PAGE, Wanted, entries
from shared.stages.audit.verify import AuditLog
from shared.wiring import ports

NAMED = ("contact", "company", "draft", "actor", "action")
MOMENT = {"type": "string", "examples": ["2026-11-23", "2026-11-23T09:00:00Z"]}
FILTERS = (
    Asks("contact", "An address"),
    Asks("company", "A mail domain"),
    Asks("draft", "The id of a draft"),
    Asks("actor", "Who decided"),
    Asks("action", "What was decided, such as draft.approved"),
    Asks("from", "Not before this day or moment", MOMENT),
    Asks("to", "Before this day or moment", MOMENT),
)
EXPORT = (
    *FILTERS,
    Asks("after", "The cursor of an earlier page", {"type": "string", "pattern": f"^{EXPORT_CURSOR.pattern}$"}),
    Asks("format", "As what", {"type": "string", "enum": ["json", "csv"], "default": "json"}),
)
CSV_KIND = {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": 'attachment; filename="audit.csv"'}
CURSOR = re.compile(r"[A-Za-z0-9-]{0,140}")
START = Asks("start", "Where an earlier portion ended", {"type": "string", "pattern": f"^{CURSOR.pattern}$"})


def _list(call: Call) -> Reply:
    limit = max(1, min(limit_of(call.query), LARGEST_PAGE))
    wanted, after = _wanted(call.query), cursor_of(call.query)
    page, following = entries(wanted, workspace_id=call.workspace_id, store=ports.store, limit=limit, after=after)
    return Reply({"items": [one.model_dump(mode="json", exclude={"workspace_id"}) for one in page], "next": following})


def _export(call: Call) -> Reply:
    wanted, after, kind = _wanted(call.query), call.query.get("after", ""), call.query.get("format", "json")
    if kind == "csv":
        text, following = csv_part(wanted, workspace_id=call.workspace_id, store=ports.store, after=after)
        return Reply(text=text, headers=CSV_KIND | ({"X-Next": following} if following else {}))
    if kind == "json":
        return Reply(json_part(wanted, workspace_id=call.workspace_id, store=ports.store, after=after).model_dump(mode="json"))
    raise Rejected("format: should be json or csv", field="format")


def _verify(call: Call) -> Reply:
    """A portion; the caller goes on with start= the `next` of the answer until it is empty."""
    keys = ports.audit_keys.of(call.workspace_id)
    start = call.query.get("start", "")
    if not CURSOR.fullmatch(start):
        raise Rejected("start: should be where an earlier portion ended", field="start")
    found = AuditLog(call.workspace_id, store=ports.store, vault=ports.vault, keys=keys).verify(start)
    flaws = [one.model_dump() for one in found.flaws]
    told = {"blocks": found.blocks, "entries": found.entries, "since_block": found.since, "next": found.next}
    return Reply({"ok": not flaws, "flaws": flaws, **told, "since": found.since_at.isoformat() if found.since_at else None})


def _wanted(query: Mapping[str, str]) -> Wanted:
    asked = {name: query.get(name, "").strip() for name in NAMED}
    return Wanted(**asked, since=_moment(query, "from"), until=_moment(query, "to"))


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    """A day begins at midnight, UTC."""
    if not query.get(name):
        return None
    at = written_moment(query[name].replace(" ", "+"))  # a plus in a query is a blank
    if at is None:
        raise Rejected(f"{name}: should be a day or a moment like 2026-11-23 or 2026-11-23T09:00:00Z", field=name)
    return at


ROUTES = (
    Route(
        "GET",
        "audit",
        _list,
        "What was decided, by whom, newest first: by contact, company, draft, actor, action, from, to",
        answer="Audit",
        query=(*PAGE, *FILTERS),
    ),
    Route(
        "GET",
        "audit/export",
        _export,
        "A page of the log as JSON that verifies by itself, or as CSV",
        Role.OPERATOR,
        answer="AuditPart",
        query=EXPORT,
        kinds=("text/csv",),
        refuses=("conflict",),
    ),
    Route(
        "GET",
        "audit/verify",
        _verify,
        "Whether the log is as it was sealed, a portion at a time",
        Role.OPERATOR,
        answer="Verification",
        query=(START,),
    ),
)
