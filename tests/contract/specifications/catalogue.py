"""The specifications by name. One shape for all vendors: `specification(name)` answers a judge, or None where its document is not here.

`judge.check(exchange)` holds a request and its answer against the document, `judge.fits(schema, value)` a single value; both raise
AssertionError. tests/contract/conftest.py lets every emulator's traffic be judged; deviations live in overlays/, each with its source.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient.discovery

from tests.contract.specifications import discovery, openapi
from tests.contract.specifications.judging import Judge
from tests.contract.specifications.operations import Contract
from tests.contract.specifications.overlays import corrected

CONTRACTS = Path(__file__).parents[4] / "shared" / "contracts"
IN_THE_CLIENT = Path(googleapiclient.discovery.__file__).parent / "discovery_cache" / "documents"
ABSENT = "../shared/contracts is not here"


@dataclass(frozen=True)
class Source:
    """`excerpt`: operations the document does not hold are let through, not refused."""

    file: str
    read: Callable[..., Contract]
    excerpt: bool = False


SOURCES = {
    "gmail": Source("google/gmail.v1.json", discovery.contract),
    "calendar": Source("google/calendar.v3.json", discovery.contract),
    "drive": Source("google/drive.v3.json", discovery.contract),
    "oauth2": Source("google/oauth2.v2.json", discovery.contract, excerpt=True),
    "iamcredentials": Source("google/iamcredentials.v1.json", discovery.contract),
    "scheduler": Source("google/cloudscheduler.v1.json", discovery.contract),
    "storage": Source("google/storage.v1.json", discovery.contract),
    "pubsub": Source("google/pubsub.v1.json", discovery.contract),
    "hubspot": Source("hubspot/hubspot-from-apache-client-12.0.0.openapi.json", openapi.contract, excerpt=True),
    "openai": Source("openai/openai.trimmed.openapi.json", openapi.contract, excerpt=True),
    "slack": Source("slack/slack_web.trimmed.swagger2.json", openapi.contract, excerpt=True),
    "sendgrid-mail": Source("sendgrid/tsg_mail_v3.json", openapi.contract, excerpt=True),
    "sendgrid-webhooks": Source("sendgrid/tsg_webhooks_v3.json", openapi.contract, excerpt=True),
    "sendgrid-suppressions": Source("sendgrid/tsg_suppressions_v3.json", openapi.contract, excerpt=True),
    "sendgrid-senders": Source("sendgrid/tsg_verified_senders_v3.json", openapi.contract, excerpt=True),
    "sendgrid-domains": Source("sendgrid/tsg_domain_authentication_v3.json", openapi.contract, excerpt=True),
    "phantombuster": Source("phantombuster/phantombuster-v2.trimmed.openapi.json", openapi.contract, excerpt=True),
    "leadmagic": Source("leadmagic/leadmagic-openapi-3.1.json", openapi.contract, excerpt=True),
}
"""Emulators are judged by the entry of their own name, and by those that begin with it and a dash."""


def document(name: str) -> dict[str, Any] | None:
    """The vendor's document: the latest on this machine, else (Google's) the one inside Google's client, else None."""
    latest = CONTRACTS / SOURCES[name].file
    path = latest if latest.exists() else IN_THE_CLIENT / latest.name
    return json.loads(path.read_text()) if path.exists() else None


def judges(emulator: str) -> list[Judge]:
    """Everything at hand that judges an emulator's traffic."""
    names = [name for name in SOURCES if name == emulator or name.startswith(f"{emulator}-")]
    return [judge for judge in map(specification, names) if judge is not None]


@cache
def specification(name: str) -> Judge | None:
    """The judge of a vendor; None where nothing describes it. KeyError for a name nobody entered."""
    found = document(name)
    return None if found is None else Judge(SOURCES[name].read(corrected(found, name), excerpt=SOURCES[name].excerpt))
