"""P3: requests a second that form_webhook accepts, with and without the durable write, against what the framework and the clients allow."""

import base64
import itertools
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.services.subscriber.transports.grpc import SubscriberGrpcTransport

from emulators.hubspot.signing import signature_headers
from shared.domain.outbox import Topic
from tests.bench import load
from tests.bench.deployed import REFERENCES
from tests.bench.figures import Compared, compared, percentile
from tests.bench.recording import Recording
from tests.bench.scenes import restore
from tests.bench.serving import served

AT_ONCE = (10, 100)
DEADLINE_S = 20
LIGHT, DURABLE, CROWD = 1500, 250, 100
CROWD_TARGET = 3.0
"""Requests in a burst without and with writes: about a second each."""


@dataclass(frozen=True)
class Kind:
    """Ours and its reference: which events they are sent, and what share of the reference's speed is asked for."""

    label: str
    ours: str
    reference: str
    event: str
    requests: int
    target: float | None = None


KINDS = (
    Kind("body in, body out, no code of ours", "echo", "empty", "contact.deletion", LIGHT),
    Kind("signature + parse", "form_webhook", "empty", "contact.deletion", LIGHT, 0.75),
    Kind("with the durable write", "form_webhook", "bare", "contact.creation", DURABLE, 0.8),
)


@dataclass(frozen=True)
class Accepted:
    kind: Kind
    at_once: int
    per_second: Compared
    p50_ms: float
    p99_ms: float
    reference_p50_ms: float
    reference_p99_ms: float
    errors: int


@dataclass(frozen=True)
class Crowd:
    """P4: so many forms in the same moment; `lost` and `doubled` events of all rounds."""

    forms: int
    p99_ms: Compared
    lost: int
    doubled: int

    @property
    def met(self) -> bool:
        return self.p99_ms.ratio <= CROWD_TARGET and not self.lost and not self.doubled


class Shop:
    """A suite that nobody works in: events are stored and published, and then nothing happens to them."""

    def __init__(self, recording: Recording) -> None:
        self._suite, self._scene = recording.suite, recording.scenes["form_webhook"]
        self._portal_id = int(recording.seeded.workspace.crm.portal_id)
        self._numbers = itertools.count(1)

    def reset(self) -> None:
        """Empty again, and without the subscription that would hand every event on."""
        restore(self._suite, self._scene)
        channel = grpc.insecure_channel(self._suite.urls["google"])
        client = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        topic = Topic.LEAD_RECEIVED.value
        client.delete_subscription(subscription=f"projects/sales-agent-local/subscriptions/{topic}--plan")
        channel.close()

    def stored(self) -> int:
        """How many events are kept beyond the scene's own."""
        return _events(self._suite.firestore.dump()) - _events(json.loads(self._scene.state)["firestore"])

    def requests(self, event: str, count: int) -> Iterator[str]:
        """Signed (v3) requests of one event each; no two events are the same."""
        uri = self._suite.urls["functions"] + "/form-webhook"
        stamp = round(self._suite.clock.now().timestamp() * 1000)
        for number in itertools.islice(self._numbers, count):
            told = {"eventId": number, "portalId": self._portal_id, "objectId": number, "subscriptionType": event, "occurredAt": stamp}
            body = json.dumps([told | {"subscriptionId": 2, "appId": 3, "attemptNumber": 0}])
            signed = signature_headers(
                "v3", secret=self._suite.hubspot.client_secret, method="POST", uri=uri, body=body.encode(), timestamp_ms=stamp
            )
            headers = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": str(len(body)), **signed}
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            yield f"POST / HTTP/1.1\r\n{head}\r\n{body}"


def measure(recording: Recording, *, folders: Mapping[str, Path], python: Path, rounds: int) -> tuple[list[Accepted], Crowd]:
    """All are served at the same time and take turns; each burst of ours is divided by the reference's right before it."""
    shop = Shop(recording)
    shop.reset()
    sources = {"form_webhook": folders["form_webhook"] / "main.py", **{one: REFERENCES / f"{one}.py" for one in ("empty", "echo", "bare")}}
    with ExitStack() as stack:
        ports = {
            name: stack.enter_context(served(name, source, python=python, environment=recording.suite.environment())).port
            for name, source in sources.items()
        }
        for kind in KINDS:
            for name in (kind.ours, kind.reference):
                burst(ports[name], list(shop.requests(kind.event, 30)), at_once=10)
        accepted = [_compare(shop, ports, kind, at_once, rounds) for kind in KINDS for at_once in AT_ONCE]
        return accepted, _crowd(shop, ports, rounds)


def _crowd(shop: Shop, ports: Mapping[str, int], rounds: int) -> Crowd:
    """Each crowd of ours right after one of the empty function's."""
    empty, ours, lost, doubled = [], [], 0, 0
    for _ in range(rounds):
        shop.reset()
        empty.append(burst(ports["empty"], list(shop.requests("contact.deletion", CROWD)), at_once=CROWD))
        ours.append(burst(ports["form_webhook"], list(shop.requests("contact.creation", CROWD)), at_once=CROWD))
        lost, doubled = lost + max(0, CROWD - shop.stored()), doubled + max(0, shop.stored() - CROWD)
    p99 = [[percentile(one["latencies_ms"], 0.99) for one in reports] for reports in (ours, empty)]
    return Crowd(CROWD, compared(*p99), lost, doubled)


def _events(state: Mapping[str, Any]) -> int:
    """Documents are kept as encoded protobufs, which begin with their name."""
    return sum(b"/events/" in base64.b64decode(one)[:200] for one in state["documents"])


def burst(port: int, requests: Sequence[str], *, at_once: int) -> dict[str, Any]:
    """One order to the load generator, which has a process of its own; its report."""
    order = {"port": port, "connections": at_once, "deadline_s": DEADLINE_S, "requests": requests}
    script = [sys.executable, "-I", load.__file__]
    done = subprocess.run(script, input=json.dumps(order), capture_output=True, text=True, check=True, timeout=2 * DEADLINE_S)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _compare(shop: Shop, ports: Mapping[str, int], kind: Kind, at_once: int, rounds: int) -> Accepted:
    reports: dict[str, list[dict[str, Any]]] = {kind.reference: [], kind.ours: []}
    for _ in range(rounds):
        for name, kept in reports.items():
            if kind.requests == DURABLE:
                shop.reset()
            kept.append(burst(ports[name], list(shop.requests(kind.event, kind.requests)), at_once=at_once))
    ours, reference = reports[kind.ours], reports[kind.reference]
    return Accepted(
        kind=kind,
        at_once=at_once,
        per_second=compared([_speed(one) for one in ours], [_speed(one) for one in reference]),
        p50_ms=_latency(ours, 0.5),
        p99_ms=_latency(ours, 0.99),
        reference_p50_ms=_latency(reference, 0.5),
        reference_p99_ms=_latency(reference, 0.99),
        errors=sum(_errors(one) for one in [*ours, *reference]),
    )


def _speed(report: Mapping[str, Any]) -> float:
    return sum(report["statuses"].values()) / float(report["seconds"])


def _latency(reports: Sequence[Mapping[str, Any]], share: float) -> float:
    return statistics.median(percentile(one["latencies_ms"], share) for one in reports)


def _errors(report: Mapping[str, Any]) -> int:
    refused = sum(count for status, count in report["statuses"].items() if int(status) >= 300)
    return int(report["failed"]) + refused
