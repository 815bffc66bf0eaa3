"""Answers others have recorded from the vendors: the specifications accept them, and the emulators leave out nothing they have."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulators.calendar.routes import CalendarEmulator
from emulators.clock import Clock
from emulators.gmail.routes import GmailEmulator
from emulators.serving import HttpServer
from tests.contract.specifications.catalogue import specification

RECORDED = Path(__file__).parents[4] / "shared" / "data" / "api_payloads" / "files"
MARIA = "maria@northwind.example"
BEARER = {"Authorization": f"Bearer emulated:{MARIA}"}
ANSWERS = [
    ("gmail", "amp-google-mail-read-drafts-drafts", "ListDraftsResponse"),
    ("gmail", "amp-google-mail-read-drafts-message-item-1", "Message"),
    ("gmail", "amp-google-mail-read-drafts-message-item-2", "Message"),
    ("gmail", "amp-google-mail-read-messages-1-first-page", "ListMessagesResponse"),
    ("gmail", "amp-google-mail-read-messages-2-last-page", "ListMessagesResponse"),
    ("gmail", "amp-google-mail-read-messages-message-item", "Message"),
    ("gmail", "amp-google-mail-write-drafts-new", "Draft"),
    ("calendar", "amp-google-calendar-read-calendarList-1-first-page", "CalendarList"),
    ("calendar", "amp-google-calendar-read-calendarList-2-last-page", "CalendarList"),
    ("calendar", "amp-google-calendar-read-events-1-first-page", "Events"),
    ("calendar", "amp-google-calendar-read-events-2-last-page", "Events"),
    ("calendar", "amp-google-calendar-read-settings-1-first-page", "Settings"),
    ("calendar", "amp-google-calendar-read-settings-2-last-page", "Settings"),
    ("calendar", "amp-google-calendar-write-events-new", "Event"),
    ("calendar", "freebusy-three-calendars", "FreeBusyResponse"),
]


def recorded(name: str) -> Any:
    path = RECORDED / f"{name}.json"
    if not path.exists():
        pytest.skip("../shared/data/api_payloads is not here")
    return json.loads(path.read_text())


@pytest.mark.parametrize(("api", "name", "schema"), ANSWERS)
def test_the_specification_accepts_what_was_recorded(api: str, name: str, schema: str) -> None:
    judge = specification(api) or pytest.skip("no specification of this API is here")
    judge.fits(schema, recorded(name))


def test_a_created_event_has_everything_a_recorded_one_has() -> None:
    theirs = recorded("amp-google-calendar-write-events-new")
    emulator = CalendarEmulator(Clock())
    emulator.account(MARIA, time_zone="America/Los_Angeles")
    with HttpServer(emulator) as server:
        body = {name: theirs[name] for name in ("summary", "start", "end")}
        ours = httpx.post(f"{server.url}/calendar/v3/calendars/primary/events", json=body, headers=BEARER, trust_env=False).json()
    assert set(theirs) - set(ours) == set()
    assert (ours["start"], ours["end"]) == (theirs["start"], theirs["end"])
    assert set(theirs["creator"]) == set(ours["creator"])


def test_an_entry_of_the_calendar_list_has_what_a_recorded_one_has_but_for_its_looks() -> None:
    looks = {"colorId", "backgroundColor", "foregroundColor", "notificationSettings"}
    theirs = recorded("amp-google-calendar-read-calendarList-2-last-page")
    emulator = CalendarEmulator(Clock())
    emulator.account(MARIA)
    with HttpServer(emulator) as server:
        ours = httpx.get(f"{server.url}/calendar/v3/users/me/calendarList", headers=BEARER, trust_env=False).json()
    assert set(theirs) == set(ours)
    assert set(theirs["items"][0]) - set(ours["items"][0]) == looks


def test_messages_and_drafts_have_everything_recorded_ones_have() -> None:
    theirs = recorded("amp-google-mail-read-drafts-message-item-1")
    emulator = GmailEmulator(Clock())
    emulator.mailbox(MARIA)
    stored = emulator.deliver(
        MARIA, {"from": "ana@brightleaf.example", "to": MARIA, "subject": "Summit", "text": "Hello", "html": "<p>Hello</p>"}
    )
    with HttpServer(emulator) as server:
        ours = httpx.get(f"{server.url}/gmail/v1/users/me/messages/{stored.id}", headers=BEARER, trust_env=False).json()
    assert set(theirs) - set(ours) == set()
    assert set(theirs["payload"]) - set(ours["payload"]) == set()
