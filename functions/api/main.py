"""The read API behind a workspace token: GET runs, drafts, held times, assets, the index of Drive, canaries and polls."""

import re
from collections.abc import Callable

from shared.domain.work import DOCUMENT_ID
from shared.ports.errors import NotFound, Rejected
from shared.ports.requests import Asked, Reply
from shared.stages import reading
from shared.wiring import http_endpoint, ports

LISTS: dict[str, Callable[..., reading.Page]] = {
    "runs": reading.runs,
    "drafts": reading.drafts,
    "holds": reading.holds,
    "assets": reading.assets,
}
SINGLES = {"runs": reading.run, "drafts": reading.draft, "canaries": reading.canary, "polls": reading.poll, "index": reading.drive_index}
ALSO_OF_CANARIES = frozenset({"runs", "drafts"})
YES_OR_NO = {"true": True, "false": False}


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
        **({"canaries": _yes(query.get("canaries", "false"))} if kind in ALSO_OF_CANARIES else {}),
    )
    return Reply({"items": list(page.items), "next": page.next})


def _limit(given: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", given):
        raise Rejected("limit: should be a number from 1 to 100", field="limit")
    return int(given)


def _yes(given: str) -> bool:
    if given not in YES_OR_NO:
        raise Rejected("canaries: should be true or false", field="canaries")
    return YES_OR_NO[given]


def _cursor(given: str) -> str:
    if given and not re.fullmatch(DOCUMENT_ID, given):
        raise Rejected("after: should be the cursor of an earlier page", field="after")
    return given
