"""What can be read: runs, held times, assets, the index of Drive, canaries and polls."""

from collections.abc import Callable
from functools import partial

from functions.api.routing import PAGE, Call, Route, cursor_of, limit_of, yes, yes_of
from shared.ports.requests import Reply
from shared.stages.reading import records
from shared.wiring import ports

CANARIES = yes("canaries", "Those of canaries instead of everybody else's")


def _page(listed: Callable[..., records.Page], call: Call, *, canaries: bool = False) -> Reply:
    also = {"canaries": yes_of(call.query, "canaries")} if canaries else {}
    page = listed(workspace_id=call.workspace_id, store=ports.store, limit=limit_of(call.query), after=cursor_of(call.query), **also)
    return Reply({"items": list(page.items), "next": page.next})


def _single(read: Callable[..., object], call: Call) -> Reply:
    return Reply(read(workspace_id=call.workspace_id, id=call.parts["id"], store=ports.store))


ROUTES = (
    Route("GET", "runs", partial(_page, records.runs, canaries=True), "Runs, the newest first", answer="Runs", query=(*PAGE, CANARIES)),
    Route(
        "GET", "runs/{id}", partial(_single, records.run), "A run with its history and its model calls, by its id or a handle", answer="Run"
    ),
    Route("GET", "events", partial(_page, records.events), "What was announced to us, the newest first", answer="Events", query=PAGE),
    Route("GET", "events/{id}", partial(_single, records.event), "An announcement with what it carries", answer="Event"),
    Route("GET", "holds", partial(_page, records.holds), "Held times, the newest first", answer="Holds", query=PAGE),
    Route("GET", "assets", partial(_page, records.assets), "Documents the agents may look at", answer="Assets", query=PAGE),
    Route("GET", "index/{id}", partial(_single, records.drive_index), "How far the index follows Drive", answer="Index"),
    Route(
        "GET", "canaries/{id}", partial(_single, records.canary), "The canary sent last, and what became of those before", answer="Canary"
    ),
    Route("GET", "polls/{id}", partial(_single, records.poll), "How it stands with polling", answer="Polls"),
)
