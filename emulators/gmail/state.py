"""Mailboxes: messages, drafts, labels, identities and the history of what changed; pure, JSON-safe in and out."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from emulators.gmail import errors, mime

SYSTEM_LABELS = (
    *("INBOX", "SENT", "DRAFT", "UNREAD", "STARRED", "IMPORTANT", "SPAM", "TRASH", "CHAT"),
    *("CATEGORY_PERSONAL", "CATEGORY_SOCIAL", "CATEGORY_PROMOTIONS", "CATEGORY_UPDATES", "CATEGORY_FORUMS"),
)
FIXED_LABELS = frozenset({"SENT", "DRAFT"})
FIRST_HISTORY_ID = 1000
HISTORY_STEP = 7  # real ids grow with gaps


@dataclass(frozen=True)
class StoredMessage:
    """One message; its content never changes, its labels do. `at_ms` is Gmail's internalDate."""

    id: str
    thread_id: str
    labels: tuple[str, ...]
    raw: bytes
    at_ms: int
    history_id: int

    @property
    def mime(self) -> mime.Mime:
        return mime.parsed(self.raw)

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.at_ms / 1000, UTC)


@dataclass(frozen=True)
class Change:
    """One history record. `kind` is the key history.list files it under."""

    id: int
    kind: str
    message_id: str
    thread_id: str
    message_labels: tuple[str, ...]
    labels: tuple[str, ...] = ()


