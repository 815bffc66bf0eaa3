"""Countries, their working week and public holidays, behind what the CRM says of a place. Used by meeting_slot."""

import sys
from datetime import date, timedelta
from functools import lru_cache
from importlib.util import find_spec, module_from_spec
from typing import Any

from shared.domain.countries import named_country

WORKING_WEEK = (0, 1, 2, 3, 4)
MOST_POPULOUS = {"GB": "ENG"}


def country_code(told: str) -> str:
    """ISO 3166-1 alpha-2 of a code or an English name; empty when unknown."""
    name = told.strip()
    if name.upper() in _countries().values():
        return name.upper()
    return named_country(name) or _countries().get(name.lower().replace("_", " "), "")


@lru_cache(maxsize=256)
def public_holidays(country: str, years: frozenset[int], *, region: str = "") -> frozenset[date]:
    """Of the whole country, and of a region only when it is known.

    Where hardly anything is a holiday of the whole country, it is the part most of it lives in that counts. A country or
    region nobody knows has none.
    """
    if not country:
        return frozenset()
    kept = region if region in _calendar(country).subdivisions else MOST_POPULOUS.get(country)
    return frozenset(_calendars().country_holidays(country, subdiv=kept, years=sorted(years)))


def working_week(country: str, *, on: date) -> tuple[int, ...]:
    """The days people can be called on, Monday is 0: not everybody's weekend is Saturday and Sunday.

    Where the law knows one day of rest only, offices are closed on the day before as well.
    """
    if not country:
        return WORKING_WEEK
    calendar = _calendar(country)
    off = {day.weekday() for day in (on + timedelta(days=number) for number in range(7)) if calendar.is_weekend(day)}
    if len(off) == 1:
        off |= {(day - 1) % 7 for day in off}
    return tuple(day for day in range(7) if day not in off)


@lru_cache(maxsize=64)
def _calendar(country: str) -> Any:
    return _calendars().country_holidays(country)


@lru_cache(maxsize=1)
def _calendars() -> Any:
    """The library `holidays`, imported when a call is proposed.

    It loads a country when it is asked for, but importing `holidays.countries.sweden` first runs the package above it, which
    imports all 250 of them (0.1 s of a cold start). A package that is registered without having been run is only a place to
    look in: importing from it goes on to the one module. Nothing of what we call reads anything else of that package.
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
