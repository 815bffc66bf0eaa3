"""Editing a draft: the form, and what was changed, word by word, once it is saved and judged again."""

from functions.console.queue import panel, whole
from functions.console.visits import HERE, PageRoute, Visit, see_other
from shared.ports.errors import Rejected
from shared.ports.requests import Page
from shared.stages.deciding.edit import edit
from shared.wiring import ports


def _form_page(visit: Visit) -> Page:
    return whole(visit, visit.parts["id"], editing=True)


def _form(visit: Visit) -> Page:
    return Page(panel(visit, visit.parts["id"], editing=True))


def _save(visit: Visit) -> Page:
    who, id, revision = visit.visitor, visit.parts["id"], visit.field("revision")
    if not revision.isdecimal() or len(revision) > 9:
        raise Rejected("revision: should be the number the form came with", field="revision")
    edit(
        who.workspace_id,
        id,
        subject=visit.field("subject"),
        body=visit.field("body"),
        revision=int(revision),
        files=visit.form.get("file", []) if visit.field("documents") else None,
        actor=who.actor,
        trace_id=visit.trace_id,
        desk=ports.desk,
        quality_gate=ports.quality_gate,
        stationery=ports.stationery,
    )
    if "hx-request" in visit.incoming.headers:
        return Page(panel(visit, id, changed=True))
    return see_other(f"{HERE}/drafts/{id}?view={visit.view}&changes=1")


ROUTES = (
    PageRoute("GET", "drafts/{id}/edit", _form_page),
    PageRoute("GET", "drafts/{id}/edit/form", _form),
    PageRoute("POST", "drafts/{id}/edit", _save),
)
