"""What Slack still has to send to an app: events with three retries, interactions once."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from emulators.clock import Clock
from emulators.outbox import Attempt, Outbox, Outgoing
from emulators.push import Answer, Push

TIMEOUT_S = 3.0
RETRIES = (timedelta(seconds=1), timedelta(minutes=1), timedelta(minutes=5))
"""Events are retried nearly at once, after a minute and after five; interactions never (docs.slack.dev, Events API)."""

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


@dataclass(frozen=True, kw_only=True)
class Sending(Outgoing):
    """One request to the app. `kind` names its fault route: event, interaction, command or verification."""

    kind: str
    url: str
    body: str
    content_type: str


class Sendings(Outbox[Sending]):
    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, letter="s", read=Sending.from_json)

    def add(self, kind: str, url: str, body: str, content_type: str) -> Sending:
        now = self.clock.now()
        return self.owe(Sending(created_at=now, due_at=now, kind=kind, url=url, body=body, content_type=content_type))

    def request(self, row: Sending) -> Push:
        headers = {"User-Agent": AGENT, "Content-Type": row.content_type}
        if row.attempts:
            headers |= {"X-Slack-Retry-Num": str(len(row.attempts)), "X-Slack-Retry-Reason": _reason(row.attempts[-1])}
        return Push(row.id, f"slack.deliver.{row.kind}", "POST", row.url, headers, row.body.encode(), TIMEOUT_S)

    def taken(self, row: Sending, answer: Answer) -> bool:
        """A new address counts as verified only if it answers with the challenge."""
        return super().taken(row, answer) and (row.kind != "verification" or json.loads(row.body)["challenge"] in answer.excerpt)

    def next_try(self, row: Sending, answer: Answer, now: datetime) -> datetime | None:
        retries = len(row.attempts)
        if row.kind != "event" or retries == len(RETRIES) or answer.headers.get("X-Slack-No-Retry") == "1":
            return None
        return now + RETRIES[retries]


def _reason(attempt: Attempt) -> str:
    if attempt.status is not None:
        return "http_error"
    return "http_timeout" if "Timeout" in attempt.reason else "connection_failed"
