"""Zones, countries and public holidays behind what the CRM says of a place."""

import sys
from datetime import date
from functools import lru_cache
from importlib.util import find_spec, module_from_spec
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WORKING_WEEK = (0, 1, 2, 3, 4)
OTHER_NAMES = {
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "usa": "US",
    "u.s.": "US",
    "u.s.a.": "US",
    "united states of america": "US",
    "deutschland": "DE",
    "españa": "ES",
    "italia": "IT",
    "österreich": "AT",
    "schweiz": "CH",
    "suisse": "CH",
    "brasil": "BR",
    "méxico": "MX",
    "the netherlands": "NL",
    "holland": "NL",
    "czech republic": "CZ",
    "turkey": "TR",
    "türkiye": "TR",
    "uae": "AE",
    "korea": "KR",
    "republic of korea": "KR",
}
MOST_POPULOUS = {"GB": "ENG"}


def zone_name(told: str) -> str:
    """The name itself when there is such a zone, else empty. A contact's zone may be anything somebody imported."""
    try:
        return ZoneInfo(told).key if told else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def country_code(told: str) -> str:
    """ISO 3166-1 alpha-2 of a code or an English name; empty when unknown."""
    name = told.strip()
    if name.upper() in _countries().values():
        return name.upper()
    return OTHER_NAMES.get(name.lower()) or _countries().get(name.lower().replace("_", " "), "")


def public_holidays(country: str, years: frozenset[int]) -> frozenset[date]:
    """Of the whole country, with the region most of it lives in where they differ; none for a country that is not known."""
    if not country:
        return frozenset()
    return frozenset(_calendars().country_holidays(country, subdiv=MOST_POPULOUS.get(country), years=sorted(years)))


def working_week(country: str) -> tuple[int, ...]:
    """Weekdays, Monday is 0: not everybody's weekend is Saturday and Sunday."""
    if not country:
        return WORKING_WEEK
    weekend = _calendars().country_holidays(country).weekend
    return tuple(day for day in range(7) if day not in weekend)


@lru_cache(maxsize=1)
def _calendars() -> Any:
    """The library `holidays`, imported when a call is proposed.

    Its package of countries imports all 250 of them together (0.1 s). Registered without being run, it still leads to each one asked for.
    """
    import holidays  # noqa: PLC0415

    package = find_spec("holidays.countries")
    if package is not None:
        sys.modules.setdefault(package.name, module_from_spec(package))
    return holidays


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """English name in lower case → alpha-2, for every country whose holidays are known."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415

    return {module.replace("_", " "): names[1] for module, names in COUNTRIES.items()}
