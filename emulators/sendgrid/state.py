"""An account: mails, suppressions, groups, senders, domains and webhooks. Pure state, written by the handlers and by seeds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from emulators.sendgrid.errors import too_many

LISTS = ("bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes")
REASONS = {
    "bounces": "Bounced Address",
    "spam_reports": "Spam Reporting Address",
    "invalid_emails": "Invalid",
    "unsubscribes": "Unsubscribed Address",
}
"""Why a mail to somebody on a list is dropped; blocks are told of but do not stop the next mail."""

BYPASSES = {
    "bounces": "bypass_bounce_management",
    "spam_reports": "bypass_spam_management",
    "unsubscribes": "bypass_unsubscribe_management",
}
SENDER = ("nickname", "from_email", "from_name", "reply_to", "reply_to_name", "address", "address2", "state", "city", "zip", "country")
"""What a verified sender is described by."""

SEEDED: dict[str, dict[str, str]] = {
    "bounces": {"reason": "550 5.1.1 The address does not exist", "status": "5.1.1"},
    "blocks": {"reason": "421 4.7.0 Blocked", "status": "4.7.0"},
    "spam_reports": {"ip": "192.0.2.7"},
    "invalid_emails": {"reason": "Mail domain mentioned in email address is unknown"},
    "unsubscribes": {},
}

Row = dict[str, Any]


class Account:
    """Every method expects the emulator's lock to be held."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.mails: dict[str, Row] = {}
        self.lists: dict[str, dict[str, Row]] = {name: {} for name in LISTS}
        self.groups: dict[str, Row] = {}
        self.members: dict[str, dict[str, int]] = {}
        self.senders: dict[str, Row] = {}
        self.domains: dict[str, Row] = {}
        self.hooks: dict[str, Row] = {}
        self.fates: list[Row] = []
        self.requests_per_minute: int | None = None
        self.calls: list[str] = []
        self.count = 0

    def next_number(self) -> int:
        self.count += 1
        return self.count

    def admit(self, now: datetime) -> dict[str, str]:
        """The rate headers; raises SendGridError (429) when a limit is set and reached."""
        if self.requests_per_minute is None:
            return {}
        self.calls = [at for at in self.calls if now - datetime.fromisoformat(at) < timedelta(minutes=1)]
        oldest = datetime.fromisoformat(self.calls[0]) if self.calls else now
        reset = int((oldest + timedelta(minutes=1)).timestamp())
        if len(self.calls) >= self.requests_per_minute:
            raise too_many(reset)
        self.calls.append(now.isoformat())
        left = self.requests_per_minute - len(self.calls)
        names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
        return dict(zip(names, map(str, (self.requests_per_minute, left, reset)), strict=True))

    def may_send_from(self, email: str) -> bool:
        """A verified sender, or an address of an authenticated domain."""
        address = email.lower()
        verified = any(row["from_email"].lower() == address and row["verified"] for row in self.senders.values())
        return verified or any(row["domain"].lower() == address.rpartition("@")[2] and row["valid"] for row in self.domains.values())

    def suppress(self, name: str, email: str, now: datetime, **more: str) -> None:
        self.lists[name][email] = {"created": int(now.timestamp()), "email": email, **more}

    def why_dropped(self, email: str, mail: Mapping[str, Any]) -> str | None:
        """The reason this mail does not even leave, unless its settings bypass the lists."""
        settings = mail.get("mail_settings") or {}
        bypassed = {key for key, value in settings.items() if key.startswith("bypass") and (value or {}).get("enable")}
        if "bypass_list_management" in bypassed:
            return None
        for name, reason in REASONS.items():
            if email in self.lists[name] and BYPASSES.get(name) not in bypassed:
                return reason
        group_id = str((mail.get("asm") or {}).get("group_id", ""))
        return REASONS["unsubscribes"] if email in self.members.get(group_id, {}) else None

    def fate(self, email: str) -> Row:
        """What happens to a mail to this address: the first prepared fate that matches, counted as used; else it is delivered."""
        for row in self.fates:
            if row["times"] != 0 and fnmatchcase(email, row["match"]):
                row["times"] = None if row["times"] is None else row["times"] - 1
                return row
        return {"event": "delivered"}

    def seed(self, data: Mapping[str, Any], now: datetime) -> None:
        """`{"senders": ["a@x.example"], "domains": ["x.example"], "groups": ["News"], "bounces": [...], ...}`."""
        for email in data.get("senders", ()):
            self.add_sender({"from_email": email, "nickname": email, "reply_to": email}, verified=True)
        for domain in data.get("domains", ()):
            number = self.next_number()
            self.domains[str(number)] = domain_row(number, domain)
        for name in data.get("groups", ()):
            self.add_group({"name": name, "description": name})
        for name in LISTS:
            for email in data.get(name, ()):
                self.suppress(name, email.lower(), now, **SEEDED[name])

    def add_sender(self, given: Mapping[str, Any], *, verified: bool) -> Row:
        number = self.next_number()
        blank: Row = dict.fromkeys(SENDER, "")
        self.senders[str(number)] = {**blank, **given, "id": number, "verified": verified, "locked": False}
        return self.senders[str(number)]

    def add_group(self, given: Mapping[str, Any]) -> Row:
        number = self.next_number()
        self.groups[str(number)] = {"id": number, "is_default": False, "description": "", **given, "unsubscribes": 0}
        return self.groups[str(number)]

    def dump(self) -> dict[str, Any]:
        return dict(vars(self))

    def load(self, data: Mapping[str, Any]) -> None:
        for name in list(vars(self)):
            setattr(self, name, data[name])


def domain_row(number: int, domain: str) -> Row:
    records = {
        "mail_cname": ("em", "u.wl.sendgrid.example"), "dkim1": ("s1._domainkey", "s1.domainkey.u.wl.sendgrid.example"),
        "dkim2": ("s2._domainkey", "s2.domainkey.u.wl.sendgrid.example"),
    }  # fmt: skip
    dns = {name: {"valid": True, "type": "cname", "host": f"{host}.{domain}", "data": data} for name, (host, data) in records.items()}
    return {
        "id": number, "user_id": 1, "subdomain": "em", "domain": domain, "username": "emulated", "ips": [], "custom_spf": False,
        "default": number == 1, "legacy": False, "automatic_security": True, "valid": True, "dns": dns,
    }  # fmt: skip
