"""The history of one mailbox: ids that grow with gaps, what changed under each, and how far back it is remembered."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from emulators.gmail import errors

FIRST_ID = 1000
STEP = 7  # real ids grow with gaps
TYPES = {
    "messagesAdded": "messageAdded",
    "messagesDeleted": "messageDeleted",
    "labelsAdded": "labelAdded",
    "labelsRemoved": "labelRemoved",
}
"""What history.list files a change under, and what `historyTypes` calls it."""


@dataclass(frozen=True)
class Change:
    """One history record. `kind` is a key of TYPES; `message_labels` are the labels after the change."""

    id: int
    kind: str
    message_id: str
    thread_id: str
    message_labels: tuple[str, ...]
    labels: tuple[str, ...] = ()


@dataclass
class History:
    """`forgotten` is the newest id that is remembered no more: whoever starts before it gets 404."""

    latest: int = FIRST_ID
    changes: list[Change] = field(default_factory=list)
    forgotten: int = 0

    def moved(self) -> int:
        self.latest += STEP
        return self.latest

    def record(self, kind: str, message: Any, labels: Iterable[str] = ()) -> None:
        """Files a change of a message under the latest id; changes of labels without labels are none."""
        names = tuple(labels)
        if names or kind.startswith("messages"):
            self.changes.append(Change(self.latest, kind, message.id, message.thread_id, message.labels, names))

    def since(self, start: int, *, types: Iterable[str] = (), label: str = "") -> list[Change]:
        """What changed after this id; raises 404 when that is no longer known."""
        if start < self.forgotten:
            raise errors.history_expired()
        wanted = set(types)
        return [
            one
            for one in self.changes
            if one.id > start
            and (not wanted or TYPES[one.kind] in wanted)
            and (not label or label in one.message_labels or label in one.labels)
        ]

    def forget(self) -> None:
        """As after a week or more: only what happens from now on can be listed."""
        self.forgotten = self.latest
        self.changes.clear()

    def dump(self) -> dict[str, Any]:
        return {"latest": self.latest, "forgotten": self.forgotten, "changes": [asdict(one) for one in self.changes]}

    @classmethod
    def loaded(cls, data: Mapping[str, Any]) -> "History":
        return cls(data["latest"], [_change(one) for one in data["changes"]], data["forgotten"])


def _change(data: Mapping[str, Any]) -> Change:
    return Change(**{**data, "message_labels": tuple(data["message_labels"]), "labels": tuple(data["labels"])})
