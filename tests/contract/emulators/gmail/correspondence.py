"""Mail between Maria, whose mailbox is emulated, and Ana; used by the tests of the Gmail emulator."""

import base64
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from googleapiclient.errors import HttpError

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MARIA, ANA = "maria@northwind.example", "ana@brightleaf.example"


def raw(subject: str = "Summit", *, to: str | None = ANA, answers: str = "", text: str = "Hello Ana", **headers: str) -> str:
    message = EmailMessage()
    for name, value in {"From": MARIA, "To": to, "Subject": subject, "In-Reply-To": answers, "References": answers, **headers}.items():
        if value:
            message[name] = value
    message.set_content(text)
    return base64.urlsafe_b64encode(message.as_bytes()).decode().rstrip("=")


def from_ana(**changes: Any) -> dict[str, Any]:
    usual = {
        "from": f"Ana Silva <{ANA}>",
        "to": MARIA,
        "subject": "Summit",
        "message_id": "<a1@brightleaf.example>",
        "text": "Prices for 400?",
    }
    return {**usual, **changes}


def refusal(call: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as caught:
        call.execute()
    return caught.value.status_code, caught.value.error_details[0]["reason"]


def found(users: Any, query: str, **options: Any) -> set[str]:
    """Subjects of what a search finds."""
    listed = users.messages().list(userId="me", q=query, **options).execute().get("messages", [])
    full = [users.messages().get(userId="me", id=one["id"], format="metadata", metadataHeaders=["Subject"]).execute() for one in listed]
    return {one["payload"]["headers"][0]["value"] for one in full}


def headers(users: Any, message_id: str) -> dict[str, str]:
    """A message's headers by name."""
    return {one["name"]: one["value"] for one in users.messages().get(userId="me", id=message_id).execute()["payload"]["headers"]}
