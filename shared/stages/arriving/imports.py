"""Imports: the rows of a table become submissions that no CRM has, each once however often it is uploaded. Called by imports."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.domain.hints import Hint, HintSource, ParsedHint
from shared.domain.ids import TraceId, WorkspaceId, derived_id
from shared.domain.import_rows import Accepted, Refused, checked
from shared.domain.lawful_basis import COLUMNS, footing_of
from shared.domain.lawfulness import BASIS, baseless, unaddressed
from shared.domain.outbox import Topic
from shared.domain.people import Contact, Identity
from shared.domain.policy import CURRENT, Policy, default_policy
from shared.domain.sends import Touch
from shared.domain.submission import CANARY_FORM, Submission, submission_id
from shared.domain.tables import Table, UnreadableTableError, table_from
from shared.domain.workspace import Workspace
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import Rejected
from shared.ports.store import Key, Store
from shared.stages.arriving.intake import hint_of, store_new

BATCH = 100
A_MINUTE = 30
"""Rows whose runs begin in one minute: HubSpot's limits are for whoever waits for an answer first. The sweep hands over the later ones."""
MOST_TOLD = 1_000
"""Rows named in a report; the counts are of all."""
LONGEST_FORM = 100
NOBODY = "unknown"
"""In place of a CRM's id: nobody has been looked up yet."""


@dataclass(frozen=True)
class Wish:
    """`form` is what the contacts' list is called; a dry run writes nothing."""

    form: str
    dry_run: bool
    awaits_answer: bool


@dataclass
class Report:
    """`known`: rows that an earlier upload has brought, or whose submission has its run.

    `unlawful`: of those accepted, rows to whom no mail may leave by what table, policy and workspace say; HubSpot may know better.
    """

    dry_run: bool
    rows: int
    refused: Sequence[Refused]
    accepted: list[tuple[int, str]] = field(default_factory=list)
    known: list[tuple[int, str]] = field(default_factory=list)
    unlawful: Sequence[Refused] = ()

    def told(self) -> dict[str, object]:
        return {
            "dry_run": self.dry_run,
            "rows": self.rows,
            "accepted": len(self.accepted),
            "known": len(self.known),
            "rejected": len(self.refused),
            "minutes": max(0, len(self.accepted) - 1) // A_MINUTE,
            "accepted_rows": [{"row": row, "run_id": handle} for row, handle in self.accepted[:MOST_TOLD]],
            "known_rows": [{"row": row, "run_id": handle} for row, handle in self.known[:MOST_TOLD]],
            "unlawful": len(self.unlawful),
            "unlawful_rows": [one.model_dump() for one in self.unlawful[:MOST_TOLD]],
            "rejected_rows": [one.model_dump() for one in self.refused[:MOST_TOLD]],
        }


def wish_from(*, form: str, dry_run: str, kind: str) -> Wish:
    """What the query says. Raises Rejected naming the parameter."""
    if dry_run not in ("true", "false"):
        raise Rejected("dry_run: should be true or false", field="dry_run")
    if kind not in ("nurture", "followup"):
        raise Rejected("kind: should be nurture or followup", field="kind")
    if not form or len(form) > LONGEST_FORM or not form.isprintable() or form == CANARY_FORM:
        raise Rejected(f"form: should be a name of at most {LONGEST_FORM} characters", field="form")
    return Wish(form=form, dry_run=dry_run == "true", awaits_answer=kind == "followup")


def read_table(body: bytes) -> Table:
    """Raises Rejected: 413 for what is too large, else 400."""
    try:
        return table_from(body)
    except UnreadableTableError as error:
        raise Rejected(str(error), field="body", status=413 if error.too_large else 400) from None


