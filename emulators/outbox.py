"""What a vendor sends by itself, from the moment it is owed until it is taken or given up; HubSpot, Slack and SendGrid say the rest."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar

from emulators.agenda import Agenda
from emulators.clock import Clock
from emulators.push import Answer, Push


class Status(StrEnum):
    WAITING = "waiting"
    IN_FLIGHT = "in_flight"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class Attempt:
    at: str
    status: int | None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One request on its way to somebody; a vendor adds what it says, and to whom. The outbox numbers it."""

    id: str = ""
    created_at: datetime
    due_at: datetime
    status: Status = Status.WAITING
    attempts: tuple[Attempt, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "created_at": self.created_at.isoformat(), "due_at": self.due_at.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What was in flight waits again."""
        moments = {name: datetime.fromisoformat(data[name]) for name in ("created_at", "due_at")}
        status = Status(data["status"])
        again = Status.WAITING if status is Status.IN_FLIGHT else status
        return cls(**{**data, **moments, "status": again, "attempts": tuple(Attempt(**row) for row in data["attempts"])})


Row = TypeVar("Row", bound=Outgoing)


class Outbox(ABC, Generic[Row]):
    """A backlog, in the order the requests arose; `letter` begins their ids, `read` makes one of its JSON. The clock's lock guards it."""

    def __init__(self, clock: Clock, *, letter: str, read: Callable[[Mapping[str, Any]], Row]) -> None:
        self.clock, self._letter, self._read = clock, letter, read
        self._rows: dict[str, Row] = {}
        self._agenda, self._count = Agenda(), 0

    # What a vendor provides
    @abstractmethod
    def request(self, row: Row) -> Push | None:
        """The next attempt; None when there is nobody to send it to any more."""

    @abstractmethod
    def next_try(self, row: Row, answer: Answer, now: datetime) -> datetime | None:
        """When it is tried again after this failure, which is not among its attempts yet; None when the vendor gives up."""

    def taken(self, _row: Row, answer: Answer) -> bool:
        return answer.status is not None and 200 <= answer.status < 300

    # For whoever watches
    def all(self) -> list[Row]:
        with self.clock.changed:
            return list(self._rows.values())

    def again(self, id: str) -> Row:
        """A duplicate of an earlier request, due now; KeyError for an unknown id."""
        with self.clock.changed:
            now = self.clock.now()
            return self.owe(replace(self._rows[id], created_at=now, due_at=now, status=Status.WAITING, attempts=()))

    def owe(self, row: Row) -> Row:
        """The request under an id of its own, waiting for the moment it is due."""
        with self.clock.changed:
            self._count += 1
            return self.put(replace(row, id=f"{self._letter}{self._count}"))

    def put(self, row: Row) -> Row:
        """Replaces what is known under its id. Expects the clock's lock to be held."""
        self._rows[row.id] = row
        if row.status is Status.WAITING and self._agenda.due(row.id) != row.due_at:
            self._agenda.put(row.id, row.due_at)
        self.clock.notify()
        return row

    # Backlog
    def next_due(self) -> datetime | None:
        earliest = self._agenda.first()
        return earliest[0] if earliest else None

    def take(self, now: datetime) -> Push | None:
        while (ticket := self._agenda.pop_due(now)) is not None:
            row = self._rows[ticket]
            push = self.request(row)
            if push is not None:
                self.put(replace(row, status=Status.IN_FLIGHT))
                return push
            gone = Attempt(now.isoformat(), None, "the hook was removed")
            self.put(replace(row, attempts=(*row.attempts, gone), status=Status.FAILED))
        return None

    def answered(self, push: Push, answer: Answer, now: datetime) -> None:
        """Record one attempt's end: taken, to be tried again, or given up."""
        row = self._rows.get(push.ticket)
        if row is None or row.status is not Status.IN_FLIGHT:
            return
        tried = replace(row, attempts=(*row.attempts, Attempt(now.isoformat(), answer.status, answer.excerpt or answer.reason)))
        if self.taken(row, answer):
            self.put(replace(tried, status=Status.DELIVERED))
        elif (due := self.next_try(row, answer, now)) is None:
            self.put(replace(tried, status=Status.FAILED))
        else:
            self.put(replace(tried, status=Status.WAITING, due_at=due))

    # Persistence
    def clear(self) -> None:
        """Ids go on counting: what is still in flight must not settle somebody else's request."""
        with self.clock.changed:
            self._rows, self._agenda = {}, Agenda()
            self.clock.notify()

    def dump(self) -> dict[str, Any]:
        with self.clock.changed:
            return {"count": self._count, "deliveries": [row.to_json() for row in self._rows.values()]}

    def load(self, data: Mapping[str, Any]) -> None:
        """What was in flight or held when it was dumped is due at once."""
        with self.clock.changed:
            self.clear()
            self._count = data["count"]
            for row in data["deliveries"]:
                self.put(self._read(row))
