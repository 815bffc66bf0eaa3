"""Google connectors wired to emulators as the composition root does it, on one clock."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from emulators.clock import Clock
from emulators.oauth2.routes import OAuth2Emulator
from emulators.serving import HttpServer
from shared.connectors.google_oauth.client import GoogleApi
from shared.connectors.google_oauth.tokens import AccountTokens
from shared.domain.ids import WorkspaceId
from shared.resilience.budget import RateBudget
from shared.resilience.calls import GuardedCalls
from shared.resilience.circuit import SharedCircuit
from tests.fakes.clock import CountingIds
from tests.fakes.secrets import MemorySecrets
from tests.fakes.signing import NobodySigns
from tests.fakes.store import MemoryStore

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WORKSPACE = WorkspaceId("northwind")
MARIA = "maria@northwind.example"
SECRET = "gmail-maria"


class SuiteClock(Clock):
    """The suite's clock as the port has it: a pause passes at once."""

    def pause(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))


def credentials(refresh_token: str = "1//maria") -> str:
    return json.dumps({"type": "authorized_user", "client_id": "ours", "client_secret": "hush", "refresh_token": refresh_token})


def guarded(clock: SuiteClock, *, vendor: str = "google") -> GuardedCalls:
    store = MemoryStore()
    budget = RateBudget(
        vendor=vendor, workspace_id=WORKSPACE, limit=15_000, window=timedelta(minutes=1), block=500, store=store, clock=clock
    )
    circuit = SharedCircuit(vendor=vendor, workspace_id=WORKSPACE, store=store, clock=clock)
    return GuardedCalls(clock=clock, ids=CountingIds(), circuit=circuit, budget=budget)


@contextmanager
def connected(
    service: Any, *, source: str, oauth2: OAuth2Emulator, clock: SuiteClock, timeout_s: float = 5.0, base_url: str = ""
) -> Iterator[GoogleApi]:
    """A GoogleApi for Maria's account, through real sockets; `base_url` leads it elsewhere than to the service."""
    oauth2.register(MARIA, "1//maria", ["https://www.googleapis.com/auth/gmail.modify"])
    secrets = MemorySecrets(**{SECRET: credentials()})
    with (
        HttpServer(service) as server,
        HttpServer(oauth2) as tokens,
        httpx.Client(timeout=timeout_s) as plain,
        httpx.Client(timeout=timeout_s) as http,
    ):
        accounts = AccountTokens(secrets=secrets, http=plain, token_url=f"{tokens.url}/token", clock=clock, signer=NobodySigns())
        calls = guarded(clock, vendor=source)
        yield GoogleApi(source=source, base_url=base_url or server.url, http=http, tokens=accounts.of(SECRET), calls=calls, clock=clock)
