"""Who must not be written to: the list, one look-up, adding and taking back, whole lists in; and forgetting a person."""

from dataclasses import asdict
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from functions.api.routing import PAGE, Call, Route, cursor_of, limit_of
from shared.domain.erasure import EraseReason
from shared.domain.roles import Role
from shared.domain.suppression import Cause, LiftReason, Scope, subject_from
from shared.ports.requests import Reply
from shared.stages.erasing.forgetting import forget_person
from shared.stages.policy.suppression_lists import Upload, import_list, line_of, listed, why_not
from shared.stages.policy.suppressions import Wish
from shared.stages.policy.wishes import heard_wish
from shared.wiring import ports

Text = Annotated[str, Field(min_length=1, max_length=500)]


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Named(Given):
    """`scope` may be left out: what has an @ is an address, anything else a domain."""

    value: Text
    scope: Scope | None = None


class Asked(Named):
    company_id: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,64}$")


class Added(Named):
    cause: Cause = Cause.MANUAL
    source: str = Field(default="", max_length=100)
    expires_at: AwareDatetime | None = None


class Lifted(Named):
    reason: LiftReason


class Imported(Given):
    content: str
    name: Text
    cause: Cause = Cause.IMPORT
    dry_run: bool = False


class Forgotten(Given):
    address: Text
    reason: EraseReason


def _list(call: Call) -> Reply:
    items, more = listed(workspace_id=call.workspace_id, store=ports.store, limit=limit_of(call.query), after=cursor_of(call.query))
    return Reply({"items": items, "next": more})


def _check(call: Call) -> Reply:
    body: Asked = call.body
    found = why_not(body.value, body.scope, company_id=body.company_id, workspace_id=call.workspace_id, suppressions=ports.suppressions)
    return Reply({"suppressed": bool(found), "because": found})


def _add(call: Call) -> Reply:
    body: Added = call.body
    wish = Wish(subject_from(body.value, body.scope), body.cause, body.source, body.expires_at)
    added = heard_wish(wish, workspace_id=call.workspace_id, by=call.actor, suppressions=ports.suppressions, outbox=ports.outbox)
    return Reply(line_of(added.standing))


def _lift(call: Call) -> Reply:
    body: Lifted = call.body
    subject = subject_from(body.value, body.scope)
    return Reply({"lifted": ports.suppressions.lift(subject, workspace_id=call.workspace_id, by=call.actor, reason=body.reason)})


def _import(call: Call) -> Reply:
    body: Imported = call.body
    upload = Upload(body.content.encode(errors="replace"), body.name, body.cause, body.dry_run)
    report = import_list(
        upload, workspace_id=call.workspace_id, by=call.actor, suppressions=ports.suppressions, outbox=ports.outbox, clock=ports.clock
    )
    return Reply(report.told())


def _forget(call: Call) -> Reply:
    body: Forgotten = call.body
    done = forget_person(
        body.address,
        workspace_id=call.workspace_id,
        by=call.actor,
        reason=body.reason,
        desk=ports.desk,
    )
    return Reply(asdict(done))


ROUTES = (
    Route("GET", "suppressions", _list, "Who must not be written to, page by page", answer="Suppressions", query=PAGE),
    Route(
        "POST",
        "suppressions",
        _add,
        "Do not write to an address, a domain or a company",
        role=Role.OPERATOR,
        body=Added,
        answer="Suppression",
    ),
    Route("POST", "suppressions/check", _check, "Why somebody must not be written to", body=Asked, answer="Check"),
    Route("POST", "suppressions/lift", _lift, "Take back what was no wish of theirs", role=Role.ADMIN, body=Lifted, answer="Lifted"),
    Route(
        "POST", "suppressions/import", _import, "A whole list, with a report by row", role=Role.OPERATOR, body=Imported, answer="Imported"
    ),
    Route("POST", "forget", _forget, "Forget a person, and never write to them again", role=Role.ADMIN, body=Forgotten, answer="Forgotten"),
)
