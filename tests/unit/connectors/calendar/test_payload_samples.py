"""Real Calendar payloads: free/busy answers are read, everything else is refused with the field named or finds its family."""

import json
from pathlib import Path

import httpx
import pytest

from shared.connectors.calendar.wire import FreeBusy
from shared.connectors.google_oauth.errors import failure
from shared.connectors.google_oauth.wire import parsed
from shared.ports.errors import Conflict, NotFound, Permanent, SalesAgentError, Transient
from tests.builders import MONDAY

SAMPLES = Path(__file__).parents[5] / "shared" / "data" / "api_payloads" / "files"
pytestmark = pytest.mark.skipif(not SAMPLES.exists(), reason="the payload samples are not on this machine")

FREE_BUSY = {
    "freebusy-empty": {"edt6esvi9rckjans7na7euikfo@group.calendar.google.com": 0},
    "freebusy-live": {"primary": 5},
    "freebusy-offset": {"someone@gmail.com": 2},
    "freebusy-three-calendars": {"alice@example.com": 2, "bob@example.com": 1, "conference-room-a@resource.example.com": 1},
}
FAMILIES: dict[int, type[SalesAgentError]] = {400: Permanent, 404: NotFound, 409: Conflict}
OTHERS = sorted(one.name for one in SAMPLES.glob("amp-google-calendar-*.json"))


def content(name: str) -> bytes:
    return (SAMPLES / name).with_suffix(".json").read_bytes()


@pytest.mark.parametrize(("name", "taken"), FREE_BUSY.items())
def test_every_free_busy_answer_is_read(name, taken):
    answer = parsed(FreeBusy, content(name), source="calendar")
    assert {key: len(one.busy) for key, one in answer.calendars.items()} == taken
    assert all(period.start < period.end for one in answer.calendars.values() for period in one.busy)


@pytest.mark.parametrize("name", OTHERS)
def test_everything_else_is_refused_with_a_reason(name):
    body = content(name)
    if body.startswith(b"http"):
        with pytest.raises(Transient, match="not JSON"):
            parsed(FreeBusy, body, source="calendar")
        return
    if "error" in (given := json.loads(body)):
        status = given["error"]["code"]
        assert type(failure(httpx.Response(status, content=body), source="calendar", changes=False, now=MONDAY)) is FAMILIES[status]
        return
    with pytest.raises(Permanent, match="unexpected calendars: Field required"):
        parsed(FreeBusy, body, source="calendar")


def test_no_free_busy_sample_is_forgotten():
    assert {one.stem for one in SAMPLES.glob("freebusy-*")} == set(FREE_BUSY)
