"""Across every change of clocks of every zone in the next two years, an offered time is what it says and both sides are at work."""

from datetime import timedelta

import pytest

from tests.unit.agents.meeting_slot.transitions import AWAKE, Change, changes_of, every_change, faults_of, offers_around, one_of_each_kind

ZONES_THAT_CHANGE = (
    "Europe/Madrid America/New_York Australia/Lord_Howe Pacific/Chatham America/St_Johns Africa/Cairo Asia/Beirut America/Santiago "
    "America/Havana Atlantic/Azores Africa/Casablanca Antarctica/Troll America/Nuuk Asia/Gaza Europe/Chisinau Pacific/Norfolk"
).split()
FAR_AWAY = ("", AWAKE, "Asia/Kathmandu", "America/Los_Angeles", "Europe/London")


def wrong(change: Change, *others: str) -> list[str]:
    return [
        f"{change.zone} {change.at}: {fault}"
        for other in others
        for offer in offers_around(change, other=other)
        for fault in faults_of(*offer)
    ]


@pytest.mark.parametrize("zone", ZONES_THAT_CHANGE)
def test_what_is_offered_around_a_change_of_clocks_is_right(zone: str):
    changes = list(changes_of(zone))
    assert len(changes) >= 3
    assert [one for change in one_of_each_kind(changes) for one in wrong(change, *FAR_AWAY[:3])] == []


def test_changes_are_found_to_the_minute():
    assert [(one.at.isoformat(), one.after - one.before) for one in changes_of("Europe/Madrid")] == [
        ("2027-03-28T01:00:00+00:00", timedelta(hours=1)),
        ("2027-10-31T01:00:00+00:00", timedelta(hours=-1)),
        ("2028-03-26T01:00:00+00:00", timedelta(hours=1)),
        ("2028-10-29T01:00:00+00:00", timedelta(hours=-1)),
    ]


def test_there_is_something_to_offer_around_most_changes():
    for change in changes_of("Europe/Madrid"):
        assert all(len(slots) >= 2 for slots, *_ in offers_around(change, other=AWAKE))


@pytest.mark.nightly
def test_no_change_of_any_zone_spoils_an_offer():
    changes = every_change()
    assert len(changes) > 500
    assert [one for change in changes for one in wrong(change, *FAR_AWAY)] == []
