"""A HubSpot emulator on a frozen clock behind a real socket, a client, and a place webhooks arrive."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.hubspot.routes import CLIENT_SECRET, TOKEN, HubSpotEmulator
from emulators.serving import HttpServer

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FORM = "6b1d2f0e-0000-4000-8000-00000000000a"
SEED = {
    "owners": [{"id": "71", "email": "olivia@harbour.example", "firstName": "Olivia", "lastName": "Harbour"}],
    "forms": [
        {
            "id": FORM,
            "name": "Book a demo",
            "fieldGroups": [
                {"groupType": "default_group", "richTextType": "text", "fields": [{"name": n} for n in ("email", "firstname", "message")]}
            ],
        },
        {"id": "6b1d2f0e-0000-4000-8000-00000000000b", "name": "Collected on the blog", "formType": "captured"},
    ],
    "objects": {
        "contacts": [
            {"id": "101", "email": "Ada@Northwind.example", "firstname": "Ada", "lastname": "North", "hubspot_owner_id": "71"},
            {"id": "102", "email": "bo@southwind.example", "firstname": "Bo"},
        ],
        "companies": [{"id": "201", "name": "Northwind", "domain": "northwind.example"}, {"id": "202", "name": "Southwind"}],
        "deals": [{"id": "301", "dealname": "Northwind rollout", "dealstage": "appointmentscheduled", "amount": "12000"}],
    },
    "associations": [{"from": "contacts/101", "to": "companies/201"}, {"from": "contacts/101", "to": "deals/301"}],
}


class Mailroom:
    """What hooks are pointed at: keeps what arrives and answers what it is told to."""

    def __init__(self) -> None:
        self.arrived: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[Response] = []
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        request = Request(environ)
        with self.lock:
            self.arrived.append(({key.lower(): value for key, value in request.headers.items()}, request.get_data()))
            answer = self.answers.pop(0) if self.answers else Response(status=202)
        return answer(environ, start_response)


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=MONDAY)


@pytest.fixture
def emulator(clock: Clock) -> Iterator[HubSpotEmulator]:
    emulator = HubSpotEmulator(clock)
    emulator.seed(SEED)
    yield emulator
    emulator.close()


@pytest.fixture
def url(emulator: HubSpotEmulator) -> Iterator[str]:
    with HttpServer(emulator) as server:
        yield server.url


@pytest.fixture
def api(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as client:
        yield client


@pytest.fixture
def mailroom() -> Mailroom:
    return Mailroom()


@pytest.fixture
def hook_url(mailroom: Mailroom) -> Iterator[str]:
    with HttpServer(mailroom) as server:
        yield f"{server.url}/hooks/hubspot"


@pytest.fixture
def settled(clock: Clock, emulator: HubSpotEmulator):
    """Waits until nothing is in flight and nothing is due at the present moment."""

    def quiet() -> bool:
        due = emulator.next_due()
        return emulator.in_flight() == 0 and (due is None or due > clock.now())

    def wait(advance: timedelta | None = None) -> None:
        if advance is not None:
            clock.advance(advance)
        assert clock.wait_for(quiet, at_most_s=60), [one.to_json() for one in emulator.deliveries()]

    return wait


@pytest.fixture
def secret() -> str:
    return CLIENT_SECRET


@pytest.fixture
def form_id() -> str:
    return FORM
