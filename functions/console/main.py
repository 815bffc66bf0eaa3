"""The operators' web application: one function, its pages below /console, its style and scripts under names that never change meaning."""

from functions.console import bulk, connecting, decisions, editing, queue, signing, switching
from functions.console.delivery import ASSETS
from functions.console.failing import failure_page
from functions.console.visits import answered
from shared.ports.requests import Incoming, Page
from shared.wiring import page_endpoint

ROUTES = (*queue.ROUTES, *decisions.ROUTES, *editing.ROUTES, *bulk.ROUTES, *switching.ROUTES, *connecting.ROUTES, *signing.ROUTES, *ASSETS)


@page_endpoint(failed=failure_page)
def console(incoming: Incoming, trace_id: str) -> Page:
    """404 for another workspace's draft, exactly as for one that never existed."""
    return answered(ROUTES, incoming, trace_id)
