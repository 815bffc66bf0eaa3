"""What becomes of an accepted mail, and what its readers do with it: events for the webhooks, entries in the suppression lists."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from emulators.clock import Clock
from emulators.sendgrid.checks import recipients
from emulators.sendgrid.sending import Batches
from emulators.sendgrid.state import Account, Row

SETTING_OF = {"spamreport": "spam_report"}
"""Where the name of an event and of the setting that switches it on differ."""

FATES = ("delivered", "bounce", "blocked", "deferred", "dropped")
READER_EVENTS = ("open", "click", "spamreport", "unsubscribe", "group_unsubscribe", "group_resubscribe")
AGENT = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
BOUNCE = "550 5.1.1 The email account that you tried to reach does not exist"
BLOCK = "421 4.7.0 The message was blocked by the recipient's policy"
DEFERRAL = "451 4.7.1 Greylisted, please try again later"


class Happenings:
    def __init__(self, account: Account, batches: Batches, clock: Clock) -> None:
        self.account, self.batches, self.clock = account, batches, clock

    def accepted(self, message_id: str, mail: Row) -> None:
        """Every recipient's mail is processed and meets its fate, at the moment it is scheduled for."""
        for row in mail["personalizations"]:
            send_at = row.get("send_at") or mail.get("send_at")
            at = max(datetime.fromtimestamp(send_at, UTC), self.clock.now()) if send_at else self.clock.now()
            for email in recipients(row):
                self._meet_fate(message_id, mail, row, email, at)

    def read(self, event: str, *, message_id: str, email: str, url: str = "", group_id: int | None = None) -> None:
        """A reader opens, clicks, complains or unsubscribes; KeyError for a mail this address did not get."""
        if event not in READER_EVENTS:
            raise ValueError(f"{event!r} is not one of {', '.join(READER_EVENTS)}")
        mail, now, address = self.account.mails[message_id], self.clock.now(), email.lower()
        row = next((one for one in mail["personalizations"] if address in recipients(one)), None)
        if row is None:
            raise KeyError(email)
        group = group_id or (mail.get("asm") or {}).get("group_id")
        more: Row = {"useragent": AGENT, "ip": "192.0.2.7"} if event in ("open", "click") else {}
        more |= {"url": url, "url_offset": {"index": 0, "type": "html"}} if event == "click" else {}
        more |= {"sg_machine_open": False} if event == "open" else {}
        self._remember(event, address, str(group or ""), now)
        about = {"asm_group_id": group} if group else {}
        self._tell(event, message_id, mail, row, address, now, {**more, **about})

    def _remember(self, event: str, email: str, group: str, now: datetime) -> None:
        if event == "spamreport":
            self.account.suppress("spam_reports", email, now, ip="192.0.2.7")
        elif event == "unsubscribe":
            self.account.suppress("unsubscribes", email, now)
        elif event == "group_unsubscribe":
            self.account.members.setdefault(group, {})[email] = int(now.timestamp())
        elif event == "group_resubscribe":
            self.account.members.get(group, {}).pop(email, None)

    def _meet_fate(self, message_id: str, mail: Row, row: Row, email: str, at: datetime) -> None:
        def tell(event: str, after: timedelta, **more: Any) -> None:
            self._tell(event, message_id, mail, row, email, at + after, more)

        smtp, second = f"<{message_id}@emulated.sendgrid.example>", timedelta(seconds=1)
        reason = self.account.why_dropped(email, mail)
        if reason is not None:
            tell("dropped", timedelta(0), reason=reason, **{"smtp-id": smtp})
            return
        fate = self.account.fate(email)
        tell("processed", timedelta(0), **{"smtp-id": smtp})
        for attempt in range(int(fate.get("deferrals", 1 if fate["event"] == "deferred" else 0))):
            tell("deferred", second * (attempt + 1), response=DEFERRAL, attempt=str(attempt + 1), **{"smtp-id": smtp})
        later = second * (1 + int(fate.get("deferrals", fate["event"] == "deferred")))
        if fate["event"] == "bounce":
            told = fate.get("reason") or BOUNCE
            self.account.suppress("bounces", email, at + later, reason=told, status="5.1.1")
            tell("bounce", later, type="bounce", reason=told, status="5.1.1", bounce_classification="Invalid Address", tls=1)
        elif fate["event"] == "blocked":
            told = fate.get("reason") or BLOCK
            self.account.suppress("blocks", email, at + later, reason=told, status="4.7.0")
            tell("bounce", later, type="blocked", reason=told, status="4.7.0", bounce_classification="Reputation", tls=1)
        elif fate["event"] == "dropped":
            tell("dropped", later, reason=fate.get("reason") or "Invalid SMTPAPI header", **{"smtp-id": smtp})
        else:
            tell("delivered", later, response="250 2.0.0 OK", tls=1, **{"smtp-id": smtp})

    def _tell(
        self,
        event: str,
        message_id: str,
        mail: Mapping[str, Any],
        row: Mapping[str, Any],
        email: str,
        at: datetime,
        more: Mapping[str, Any],
    ) -> None:
        """Custom arguments become keys of the event itself, those of the personalization before those of the mail."""
        number = self.account.next_number()
        event_id = hashlib.sha256(f"{message_id}/{event}/{number}".encode()).hexdigest()[:22]
        body: Row = {
            **(mail.get("custom_args") or {}), **(row.get("custom_args") or {}), "email": email, "timestamp": int(at.timestamp()),
            "event": event, "sg_event_id": event_id, "sg_message_id": f"{message_id}.recvd-emulated-1.0", **more,
        }  # fmt: skip
        if mail.get("categories"):
            body["category"] = list(mail["categories"])
        with self.clock.changed:
            for hook in self.account.hooks.values():
                if hook["enabled"] and hook.get(SETTING_OF.get(event, event)):
                    self.batches.add(hook, body, at)
