"""Events on their way to the webhooks: gathered for a second, sent in one batch per webhook, retried for a day."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from emulators.agenda import backoff
from emulators.clock import Clock
from emulators.outbox import Outbox, Outgoing, Status
from emulators.push import Answer, Push
from emulators.sendgrid.signing import Signer

GATHERED_FOR = timedelta(seconds=1)
PATIENCE, FIRST_WAIT, LONGEST_WAIT = timedelta(hours=24), timedelta(minutes=1), timedelta(hours=4)
MOST_EVENTS, TIMEOUT_S = 1000, 3.0
HEADERS = {"Content-Type": "application/json;charset=utf-8", "User-Agent": "SendGrid Event API"}
Event = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Batch(Outgoing):
    """What one webhook gets at once. Events may be for a later moment: the batch waits for the first of them."""

    hook_id: str
    url: str
    signed: bool
    events: tuple[Event, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return super().from_json({**data, "events": tuple(data["events"])})

    @property
    def body(self) -> bytes:
        """One event a line, the last line ended too: what is signed is exactly this."""
        return ("[" + ",\r\n".join(json.dumps(one, separators=(",", ":")) for one in self.events) + "]\r\n").encode()

    def gathers(self, hook_id: str, due: datetime) -> bool:
        """Whether another event for this webhook and moment still fits in; what was sent once is closed."""
        untouched = self.status is Status.WAITING and not self.attempts
        return untouched and (self.hook_id, self.due_at) == (hook_id, due) and len(self.events) < MOST_EVENTS


class Batches(Outbox[Batch]):
    def __init__(self, clock: Clock, signer: Signer) -> None:
        super().__init__(clock, letter="b", read=Batch.from_json)
        self._signer = signer

    def add(self, hook: Mapping[str, Any], event: Event, at: datetime) -> None:
        """Into the batch that gathers for this webhook and moment, or a new one."""
        with self.clock.changed:
            now = self.clock.now()
            due = max(at, now) + GATHERED_FOR
            known = next((row for row in self.all() if row.gathers(hook["id"], due)), None)
            if known is not None:
                self.put(replace(known, events=(*known.events, event)))
                return
            content = {"hook_id": hook["id"], "url": hook["url"], "signed": bool(hook["signed"])}
            self.owe(Batch(created_at=now, due_at=due, events=(event,), **content))

    def request(self, row: Batch) -> Push:
        return Push(row.id, "sendgrid.deliver.events", "POST", row.url, HEADERS, row.body, TIMEOUT_S)

    def next_try(self, row: Batch, _answer: Answer, now: datetime) -> datetime | None:
        due = now + backoff(len(row.attempts) + 1, least=FIRST_WAIT, most=LONGEST_WAIT)
        return due if due - row.created_at <= PATIENCE else None

    def signature(self, push: Push, now: datetime) -> Mapping[str, str]:
        """The seal of one attempt."""
        with self.clock.changed:
            batch = self._rows.get(push.ticket)
        return self._signer.headers(push.body, int(now.timestamp())) if batch is not None and batch.signed else {}
