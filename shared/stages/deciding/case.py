"""Everything a decision about a draft rests on, read at one moment: used when it is approved, and again at the wire."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.domain.conversation import ThreadReading
from shared.domain.draft import Draft
from shared.domain.guardrails import Relationship, relationship_of
from shared.domain.heard import Heard, MailboxState, addresses_of, heard_ids, newest
from shared.domain.ids import WorkspaceId
from shared.domain.lawfulness import Ground, Letter, ground_of, unlawful
from shared.domain.planning import Context, Plan, Rereading
from shared.domain.policy import CURRENT, Policy
from shared.domain.quotas import WORKSPACE_BOOK, Books, QuotaBook, contact_book, mailbox_book
from shared.domain.run import Run
from shared.domain.workspace import Operator, Workspace
from shared.ports.errors import NotFound
from shared.ports.store import Create, Key, Replace, Snapshot, Store, Write
from shared.stages.drafting.draft import planned_work
from shared.stages.drafting.stationery import Stationery
from shared.stages.policy.in_force import policy_of
from shared.stages.policy.staff import operator_of
from shared.stages.policy.suppressions import Suppressions


@dataclass(frozen=True)
class Case:
    """A draft with everybody and everything around it."""

    draft: Snapshot[Draft]
    context: Context
    plan: Plan
    workspace: Workspace
    sender: Operator | None  # None: they were removed from the workspace
    policy: Policy
    mailbox: MailboxState | None
    heard: Heard | None
    suppressed: str
    shelf: "Shelf"

    @property
    def operator(self) -> Operator:
        """Raises OperatorLeft when they were removed from the workspace."""
        return operator_of(self.workspace, self.draft.entity.operator_id)

    @property
    def sender_name(self) -> str:
        return self.sender.name if self.sender else self.draft.entity.mailbox

    @property
    def relationship(self) -> Relationship:
        return relationship_of(self.context).having_heard(self.heard.at if self.heard else None)

    def unlawful(self, *, unseen: bool, now: datetime) -> list[str]:
        """What the law of where they are has against its leaving now; `unseen`: approved by no person."""
        letter = Letter.of(self.draft.entity, unseen=unseen)
        found = unlawful(self.policy.rules.compliance, self.relationship.footing, letter=letter, now=now)
        return [one.told for one in found]

    def ground(self, *, now: datetime) -> Ground:
        """How it stands with the law, as whoever approves it is told."""
        return ground_of(self.policy.rules.compliance, self.relationship.footing, letter=Letter.of(self.draft.entity), now=now)

    def having_read(self, reading: ThreadReading) -> "Case":
        """The same case, knowing what their conversation says by now."""
        return replace(self, context=self.context.model_copy(update={"reading": reading}))

    def around(self, draft: Draft, stationery: Stationery) -> Draft:
        """The draft with what stands around its text by the policy of this moment."""
        return stationery.around(draft, workspace=self.workspace, footing=self.relationship.footing, rules=self.policy.rules)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Under which the people it is meant for may write."""
        return addresses_of(self.draft.entity, self.context)

    @property
    def zone(self) -> str:
        """The recipient's, as far as it is known."""
        return self.context.identity.contact.timezone or self.operator.hours.timezone


@dataclass(frozen=True)
class Shelf:
    """The quota books of a send, with what has to be known to write them back."""

    books: Books
    seen: tuple[Snapshot[QuotaBook] | None, ...]  # workspace, mailbox, contact

    def writes(self, books: Books) -> list[Write]:
        """What brings the stored books to these, only if nobody has written in them meanwhile."""
        wanted = (books.workspace, books.mailbox, books.contact)
        known = (self.books.workspace, self.books.mailbox, self.books.contact)
        changed = [(seen, new) for seen, new, old in zip(self.seen, wanted, known, strict=True) if new != old]
        return [Replace(seen, new) if seen else Create(new) for seen, new in changed]


@dataclass(frozen=True)
class About:
    """What a draft rests on and no decision changes."""

    context: Context
    plan: Plan
    workspace: Workspace


def read_case(workspace_id: WorkspaceId, draft_id: str, *, store: Store, suppressions: Suppressions) -> Case:
    """Three round trips: the draft; whose it is and why; what speaks against it. Raises NotFound."""
    draft = store.get(Draft, workspace_id=workspace_id, id=draft_id)
    if draft is None:
        raise NotFound(f"draft {draft_id} does not exist")
    run, workspace, anew = store.read(
        Key(Run, workspace_id, draft.entity.run_id), Key(Workspace, workspace_id, workspace_id), Key(Rereading, workspace_id, draft_id)
    )
    if run is None or workspace is None:
        raise NotFound(f"the run of draft {draft_id} does not exist")
    context, plan = planned_work(run.entity)
    if anew is not None:
        context = context.model_copy(update={"reading": anew.entity.reading})
    about = About(context, plan, workspace.entity)
    return _with_policy(draft, about, store=store, suppressions=suppressions)


def reread(case: Case, *, store: Store, suppressions: Suppressions) -> Case:
    """The same case at a later moment: draft, policy, suppressions and books anew, in one round trip."""
    return _with_policy(case.draft, About(case.context, case.plan, case.workspace), store=store, suppressions=suppressions)


def _with_policy(draft: Snapshot[Draft], about: About, *, store: Store, suppressions: Suppressions) -> Case:
    ws, whom = about.workspace.id, draft.entity.recipient
    operator_id, writers = draft.entity.operator_id, heard_ids(draft.entity, about.context)
    books = (WORKSPACE_BOOK, mailbox_book(operator_id), contact_book(ws, whom))
    keys = [
        Key(Draft, ws, draft.entity.id),
        Key(Policy, ws, CURRENT),
        Key(MailboxState, ws, operator_id),
        *(Key(Heard, ws, id) for id in writers),
        *(Key(QuotaBook, ws, id) for id in books),
        *suppressions.keys_about(about.context.identity, (whom, *draft.entity.cc), workspace_id=ws),
    ]
    again, policy, mailbox, *others = store.read(*keys)
    heard, others = others[: len(writers)], others[len(writers) :]
    if again is None:
        raise NotFound(f"draft {draft.entity.id} does not exist")
    return Case(
        draft=again,
        context=about.context,
        plan=about.plan,
        workspace=about.workspace,
        sender=about.workspace.operator_if_here(operator_id),
        policy=policy_of(policy, ws),
        mailbox=mailbox.entity if mailbox else None,
        heard=newest(one.entity for one in heard if one),
        suppressed=suppressions.why_not(others[len(books) :]),
        shelf=shelf_of(others[: len(books)], books, ws),
    )


def shelf_of(found: Sequence[Snapshot[Any] | None], ids: Sequence[str], workspace_id: WorkspaceId) -> Shelf:
    """The books with these ids as they were read: workspace, mailbox, contact; a new one for what nobody has written in."""
    opened = [one.entity if one else QuotaBook(id=id, workspace_id=workspace_id) for one, id in zip(found, ids, strict=True)]
    return Shelf(Books(workspace=opened[0], mailbox=opened[1], contact=opened[2]), tuple(found))


def released(case: Case, send_id: str) -> list[Write]:
    """What gives the place of a send back."""
    return case.shelf.writes(case.shelf.books.without(send_id))
