"""Poll: reads what the forms hold and announces what no webhook has led to a run. Called by the poll-forms queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.hints import Hint, HintSource, ParsedHint
from shared.domain.ids import TraceId, derived_id
from shared.domain.outbox import Topic
from shared.domain.polling import FORMS, RIPE, FormPolls, FormWatch
from shared.domain.submission import FormEntry, Submission, submission_id
from shared.domain.work import Work
from shared.domain.workspace import Workspace
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.crm import Crm, CrmOf, SubmissionPage
from shared.ports.errors import Permanent, ReconnectNeeded, SalesAgentError, Transient
from shared.ports.store import Create, Replace, Snapshot, Store, Write
from shared.stages.arriving.intake import hint_of, store_new

MOST_PAGES = 10
"""Of one form in one look; the next look goes on from there."""
THE_CRM = "hubspot"
"""Only its own refusals are about a form; a secret of ours may be missing as well."""
LONGEST = timedelta(seconds=30)
"""After this no further form is begun; the next look begins with those that waited longest."""


class _OutOfReach(Exception):
    """The CRM does not answer (us); what was stored so far stands."""


def poll_forms(work: Work, *, store: Store, outbox: Outbox, clock: Clock, crm: CrmOf) -> FormPolls:
    """How it stands after this look. The CRM's troubles are recorded and not raised: the next look comes in five minutes anyway."""
    workspace = store.workspace(workspace_id=work.workspace_id)
    look = _Look(workspace, crm(workspace), store=store, outbox=outbox, clock=clock)
    try:
        look.at_every_form()
    except _OutOfReach as error:
        return look.ended(trouble=str(error))
    return look.ended()


@dataclass(frozen=True)
class _Found:
    """A page: what lies in the window, and which of it has no run."""

    within: Sequence[FormEntry]
    unknown: Sequence[FormEntry]


class _Look:
    """One look at all forms. `_record` is how it stands; `_stored` how it was last committed."""

    def __init__(self, workspace: Workspace, crm: Crm, *, store: Store, outbox: Outbox, clock: Clock) -> None:
        self._workspace, self._crm, self._store, self._outbox, self._clock = workspace, crm, store, outbox, clock
        self._began = clock.now()
        self._stored = self._load()
        since = workspace.crm.since or self._began
        fresh = FormPolls(id=FORMS, workspace_id=workspace.id, since=since)
        known = self._stored.entity if self._stored else fresh
        self._wide = known.polled_at is None or known.polled_at.date() != self._began.date()
        self._record = known.model_copy(update={"waiting": 0})

    def at_every_form(self) -> None:
        """The longest untried first; each is given its turn even while another one fails."""
        self._record = self._record.watching(self._form_ids())
        for watch in sorted(self._record.watches, key=lambda one: (one.tried_at or one.since, one.form_id)):
            if self._clock.now() - self._began > LONGEST:
                raise _OutOfReach("not every form was reached in time")
            self._walk(watch.model_copy(update={"tried_at": self._began}))

    def ended(self, *, trouble: str = "") -> FormPolls:
        changes: dict[str, object] = {"trouble": trouble} if trouble else {"trouble": "", "polled_at": self._began}
        self._record = self._record.model_copy(update=changes)
        self._commit([])
        return self._record

    def _form_ids(self) -> tuple[str, ...]:
        if self._workspace.crm.form_ids:
            return self._workspace.crm.form_ids
        try:
            return tuple(one.id for one in self._crm.forms())
        except SalesAgentError as error:
            raise _OutOfReach(error.detail) from error

    def _walk(self, watch: FormWatch) -> None:
        """From the newest page, or from where the last look stopped, down to what is known."""
        self._record = self._record.with_watch(watch)
        for _ in range(MOST_PAGES):
            page = self._page(watch)
            if page is None:
                self._record = self._record.with_watch(watch.refused())
                return
            watch = self._take(watch, page)
            if not watch.page:
                return

    def _page(self, watch: FormWatch) -> SubmissionPage | None:
        """None when the CRM will not show it: the form is gone, or the page it once named is."""
        try:
            return self._crm.submission_page(form_id=watch.form_id, after=watch.page)
        except (Transient, ReconnectNeeded) as error:
            raise _OutOfReach(error.detail) from error
        except Permanent as error:
            if error.source != THE_CRM:
                raise _OutOfReach(error.detail) from error
            return None

    def _take(self, watch: FormWatch, page: SubmissionPage) -> FormWatch:
        """Store what is new on this page together with how far we are."""
        floor = watch.floor(wide=self._wide)
        found = self._look_up(page, floor)
        heading = max([watch.heading or watch.cursor, *(one.submitted_at for one in found.within)])
        ended = not page.after or (page.oldest is not None and page.oldest < floor)
        newer = sum(watch.counts(one.submitted_at) for one in found.within)
        moved = watch.after_page(heading, next_page="" if ended else page.after, reached=page.oldest)
        self._record = self._record.with_watch(moved, seen=self._record.seen + newer)
        if found.unknown:
            self._commit([self._hint(one) for one in found.unknown], behind=watch.cursor)
        return moved

    def _look_up(self, page: SubmissionPage, floor: datetime) -> _Found:
        within = [one for one in page.entries if floor <= one.submitted_at <= self._began - RIPE]
        ids = [submission_id(workspace_id=self._workspace.id, portal_id=self._workspace.crm.portal_id, entry=one) for one in within]
        known = self._store.get_many(Submission, workspace_id=self._workspace.id, ids=ids) if ids else {}
        return _Found(within, [one for one, id in zip(within, ids, strict=True) if id not in known])

    def _hint(self, entry: FormEntry) -> Hint:
        announced = ParsedHint(
            source=HintSource.POLL,
            portal_id=self._workspace.crm.portal_id,
            email=entry.email,
            form_id=entry.form_id,
            submitted_at=entry.submitted_at,
            entry=entry,
        )
        trace = derived_id("poll", self._workspace.id, entry.form_id, entry.email, entry.submitted_at.isoformat())
        return hint_of(announced, workspace_id=self._workspace.id, trace_id=TraceId(trace), now=self._began)

    def _commit(self, hints: Sequence[Hint], *, behind: datetime | None = None) -> None:
        """The hints, what they owe and how far we are, in one commit; another look at the same time makes this one come again.

        Submissions up to `behind` that nobody knew have appeared late, and were not counted when they should have been.
        """
        record = self._record

        def beside(new: Sequence[Hint]) -> Sequence[Write]:
            late = sum(one.announced.submitted_at <= behind for one in new if one.announced.submitted_at and behind)
            told = {"seen": record.seen + late, "repaired": record.repaired + len(new), "waiting": record.waiting + len(hints) - len(new)}
            self._record = record.model_copy(update=told)
            return [Replace(self._stored, self._record) if self._stored else Create(self._record)]

        owed = store_new(hints, owing=Topic.LEAD_RECEIVED, store=self._store, beside=beside)
        self._stored = self._load()
        if self._stored is None or self._stored.entity != self._record:
            raise Transient("another look at the forms is under way")
        self._outbox.flush(entries=owed)

    def _load(self) -> Snapshot[FormPolls] | None:
        return self._store.get(FormPolls, workspace_id=self._workspace.id, id=FORMS)
