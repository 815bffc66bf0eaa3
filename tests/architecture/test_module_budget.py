"""Cold starts: what the webhook has loaded when its first real, signed request is stored and published."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from infra.seed.loader import seed
from infra.suite import Suite
from tests.architecture.served import ALONE, Request, Served, served
from tests.architecture.sources import ROOT

# Not ours to leave out: Flask brings jinja2; Google's clients bring requests, cryptography, and aiohttp where it happens to be installed.
HEAVY = {"openai", "numpy", "rich", "typer", "holidays", "yaml", "jsonschema"}
FOREIGN = ("shared.connectors.", "shared.agents.", "emulators.", "infra.")
ITS_OWN = "shared.connectors.hubspot"
MODULES = 1250


class Nobody:
    """A suite without functions: the one under test runs in a process of its own."""

    def start(self, *, port: int, environment: Mapping[str, str]) -> None:
        """Nothing listens."""

    def stop(self) -> None:
        """Nothing did."""


@pytest.fixture(scope="module")
def first_answer() -> Iterator[Served]:
    with Suite(front=Nobody(), frozen_at=datetime(2026, 11, 23, 9, tzinfo=UTC)) as suite:
        seeded = seed(suite)
        event = {"eventId": 1, "portalId": int(seeded.workspace.crm.portal_id), "objectId": 51, "subscriptionType": "contact.creation"}
        body = json.dumps([event | {"subscriptionId": 2, "appId": 3, "attemptNumber": 0, "occurredAt": 1_795_424_400_000}])
        signature = hashlib.sha256((suite.hubspot.client_secret + body).encode()).hexdigest()
        headers = {"X-HubSpot-Signature": signature, "X-HubSpot-Signature-Version": "v1", "Content-Type": "application/json"}
        yield served("form_webhook", ROOT, request=Request(data=body, headers=headers), environment=suite.environment())


def test_the_webhook_accepts_its_first_request(first_answer: Served) -> None:
    assert first_answer.status == 202


def test_the_webhook_loads_no_library_it_does_not_need(first_answer: Served) -> None:
    assert not {name for name in first_answer.files if name.partition(".")[0] in HEAVY}


def test_the_webhook_loads_no_connector_but_hubspots(first_answer: Served) -> None:
    foreign = {name for name in first_answer.files if name.startswith(FOREIGN)}
    assert not {name for name in foreign if not name.startswith(ITS_OWN)}


def test_the_webhook_loads_nothing_of_what_comes_after_it(first_answer: Served) -> None:
    later = {f"shared.domain.{name}" for name in ("run", "planning", "draft", "policy", "sends", "slots", "assets", "conversation")}
    assert not later & set(first_answer.files)


def test_the_webhook_loads_only_its_own_folder_of_functions(first_answer: Served) -> None:
    functions = {name for name in first_answer.files if name.startswith("functions.")}
    assert functions <= {"functions.form_webhook", "functions.form_webhook.main"}


def test_the_webhook_stays_within_its_budget_of_modules(first_answer: Served) -> None:
    assert len(first_answer.files) <= MODULES


WRITE = """
import json, sys
import functions.draft.main
from shared.domain.lawful_basis import Footing
from shared.domain.policy import Rules
from shared.ports.errors import SalesAgentError
from shared.wiring import ports
from tests.builders import a_draft, a_workspace
try:
    ports.stationery.around(a_draft(touch=sys.argv[1]), workspace=a_workspace(), footing=Footing(country="US"), rules=Rules())
except SalesAgentError:
    pass  # nobody answers who would have the key
print(json.dumps(sorted(sys.modules)))
"""
SEALING = ("shared.runtime.links", "cryptography.hazmat.primitives.ciphers.aead")


@pytest.mark.parametrize(("touch", "loaded"), [("answer", []), ("outreach", list(SEALING))])
def test_what_seals_links_is_loaded_only_for_a_mail_that_carries_one(touch: str, loaded: list[str]) -> None:
    environment = {"PATH": os.environ["PATH"], **ALONE}
    told = subprocess.run(
        [sys.executable, "-c", WRITE, touch], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True
    )
    modules = json.loads(told.stdout)
    assert [one for one in SEALING if one in modules] == loaded
