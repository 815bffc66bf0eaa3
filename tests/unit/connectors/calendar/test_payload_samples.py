"""Real Calendar payloads: every event is read as taken or free time; errors find their family, everything else is refused by name."""

import json
from pathlib import Path

import httpx
import pytest

from shared.connectors.calendar.wire import Event, EventPage
from shared.connectors.google_oauth.errors import failure
from shared.connectors.google_oauth.wire import parsed
from shared.ports.errors import Conflict, NotFound, Permanent, SalesAgentError, Transient
from tests.builders import MONDAY

SAMPLES = Path(__file__).parents[5] / "shared" / "data" / "api_payloads" / "files"
pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="the payload samples are not on this machine")

FAMILIES: dict[int, type[SalesAgentError]] = {400: Permanent, 404: NotFound, 409: Conflict}
NAMES = sorted(one.name for one in SAMPLES.glob("amp-google-calendar-*.json"))


def content(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


@pytest.mark.parametrize("name", [one for one in NAMES if "-events" in one and "write" not in one])
def test_every_event_is_read(name: str):
    given = json.loads(content(name))
    events = (
        parsed(EventPage, content(name), source="calendar").items
        if "items" in given
        else (parsed(Event, content(name), source="calendar"),)
    )
    assert len(events) == len(given.get("items", [given]))
    for event in events:
        start, end = event.start.moment(EventPage().zone), event.end.moment(EventPage().zone)
        assert (start is None and end is None) or (start is not None and end is not None and start < end)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_event_is_refused_with_a_reason(name: str):
    body = content(name)
    if body.startswith(b"http"):
        with pytest.raises(Transient, match="not JSON"):
            parsed(Event, body, source="calendar")
    elif "error" in (given := json.loads(body)):
        status = given["error"]["code"]
        assert type(failure(httpx.Response(status, content=body), source="calendar", changes=False, now=MONDAY)) is FAMILIES[status]
    elif "id" not in given:
        with pytest.raises(Permanent, match="unexpected id: Field required"):
            parsed(Event, body, source="calendar")
