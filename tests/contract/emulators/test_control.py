"""The control routes over HTTP: of an HTTP emulator beside its own, of gRPC ones on a port of their own, from the command line."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import grpc
import httpx
import pytest
from google.api_core.exceptions import Aborted
from google.cloud import firestore
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports.grpc import FirestoreGrpcTransport

from emulators.catalogue import build
from emulators.clock import Clock
from emulators.control import ControlDesk
from emulators.serving import HttpServer

ROOT = Path(__file__).parents[3]
FROZEN = "2026-03-02T09:00:00+00:00"
DOCUMENTS = "projects/p/databases/(default)/documents"


@pytest.fixture
def desk() -> Iterator[httpx.Client]:
    clock = Clock(frozen_at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    services = [build(name, clock) for name in ("pubsub", "tasks")]
    for service in services:
        list(service.handlers())
    with HttpServer(ControlDesk(services, clock)) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client
    for service in services:
        service.close()


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What `python -m emulators` prints for two services on one port."""
    command = [sys.executable, "-m", "emulators", "firestore", "secretmanager", "--frozen-at", FROZEN]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield [process.stdout.readline().strip() for _ in range(3)]
        process.terminate()
    assert process.returncode == 0


def test_a_command_line_firestore_can_be_told_to_fail_dumped_and_reset(told: list[str]) -> None:
    [firestore_line, other, control] = told
    port, url = firestore_line.rpartition(":")[2], re.sub(".* at ", "", control)
    assert other == f"secretmanager listens on 127.0.0.1:{port}"
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel, httpx.Client(base_url=url, trust_env=False) as desk:
        client = FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))
        write = firestore.types.write.Write(update={"name": f"{DOCUMENTS}/leads/1"})
        fault = {"route": "firestore.Commit", "kind": "status", "body": "ABORTED", "times": 1}
        assert desk.post("faults", json=fault).status_code == 204
        with pytest.raises(Aborted):
            client.commit(database="projects/p/databases/(default)", writes=[write], retry=None)
        client.commit(database="projects/p/databases/(default)", writes=[write], retry=None)
        assert len(desk.get("state", params={"of": "firestore"}).json()["documents"]) == 1
        assert desk.get("clock").json() == {"now": FROZEN, "frozen": True}
        assert desk.post("clock", json={"advance_s": 90}).json()["now"] == "2026-03-02T09:01:30+00:00"
        assert desk.post("reset").status_code == 204
        assert desk.get("state").json()["firestore"]["documents"] == []


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"route": "pubsub.Publish", "kind": "reorder"}, "reorder changes nothing on 'pubsub.Publish'"),
        ({"route": "pubsub.Publsh", "kind": "status"}, "no route is called 'pubsub.Publsh'"),
        ({"route": "mail.send", "kind": "status"}, "begins with no name of pubsub, tasks"),
        ({"route": "pubsub.Publish", "kind": "explode"}, "explode"),
        ({"route": "pubsub.Publish", "kind": "status", "odds": 1}, "odds"),
        ({"route": "pubsub.Publish", "kind": "status", "probability": 2}, "between 0 and 1"),
        ([], "not a fault"),
    ],
)
def test_a_fault_that_could_never_strike_is_refused_with_the_reason(desk: httpx.Client, fault: object, said: str) -> None:
    answer = desk.post("/_emulator/faults", json=fault)
    assert (answer.status_code, said in answer.text) == (400, True), answer.text


def test_one_rule_reaches_every_emulator_it_names(desk: httpx.Client) -> None:
    assert desk.post("/_emulator/faults", json={"route": "*", "kind": "status", "probability": 0.1, "seed": 5}).status_code == 204
    assert desk.delete("/_emulator/faults").status_code == 204


def test_a_state_that_was_read_can_be_put_back(desk: httpx.Client) -> None:
    state = desk.get("/_emulator/state").json()
    assert set(state) == {"pubsub", "tasks"}
    assert desk.put("/_emulator/state", json=state).status_code == 204
    assert desk.put("/_emulator/state", params={"of": "tasks"}, json=state["tasks"]).status_code == 204


@pytest.mark.parametrize("body", [{}, {"advance_s": "soon"}, {"advance_s": 1e300}])
def test_a_clock_is_moved_by_seconds_only(desk: httpx.Client, body: object) -> None:
    assert desk.post("/_emulator/clock", json=body).status_code == 400


def test_what_is_no_control_route_is_not_found(desk: httpx.Client) -> None:
    assert desk.get("/_emulator/nothing").status_code == 404


def test_an_http_emulator_refuses_the_same_faults_over_its_own_port() -> None:
    emulator = build("gmail", Clock())
    with HttpServer(emulator) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        refused = client.post("/_emulator/faults", json={"route": "gmail.drafts.create", "kind": "stale"})
        assert (refused.status_code, "changes nothing" in refused.text) == (400, True)
        assert client.post("/_emulator/faults", json={"route": "gmail.drafts.*", "kind": "stale"}).status_code == 204
        assert client.get("/_emulator/clock").json()["frozen"] is False


def test_services_that_cannot_share_a_port_are_refused() -> None:
    command = [sys.executable, "-m", "emulators", "firestore", "gmail"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr.strip()) == (1, "gmail speaks HTTP and needs a port of its own: start it by itself")
