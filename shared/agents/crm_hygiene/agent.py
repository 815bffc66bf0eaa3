"""The note, the task and the few properties a run leaves in HubSpot. Called by the log_to_crm stage."""

from datetime import datetime, timedelta

from shared.agents.crm_hygiene.note import note_html, takeover_html, task_html
from shared.domain.crm_entry import CrmEntry, NoteText, TaskText
from shared.domain.draft import Draft
from shared.domain.people import Contact
from shared.domain.planning import Priority
from shared.domain.run import Run
from shared.domain.submission import FormEntry
from shared.domain.verdict import Outcome
from shared.domain.workspace import Operator, Workspace
from shared.ports.errors import Permanent

TASK_DUE = timedelta(hours=24)
TASK_PRIORITY = {Priority.URGENT: "HIGH", Priority.NORMAL: "MEDIUM", Priority.LOW: "LOW"}
UNTOUCHED_STATUSES = frozenset({"", "NEW", "OPEN"})
"""Lead statuses that say nobody has started; any other was set by a person and stays."""

SUPPRESSED = "suppressed"
"""The gate's check of that name: nobody is asked to write to them in its place."""


class HubSpotHygiene:
    def entry(self, *, workspace: Workspace, run: Run, draft: Draft | None, now: datetime) -> CrmEntry:
        contact = _contact(run)
        return CrmEntry(
            contact_id=contact.id,
            note=_note(run, draft, contact, now),
            task=_task(workspace, run, draft, contact, now),
            properties=_properties(workspace, contact, draft),
        )

    def takeover(
        self, *, workspace: Workspace, run: Run, draft: Draft | None, contact: Contact, entry: FormEntry, now: datetime
    ) -> TaskText:
        """The draft may stand in Gmail although the run failed after that."""
        who = contact.name or contact.email
        placed = draft is not None and draft.placement is not None
        marker = f"Ref: SA-{run.id}-task"
        return TaskText(
            subject=_task_subject(draft, contact) if placed else f"Write to {who} yourself: no draft could be written",
            body=takeover_html(run=run, draft=draft, who=who, entry=entry, marker=marker),
            marker=marker,
            due_at=_due(workspace, run, now),
            priority="HIGH",
            owner_id=contact.owner_id or _reviewer_id(workspace, run),
        )


def _contact(run: Run) -> Contact:
    if run.context is None:
        raise Permanent(f"Run {run.id} was never planned: there is no contact to write to.")
    return run.context.identity.contact


def _note(run: Run, draft: Draft | None, contact: Contact, now: datetime) -> NoteText:
    marker = f"Ref: SA-{run.id}-note"
    return NoteText(body=note_html(run=run, draft=draft, contact=contact, marker=marker), marker=marker, at=now)


def _task(workspace: Workspace, run: Run, draft: Draft | None, contact: Contact, now: datetime) -> TaskText:
    marker = f"Ref: SA-{run.id}-task"
    return TaskText(
        subject=_task_subject(draft, contact),
        body=task_html(run=run, draft=draft, marker=marker),
        marker=marker,
        due_at=_due(workspace, run, now),
        priority=TASK_PRIORITY[run.plan.urgency] if run.plan else "MEDIUM",
        owner_id=_reviewer_id(workspace, run) or contact.owner_id,
    )


def _due(workspace: Workspace, run: Run, now: datetime) -> datetime:
    """A day from now, while they work: a task of Friday evening is for Monday morning, not for Saturday night."""
    due, reviewer = now + TASK_DUE, _reviewer(workspace, run)
    return reviewer.hours.next_working(due) if reviewer else due


def _reviewer_id(workspace: Workspace, run: Run) -> str:
    reviewer = _reviewer(workspace, run)
    return reviewer.hubspot_owner_id if reviewer else ""


def _reviewer(workspace: Workspace, run: Run) -> Operator | None:
    """The operator in whose mailbox the draft stands, who need not own the contact."""
    return next((one for one in workspace.operators if one.id == run.operator_id), None)


def _task_subject(draft: Draft | None, contact: Contact) -> str:
    who = contact.name or contact.email
    if draft is None:
        return f"Check the form of {who}: nothing was drafted"
    if draft.placement:
        return f"Review and send the draft to {who}"
    refused = draft.verdict is not None and draft.verdict.outcome is Outcome.FAIL
    if draft.verdict is not None and any(one.check == SUPPRESSED for one in draft.verdict.violations):
        return f"Do not write to {who}: they are suppressed"
    return f"Write to {who} yourself: the draft did not pass" if refused else f"Look at the draft to {who}: it is not in Gmail"


def _properties(workspace: Workspace, contact: Contact, draft: Draft | None) -> dict[str, str]:
    """A draft is no contact yet, so only the status moves, and only from where nobody has started."""
    wished = {}
    if draft and draft.placement and contact.lead_status in UNTOUCHED_STATUSES:
        wished["hs_lead_status"] = "IN_PROGRESS"
    return {name: value for name, value in wished.items() if name in workspace.crm.writable_properties}
