"""users.watch: who wants to be told of changes, and the notifications that go to a Pub/Sub topic."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from emulators.faults import Faults, Kind
from emulators.gmail import errors
from emulators.gmail.history import Change
from emulators.gmail.state import Mailbox

LASTS = timedelta(days=7)
TOPIC = re.compile(r"projects/[^/]+/topics/[^/]+")
ROUTE = "gmail.notify"
KINDS = frozenset({Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.DUPLICATE, Kind.REORDER})
Publish = Callable[[str, bytes], object]
"""Takes a topic's full name and the data of a message; raises LookupError when there is no such topic."""


@dataclass
class Announcer:
    """Publishes what watches ask for. Faults on `gmail.notify`: drop_before and drop_after lose a notification, duplicate sends it
    twice, reorder holds it back until the next one has gone.

    `per_second=True` drops all but the first notification of a second, as Google does (off: on a frozen clock all would be lost).
    """

    faults: Faults
    publish: Publish | None = None
    per_second: bool = False
    held: list[tuple[str, bytes]] = field(default_factory=list)
    last: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.faults.know([ROUTE], (Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.DUPLICATE, Kind.REORDER))

    def watch(self, mailbox: Mailbox, wanted: Mapping[str, Any], now: datetime) -> dict[str, str]:
        """Starts or renews the one watch of a mailbox; a first notification goes out at once."""
        topic = str(wanted.get("topicName", ""))
        if not TOPIC.fullmatch(topic):
            raise errors.invalid_argument("Invalid topicName does not match projects/<project>/topics/*")
        live = live_watch(mailbox, now)
        if live and live["topic"] != topic:
            raise errors.other_client_watches()
        if self.publish is None:
            raise errors.cannot_publish(topic)
        labels = list(wanted.get("labelIds", []))
        action = str(wanted.get("labelFilterBehavior") or wanted.get("labelFilterAction") or "include").lower()
        expires = int((now + LASTS).timestamp() * 1000)
        self._test(topic, _data(mailbox))
        mailbox.watch = {"topic": topic, "labels": labels, "exclude": action == "exclude", "expires": expires, "told": mailbox.history_id}
        return {"historyId": str(mailbox.history_id), "expiration": str(expires)}

    def announce(self, mailboxes: Iterable[Mailbox], now: datetime) -> None:
        """One notification for each watched mailbox in which something changed since the last one."""
        for mailbox in mailboxes:
            watch = live_watch(mailbox, now)
            if watch is None:
                continue
            fresh = [one for one in mailbox.history.changes if one.id > watch["told"]]
            watch["told"] = mailbox.history_id
            if any(_wanted(one, watch) for one in fresh) and not self._too_soon(mailbox.email, now):
                self._send(watch["topic"], _data(mailbox), now)

    def reset(self) -> None:
        self.held.clear()
        self.last.clear()

    def _test(self, topic: str, data: bytes) -> None:
        try:
            if self.publish is not None:
                self.publish(topic, data)
        except LookupError as error:
            raise errors.no_such_topic(topic) from error

    def _send(self, topic: str, data: bytes, now: datetime) -> None:
        fault = self.faults.strike(ROUTE, now)
        kind = fault.kind if fault else None
        if kind is Kind.REORDER:
            self.held.append((topic, data))
            return
        copies = {Kind.DROP_BEFORE: 0, Kind.DROP_AFTER: 0, Kind.DUPLICATE: 2}.get(kind, 1) if kind else 1
        for where, what in [(topic, data)] * copies + self.held:
            self._quietly(where, what)
        self.held.clear()

    def _quietly(self, topic: str, data: bytes) -> None:
        """A topic that is gone by now swallows notifications: nobody is there to be told."""
        try:
            if self.publish is not None:
                self.publish(topic, data)
        except LookupError:
            return

    def _too_soon(self, email: str, now: datetime) -> bool:
        before = self.last.get(email)
        if self.per_second and before is not None and now - before < timedelta(seconds=1):
            return True
        self.last[email] = now
        return False


def live_watch(mailbox: Mailbox, now: datetime) -> dict[str, Any] | None:
    watch = mailbox.watch
    return watch if watch and watch["expires"] > now.timestamp() * 1000 else None


def _wanted(change: Change, watch: Mapping[str, Any]) -> bool:
    if not watch["labels"]:
        return True
    return bool(set(watch["labels"]) & {*change.message_labels, *change.labels}) is not watch["exclude"]


def _data(mailbox: Mailbox) -> bytes:
    """Real notifications carry the id as a number, whatever the guide shows."""
    return json.dumps({"emailAddress": mailbox.email, "historyId": mailbox.history_id}).encode()
