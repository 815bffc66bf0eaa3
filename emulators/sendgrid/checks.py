"""What SendGrid checks of a mail before it accepts it; see the v3 Mail Send reference for the limits."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from emulators.sendgrid.errors import Fault, SendGridError

EMAIL = re.compile(r"[^@\s<>,;\"()\[\]]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
MOST_PERSONALIZATIONS, MOST_RECIPIENTS, MOST_CATEGORIES, LONGEST_CATEGORY, MOST_ARGS = 1000, 1000, 10, 255, 10_000
LATEST = timedelta(hours=72)
NO_FROM = "The from object must be provided for every email send. It is an object that requires the email parameter."
NO_SUBJECT = "The subject is required. You can get around this requirement if you use a template with a subject defined."
NO_CONTENT = "Unless a valid template_id is provided, the content parameter is required. There must be at least one defined content block."
RESERVED = {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from", "subject",
            "reply-to", "cc", "bcc"}  # fmt: skip


def check_mail(body: Mapping[str, Any], now: datetime) -> None:
    """Raises SendGridError (400) that tells every fault."""
    faults = list(_faults(body, now))
    if faults:
        raise SendGridError(400, faults)


def recipients(personalization: Mapping[str, Any]) -> list[str]:
    """Everybody it goes to, in lower case."""
    return [str(one.get("email", "")).lower() for kind in ("to", "cc", "bcc") for one in personalization.get(kind) or ()]


def _faults(body: Mapping[str, Any], now: datetime) -> Iterator[Fault]:
    sender = body.get("from")
    if not isinstance(sender, Mapping) or not sender.get("email"):
        yield NO_FROM, "from.email"
    elif not EMAIL.fullmatch(str(sender["email"])):
        yield "The from email does not contain a valid address.", "from.email"
    rows = body.get("personalizations")
    if not isinstance(rows, list) or not rows:
        yield "The personalizations field is required and must have at least one personalization.", "personalizations"
        return
    if len(rows) > MOST_PERSONALIZATIONS:
        yield f"There is a limit of {MOST_PERSONALIZATIONS} personalizations in each request", "personalizations"
    for index, row in enumerate(rows):
        yield from _personalization_faults(row, f"personalizations.{index}")
    templated = str(body.get("template_id", "")).startswith("d-")
    if not templated and not body.get("subject") and not all(row.get("subject") for row in rows if isinstance(row, Mapping)):
        yield NO_SUBJECT, "subject"
    yield from _content_faults(body, templated=templated)
    yield from _extra_faults(body, now)


def _personalization_faults(row: Any, field: str) -> Iterator[Fault]:
    if not isinstance(row, Mapping) or not isinstance(row.get("to"), list) or not row["to"]:
        yield "The to array is required for all personalization objects, and must have at least one email object.", f"{field}.to"
        return
    for kind in ("to", "cc", "bcc"):
        for index, one in enumerate(row.get(kind) or ()):
            if not isinstance(one, Mapping) or not EMAIL.fullmatch(str(one.get("email", ""))):
                yield "Does not contain a valid address.", f"{field}.{kind}.{index}.email"
    everybody = recipients(row)
    if len(everybody) > MOST_RECIPIENTS:
        yield f"A personalization goes to at most {MOST_RECIPIENTS} recipients", field
    twice = next((one for one in everybody if everybody.count(one) > 1), None)
    if twice is not None:
        yield f"Each email address in the personalization block should be unique between to, cc, and bcc. We found [{twice}] twice.", field


def _content_faults(body: Mapping[str, Any], *, templated: bool) -> Iterator[Fault]:
    content = body.get("content")
    if not content:
        if not templated:
            yield NO_CONTENT, "content"
        return
    yield from _empty(content, ("value", "type"), "content")
    kinds = [str(one.get("type", "")) for one in content]
    if "text/plain" in kinds and kinds[0] != "text/plain":
        yield "If present, text/plain and text/html may only be provided once, in this order, before any other type.", "content"
    yield from _empty(body.get("attachments") or (), ("content", "filename"), "attachments")


def _empty(rows: Iterable[Mapping[str, Any]], names: tuple[str, ...], field: str) -> Iterator[Fault]:
    for index, row in enumerate(rows):
        for name in names:
            if not row.get(name):
                yield f"The {field} {name} must be a string at least one character in length.", f"{field}.{index}.{name}"


def _extra_faults(body: Mapping[str, Any], now: datetime) -> Iterator[Fault]:
    categories = body.get("categories") or []
    if len(categories) > MOST_CATEGORIES or len(set(categories)) < len(categories):
        yield f"There is a limit of {MOST_CATEGORIES} unique categories per message.", "categories"
    if any(len(str(one)) > LONGEST_CATEGORY for one in categories):
        yield f"Each category may not exceed {LONGEST_CATEGORY} characters.", "categories"
    for index, row in enumerate([body, *body["personalizations"]]):
        args = row.get("custom_args") or {} if isinstance(row, Mapping) else {}
        if sum(len(str(key)) + len(str(value)) for key, value in args.items()) > MOST_ARGS:
            yield f"The custom_args exceed {MOST_ARGS} bytes.", f"personalizations.{index - 1}.custom_args" if index else "custom_args"
    reserved = [name for name in body.get("headers") or {} if name.lower() in RESERVED]
    if reserved:
        yield f"The header {reserved[0]} is reserved.", "headers"
    send_at = body.get("send_at")
    if send_at is not None and (not isinstance(send_at, int) or send_at > (now + LATEST).timestamp()):
        yield "Scheduled mail must be sent within 72 hours.", "send_at"
