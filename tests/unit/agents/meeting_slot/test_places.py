"""Where somebody is and when they work, from whatever the CRM knows of them."""

from datetime import date
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.agents.meeting_slot.agent import FreeBusySlots
from shared.agents.meeting_slot.phones import _COUNTRY_BY_CODE, country_of_phone
from shared.agents.meeting_slot.places import public_holidays, working_week
from shared.agents.meeting_slot.zones import zone_name, zone_of_country
from shared.domain.planning import Priority
from shared.domain.workspace import Operator, WorkingHours
from tests.builders import MONDAY, PROSPECT, an_operator
from tests.fakes.calendar import MemoryCalendar

PLACES = {
    "the zone the CRM names": (
        {"contact_timezone": "America/Denver", "contact_country": "US", "contact_phone": "+351 21 000 0000"},
        "America/Denver",
    ),
    "the country's only zone": ({"contact_country": "Portugal", "contact_phone": "+1 212 555 0100"}, "Europe/Lisbon"),
    "of a country with many zones, where most live": ({"contact_country": "Australia"}, "Australia/Sydney"),
    "the country of the phone": ({"contact_phone": "+977 1 4000000"}, "Asia/Kathmandu"),
    "a zone that is none": ({"contact_timezone": "Mars/Olympus", "contact_country": "IN"}, "Asia/Kolkata"),
    "nothing at all: the operator's": ({}, "Europe/Madrid"),
    "a country nobody knows: the operator's": ({"contact_country": "Atlantis", "contact_phone": "555 0100"}, "Europe/Madrid"),
}


@pytest.mark.parametrize(("known", "zone"), PLACES.values(), ids=PLACES)
def test_times_are_told_in_the_best_zone_that_is_known(known: dict[str, str], zone: str):
    operator = an_operator(hours=WorkingHours(timezone="Europe/Madrid", start="00:00", end="23:59", weekdays=tuple(range(7))))
    asked = {"recipient": PROSPECT, "contact_timezone": "", "contact_country": "", "contact_phone": "", "urgency": Priority.NORMAL, **known}
    slots = FreeBusySlots(calendar=MemoryCalendar().of).propose(operator=operator, now=MONDAY, **asked)
    assert {one.timezone for one in slots} == {zone}


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+49 30 1234567", "DE"),
        ("0049 (0)30 1234567", "DE"),
        ("(+44) 20 7946 0000", "GB"),
        ("+1 (416) 555-0100", "CA"),
        ("+1-212-555-0100", "US"),
        ("+1 787 555 0100", "PR"),
        ("+1 800 555 0100", ""),
        ("+7 701 000 0000", "KZ"),
        ("+7 495 000 0000", "RU"),
        ("+353.1.555.0100", "IE"),
        ("030 1234567", ""),
        ("+999 123 4567", ""),
        ("call me", ""),
        ("", ""),
    ],
)
def test_a_number_tells_its_country_only_when_it_says_so(number: str, country: str):
    assert country_of_phone(number) == country


@given(st.text(alphabet="+0123456789 ()-.x", max_size=80))
def test_no_number_breaks_the_search(number: str):
    assert country_of_phone(number) in {"", *_COUNTRY_BY_CODE.values()}


def test_every_country_of_a_number_has_a_zone_unless_it_is_an_island_state_without_one():
    without = {country for country in _COUNTRY_BY_CODE.values() if country and not zone_of_country(country)}
    assert without == {"XK"}  # Kosovo has no code of its own


def test_every_country_that_has_zones_has_one_of_them_or_none_where_nobody_lives():
    told = (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in told if not line.startswith("#")]
    zones = {country: {row[2] for row in rows if row[0] == country} for country in {row[0] for row in rows}}
    assert {country for country in zones if not zone_of_country(country)} == {"AQ", "UM"}
    assert all(zone_of_country(country) in known for country, known in zones.items() if zone_of_country(country))


@pytest.mark.parametrize("told", ["localtime", "Factory", "right/Europe/Madrid", "posix/Europe/Madrid"])
def test_a_name_that_is_no_place_is_no_zone(told: str):
    assert zone_name(told) == ""


@pytest.mark.parametrize(
    ("country", "days"),
    [
        ("PT", (0, 1, 2, 3, 4)),
        ("SA", (0, 1, 2, 3, 6)),
        ("IL", (0, 1, 2, 3, 6)),
        ("AE", (0, 1, 2, 3, 4)),
        ("BN", (0, 1, 2, 3, 5)),
        ("HK", (0, 1, 2, 3, 4)),  # the law knows Sunday only
        ("IR", (0, 1, 2, 5, 6)),  # the law knows Friday only
        ("", (0, 1, 2, 3, 4)),
    ],
)
def test_weekends_are_those_of_the_country(country: str, days: tuple[int, ...]):
    assert working_week(country, on=MONDAY.date()) == days


def test_the_holidays_of_a_region_count_only_where_the_region_is_known():
    epiphany = date(2027, 1, 6)
    assert epiphany in public_holidays("DE", frozenset({2027}), region="BY")
    assert epiphany not in public_holidays("DE", frozenset({2027}), region="NW")
    assert epiphany not in public_holidays("DE", frozenset({2027}))
    assert epiphany not in public_holidays("DE", frozenset({2027}), region="Bavaria or so")


def bavarian(**changes: object) -> Operator:
    return an_operator(hours=WorkingHours(timezone="Europe/Berlin", country="DE", region="BY"), **changes)


def days_offered(operator: Operator) -> list[str]:
    now = MONDAY.replace(year=2027, month=1, day=5, hour=17)
    asked = {"recipient": PROSPECT, "contact_timezone": "", "contact_country": "", "contact_phone": "", "urgency": Priority.NORMAL}
    slots = FreeBusySlots(calendar=MemoryCalendar().of).propose(operator=operator, now=now, **asked)
    return sorted(f"{one.start.astimezone(ZoneInfo('Europe/Berlin')):%d %H:%M}" for one in slots)


def test_an_operator_in_bavaria_does_not_call_on_epiphany():
    assert days_offered(bavarian())[0].startswith("07")


def test_notice_and_buffer_are_the_operators():
    assert days_offered(bavarian(call_notice_minutes=60 * 24 * 3))[0].startswith("11")
    assert bavarian(call_buffer_minutes=15).call_buffer.total_seconds() == 900
