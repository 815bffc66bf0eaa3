"""What a mail server knows: who may sign in, whom it refuses, and the mails it has taken. Pure state, under the emulator's lock."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class TakenMail:
    """`raw` is the message as it came, without the dots that carried it."""

    id: str
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    signed_in: str
    raw: bytes

    def to_json(self) -> dict[str, Any]:
        told = {"id": self.id, "at": self.at.isoformat(), "sender": self.sender, "recipients": list(self.recipients)}
        return {**told, "signed_in": self.signed_in, "raw": base64.b64encode(self.raw).decode()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "TakenMail":
        at, raw = datetime.fromisoformat(data["at"]), base64.b64decode(data["raw"])
        return cls(data["id"], at, data["sender"], tuple(data["recipients"]), data["signed_in"], raw)


class MailHost:
    """`accounts` maps user names to passwords; `refused` maps addresses, in lower case, to the answer RCPT TO gets."""

    def __init__(self, accounts: Mapping[str, str]) -> None:
        self.accounts, self.refused = dict(accounts), dict[str, str]()
        self.mails: list[TakenMail] = []
        self.taken = 0

    def take(self, sender: str, recipients: tuple[str, ...], raw: bytes, *, signed_in: str, at: datetime) -> TakenMail:
        self.taken += 1
        mail = TakenMail(f"Q{self.taken:06d}", at, sender, recipients, signed_in, raw)
        self.mails.append(mail)
        return mail

    def dump(self) -> dict[str, Any]:
        mails = [one.to_json() for one in self.mails]
        return {"accounts": self.accounts, "refused": self.refused, "taken": self.taken, "mails": mails}

    def load(self, data: Mapping[str, Any]) -> None:
        self.accounts, self.refused, self.taken = dict(data["accounts"]), dict(data["refused"]), int(data["taken"])
        self.mails = [TakenMail.from_json(one) for one in data["mails"]]
