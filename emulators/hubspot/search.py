"""The search language: filter groups, free-text query, sorts and pages, over what the index knows. Pure."""

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from emulators.hubspot.errors import invalid
from emulators.hubspot.records import Record
from emulators.hubspot.schema import DATES
from emulators.hubspot.stamps import parse_moment
from emulators.hubspot.validation import as_text

PAGE_LIMIT, RESULT_CAP, MAX_GROUPS, MAX_FILTERS, MAX_FILTERS_IN_ALL = 200, 10_000, 5, 6, 18
SEARCHABLE = ("firstname", "lastname", "email", "phone", "company", "name", "domain", "dealname", "hs_note_body", "hs_task_subject")
Sortable = tuple[int, float, str]
Linked = Callable[[Record, str], list[str]]


def matching(records: Iterable[Record], request: Mapping[str, Any], linked: Linked = lambda _record, _other: []) -> list[Record]:
    """Every record that satisfies the request, in its order (creation order without `sorts`); raises HubSpotError."""
    groups = _groups(request)
    words = str(request.get("query") or "").lower().split()
    found = [record for record in records if _in_any(record, groups, linked) and _mentions(record, words)]
    found.sort(key=lambda record: int(record.id))
    for name, descending in reversed(_sorts(request)):
        found.sort(key=lambda record: sort_key(name, record.properties.get(name, "")), reverse=descending)
    return found


def page_of(found: list[Record], request: Mapping[str, Any]) -> tuple[list[Record], str | None]:
    """(the page asked for, the cursor of the next one); raises HubSpotError past the limits of paging."""
    limit, offset = _whole(request, "limit", 10), _whole(request, "after", 0)
    if limit > PAGE_LIMIT:
        raise invalid(f"The limit {limit} is above the maximum of {PAGE_LIMIT} results per page")
    if offset + limit > RESULT_CAP:
        raise invalid(f"Paging past {RESULT_CAP} results is not supported: after {offset} with limit {limit}")
    following = offset + limit
    return found[offset:following], str(following) if following < min(len(found), RESULT_CAP) else None


def sort_key(name: str, value: str) -> Sortable:
    """Dates and numbers by size, other text by its letters; what is unset comes first."""
    if not value:
        return (0, 0.0, "")
    moment = parse_moment(value) if name in DATES else None
    if moment is not None:
        return (1, moment.timestamp(), "")
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        return (1, float(value), "")
    return (2, 0.0, value.lower())


def _groups(request: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    groups = [list(group.get("filters") or ()) for group in request.get("filterGroups") or ()]
    if len(groups) > MAX_GROUPS or any(len(group) > MAX_FILTERS for group in groups) or sum(map(len, groups)) > MAX_FILTERS_IN_ALL:
        raise invalid(f"At most {MAX_GROUPS} filterGroups with {MAX_FILTERS} filters each and {MAX_FILTERS_IN_ALL} in all are supported")
    for rule in (rule for group in groups for rule in group):
        if rule.get("operator") not in OPERATORS or not rule.get("propertyName"):
            raise invalid(f"Invalid filter: {dict(rule)}")
    return groups


def _sorts(request: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """Objects with a direction, or plain names with a leading minus for descending; both are accepted by the vendor."""
    sorts = []
    for sort in request.get("sorts") or ():
        if isinstance(sort, str):
            sorts.append((sort.lstrip("-"), sort.startswith("-")))
        else:
            sorts.append((sort["propertyName"], sort.get("direction") == "DESCENDING"))
    return sorts


def _whole(request: Mapping[str, Any], name: str, default: int) -> int:
    given = request.get(name)
    if given in (None, ""):
        return default
    if not re.fullmatch(r"\d{1,9}", str(given)):
        raise invalid(f"Invalid input: {name} must be a whole number, not {given!r}")
    return int(str(given))


def _in_any(record: Record, groups: list[list[Mapping[str, Any]]], linked: Linked) -> bool:
    return not groups or any(all(_passes(record, rule, linked) for rule in group) for group in groups)


def _passes(record: Record, rule: Mapping[str, Any], linked: Linked) -> bool:
    """`associations.contact` stands for the ids of what is associated."""
    pseudo, _, other = str(rule["propertyName"]).partition(".")
    if pseudo == "associations" and other:
        ids = linked(record, other) or [""]
        return any(OPERATORS[rule["operator"]](rule["propertyName"], one, rule) for one in ids)
    return OPERATORS[rule["operator"]](rule["propertyName"], record.properties.get(rule["propertyName"], ""), rule)


def _mentions(record: Record, words: list[str]) -> bool:
    text = " ".join(record.properties.get(name, "") for name in SEARCHABLE).lower()
    return all(word in text for word in words)


def _key(name: str, rule: Mapping[str, Any], field: str = "value") -> Sortable:
    return sort_key(name, as_text(rule.get(field)))


def _compared(test: Callable[[Sortable, Sortable], bool]) -> "Operator":
    """Ordering operators never match an unset property."""
    return lambda name, value, rule: bool(value) and test(sort_key(name, value), _key(name, rule))


def _between(name: str, value: str, rule: Mapping[str, Any]) -> bool:
    return bool(value) and _key(name, rule) <= sort_key(name, value) <= _key(name, rule, "highValue")


def _one_of(_name: str, value: str, rule: Mapping[str, Any]) -> bool:
    """Values are compared with the lower-cased property: listing one with capitals never matches, as in HubSpot."""
    return value.lower() in [as_text(one) for one in rule.get("values") or ()]


def _has_token(_name: str, value: str, rule: Mapping[str, Any]) -> bool:
    """Whole words, or parts of an address, with `*` as a wildcard."""
    wanted = as_text(rule.get("value")).lower()
    tokens = {value.lower(), *re.split(r"[^\w*]+", value.lower())}
    return all(any(fnmatch.fnmatchcase(token, part) for token in tokens) for part in wanted.split())


Operator = Callable[[str, str, Mapping[str, Any]], bool]
OPERATORS: dict[str, Operator] = {
    "EQ": _compared(lambda have, want: have == want),
    "NEQ": lambda name, value, rule: sort_key(name, value) != _key(name, rule),
    "LT": _compared(lambda have, want: have < want),
    "LTE": _compared(lambda have, want: have <= want),
    "GT": _compared(lambda have, want: have > want),
    "GTE": _compared(lambda have, want: have >= want),
    "BETWEEN": _between,
    "IN": _one_of,
    "NOT_IN": lambda name, value, rule: bool(value) and not _one_of(name, value, rule),
    "HAS_PROPERTY": lambda _name, value, _rule: bool(value),
    "NOT_HAS_PROPERTY": lambda _name, value, _rule: not value,
    "CONTAINS_TOKEN": lambda name, value, rule: bool(value) and _has_token(name, value, rule),
    "NOT_CONTAINS_TOKEN": lambda name, value, rule: not _has_token(name, value, rule),
}
