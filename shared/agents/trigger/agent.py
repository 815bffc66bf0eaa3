"""Finds the submissions a hint may announce and says what kind of work they are. Called by the plan stage."""

from collections.abc import Sequence, Set
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
AT_ONCE = timedelta(minutes=1)
"""A submission so near to the announced moment is the one that is meant."""
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
        return tuple(_job(entry, hint) for entry in self._meant(crm, forms, hint)[:MOST])

    def _meant(self, crm: Crm, forms: Sequence[str], hint: ParsedHint) -> list[FormEntry]:
        """Of the address the hint names; unless that clearly leads to what it announces, of all the contact's addresses.

        A webhook names the first address of a contact whichever of them stood in the form.
        """
        named = frozenset({hint.email.strip().lower()} - {""})
        found = self._submissions(crm, forms, hint, named) if named else []
        if not hint.contact_id or (found and self._is_meant(found[0], hint)):
            return found
        contact = crm.contact(contact_id=hint.contact_id)
        addresses = contact.addresses if contact else frozenset()
        return found if addresses <= named else self._submissions(crm, forms, hint, named | addresses)

    def _moment(self, hint: ParsedHint) -> datetime:
        return hint.submitted_at or hint.occurred_at or self._clock.now()

    def _is_meant(self, entry: FormEntry, hint: ParsedHint) -> bool:
        return abs(entry.submitted_at - self._moment(hint)) <= AT_ONCE

    def _submissions(self, crm: Crm, forms: Sequence[str], hint: ParsedHint, emails: Set[str]) -> list[FormEntry]:
        """Those nearest to the announced moment first. What is older than a day is looked at only when there is nothing newer."""
        moment = self._moment(hint)
        if hint.submitted_at is not None:
            return _nearest(crm, forms, emails, moment, back=SAME_MOMENT, ahead=SAME_MOMENT)[:1]
        recent = _nearest(crm, forms, emails, moment, back=WINDOW, ahead=LEAD)
        return recent or _nearest(crm, forms, emails, moment, back=LONGEST_RETRY, ahead=LEAD)


def _nearest(crm: Crm, forms: Sequence[str], emails: Set[str], moment: datetime, *, back: timedelta, ahead: timedelta) -> list[FormEntry]:
    told = all_of([partial(crm.submissions, form_id=form_id, since=moment - back) for form_id in forms])
    found = [
        entry
        for entry in chain.from_iterable(told)
        if entry.email.strip().lower() in emails and moment - back <= entry.submitted_at <= moment + ahead
    ]
    return sorted(found, key=lambda one: (abs(one.submitted_at - moment), one.form_id))


def _job(entry: FormEntry, hint: ParsedHint) -> Job:
    kind, priority, reason = of_import(entry, awaits_answer=hint.awaits_answer) if hint.source is HintSource.IMPORT else classify(entry)
    return Job(kind=kind, priority=priority, entry=entry, contact_id=hint.contact_id, reason=reason)


def _forms(crm: Crm, configured: Sequence[str], hint: ParsedHint) -> Sequence[str]:
    """Only the forms that start runs, which are all when none are configured; the one the hint names when it names one of them."""
    if hint.form_id:
        return (hint.form_id,) if hint.form_id in configured or not configured else ()
    return configured or [one.id for one in crm.forms()]
