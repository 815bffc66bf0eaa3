"""A workflow webhook with a customised body: the keys are what somebody typed into HubSpot. Used by webhooks."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from shared.domain.hints import HintSource, ParsedHint
from shared.ports.errors import Rejected

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST_MS = 4_102_444_800_000  # the year 2100
LONGEST = 320
NAMES = {
    "contact_id": ("hsobjectid", "contactid", "recordid", "objectid", "vid"),
    "email": ("email", "contactemail", "emailaddress"),
    "portal_id": ("portalid", "hubid"),
    "form_id": ("formid", "formguid"),
    "submitted_at": ("submittedat",),
    "occurred_at": ("occurredat", "recentconversiondate"),
}
"""Spellings of each part, without case and punctuation: `Contact ID`, `contact_id` and `contactId` are one."""
T = TypeVar("T")


def customised_hint(data: Mapping[str, Any], *, delivery_key: str) -> ParsedHint:
    """Raises Rejected naming the key as it was typed, or telling that nobody is identified."""
    contact_id = _part(data, "contact_id", _record_id) or ""
    email = _part(data, "email", _email) or ""
    if not contact_id and not email:
        raise _rejected("neither an e-mail address nor a record id says who this is about", "email")
    return ParsedHint(
        source=HintSource.WORKFLOW,
        portal_id=_part(data, "portal_id", _record_id) or "",
        contact_id=contact_id,
        email=email,
        form_id=_part(data, "form_id", _text) or "",
        submitted_at=_part(data, "submitted_at", _moment),
        occurred_at=_part(data, "occurred_at", _moment),
        event_key=delivery_key,
    )


def moment(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


def _part(data: Mapping[str, Any], name: str, read: Callable[[Any], T]) -> T | None:
    """The first key that means this part and has a value; unset properties arrive as null or empty."""
    for key, value in data.items():
        if value in (None, "") or re.sub(r"[^a-z0-9]", "", key.lower()) not in NAMES[name]:
            continue
        try:
            return read(value)
        except ValueError as error:
            raise _rejected(str(error), key[:80]) from error
    return None


def _record_id(value: Any) -> str:
    """Record ids arrive as JSON numbers."""
    text = str(value).strip() if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[1-9][0-9]{0,18}", text):
        raise ValueError("expected a record id")
    return text


def _email(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text) or not text.isprintable():
        raise ValueError("expected an e-mail address")
    return text.lower()


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError(f"expected text of at most {LONGEST} characters")
    return value.strip()


def _moment(value: Any) -> datetime:
    """Milliseconds since 1970 as a number or in digits, or ISO 8601."""
    text = str(value).strip() if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    if re.fullmatch(r"[0-9]{12,13}", text) and int(text) <= LATEST_MS:
        return moment(int(text))
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("expected milliseconds since 1970 or an ISO 8601 moment") from None
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    if not EPOCH <= aware <= moment(LATEST_MS):  # near the ends of the calendar no window around it could be reckoned
        raise ValueError("expected a moment between 1970 and 2100")
    return aware


def _rejected(detail: str, field: str) -> Rejected:
    return Rejected(f"{field}: {detail}", field=field, source="hubspot")
