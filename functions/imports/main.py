"""POST a table (CSV or a JSON array) behind a workspace token → a report by row, and runs unless it is a dry run."""

from shared.domain.roles import Role
from shared.ports.errors import NotFound, Rejected
from shared.ports.requests import Asked, Reply
from shared.runtime.api_callers import check_role
from shared.stages.arriving.imports import import_rows, read_table, wish_from
from shared.wiring import http_endpoint, ports


@http_endpoint(auth="callers")
def imports(asked: Asked[None]) -> Reply:
    """202 when runs were started, 200 when there was nothing to start."""
    incoming = asked.incoming
    if incoming.method != "POST":
        raise Rejected("only POST is served here", status=405)
    if incoming.path.strip("/") or asked.caller.workspace_id is None:
        raise NotFound("no such resource")
    check_role(asked.caller, Role.OPERATOR)
    query = incoming.query
    wish = wish_from(form=query.get("form", "import").strip(), dry_run=query.get("dry_run", "false"), kind=query.get("kind", "nurture"))
    report = import_rows(
        read_table(incoming.body),
        workspace_id=asked.caller.workspace_id,
        wish=wish,
        trace_id=asked.trace_id,
        store=ports.store,
        outbox=ports.outbox,
        clock=ports.clock,
    )
    return Reply(report.told(), status=202 if report.accepted and not wish.dry_run else 200)
