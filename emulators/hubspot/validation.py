"""Checks of property values before they are stored: HubSpot's own rules, all faults of a write told at once."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from emulators.hubspot.errors import invalid, invalid_properties, missing_properties
from emulators.hubspot.schema import DATES, ObjectType

EMAIL = re.compile(r"[^@\s\"(),:;<>\[\]]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
Fault = tuple[str, str, str]


def check_properties(kind: ObjectType, given: Any, custom: Collection[str], *, creating: bool = False) -> dict[str, str]:
    """The values as HubSpot keeps them (strings, dates as ISO, e-mails in lower case); raises HubSpotError."""
    if not isinstance(given, Mapping):
        raise invalid("Invalid input JSON: properties must be an object")
    missing = [name for name in kind.required if creating and not given.get(name)]
    if missing:
        raise missing_properties(kind.singular.upper(), missing)
    values = {name: as_text(value) for name, value in given.items()}
    faults = [fault for name, value in values.items() for fault in _faults(kind, name, value, custom)]
    if faults:
        raise invalid_properties(faults)
    return {name: _kept(name, value) for name, value in values.items()}


def as_text(value: Any) -> str:
    """JSON numbers and booleans are accepted and kept as strings; null clears."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def parse_moment(value: str) -> datetime | None:
    """ISO 8601 or milliseconds since the epoch; None for anything else."""
    if re.fullmatch(r"-?\d{10,}", value):
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def iso(moment: datetime) -> str:
    at = moment.astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def valid_email(value: str) -> bool:
    return EMAIL.fullmatch(value) is not None


def _faults(kind: ObjectType, name: str, value: str, custom: Collection[str]) -> Iterator[Fault]:
    if name not in kind.known and name not in custom:
        yield name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'
    elif name == "email" and value and not valid_email(value.strip()):
        yield name, "INVALID_EMAIL", f"Email address {value} is invalid"
    elif name in DATES and value and parse_moment(value) is None:
        yield name, "INVALID_DATE", f"{value} was not a valid long."
    elif value and name in kind.options and value not in kind.options[name]:
        yield name, "INVALID_OPTION", f"{value} was not one of the allowed options: {sorted(kind.options[name])}"
    elif len(value) > kind.limits.get(name, len(value)):
        yield name, "INVALID_LENGTH", f"{name} is {len(value)} characters long; the maximum is {kind.limits[name]}"


def _kept(name: str, value: str) -> str:
    if name == "email":
        return value.strip().lower()
    moment = parse_moment(value) if name in DATES and value else None
    return value if moment is None else iso(moment)