@dataclass
class Mailbox:
    """One account's mail."""

    email: str
    messages: dict[str, StoredMessage] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)  # draft id -> message id
    labels: dict[str, str] = field(default_factory=dict)  # user label id -> name
    identities: list[dict[str, Any]] = field(default_factory=list)  # SendAs resources
    history: list[Change] = field(default_factory=list)
    history_id: int = FIRST_HISTORY_ID
    minted: int = 0

    # Reading
    def message(self, message_id: str) -> StoredMessage:
        found = self.messages.get(message_id)
        if found is None:
            raise errors.not_found() if is_message_id(message_id) else errors.invalid_id()
        return found

    def thread(self, thread_id: str) -> list[StoredMessage]:
        """Its messages, oldest first; raises 404 when there is none."""
        found = [message for message in self.messages.values() if message.thread_id == thread_id]
        if not found:
            raise errors.not_found() if is_message_id(thread_id) else errors.invalid_id()
        return sorted(found, key=lambda message: message.at_ms)

    def newest_first(self) -> list[StoredMessage]:
        """By date; of two messages of the same moment the one stored later comes first."""
        return sorted(self.messages.values(), key=lambda message: message.at_ms)[::-1]

    def draft_message(self, draft_id: str) -> StoredMessage:
        if draft_id not in self.drafts:
            raise errors.not_found()
        return self.messages[self.drafts[draft_id]]

    def label_name(self, label_id: str) -> str:
        return self.labels.get(label_id, label_id)

    def knows_label(self, label_id: str) -> bool:
        return label_id in SYSTEM_LABELS or label_id in self.labels

    def names_by_address(self) -> dict[str, str]:
        return {identity["sendAsEmail"].lower(): identity.get("displayName", "") for identity in self.identities}

    # Messages
    def add(self, raw: bytes, *, labels: Iterable[str], at: datetime, thread_id: str | None = None) -> StoredMessage:
        """Stores a message in this thread, or in a new one named after it."""
        at_ms = int(at.timestamp() * 1000)
        message_id = self._message_id(at_ms)
        message = StoredMessage(message_id, thread_id or message_id, tuple(labels), raw, at_ms, self._moved())
        self.messages[message_id] = message
        self._record("messagesAdded", message)
        return message

    def remove(self, message_id: str) -> StoredMessage:
        message = self.messages.pop(message_id)
        self._moved()
        self._record("messagesDeleted", message)
        return message

    def relabel(self, message_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> StoredMessage:
        before = self.message(message_id)
        gone = set(remove)
        kept = [label for label in before.labels if label not in gone]
        labels = tuple(dict.fromkeys([*kept, *(label for label in add if label not in gone)]))
        if set(labels) == set(before.labels):
            return before
        message = replace(before, labels=labels, history_id=self._moved())
        self.messages[message_id] = message
        self._record("labelsAdded", message, [label for label in labels if label not in before.labels])
        self._record("labelsRemoved", message, [label for label in before.labels if label not in labels])
        return message

    # Threading
    def thread_of_answer(self, raw: bytes, thread_id: str) -> str | None:
        """The thread asked for, if the message qualifies: it must reference earlier mail and keep the subject. 404 for no such thread."""
        first, message = self.thread(thread_id)[0], mime.parsed(raw)
        references = mime.message_ids(message, "In-Reply-To", "References")
        return thread_id if references and mime.bare_subject(message) == mime.bare_subject(first.mime) else None

    def thread_of_arrival(self, raw: bytes) -> str | None:
        """The thread an incoming message continues, by its references and its subject."""
        arrived = mime.parsed(raw)
        references = set(mime.message_ids(arrived, "In-Reply-To", "References"))
        for known in self.newest_first():
            if mime.header(known.mime, "Message-ID").strip() in references and mime.bare_subject(known.mime) == mime.bare_subject(arrived):
                return known.thread_id
        return None

    # Drafts
    def add_draft(self, raw: bytes, *, at: datetime, thread_id: str | None) -> str:
        """Stores a draft and answers its id."""
        message = self.add(raw, labels=["DRAFT"], at=at, thread_id=thread_id)
        draft_id = f"r{_signed_hash(f'{self.email}/{message.id}')}"
        self.drafts[draft_id] = message.id
        return draft_id

    def replace_draft(self, draft_id: str, raw: bytes, *, at: datetime, thread_id: str | None) -> StoredMessage:
        """New content under a new message id; the draft id stays, and so does a thread that is the draft's own."""
        before = self.draft_message(draft_id)
        alone = len(self.thread(before.thread_id)) == 1
        self.remove(before.id)
        message = self.add(raw, labels=["DRAFT"], at=at, thread_id=thread_id or (before.thread_id if alone else None))
        self.drafts[draft_id] = message.id
        return message

    def drop_draft(self, draft_id: str) -> StoredMessage:
        """Removes the draft and its message for good (drafts.delete does not use the trash)."""
        message = self.draft_message(draft_id)
        del self.drafts[draft_id]
        return self.remove(message.id)

    # Labels
    def create_label(self, name: str) -> str:
        taken = {known.lower() for known in (*self.labels.values(), *SYSTEM_LABELS)}
        if name.lower() in taken:
            raise errors.label_exists()
        label_id = f"Label_{len(self.labels) + 1}"
        self.labels[label_id] = name
        return label_id

    def _moved(self) -> int:
        self.history_id += HISTORY_STEP
        return self.history_id

    def _record(self, kind: str, message: StoredMessage, labels: Iterable[str] = ()) -> None:
        names = tuple(labels)
        if names or kind.startswith("messages"):
            self.history.append(Change(self.history_id, kind, message.id, message.thread_id, message.labels, names))

    def _message_id(self, at_ms: int) -> str:
        """16 hex digits that begin with the time, as real ones do."""
        self.minted += 1
        tail = (_signed_hash(self.email) + self.minted * 0x9E371) % (1 << 20)
        return f"{at_ms % (1 << 44):011x}{tail:05x}"

    def dump(self) -> dict[str, Any]:
        messages = [asdict(one) | {"raw": base64.b64encode(one.raw).decode()} for one in self.messages.values()]
        history = [asdict(change) for change in self.history]
        return {name: getattr(self, name) for name in _PLAIN} | {"messages": messages, "history": history}

    @classmethod
    def loaded(cls, data: Mapping[str, Any]) -> "Mailbox":
        messages = [_stored(one) for one in data["messages"]]
        plain = {name: data[name] for name in _PLAIN}
        return cls(**plain, messages={one.id: one for one in messages}, history=[_change(one) for one in data["history"]])


_PLAIN = ("email", "drafts", "labels", "identities", "history_id", "minted")


def _stored(data: Mapping[str, Any]) -> StoredMessage:
    return StoredMessage(**{**data, "raw": base64.b64decode(data["raw"]), "labels": tuple(data["labels"])})


def _change(data: Mapping[str, Any]) -> Change:
    return Change(**{**data, "message_labels": tuple(data["message_labels"]), "labels": tuple(data["labels"])})


def is_message_id(value: str) -> bool:
    return bool(value) and len(value) <= 16 and all(char in "0123456789abcdef" for char in value.lower())


def _signed_hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)
