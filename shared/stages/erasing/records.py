"""What tells that a person came: announcements, submissions and runs lose every word of theirs; holds, touches and CRM copies go.

The empty shells stay, so that a form or a table that is told again is known and brings nobody back. Called by forgetting.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from shared.domain.draft import Draft
from shared.domain.entity import Entity
from shared.domain.hints import UNRESOLVED, Hint, HintState
from shared.domain.holds import OPEN, Hold
from shared.domain.ids import WorkspaceId
from shared.domain.people import Contact
from shared.domain.run import RUN_TRANSITIONS, Run
from shared.domain.submission import FormEntry, Submission
from shared.domain.touches import Touches
from shared.ports.store import Remove, Replace, Snapshot, Store, Write
from shared.resilience.contest import until_undisputed

PAGE = 100
FORGOTTEN = "the person was forgotten"

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True)
class Records:
    """The records of one workspace, and when they are emptied."""

    store: Store
    workspace_id: WorkspaceId
    now: datetime

    def erase(self, address: str) -> int:
        """How many documents were emptied or removed. Runs come last: while one names them, what belongs to it can be found."""
        count = self._each(Hold, {"recipient": address}, lambda one: None if one.entity.state in OPEN else [Remove(one.entity, one)])
        count += self._each(Touches, {"recipient": address}, lambda one: [Remove(one.entity, one)])
        count += self._each(Contact, {"email": address}, lambda one: [Remove(one.entity, one)])
        count += self._each(Hint, {"announced.email": address}, self._hint)
        count += self._each(Submission, {"entry.email": address}, _submission)
        return count + self._each(Run, {"recipient": address}, self._run)

    def left(self, address: str) -> int:
        """Runs whose mail is leaving, or may have left, and times that the next rounds give back; of each no more than a page."""
        where = {"recipient": address}
        runs = self.store.list(Run, workspace_id=self.workspace_id, where=where, limit=PAGE)
        holds = self.store.list(Hold, workspace_id=self.workspace_id, where=where, limit=PAGE)
        return len(runs) + sum(one.entity.state in OPEN for one in holds)

    def _each(self, kind: type[E], where: dict[str, object], emptied: Callable[[Snapshot[E]], Sequence[Write] | None]) -> int:
        """None: it stays for now. What somebody else changes meanwhile is read again."""
        count, last = 0, ""
        while True:
            page = self.store.list(kind, workspace_id=self.workspace_id, where=where, limit=PAGE, after=last)
            for found in page:
                last = found.entity.id
                count += until_undisputed(lambda id=last: self._one(kind, id, emptied))  # type: ignore[misc]
            if len(page) < PAGE:
                return count

    def _one(self, kind: type[E], id: str, emptied: Callable[[Snapshot[E]], Sequence[Write] | None]) -> int:
        found = self.store.get(kind, workspace_id=self.workspace_id, id=id)
        writes = emptied(found) if found else None
        if writes:
            self.store.commit(*writes)
        return 1 if writes else 0

    def _run(self, found: Snapshot[Run]) -> Sequence[Write] | None:
        """With the announcements that know only its number. One under way ends here; what its stages have in hand then finds it changed."""
        run = found.entity
        if self.store.list(Draft, workspace_id=self.workspace_id, where={"run_id": run.id}, limit=1):
            return None  # whoever finds out what became of its mail needs it
        for one in self.store.list(Hint, workspace_id=self.workspace_id, where={"run_id": run.id}, limit=PAGE):
            if one.entity.announced.entry is not None or one.entity.announced.email or one.entity.announced.contact_id:
                self.store.commit(*self._hint(one))
        over = run if RUN_TRANSITIONS.final(run.state) else run.failed(stage="forget", reason=FORGOTTEN, at=self.now)
        told = tuple(step.model_copy(update={"note": ""}) for step in over.history)
        blank = {"recipient": "", "context": None, "plan": None, "draft_id": None, "placement_note": "", "paused": "", "erased": True}
        reason = {"failure_reason": FORGOTTEN if over.failure_reason else ""}
        return [Replace(found, over.model_copy(update={**blank, **reason, "history": told, "updated_at": self.now}))]

    def _hint(self, found: Snapshot[Hint]) -> Sequence[Write]:
        hint = found.entity
        state = HintState.IGNORED if hint.state in UNRESOLVED and hint.run_id is None else hint.state
        announced = hint.announced.model_copy(update={"email": "", "contact_id": "", "entry": None})
        return [Replace(found, hint.model_copy(update={"announced": announced, "state": state, "reason": FORGOTTEN}))]


def _submission(found: Snapshot[Submission]) -> Sequence[Write]:
    entry = found.entity.entry
    empty = FormEntry(form_id=entry.form_id, submitted_at=entry.submitted_at, email="", imported=entry.imported)
    return [Replace(found, found.entity.model_copy(update={"entry": empty, "contact_id": ""}))]