def import_rows(
    table: Table, *, workspace_id: WorkspaceId, wish: Wish, trace_id: str, store: Store, outbox: Outbox, clock: Clock
) -> Report:
    """In batches: what a crash leaves out, the next upload of the same table brings in, and nothing twice."""
    workspace, now = store.workspace(workspace_id=workspace_id), clock.now()
    accepted, refused = checked(table, form=wish.form, now=now)
    unlawful = _unlawful(accepted, workspace, store=store, now=now)
    report = Report(dry_run=wish.dry_run, rows=len(table.rows), refused=refused, unlawful=unlawful)
    for batch in _batches(accepted):
        hints = {one.row: _hint(one, workspace, wish, trace_id=trace_id, now=now) for one in batch}
        known = _known(batch, hints, workspace, store=store)
        fresh = {row: hint for row, hint in hints.items() if row not in known}
        if not wish.dry_run:
            _store(list(fresh.values()), already=len(report.accepted), now=now, store=store, outbox=outbox)
        report.accepted += [(row, hint.id) for row, hint in fresh.items()]
        report.known += [(row, handle) for row, handle in known.items()]
    return report


def _unlawful(accepted: Sequence[Accepted], workspace: Workspace, *, store: Store, now: datetime) -> list[Refused]:
    """As plan and draft will judge them, of what is known here."""
    [found] = store.read(Key(Policy, workspace.id, CURRENT))
    rules = (found.entity if found else default_policy(workspace.id)).rules.compliance
    told = []
    for one in accepted:
        contact = Contact(id=NOBODY, workspace_id=workspace.id, email=one.entry.email)
        footing = footing_of(Identity(found=False, contact=contact), one.entry, None)
        against = baseless(rules, footing, touch=Touch.OUTREACH, now=now) or unaddressed(
            rules, footing, touch=Touch.OUTREACH, postal_address=workspace.postal_address
        )
        if against is not None:
            column = COLUMNS[0] if against.rule == BASIS else ""
            told.append(Refused(row=one.row, column=column, reason=against.reason, fix=against.fix))
    return told


def _store(hints: Sequence[Hint], *, already: int, now: datetime, store: Store, outbox: Outbox) -> None:
    """Each is received when its turn comes: what it owes is overdue only then."""
    turns = [now + timedelta(minutes=number // A_MINUTE) for number in range(already, already + len(hints))]
    paced = [hint.model_copy(update={"received_at": turn}) for hint, turn in zip(hints, turns, strict=True)]
    owed = store_new(paced, owing=Topic.LEAD_RECEIVED, store=store)
    outbox.flush(entries=[one for one in owed if one.created_at <= now])


def _batches(accepted: Sequence[Accepted]) -> Iterator[Sequence[Accepted]]:
    for start in range(0, len(accepted), BATCH):
        yield accepted[start : start + BATCH]


def _hint(one: Accepted, workspace: Workspace, wish: Wish, *, trace_id: str, now: datetime) -> Hint:
    """A row without a moment is told from others by what it says, so its hint has no moment either."""
    entry = one.entry
    announced = ParsedHint(
        source=HintSource.IMPORT,
        portal_id=workspace.crm.portal_id,
        email=entry.email,
        form_id=entry.form_id,
        submitted_at=None if entry.key else entry.submitted_at,
        event_key=entry.key,
        entry=entry,
        awaits_answer=wish.awaits_answer,
    )
    trace = TraceId(derived_id("import", trace_id, str(one.row)))
    return hint_of(announced, workspace_id=workspace.id, trace_id=trace, now=now)


def _known(batch: Sequence[Accepted], hints: dict[int, Hint], workspace: Workspace, *, store: Store) -> dict[int, str]:
    """Rows that came before, with the handle that leads to what became of them."""
    stored = store.get_many(Hint, workspace_id=workspace.id, ids=[one.id for one in hints.values()])
    ids = {one.row: submission_id(workspace_id=workspace.id, portal_id=workspace.crm.portal_id, entry=one.entry) for one in batch}
    submitted = store.get_many(Submission, workspace_id=workspace.id, ids=list(ids.values()))
    found = {row: submitted[id].entity.run_id for row, id in ids.items() if id in submitted}
    return {row: found.get(row, hint.id) for row, hint in hints.items() if row in found or hint.id in stored}
