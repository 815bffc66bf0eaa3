"""Follows runs until they have ended, and tells a view of every step. Used by demo and submit-form."""

import threading
import time
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from infra.cli.client import Api, Found

PACE_S = 0.12
ENDED = frozenset({"SUCCESS", "FAILURE"})
NEWEST = 100


class View(AbstractContextManager["View"], Protocol):
    """Whoever shows what happens."""

    def submitted(self, name: str, email: str, form: str) -> None: ...
    def moved(self, email: str, step: Found, *, seconds: float) -> None:
        """A run of this person has reached a step, so many seconds after the first submission."""


class Watcher:
    """Runs of these people, apart from those that were there before."""

    def __init__(self, api: Api, view: View, *, since: datetime, known: Collection[str] = ()) -> None:
        self._api, self._view, self._since, self._known = api, view, since, frozenset(known)
        self._heard: dict[str, int] = {}
        self._seen: dict[str, tuple[str, str]] = {}
        self.runs: dict[str, Found] = {}

    def follow(self, emails: Sequence[str], *, at_most_s: float) -> dict[str, str]:
        """Run ids by address once every run has ended, or of those that were there when time was up."""
        wanted, pause, deadline = {one.lower() for one in emails}, threading.Event(), time.monotonic() + at_most_s
        self._look(wanted)
        while not self._all_ended(wanted) and time.monotonic() < deadline:
            pause.wait(PACE_S)
            self._look(wanted)
        return {email: run["id"] for email, run in self.runs.items()}

    def _look(self, wanted: Collection[str]) -> None:
        """One look at everybody; what happened since the last one is told in the order it happened."""
        news: list[tuple[str, Found]] = []
        for line in reversed(self._api.runs(limit=NEWEST)["items"]):
            email, seen = line["recipient"].lower(), (line["state"], line["updated_at"])
            if email in wanted and line["id"] not in self._known and self._seen.get(line["id"]) != seen:
                self._seen[line["id"]] = seen
                self.runs[email] = self._api.run(line["id"])
                news += [(email, step) for step in self._unheard(self.runs[email])]
        for email, step in sorted(news, key=lambda pair: _moment(pair[1])):
            self._view.moved(email, step, seconds=(_moment(step) - self._since).total_seconds())

    def _unheard(self, run: Found) -> Sequence[Found]:
        heard, self._heard[run["id"]] = self._heard.get(run["id"], 0), len(run["history"])
        steps: Sequence[Found] = run["history"][heard:]
        return steps

    def _all_ended(self, wanted: Collection[str]) -> bool:
        return all(self.runs.get(email, {}).get("progress") in ENDED for email in wanted)


def _moment(step: Any) -> datetime:
    return datetime.fromisoformat(step["at"])
