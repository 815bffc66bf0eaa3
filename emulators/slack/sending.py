"""What Slack still has to send to an app: events with three retries, interactions once. Pure state."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from emulators.agenda import Agenda
from emulators.push import Answer, Push

TIMEOUT_S = 3.0
RETRIES = (timedelta(seconds=1), timedelta(minutes=1), timedelta(minutes=5))
"""Events are retried nearly at once, after a minute and after five; interactions never (docs.slack.dev, Events API)."""

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Sending:
    """One request to the app. `kind` names its fault route: event, interaction, command or verification."""

    id: str
    kind: str
    url: str
    body: str
    content_type: str
    retries: int = 0
    reason: str = ""
    outcome: str = "waiting"  # then delivered or failed
    attempts: tuple[tuple[str, int | None], ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Sending":
        return cls(**{**data, "attempts": tuple((at, status) for at, status in data["attempts"])})


class Sendings:
    """A backlog for the delivery engine; every method expects the clock's lock to be held."""

    def __init__(self) -> None:
        self._count = 0
        self.clear()

    def clear(self) -> None:
        self._rows: dict[str, Sending] = {}
        self._agenda = Agenda()

    def add(self, kind: str, url: str, body: str, content_type: str, now: datetime) -> Sending:
        self._count += 1
        sending = Sending(f"s{self._count}", kind, url, body, content_type)
        self._rows[sending.id] = sending
        self._agenda.put(sending.id, now)
        return sending

    def again(self, sending_id: str, now: datetime) -> Sending:
        """The same request once more, as Slack's own duplicates; KeyError for an unknown id."""
        known = self._rows[sending_id]
        return self.add(known.kind, known.url, known.body, known.content_type, now)

    def all(self) -> list[Sending]:
        return list(self._rows.values())

    def next_due(self) -> datetime | None:
        first = self._agenda.first()
        return first[0] if first else None

    def take(self, now: datetime) -> Push | None:
        ticket = self._agenda.pop_due(now)
        if ticket is None:
            return None
        sending = self._rows[ticket]
        retry = {"X-Slack-Retry-Num": str(sending.retries), "X-Slack-Retry-Reason": sending.reason} if sending.retries else {}
        agent = {"User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)", "Content-Type": sending.content_type}
        return Push(ticket, f"slack.deliver.{sending.kind}", "POST", sending.url, {**agent, **retry}, sending.body.encode(), TIMEOUT_S)

    def answered(self, push: Push, answer: Answer, now: datetime) -> None:
        sending = self._rows.get(push.ticket)
        if sending is None:
            return
        tried = replace(sending, attempts=(*sending.attempts, (now.isoformat(), answer.status)))
        if answer.status is not None and 200 <= answer.status < 300 and _is_taken(sending, answer):
            self._rows[sending.id] = replace(tried, outcome="delivered")
        elif sending.kind != "event" or sending.retries == len(RETRIES) or answer.headers.get("X-Slack-No-Retry") == "1":
            self._rows[sending.id] = replace(tried, outcome="failed")
        else:
            self._rows[sending.id] = replace(tried, retries=sending.retries + 1, reason=_reason(answer))
            self._agenda.put(sending.id, now + RETRIES[sending.retries])

    def dump(self) -> dict[str, Any]:
        due = {ticket: moment.isoformat() for ticket in self._rows if (moment := self._agenda.due(ticket))}
        return {"count": self._count, "rows": [asdict(row) for row in self._rows.values()], "due": due}

    def load(self, data: Mapping[str, Any], now: datetime) -> None:
        """What was in flight when it was dumped is due at once."""
        self.clear()
        self._count = data["count"]
        self._rows = {row["id"]: Sending.from_json(row) for row in data["rows"]}
        for sending in self._rows.values():
            if sending.outcome == "waiting":
                due = data["due"].get(sending.id)
                self._agenda.put(sending.id, datetime.fromisoformat(due) if due else now)


def _is_taken(sending: Sending, answer: Answer) -> bool:
    """A new address counts as verified only if it answers with the challenge."""
    return sending.kind != "verification" or json.loads(sending.body)["challenge"] in answer.excerpt


def _reason(answer: Answer) -> str:
    if answer.status is not None:
        return "http_error"
    return "http_timeout" if "Timeout" in answer.reason else "connection_failed"
