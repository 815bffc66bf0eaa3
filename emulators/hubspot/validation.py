"""Checks of property values before they are stored: HubSpot's own rules, all faults of a write told at once."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulators.hubspot.errors import invalid, invalid_properties, missing_properties
from emulators.hubspot.schema import ObjectType
from emulators.hubspot.stamps import iso, parse_moment

EMAIL = re.compile(r"[^@\s\"(),:;<>\[\]]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
Fault = tuple[str, str, str]
Definitions = Mapping[str, Mapping[str, Any]]


def check_properties(
    kind: ObjectType, given: Any, definitions: Definitions, *, creating: bool = False, own: bool = False
) -> dict[str, str]:
    """The values as HubSpot keeps them (strings, dates as ISO, e-mails in lower case); raises HubSpotError.

    `own`: the portal writes what it computed itself, so read-only properties are fine.
    """
    if not isinstance(given, Mapping):
        raise invalid("Invalid input JSON: properties must be an object")
    missing = [name for name in kind.required if creating and not given.get(name)]
    if missing:
        raise missing_properties(kind.singular.upper(), missing)
    values = {name: as_text(value) for name, value in given.items()}
    faults = [fault for name, value in values.items() for fault in _faults(kind, name, value, definitions, own=own)]
    if faults:
        raise invalid_properties(faults)
    return {name: _kept(name, value, definitions[name]["type"]) for name, value in values.items()}


def as_text(value: Any) -> str:
    """JSON numbers and booleans are accepted and kept as strings; null clears."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def valid_email(value: str) -> bool:
    return EMAIL.fullmatch(value) is not None


def _faults(kind: ObjectType, name: str, value: str, definitions: Definitions, *, own: bool) -> Iterator[Fault]:
    known = definitions.get(name)
    if known is None:
        yield name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'
    elif not own and known["modificationMetadata"]["readOnlyValue"]:
        yield name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.'
    elif name == "email" and value and not valid_email(value.strip()):
        yield name, "INVALID_EMAIL", f"Email address {value} is invalid"
    elif value:
        yield from _typed_faults(name, value, known)
    if len(value) > kind.limits.get(name, len(value)):
        yield name, "INVALID_LENGTH", f"{name} is {len(value)} characters long; the maximum is {kind.limits[name]}"


def _typed_faults(name: str, value: str, known: Mapping[str, Any]) -> Iterator[Fault]:
    value_type = known["type"]
    if value_type != "string" and value != value.strip():
        yield name, "LEADING_TRAILING_WHITESPACE", f'"{value}" includes leading or trailing whitespace.'
    elif value_type == "number" and not NUMBER.fullmatch(value):
        yield name, "INVALID_NUMBER", f"{value} was not a valid number."
    elif value_type in ("datetime", "date") and parse_moment(value) is None:
        yield name, "INVALID_DATE", f"{value} was not a valid long."
    elif value_type == "date" and not iso_date(value):
        yield name, "INVALID_DATE", f"{value} is at {iso_time(value)} UTC, not midnight!"
    elif value_type in ("enumeration", "bool") and not known["externalOptions"]:
        yield from _option_faults(name, value, known)


def _option_faults(name: str, value: str, known: Mapping[str, Any]) -> Iterator[Fault]:
    """Check boxes take several values, parted by semicolons."""
    allowed = [option["value"] for option in known["options"]]
    for one in value.strip(";").split(";") if known["fieldType"] == "checkbox" else [value]:
        if one not in allowed:
            yield name, "INVALID_OPTION", f"{one} was not one of the allowed options: {sorted(allowed)}"


def iso_date(value: str) -> str:
    """The day of a date property; empty for a moment that is not midnight in UTC."""
    moment = parse_moment(value)
    text = iso(moment) if moment else ""
    return text[:10] if text.endswith("T00:00:00.000Z") else ""


def iso_time(value: str) -> str:
    moment = parse_moment(value)
    return iso(moment)[11:-1] if moment else ""


def _kept(name: str, value: str, value_type: str) -> str:
    if name == "email":
        return value.strip().lower()
    if value_type == "date" and value:
        return iso_date(value)
    moment = parse_moment(value) if value_type == "datetime" and value else None
    return value if moment is None else iso(moment)
