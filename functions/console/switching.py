"""The kill switch: two actions from every page, and what is queued already obeys too."""

from functions.console.decisions import decided
from functions.console.visits import PageRoute, Visit
from shared.ports.requests import Page
from shared.wiring import ports


def _stop(visit: Visit) -> Page:
    who = visit.visitor
    ports.policies.kill(workspace_id=who.workspace_id, by=who.actor, reason=visit.field("reason").strip() or "stopped from the console")
    return decided(visit, "killed")


def _release(visit: Visit) -> Page:
    who = visit.visitor
    ports.policies.release(workspace_id=who.workspace_id, by=who.actor, reason=visit.field("reason").strip())
    return decided(visit, "released")


ROUTES = (PageRoute("POST", "kill-switch", _stop), PageRoute("POST", "kill-switch/release", _release))
