"""Mail on its way: to the mailboxes emulated here, back to the sender when nobody takes it, and the answers of those on holiday."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from emulators.gmail import bounces, mime
from emulators.gmail.state import Mailbox, StoredMessage

ARRIVED = ("INBOX", "UNREAD")
BETWEEN_REPLIES = timedelta(days=4)  # https://support.google.com/mail/answer/25922: the same person is answered again after four days
AUTOMATIC = ("auto-generated", "auto-replied")


@dataclass
class PostOffice:
    """`refused` maps addresses to the enhanced status they bounce with; `returns_unknown` bounces every address without a mailbox."""

    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    returns_unknown: bool = False

    def send(self, sender: Mailbox, message: StoredMessage, now: datetime) -> None:
        """Recipients whose mailboxes are emulated too receive the message at once; an address in two headers receives it once."""
        for address in dict.fromkeys(mime.addresses(message.mime, "To", "Cc", "Bcc")):
            box = self.mailboxes.get(address)
            status = self.refused.get(address) or ("5.1.1" if box is None and self.returns_unknown else "")
            if status:
                returned = bounces.notification(message.mime, address=address, status=status, sender=sender.email, now=now)
                sender.add(returned, labels=ARRIVED, at=now, thread_id=message.thread_id)
            elif box is sender:
                box.relabel(message.id, add=ARRIVED)
            elif box is not None:
                self.arrive(box, mime.without_bcc(message.raw), now)

    def arrive(self, box: Mailbox, raw: bytes, now: datetime) -> StoredMessage:
        """One message comes in: into the thread it continues, and to the vacation responder."""
        stored = box.add(raw, labels=ARRIVED, at=now, thread_id=box.thread_of_arrival(raw))
        self.answer_automatically(box, stored, now)
        return stored

    def answer_automatically(self, box: Mailbox, stored: StoredMessage, now: datetime) -> None:
        """Sends the vacation answer to a person who writes (again) while it is switched on."""
        senders = mime.addresses(stored.mime, "From")
        if (
            not senders
            or not _away(box.vacation, now)
            or _from_a_machine(stored.mime)
            or box.answered_lately(senders[0], now, BETWEEN_REPLIES)
        ):
            return
        box.automatic[senders[0]] = int(now.timestamp() * 1000)
        author = self.mailboxes.get(senders[0])
        if author is not None and author is not box:
            self.arrive(author, _absence(box, stored.mime, to=senders[0], now=now), now)


def _away(vacation: Mapping[str, object], now: datetime) -> bool:
    at_ms = now.timestamp() * 1000
    start, end = (int(str(vacation.get(name) or default)) for name, default in (("startTime", "0"), ("endTime", str(1 << 62))))
    return bool(vacation.get("enableAutoReply")) and start <= at_ms < end


def _from_a_machine(mail: mime.Mime) -> bool:
    bulk = mime.header(mail, "Precedence").lower() in ("bulk", "list", "junk") or bool(mime.header(mail, "List-Id"))
    return bulk or mime.header(mail, "Auto-Submitted").lower().startswith(AUTOMATIC) or "mailer-daemon" in mime.header(mail, "From").lower()


def _absence(box: Mailbox, received: mime.Mime, *, to: str, now: datetime) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    reference = mime.header(received, "Message-ID").strip()
    message["From"], message["To"] = box.email, to
    message["Subject"] = f"{box.vacation.get('responseSubject', '')} Re: {mime.header(received, 'Subject')}".strip()
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<vacation-{now.timestamp():.0f}-{len(box.automatic)}@mail.gmail.com>"
    if reference:
        message["In-Reply-To"] = message["References"] = reference
    message["Auto-Submitted"], message["Precedence"], message["X-Autoreply"] = "auto-replied", "bulk", "yes"
    message.set_content(str(box.vacation.get("responseBodyPlainText", "")))
    return message.as_bytes()
