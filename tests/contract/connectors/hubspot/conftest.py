"""The HubSpot connector against the emulator over a real socket, with its guards, on one clock."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from emulators.clock import Clock
from emulators.hubspot.routes import TOKEN, HubSpotEmulator
from emulators.serving import HttpServer
from shared.connectors.hubspot.adapter import HubSpotCrm
from shared.connectors.hubspot.client import HubSpotClient
from shared.connectors.hubspot.tokens import PortalTokens
from shared.domain.ids import WorkspaceId
from shared.resilience.budget import RateBudget
from shared.resilience.calls import GuardedCalls
from shared.resilience.circuit import SharedCircuit
from shared.resilience.credential import Credential
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.secrets import MemorySecrets
from tests.fakes.store import MemoryStore

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HERE = WorkspaceId("northwind")
FORM = "6b1d2f0e-0000-4000-8000-00000000000a"
SEED = {
    "forms": [{"id": FORM, "name": "Book a demo"}],
    "objects": {
        "contacts": [
            {
                "id": "101",
                "email": "ada@northwind.example",
                "firstname": "Ada",
                "lastname": "North",
                "hs_timezone": "america_slash_new_york",
                "hubspot_owner_id": "71",
            },
            {"id": "102", "email": "bo@southwind.example"},
        ],
        "companies": [
            {"id": "201", "name": "Northwind", "domain": "northwind.example", "numberofemployees": "250"},
            {"id": "202", "name": "Northwind (double)", "domain": "northwind.example"},
        ],
        "deals": [{"id": "301", "dealname": "Rollout", "amount": "12000", "hs_is_closed": "false"}],
    },
    "associations": [{"from": "contacts/101", "to": "companies/201"}, {"from": "contacts/101", "to": "deals/301"}],
}


@pytest.fixture
def emulator() -> Iterator[HubSpotEmulator]:
    emulator = HubSpotEmulator(Clock(frozen_at=MONDAY))
    emulator.seed(SEED)
    yield emulator
    emulator.close()


@pytest.fixture
def url(emulator: HubSpotEmulator) -> Iterator[str]:
    with HttpServer(emulator) as server:
        yield server.url


@pytest.fixture
def ours() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def crm_over(ours: FixedClock) -> Iterator[Callable[..., HubSpotCrm]]:
    """The adapter over any http client: the emulator's, or one with a scripted transport."""
    store = MemoryStore()

    def guard(vendor: str) -> GuardedCalls:
        circuit = SharedCircuit(vendor=vendor, workspace_id=HERE, store=store, clock=ours)
        budget = RateBudget(vendor=vendor, workspace_id=HERE, limit=190, window=timedelta(seconds=10), block=20, store=store, clock=ours)
        return GuardedCalls(clock=ours, ids=CountingIds(), circuit=circuit, budget=budget)

    def build(
        http: httpx.Client, *, objects_path: str = "/crm/v3/objects", token: str = TOKEN, secrets: MemorySecrets | None = None
    ) -> HubSpotCrm:
        credential = Credential(secrets or MemorySecrets(token=token), "token")
        guards = {"guard": guard("hubspot"), "search_guard": guard("hubspot-search")}
        client = HubSpotClient(http=http, token=PortalTokens(secret=credential, http=http, clock=ours), objects_path=objects_path, **guards)
        return HubSpotCrm(client=client, workspace_id=HERE, portal_id="4400001", app_url="https://app.hubspot.example/")

    return build


@pytest.fixture
def http(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=2, trust_env=False) as client:
        yield client


@pytest.fixture(params=["/crm/v3/objects", "/crm/objects/2026-09"])
def crm(crm_over: Callable[..., HubSpotCrm], http: httpx.Client, request: pytest.FixtureRequest) -> HubSpotCrm:
    return crm_over(http, objects_path=request.param)
