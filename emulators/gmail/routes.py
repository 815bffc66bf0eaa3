"""The Gmail emulator: which path leads to which answer, who may open which mailbox, and how mailboxes are seeded."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.gmail import draft_responses as drafts
from emulators.gmail import errors, mime, responses
from emulators.gmail import setting_responses as settings
from emulators.gmail.state import Mailbox, StoredMessage
from emulators.gmail.visit import Visit
from emulators.oauth2.google_api import GoogleApiEmulator, TokenDirectory
from emulators.service import Route

USER = "/gmail/v1/users/<user_id>"
FIELDS = ("from", "to", "cc", "bcc", "subject", "message_id", "in_reply_to", "references", "text", "html", "headers")


class GmailEmulator(GoogleApiEmulator):
    """gmail.googleapis.com for any number of mailboxes."""

    named_status = True

    def __init__(self, clock: Clock, *, oauth2: TokenDirectory | None = None) -> None:
        self.mailboxes: dict[str, Mailbox] = {}
        super().__init__("gmail", clock, self._routes(), oauth2=oauth2)

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
            thread_id = box.thread_of_arrival(raw)
            return box.add(raw, labels=_labels(box, raw) if labels is None else labels, at=moment, thread_id=thread_id)

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
        self.mailboxes = {}

    def dump(self) -> dict[str, Any]:
        return {"mailboxes": [box.dump() for box in self.mailboxes.values()]}

    def load(self, data: Mapping[str, Any]) -> None:
        boxes = [Mailbox.loaded(entry) for entry in data.get("mailboxes", [])]
        self.mailboxes = {box.email: box for box in boxes}

    def _routes(self) -> list[Route]:
        table: list[tuple[str, str, Callable[..., Response], str]] = [
            ("GET", "/profile", responses.profile, "getProfile"),
            ("GET", "/messages", responses.list_messages, "messages.list"),
            ("GET", "/messages/<message_id>", responses.get_message, "messages.get"),
            ("POST", "/messages/send", drafts.send_message, "messages.send"),
            ("POST", "/messages/<message_id>/modify", responses.modify_message, "messages.modify"),
            ("POST", "/messages/<message_id>/trash", responses.trash_message, "messages.trash"),
            ("POST", "/messages/<message_id>/untrash", responses.untrash_message, "messages.untrash"),
            ("GET", "/messages/<message_id>/attachments/<attachment_id>", responses.get_attachment, "messages.attachments.get"),
            ("GET", "/threads", responses.list_threads, "threads.list"),
            ("GET", "/threads/<thread_id>", responses.get_thread, "threads.get"),
            ("GET", "/history", responses.list_history, "history.list"),
            ("POST", "/drafts", drafts.create_draft, "drafts.create"),
            ("GET", "/drafts", drafts.list_drafts, "drafts.list"),
            ("POST", "/drafts/send", drafts.send_draft, "drafts.send"),
            ("GET", "/drafts/<draft_id>", drafts.get_draft, "drafts.get"),
            ("PUT", "/drafts/<draft_id>", drafts.update_draft, "drafts.update"),
            ("DELETE", "/drafts/<draft_id>", drafts.delete_draft, "drafts.delete"),
            ("GET", "/labels", settings.list_labels, "labels.list"),
            ("POST", "/labels", settings.create_label, "labels.create"),
            ("GET", "/labels/<label_id>", settings.get_label, "labels.get"),
            ("GET", "/settings/sendAs", settings.list_send_as, "settings.sendAs.list"),
            ("GET", "/settings/sendAs/<address>", settings.get_send_as, "settings.sendAs.get"),
        ]
        return [Route(method, USER + path, self._opened(handler), name) for method, path, handler, name in table]

    def _opened(self, handler: Callable[..., Response]) -> Callable[..., Response]:
        """The handler behind the door: it is given a visit to the caller's own mailbox."""

        def handle(request: Request, user_id: str, **values: str) -> Response:
            visit = Visit(self._own_mailbox(request, user_id), self.mailboxes, request, self.clock.now())
            return handler(visit, **values)

        return handle

    def _own_mailbox(self, request: Request, user_id: str) -> Mailbox:
        caller = self.caller(request).lower()
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
