"""Zones, countries and public holidays behind what the CRM says of a place."""

from datetime import date
from functools import lru_cache
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
    import holidays  # noqa: PLC0415  50 ms that only proposing a call is worth

    return frozenset(holidays.country_holidays(country, subdiv=MOST_POPULOUS.get(country), years=sorted(years)))


def working_week(country: str) -> tuple[int, ...]:
    """Weekdays, Monday is 0: not everybody's weekend is Saturday and Sunday."""
    if not country:
        return WORKING_WEEK
    import holidays  # noqa: PLC0415

    weekend = holidays.country_holidays(country).weekend
    return tuple(day for day in range(7) if day not in weekend)


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """English name in lower case → alpha-2, for every country whose holidays are known."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415

    return {module.replace("_", " "): names[1] for module, names in COUNTRIES.items()}
