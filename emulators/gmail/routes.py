"""The Gmail emulator: which path leads to which answer, who may open which mailbox, and how mailboxes are seeded."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from werkzeug.wrappers import Request

from emulators.clock import Clock
from emulators.gmail import errors, mime, watching
from emulators.gmail.endpoints import ENDPOINTS, UNITS, UPLOADING
from emulators.gmail.post_office import PostOffice
from emulators.gmail.state import Mailbox, StoredMessage
from emulators.gmail.visit import Visit
from emulators.gmail.watching import Announcer, Publish
from emulators.google_api.front import GoogleApiEmulator, TokenDirectory
from emulators.google_api.quotas import Quota
from emulators.google_api.uploads import Upload

USER = "/gmail/v1/users/<user_id>"
FIELDS = ("from", "to", "cc", "bcc", "subject", "message_id", "in_reply_to", "references", "text", "html", "headers")


class GmailEmulator(GoogleApiEmulator):
    """gmail.googleapis.com for any number of mailboxes."""

    named_status = True
    most_in_a_batch = 100  # https://developers.google.com/workspace/gmail/api/guides/batch
    most_bytes = 36_700_160  # drafts and messages alike: the mediaUpload.maxSize of the discovery document

    def __init__(self, clock: Clock, *, oauth2: TokenDirectory | None = None, publish: Publish | None = None) -> None:
        """`publish` takes notifications of watched mailboxes to Pub/Sub; without it watch is refused."""
        self.office = PostOffice()
        routes = [*self.behind(USER, ENDPOINTS), *self.behind(USER, UPLOADING, uploading=True)]
        super().__init__("gmail", clock, routes, oauth2=oauth2, quota=Quota(UNITS))
        self.announcer = Announcer(self.faults, publish)
        self.faults.know([watching.ROUTE], watching.KINDS)

    @property
    def mailboxes(self) -> dict[str, Mailbox]:
        return self.office.mailboxes

    def mailbox(
        self, email: str, *, name: str = "", signature: str = "", aliases: Iterable[Mapping[str, Any]] = (), labels: Iterable[str] = ()
    ) -> Mailbox:
        """Opens a mailbox with its identities (aliases are SendAs resources) and user labels; answers an existing one as it is."""
        email = email.lower()
        with self.lock:
            if email not in self.mailboxes:
                box = Mailbox(email, identities=[_primary(email, name, signature), *(_alias(one) for one in aliases)])
                for label in labels:
                    box.create_label(label)
                self.mailboxes[email] = box
            return self.mailboxes[email]

    def deliver(
        self, email: str, message: bytes | Mapping[str, Any], *, labels: Iterable[str] | None = None, at: datetime | None = None
    ) -> StoredMessage:
        """Puts a message (RFC 5322 bytes, or fields) into a mailbox, into the thread it continues. Labels default by direction."""
        with self.lock:
            box, moment = self.mailbox(email), at or self.clock.now()
            raw = message if isinstance(message, bytes) else _composed(message, moment)
            stored = box.add(raw, labels=_labels(box, raw) if labels is None else labels, at=moment, thread_id=box.thread_of_arrival(raw))
            self.office.answer_automatically(box, stored, moment)
            self.announcer.announce(self.mailboxes.values(), self.clock.now())
            return stored

    def bounce(self, address: str, *, status: str = "5.1.1") -> None:
        """From now on mail to this address comes back with this enhanced status (RFC 3463): 5.x.x failed, 4.x.x delayed."""
        with self.lock:
            self.office.refused[address.lower()] = status

    def forget_history(self, email: str) -> None:
        """As if a week had gone by: history ids of before now answer 404."""
        with self.lock:
            self.mailboxes[email.lower()].history.forget()

    def seed(self, data: Mapping[str, Any]) -> None:
        """`{"mailboxes": [{"email", "name"?, "signature"?, "aliases"?, "labels"?, "messages"?: [fields + "at"?, "labels"?]}]}`."""
        for entry in data.get("mailboxes", []):
            options = {key: value for key, value in entry.items() if key not in ("email", "messages")}
            self.mailbox(entry["email"], **options)
            for message in entry.get("messages", []):
                at = datetime.fromisoformat(message["at"]) if message.get("at") else None
                fields = {key: value for key, value in message.items() if key not in ("at", "labels")}
                self.deliver(entry["email"], fields, labels=message.get("labels"), at=at)

    def reset(self) -> None:
        self.office.mailboxes, self.office.refused = {}, {}
        self.announcer.reset()

    def dump(self) -> dict[str, Any]:
        return {"mailboxes": [box.dump() for box in self.mailboxes.values()], "refused": self.office.refused}

    def load(self, data: Mapping[str, Any]) -> None:
        boxes = [Mailbox.loaded(entry) for entry in data.get("mailboxes", [])]
        self.office.mailboxes = {box.email: box for box in boxes}
        self.office.refused = dict(data.get("refused", {}))

    def entered(self, caller: str, request: Request, upload: Upload | None, values: Mapping[str, str]) -> tuple[Visit, dict[str, str]]:
        rest = dict(values)
        box = self._own_mailbox(caller.lower(), rest.pop("user_id"))
        return Visit(box, self.office, self.announcer, request, self.clock.now(), upload), rest

    def left(self, visit: Visit) -> None:
        self.announcer.announce(self.mailboxes.values(), visit.now)

    def _own_mailbox(self, caller: str, user_id: str) -> Mailbox:
        if user_id != "me" and user_id.lower() != caller:
            raise errors.delegation_denied(caller)
        if caller not in self.mailboxes:
            raise errors.mail_service_not_enabled()
        return self.mailboxes[caller]


def _primary(email: str, name: str, signature: str) -> dict[str, Any]:
    flags = {"isPrimary": True, "isDefault": True}
    return {"sendAsEmail": email, "displayName": name, "replyToAddress": "", "signature": signature, **flags}


def _alias(resource: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {"displayName": "", "replyToAddress": "", "signature": "", "isDefault": False}
    return {**defaults, "treatAsAlias": True, "verificationStatus": "accepted", **resource}


def _labels(box: Mailbox, raw: bytes) -> list[str]:
    from_owner = set(mime.addresses(mime.parsed(raw), "From")) & set(box.names_by_address())
    return ["SENT"] if from_owner else ["INBOX", "UNREAD"]


def _composed(fields: Mapping[str, Any], at: datetime) -> bytes:
    """A message from plain fields; `headers` adds any others."""
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"not a field of a seeded message: {', '.join(sorted(unknown))}")
    message = EmailMessage(policy=policy.SMTP)
    for name in ("from", "to", "cc", "bcc", "subject", "message_id", "in_reply_to", "references"):
        if fields.get(name):
            message[name.title().replace("_", "-").replace("Message-Id", "Message-ID")] = fields[name]
    message["Date"] = format_datetime(at)
    for name, value in fields.get("headers", {}).items():
        message[name] = value
    message.set_content(fields.get("text", ""))
    if fields.get("html"):
        message.add_alternative(fields["html"], subtype="html")
    return message.as_bytes()
