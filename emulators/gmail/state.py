"""Mailboxes: messages, drafts, labels, identities and the history of what changed; pure, JSON-safe in and out."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from emulators.gmail import errors, mime
from emulators.gmail.history import History
from emulators.gmail.labels import LabelBook


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


@dataclass
class Mailbox:
    """One account's mail."""

    email: str
    messages: dict[str, StoredMessage] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)  # draft id -> message id
    labels: LabelBook = field(default_factory=LabelBook)
    identities: list[dict[str, Any]] = field(default_factory=list)  # SendAs resources
    history: History = field(default_factory=History)
    vacation: dict[str, Any] = field(default_factory=dict)  # a VacationSettings resource
    automatic: dict[str, int] = field(default_factory=dict)  # who was answered by the vacation responder, and when (ms)
    watch: dict[str, Any] | None = None
    minted: int = 0

    @property
    def history_id(self) -> int:
        return self.history.latest

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

    def names_by_address(self) -> dict[str, str]:
        return {identity["sendAsEmail"].lower(): identity.get("displayName", "") for identity in self.identities}

    def senders(self) -> dict[str, str]:
        """Those Gmail sends under, as they travel: an address that nobody has confirmed is none of them."""
        fine = [one for one in self.identities if one.get("isPrimary") or one.get("verificationStatus") == "accepted"]
        return {_travelling(one["sendAsEmail"].lower()): one.get("displayName", "") for one in fine}

    # Messages
    def add(self, raw: bytes, *, labels: Iterable[str], at: datetime, thread_id: str | None = None) -> StoredMessage:
        """Stores a message in this thread, or in a new one named after it."""
        at_ms = int(at.timestamp() * 1000)
        message_id = self._message_id(at_ms)
        message = StoredMessage(message_id, thread_id or message_id, tuple(labels), raw, at_ms, self.history.moved())
        self.messages[message_id] = message
        self.history.record("messagesAdded", message)
        return message

    def remove(self, message_id: str) -> StoredMessage:
        """For good; a draft whose message goes this way is gone too."""
        message = self.message(message_id)
        del self.messages[message_id]
        self.drafts = {draft: held for draft, held in self.drafts.items() if held != message_id}
        self.history.moved()
        self.history.record("messagesDeleted", message)
        return message

    def relabel(self, message_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> StoredMessage:
        before = self.message(message_id)
        gone = set(remove)
        kept = [label for label in before.labels if label not in gone]
        labels = tuple(dict.fromkeys([*kept, *(label for label in add if label not in gone)]))
        if set(labels) == set(before.labels):
            return before
        message = replace(before, labels=labels, history_id=self.history.moved())
        self.messages[message_id] = message
        self.history.record("labelsAdded", message, [label for label in labels if label not in before.labels])
        self.history.record("labelsRemoved", message, [label for label in before.labels if label not in labels])
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
        return self.remove(self.draft_message(draft_id).id)

    # Labels
    def create_label(self, name: str) -> str:
        return self.labels.create({"name": name})

    def delete_label(self, label_id: str) -> None:
        """The label goes, and with it its mark on every message."""
        self.labels.delete(label_id)
        for message in [one for one in self.messages.values() if label_id in one.labels]:
            self.relabel(message.id, remove=[label_id])

    def answered_lately(self, address: str, now: datetime, within: timedelta) -> bool:
        last = self.automatic.get(address)
        return last is not None and now.timestamp() * 1000 - last < within.total_seconds() * 1000

    def _message_id(self, at_ms: int) -> str:
        """16 hex digits that begin with the time, as real ones do."""
        self.minted += 1
        tail = (_signed_hash(self.email) + self.minted * 0x9E371) % (1 << 20)
        return f"{at_ms % (1 << 44):011x}{tail:05x}"

    def dump(self) -> dict[str, Any]:
        messages = [asdict(one) | {"raw": base64.b64encode(one.raw).decode()} for one in self.messages.values()]
        composed = {"messages": messages, "history": self.history.dump(), "labels": asdict(self.labels)}
        return {name: getattr(self, name) for name in _PLAIN} | composed

    @classmethod
    def loaded(cls, data: Mapping[str, Any]) -> "Mailbox":
        messages = {one["id"]: _stored(one) for one in data["messages"]}
        plain = {name: data[name] for name in _PLAIN}
        return cls(**plain, messages=messages, history=History.loaded(data["history"]), labels=LabelBook(**data["labels"]))


_PLAIN = ("email", "drafts", "identities", "vacation", "automatic", "watch", "minted")


def _stored(data: Mapping[str, Any]) -> StoredMessage:
    return StoredMessage(**{**data, "raw": base64.b64decode(data["raw"]), "labels": tuple(data["labels"])})


def _travelling(address: str) -> str:
    """With an international domain as it stands in headers (RFC 3490)."""
    local, at, domain = address.rpartition("@")
    return local + at + domain.encode("idna").decode("ascii")


def is_message_id(value: str) -> bool:
    return bool(value) and len(value) <= 16 and all(char in "0123456789abcdef" for char in value.lower())


def _signed_hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)
