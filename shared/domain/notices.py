"""Notices: what a person has to hear of, owed in the commit that made it so, and how it reads. Ids only until it is told."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from shared.domain.entity import Value
from shared.domain.ids import WorkspaceId, derived_id
from shared.domain.outbox import Outgoing, Queue, owed_work


class Concern(StrEnum):
    APPROVALS = "approvals"  # a draft waits for a decision
    SWITCH = "switch"  # the kill switch was raised or released
    RUNS = "runs"  # one has failed for good
    SENDS = "sends"  # one is parked, or has failed
    LETTERS = "letters"  # a message that nobody could process
    RECONNECT = "reconnect"  # a consent was withdrawn


class Matter(Value):
    """One thing to be told: which, and when it became so, for it may become so again. Told once per occasion."""

    concern: Concern
    id: str
    occasion: str  # letters and digits

    @property
    def key(self) -> str:
        return f"{self.id}-{self.occasion}"

    @property
    def work_id(self) -> str:
        return f"{self.concern}-{self.key}"

    @classmethod
    def from_key(cls, concern: Concern, key: str) -> Self:
        id, _, occasion = key.rpartition("-")
        return cls(concern=concern, id=id, occasion=occasion)

    @classmethod
    def from_work(cls, work_id: str) -> Self | None:
        """None for the id of any other work."""
        concern, _, key = work_id.partition("-")
        return cls.from_key(Concern(concern), key) if concern in set(Concern) and "-" in key else None


def owed_notice(matter: Matter, *, workspace_id: WorkspaceId, at: datetime, trace_id: str = "", queue: Queue = Queue.NOTIFY) -> Outgoing:
    """The task that whoever made it so owes. As a rule the sweep hands it over: few functions may fill this queue."""
    id = f"{workspace_id}-notice-{matter.work_id}"
    trace = trace_id or derived_id("notice", id)
    return owed_work(queue, matter.work_id, workspace_id=workspace_id, at=at, trace_id=trace, id=id)


class Link(Value):
    """Leads to a page that shows. Nothing happens by following it."""

    label: str
    url: str


class Notice(Value):
    """As people read it; names may be anything that somebody has typed into a form. `id` is the same for every attempt to tell it."""

    id: str
    at: datetime
    title: str
    lines: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
