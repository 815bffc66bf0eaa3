"""Finds the submissions a hint may announce and says what kind of work they are. Called by the plan stage."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from shared.agents.trigger.classification import classify, of_import
from shared.domain.hints import HintSource, ParsedHint
from shared.domain.planning import Job
from shared.domain.submission import FormEntry
from shared.domain.workspace import Workspace
from shared.ports.clock import Clock
from shared.ports.crm import Crm, CrmOf
from shared.resilience.together import all_of

WINDOW, LONGEST_RETRY = timedelta(hours=24), timedelta(days=4)
"""How far back a submission may lie behind the hint that announces it; HubSpot repeats a delivery for three days."""
LEAD = timedelta(minutes=5)
"""How much later than its announcement a submission may be stamped: clocks differ."""
SAME_MOMENT = timedelta(seconds=1)
"""Announcements round the moment of submission; submissions of one person and form are further apart."""
MOST = 20


class FormTrigger:
    def __init__(self, *, crm: CrmOf, clock: Clock) -> None:
        self._crm, self._clock = crm, clock

    def jobs_for(self, *, workspace: Workspace, hint: ParsedHint) -> Sequence[Job]:
        """The submissions the hint may mean, the likeliest first; the only one when it names the moment, or carries it."""
        if hint.entry is not None:
            return (_job(hint.entry, hint),)
        crm = self._crm(workspace)
        forms = _forms(crm, workspace.crm.form_ids, hint)
        if not forms:
            return ()
        found = next((near for email in _emails(crm, hint) if (near := self._submissions(crm, forms, hint, email))), [])
        return tuple(_job(entry, hint) for entry in found[:MOST])

    def _submissions(self, crm: Crm, forms: Sequence[str], hint: ParsedHint, email: str) -> list[FormEntry]:
        """Those nearest to the announced moment first. What is older than a day is looked at only when there is nothing newer."""
        if hint.submitted_at is not None:
            return _nearest(crm, forms, email, hint.submitted_at, back=SAME_MOMENT, ahead=SAME_MOMENT)[:1]
        moment = hint.occurred_at or self._clock.now()
        recent = _nearest(crm, forms, email, moment, back=WINDOW, ahead=LEAD)
        return recent or _nearest(crm, forms, email, moment, back=LONGEST_RETRY, ahead=LEAD)


def _nearest(crm: Crm, forms: Sequence[str], email: str, moment: datetime, *, back: timedelta, ahead: timedelta) -> list[FormEntry]:
    told = all_of([partial(crm.submissions, form_id=form_id, since=moment - back) for form_id in forms])
    found = [
        entry
        for entry in chain.from_iterable(told)
        if entry.email.strip().lower() == email and moment - back <= entry.submitted_at <= moment + ahead
    ]
    return sorted(found, key=lambda one: (abs(one.submitted_at - moment), one.form_id))


def _job(entry: FormEntry, hint: ParsedHint) -> Job:
    kind, priority, reason = of_import(entry, awaits_answer=hint.awaits_answer) if hint.source is HintSource.IMPORT else classify(entry)
    return Job(kind=kind, priority=priority, entry=entry, contact_id=hint.contact_id, reason=reason)


def _emails(crm: Crm, hint: ParsedHint) -> Iterator[str]:
    """The address the hint names; then, only if that led nowhere, the contact's."""
    named = hint.email.strip().lower()
    if named:
        yield named
    contact = crm.contact(contact_id=hint.contact_id) if hint.contact_id else None
    if contact and contact.email.strip().lower() not in {"", named}:
        yield contact.email.strip().lower()


def _forms(crm: Crm, configured: Sequence[str], hint: ParsedHint) -> Sequence[str]:
    """Only the forms that start runs, which are all when none are configured; the one the hint names when it names one of them."""
    if hint.form_id:
        return (hint.form_id,) if hint.form_id in configured or not configured else ()
    return configured or [one.id for one in crm.forms()]
