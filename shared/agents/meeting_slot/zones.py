"""In which time zone somebody is, from what the CRM says of them. Used by meeting_slot."""

from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NO_PLACE = ("localtime", "factory", "posix/", "right/")
"""Names a machine may know that are no place's: its own zone, none at all, and a clock that counts leap seconds."""
WHERE_MOST_LIVE = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}
"""Of the countries with several zones, the one with most people in it."""


def zone_name(told: str) -> str:
    """The name itself when there is such a zone, else empty. A contact's zone may be anything somebody imported."""
    if not told or told.lower().startswith(NO_PLACE):
        return ""
    try:
        return ZoneInfo(told).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def zone_of_country(country: str) -> str:
    """The zone of a country, or the one most of it lives in; empty for a country without people or unknown."""
    return WHERE_MOST_LIVE.get(country) or _only_zones().get(country, "")


@lru_cache(maxsize=1)
def _only_zones() -> dict[str, str]:
    """Alpha-2 → zone, of every country that has one only; the list comes with the zones themselves."""
    told = (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in told if line and not line.startswith("#")]
    countries = [row[0] for row in rows]
    return {row[0]: row[2] for row in rows if countries.count(row[0]) == 1}
