"""Events on their way to the webhooks: gathered for a second, sent in one batch per webhook, retried for a day. Pure state."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from emulators.agenda import Agenda, backoff
from emulators.push import Answer, Push
from emulators.sendgrid.signing import Signer

GATHERED_FOR = timedelta(seconds=1)
PATIENCE, FIRST_WAIT, LONGEST_WAIT = timedelta(hours=24), timedelta(minutes=1), timedelta(hours=4)
MOST_EVENTS, TIMEOUT_S = 1000, 3.0
Event = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """What one webhook gets at once. Events may be for a later moment: the batch waits for the first of them."""

    id: str
    hook_id: str
    url: str
    signed: bool
    created_at: str
    events: tuple[Event, ...] = ()
    closed: bool = False
    attempts: tuple[tuple[str, int | None], ...] = ()
    outcome: str = "waiting"  # then delivered or failed

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Batch":
        attempts = tuple((at, status) for at, status in data["attempts"])
        return cls(**{**data, "events": tuple(data["events"]), "attempts": attempts})

    @property
    def body(self) -> bytes:
        """One event a line, the last line ended too: what is signed is exactly this."""
        return ("[" + ",\r\n".join(json.dumps(one, separators=(",", ":")) for one in self.events) + "]\r\n").encode()


@dataclass
class Batches:
    """A backlog for the delivery engine; every method expects the clock's lock to be held."""

    signer: Signer
    _rows: dict[str, Batch] = field(default_factory=dict)
    _agenda: Agenda = field(default_factory=Agenda)
    _count: int = 0

    def add(self, hook: Mapping[str, Any], event: Event, at: datetime, now: datetime) -> None:
        """Into the batch that gathers for this webhook and moment, or a new one."""
        due = max(at, now) + GATHERED_FOR
        for row in self._rows.values():
            if row.hook_id == hook["id"] and not row.closed and self._agenda.due(row.id) == due and len(row.events) < MOST_EVENTS:
                self._rows[row.id] = replace(row, events=(*row.events, event))
                return
        self._put(Batch("", hook["id"], hook["url"], bool(hook["signed"]), now.isoformat(), (event,)), due)

    def again(self, batch_id: str, now: datetime) -> Batch:
        """The same events once more; KeyError for an unknown id."""
        known = self._rows[batch_id]
        return self._put(Batch("", known.hook_id, known.url, known.signed, now.isoformat(), known.events, closed=True), now)

    def all(self) -> list[Batch]:
        return list(self._rows.values())

    def clear(self) -> None:
        self._rows, self._agenda = {}, Agenda()

    def next_due(self) -> datetime | None:
        first = self._agenda.first()
        return first[0] if first else None

    def take(self, now: datetime) -> Push | None:
        ticket = self._agenda.pop_due(now)
        if ticket is None:
            return None
        batch = replace(self._rows[ticket], closed=True)
        self._rows[ticket] = batch
        headers = {"Content-Type": "application/json;charset=utf-8", "User-Agent": "SendGrid Event API"}
        return Push(ticket, "sendgrid.deliver.events", "POST", batch.url, headers, batch.body, TIMEOUT_S)

    def signature(self, push: Push, now: datetime) -> Mapping[str, str]:
        """The seal of one attempt."""
        batch = self._rows.get(push.ticket)
        return self.signer.headers(push.body, int(now.timestamp())) if batch is not None and batch.signed else {}

    def answered(self, push: Push, answer: Answer, now: datetime) -> None:
        batch = self._rows.get(push.ticket)
        if batch is None:
            return
        tried = replace(batch, attempts=(*batch.attempts, (now.isoformat(), answer.status)))
        wait = backoff(len(tried.attempts), least=FIRST_WAIT, most=LONGEST_WAIT)
        if answer.status is not None and 200 <= answer.status < 300:
            self._rows[batch.id] = replace(tried, outcome="delivered")
        elif now + wait - datetime.fromisoformat(batch.created_at) > PATIENCE:
            self._rows[batch.id] = replace(tried, outcome="failed")
        else:
            self._rows[batch.id] = tried
            self._agenda.put(batch.id, now + wait)

    def dump(self) -> dict[str, Any]:
        due = {ticket: moment.isoformat() for ticket in self._rows if (moment := self._agenda.due(ticket))}
        return {"count": self._count, "rows": [asdict(row) for row in self._rows.values()], "due": due}

    def load(self, data: Mapping[str, Any], now: datetime) -> None:
        """What was in flight when it was dumped is due at once."""
        self.clear()
        self._count = data["count"]
        self._rows = {row["id"]: Batch.from_json(row) for row in data["rows"]}
        for row in self._rows.values():
            if row.outcome == "waiting":
                self._agenda.put(row.id, datetime.fromisoformat(data["due"][row.id]) if row.id in data["due"] else now)

    def _put(self, batch: Batch, due: datetime) -> Batch:
        self._count += 1
        numbered = replace(batch, id=f"b{self._count}")
        self._rows[numbered.id] = numbered
        self._agenda.put(numbered.id, due)
        return numbered
