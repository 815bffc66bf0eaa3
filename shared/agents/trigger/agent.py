"""Finds the submission a hint announces and says what kind of work it is. Called by the plan stage."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from shared.agents.trigger.classification import classify
from shared.domain.hints import ParsedHint
from shared.domain.planning import Job
from shared.domain.submission import FormEntry
from shared.domain.workspace import Workspace
from shared.ports.clock import Clock
from shared.ports.crm import Crm, CrmOf

WINDOW = timedelta(hours=24)
"""How far back a submission may lie behind the hint that announces it."""
LEAD = timedelta(minutes=5)
"""How much later than its announcement a submission may be stamped: clocks differ."""
SAME_MOMENT = timedelta(seconds=1)
"""Announcements round the moment of submission; submissions of one person and form are further apart."""


class FormTrigger:
    def __init__(self, *, crm: CrmOf, clock: Clock) -> None:
        self._crm, self._clock = crm, clock

    def job_for(self, *, workspace: Workspace, hint: ParsedHint) -> Job | None:
        """The submission behind the hint, as a job; None while none can be found."""
        crm, forms = self._crm(workspace), _forms(workspace, hint)
        if not forms:
            return None
        entry = next((one for email in _emails(crm, hint) if (one := self._submission(crm, forms, hint, email))), None)
        if entry is None:
            return None
        kind, priority, reason = classify(entry)
        return Job(kind=kind, priority=priority, entry=entry, contact_id=hint.contact_id, reason=reason)

    def _submission(self, crm: Crm, forms: Sequence[str], hint: ParsedHint, email: str) -> FormEntry | None:
        earliest, latest = self._window(hint)
        found = [
            entry
            for form_id in forms
            for entry in crm.submissions(form_id=form_id, since=earliest)
            if entry.email.strip().lower() == email and entry.submitted_at <= latest
        ]
        if hint.submitted_at is not None:
            found = [one for one in found if abs(one.submitted_at - hint.submitted_at) < SAME_MOMENT]
        return max(found, key=lambda one: (one.submitted_at, one.form_id), default=None)

    def _window(self, hint: ParsedHint) -> tuple[datetime, datetime]:
        if hint.submitted_at is not None:
            return hint.submitted_at - SAME_MOMENT, hint.submitted_at + SAME_MOMENT
        moment = hint.occurred_at or self._clock.now()
        return moment - WINDOW, moment + LEAD


def _emails(crm: Crm, hint: ParsedHint) -> Iterator[str]:
    """The address the hint names; then, only if that led nowhere, the contact's."""
    named = hint.email.strip().lower()
    if named:
        yield named
    contact = crm.contact(contact_id=hint.contact_id) if hint.contact_id else None
    if contact and contact.email.strip().lower() not in {"", named}:
        yield contact.email.strip().lower()


def _forms(workspace: Workspace, hint: ParsedHint) -> Sequence[str]:
    """Only the forms that start runs; the one the hint names when it names one of them."""
    if not hint.form_id:
        return workspace.crm.form_ids
    return (hint.form_id,) if hint.form_id in workspace.crm.form_ids else ()
