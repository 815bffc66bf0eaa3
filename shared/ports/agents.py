"""What stages know of the agents: one Protocol each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.assets import AssetMatch
from shared.domain.conversation import Recollection, ThreadReading
from shared.domain.crm_entry import CrmEntry, TaskText
from shared.domain.draft import Authorship, Draft, DraftText
from shared.domain.hints import ParsedHint
from shared.domain.people import Contact, Identity
from shared.domain.planning import Context, Job, Plan, Priority
from shared.domain.policy import Policy
from shared.domain.run import Run
from shared.domain.slots import Agenda, Slot
from shared.domain.submission import FormEntry
from shared.domain.verdict import Verdict
from shared.domain.voice import VoiceProfile
from shared.domain.workspace import Operator, Workspace
from shared.ports.errors import Unsearchable
from shared.ports.model import Book


class Trigger(Protocol):
    def jobs_for(self, *, workspace: Workspace, hint: ParsedHint) -> Sequence[Job]:
        """The submissions the hint may mean, as jobs, the likeliest first; none while none can be found."""


class IdentityResolver(Protocol):
    def resolve(self, *, workspace: Workspace, entry: FormEntry, contact_id: str) -> Identity: ...


class ThreadReader(Protocol):
    def read(self, *, operator: Operator, address: str) -> ThreadReading | None: ...


class LongMemory(Protocol):
    def recall(self, *, operator: Operator, addresses: Sequence[str], domains: Sequence[str], query: str) -> Sequence[Recollection]:
        """Best first, of every conversation. Raises NoVectors."""


class NotIndexed(Unsearchable):
    """The workspace's Drive has not been read yet, or not with the present embedder."""


class AssetHunter(Protocol):
    def hunt(self, *, workspace: Workspace, query: str, k: int = 3) -> Sequence[AssetMatch]:
        """Raises NotIndexed, NoVectors."""


class MeetingSlots(Protocol):
    def look(self, *, operator: Operator, recipient: str, now: datetime) -> Agenda:
        """What stands in the calendar as far as the search is likely to go: for a proposal, before it is known who the recipient is."""

    def propose(
        self,
        *,
        operator: Operator,
        recipient: str,
        contact_timezone: str,
        contact_country: str,
        contact_phone: str,
        urgency: Priority,
        now: datetime,
        agenda: Agenda | None = None,
    ) -> Sequence[Slot]:
        """Two or three thirty-minute slots in the next three business days; fewer only when there are no more.

        `recipient` is their address: times held for them stand in nobody's way. Of the contact's zone, country and phone each may be empty.
        The calendar is asked, unless an `agenda` read for the same recipient says enough.
        """


class NextStepPlanner(Protocol):
    def plan(self, *, context: Context) -> Plan: ...


class DraftWriter(Protocol):
    def write(
        self,
        *,
        workspace: Workspace,
        run: Run,
        context: Context,
        plan: Plan,
        voice: VoiceProfile,
        instruction: str = "",
        attempt: int = 1,
        book: Book | None = None,
    ) -> tuple[DraftText, Authorship]:
        """`instruction` is the operator's own, about how this one mail should be: trusted, and honoured as far as the writer can.

        `attempt` counts the texts of this run: each is another one. `book` takes over the record of what the model was asked, and answers
        for it even when nothing could be written.
        """


class QualityGate(Protocol):
    def judge(
        self,
        *,
        workspace: Workspace,
        draft: Draft,
        context: Context,
        plan: Plan,
        voice: VoiceProfile,
        policy: Policy,
        suppressed: str,
        now: datetime,
    ) -> Verdict:
        """`suppressed` says why the recipient must not be written to; empty when nothing forbids it."""


class CrmHygiene(Protocol):
    def entry(self, *, workspace: Workspace, run: Run, draft: Draft | None, now: datetime) -> CrmEntry: ...

    def takeover(
        self, *, workspace: Workspace, run: Run, draft: Draft | None, contact: Contact, entry: FormEntry, now: datetime
    ) -> TaskText:
        """For a run that failed: somebody has to write themselves, and why."""
