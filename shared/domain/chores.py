"""What has to be done for every workspace again and again: one table, read by the rounds."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from shared.domain.entity import Entity, Value
from shared.domain.outbox import Queue

ROUND = timedelta(minutes=5)
"""How often the rounds are made; no chore can come more often."""
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Chore(Value):
    """`queue` calls the function that does it, with the workspace; periods are counted from `EPOCH`."""

    queue: Queue
    every: timedelta

    def period(self, now: datetime) -> datetime:
        """The beginning of the period that `now` lies in: a chore is due once in each, however late."""
        return EPOCH + (now - EPOCH) // self.every * self.every


CHORES: tuple[Chore, ...] = (
    Chore(queue=Queue.POLL_FORMS, every=ROUND),
    Chore(queue=Queue.CANARY, every=timedelta(hours=1)),
    Chore(queue=Queue.RELEASE_HOLDS, every=ROUND),
    Chore(queue=Queue.INDEX_DRIVE, every=timedelta(minutes=10)),
    Chore(queue=Queue.SYNC_MAILBOX, every=ROUND),
    Chore(queue=Queue.TEND_SENDS, every=ROUND),
    Chore(queue=Queue.RESUME_RUNS, every=timedelta(minutes=10)),
    Chore(queue=Queue.NOTIFY, every=timedelta(minutes=10)),
)


PERIOD = "%Y%m%dT%H%M"


def period_id(begins: datetime) -> str:
    return begins.strftime(PERIOD)


def period_from(id: str) -> datetime:
    """When a period begins, from its id; ValueError for what is none."""
    return datetime.strptime(id, PERIOD).replace(tzinfo=UTC)


class ChoreRecord(Entity):
    """`chores/{queue}`: the latest period for which the chore was handed out. Missed periods are not made up for."""

    collection: ClassVar[str] = "chores"

    period: datetime
