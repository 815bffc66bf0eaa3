"""Drafts to be considered, a policy that wants it, and a log in which rules have earned something; for tests of considering."""

from datetime import timedelta
from typing import Any

from shared.domain.audit import AuditEntry, by_stage, entry_id
from shared.domain.autonomy import CONSIDERED
from shared.domain.considered import Considered, SamplingKey
from shared.domain.heard import Heard, heard_id
from shared.domain.policy import CURRENT, AutoRule
from shared.domain.sends import Touch
from shared.domain.work import Work
from shared.ports.store import Put
from shared.stages.deciding.considering import Considerer, consider
from tests.builders import MONDAY, OPERATOR, WORKSPACE
from tests.unit.stages.wire import KINDS, MARIA, SendingWorld

ACTING = {"stance": "act"}
NEVER_SAMPLED = "b"  # none of the drafts 1 to 4 is drawn under this key
SAMPLES_THE_FIRST = "k42"  # draft 1 is


def logged(number: int, action: str, *, minute: int, by: Any = MARIA, evidence: tuple[str, ...] = (), **changes: Any) -> AuditEntry:
    at = MONDAY - timedelta(days=20) + timedelta(minutes=minute)
    usual: dict[str, Any] = {"draft_id": f"earlier_{number}", "contact": f"contact-{number}"}
    entry = entry_id(at, f"{minute:06d}-{action}")
    return AuditEntry(id=entry, workspace_id=WORKSPACE, at=at, actor=by, action=action, evidence=evidence, **usual | changes)


def as_considered(*rules: str, touch: Touch = Touch.ANSWER, operator: str = OPERATOR) -> tuple[str, ...]:
    return ("answer:ask", f"operator:{operator}", f"touch:{touch}", *(f"rule:{one}" for one in rules))


class ConsideringWorld(SendingWorld):
    """Everybody has written to us a month ago; nothing is drawn for a check unless told otherwise."""

    def __init__(self, **auto: Any) -> None:
        super().__init__(auto_approval=ACTING | auto)
        self.minute = 0
        self.key = NEVER_SAMPLED
        self.has_written()

    @property
    def key(self) -> str:
        found = self.store.get(SamplingKey, workspace_id=WORKSPACE, id=CURRENT)
        return found.entity.key if found else ""

    @key.setter
    def key(self, value: str) -> None:
        self.store.commit(Put(SamplingKey(id=CURRENT, workspace_id=WORKSPACE, key=value)))

    def has_written(self, *, days: float = 30) -> None:
        for kind in KINDS:
            at = self.clock.now() - timedelta(days=days)
            id = heard_id(WORKSPACE, kind.recipient)
            self.store.commit(Put(Heard(id=id, workspace_id=WORKSPACE, at=at, thread_id="old", gmail_message_id="old")))

    def earn(self, count: int, *rules: str, action: str = "draft.approved", touch: Touch = Touch.ANSWER) -> None:
        """So many earlier drafts that these rules spoke for, and what a person made of them."""
        for _ in range(count):
            self.minute += 2
            names = rules or (AutoRule.REPLIED_BEFORE,)
            self._log(
                logged(self.minute, CONSIDERED, minute=self.minute, by=by_stage("consider"), evidence=as_considered(*names, touch=touch))
            )
            self._log(logged(self.minute, action, minute=self.minute + 1))

    def _log(self, entry: AuditEntry) -> None:
        self.store.commit(Put(entry))

    def considerer(self) -> Considerer:
        return Considerer(self.desk(), self.world.ids)

    def consider(self, number: int = 1) -> Considered | None:
        consider(Work(workspace_id=WORKSPACE, id=f"draft_{number}"), trace_id="trace", at=self.considerer())
        return self.draft(number).considered

    def answer(self, number: int = 1) -> Considered:
        found = self.consider(number)
        assert found is not None
        return found

    @property
    def entries(self) -> list[AuditEntry]:
        return sorted(self.store.everything(AuditEntry), key=lambda one: one.id)

    def actions(self, number: int = 1) -> list[tuple[str, str]]:
        return [(one.action, one.actor.label) for one in self.entries if one.draft_id == f"draft_{number}"]
