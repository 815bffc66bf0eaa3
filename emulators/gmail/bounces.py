"""Delivery status notifications as Gmail's mailer daemon writes them (RFC 3464)."""

from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import format_datetime

from emulators.gmail import mime

DAEMON = "Mail Delivery Subsystem <mailer-daemon@googlemail.com>"
REASONS = {
    "5.1.1": "The email account that you tried to reach does not exist.",
    "5.2.1": "The email account that you tried to reach is disabled.",
    "5.2.2": "The email account that you tried to reach is over quota.",
    "4.2.2": "The recipient's inbox is out of storage space.",
    "4.4.1": "The recipient server did not accept our requests to connect.",
}
"""Enhanced status codes (RFC 3463) with the sentences of https://support.google.com/a/answer/3726730."""


def notification(original: mime.Mime, *, address: str, status: str, sender: str, now: datetime) -> bytes:
    """The whole message for the sender: an explanation, the machine-readable report, the headers of what was sent."""
    failed = status.startswith("5")
    reference = mime.header(original, "Message-ID").strip()
    whole = EmailMessage(policy=policy.SMTP)
    whole["From"], whole["To"] = DAEMON, sender
    whole["Subject"] = f"Delivery Status Notification ({'Failure' if failed else 'Delay'})"
    whole["Date"] = format_datetime(now)
    whole["Message-ID"] = f"<dsn-{now.timestamp():.0f}-{abs(hash_of(address, reference))}@google.com>"
    whole["Auto-Submitted"], whole["X-Failed-Recipients"] = "auto-replied", address
    if reference:
        whole["In-Reply-To"] = whole["References"] = reference
    whole.set_type("multipart/report")
    whole.set_param("report-type", "delivery-status")
    whole.set_payload([_explanation(address, status), _report(address, status, now), _returned(original)])
    return whole.as_bytes()


def hash_of(*texts: str) -> int:
    """A number that follows from the texts alone, run after run."""
    return int.from_bytes("/".join(texts).encode()[-6:], "big")


def _explanation(address: str, status: str) -> EmailMessage:
    part = EmailMessage(policy=policy.SMTP)
    done = "couldn't be delivered" if status.startswith("5") else "has not been delivered yet"
    part.set_content(
        f"** Address not found **\n\nYour message to {address} {done}.\n\n{status} {REASONS.get(status, 'Delivery failed.')}\n"
    )
    return part


def _report(address: str, status: str, now: datetime) -> Message:
    action = "failed" if status.startswith("5") else "delayed"
    fields = (
        f"Reporting-MTA: dns; googlemail.com\r\nArrival-Date: {format_datetime(now)}\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {'550' if action == 'failed' else '452'}-{status} {REASONS.get(status, 'Delivery failed.')}\r\n"
    )
    return message_from_bytes(f"Content-Type: message/delivery-status\r\n\r\n{fields}".encode(), policy=policy.SMTP)


def _returned(original: mime.Mime) -> Message:
    head = "".join(f"{name}: {value}\n" for name, value in original.items())
    return message_from_bytes(f"Content-Type: text/rfc822-headers\n\n{head}".encode(), policy=policy.SMTP)
