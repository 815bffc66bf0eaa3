"""The read API: GET /runs, /runs/{id}, /drafts, /drafts/{id}, /assets and /index/drive behind a workspace token."""

import re

from shared.domain.work import DOCUMENT_ID
from shared.ports.errors import NotFound, Rejected
from shared.ports.requests import Asked, Reply
from shared.stages import reading
from shared.wiring import http_endpoint, ports

LISTS = {"runs": reading.runs, "drafts": reading.drafts, "assets": reading.assets}
SINGLES = {"runs": reading.run, "drafts": reading.draft, "index": reading.drive_index}


@http_endpoint(auth="workspace-token")
def api(asked: Asked[None]) -> Reply:
    """404 for another workspace's id, exactly as for one that never existed."""
    if asked.incoming.method != "GET":
        raise Rejected("only GET is served here", status=405)
    kind, _, id = asked.incoming.path.strip("/").partition("/")
    if kind not in (SINGLES if id else LISTS) or asked.caller.workspace_id is None or (id and not re.fullmatch(DOCUMENT_ID, id)):
        raise NotFound("no such resource")
    if id:
        return Reply(SINGLES[kind](workspace_id=asked.caller.workspace_id, id=id, store=ports.store))
    query = asked.incoming.query
    page = LISTS[kind](
        workspace_id=asked.caller.workspace_id,
        store=ports.store,
        limit=_limit(query.get("limit", "20")),
        after=_cursor(query.get("after", "")),
    )
    return Reply({"items": list(page.items), "next": page.next})


def _limit(given: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", given):
        raise Rejected("limit: should be a number from 1 to 100", field="limit")
    return int(given)


def _cursor(given: str) -> str:
    if given and not re.fullmatch(DOCUMENT_ID, given):
        raise Rejected("after: should be the cursor of an earlier page", field="after")
    return given
