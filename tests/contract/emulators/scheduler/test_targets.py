"""What a job can be aimed at: HTTP with either kind of token, and Pub/Sub; and how one is changed into the other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.scheduler.routes import SchedulerEmulator
from emulators.serving import HttpServer
from emulators.settling import Settler
from tests.contract.emulators.endpoint import Accounts, Endpoint

PARENT = "projects/sdr/locations/europe-west1"
NAME = f"{PARENT}/jobs/sweep"
TOPIC = "projects/sdr/topics/ticks"
EVERY_MINUTE = {"name": NAME, "schedule": "* * * * *"}
PUBSUB = {"topicName": TOPIC, "data": "dGljaw==", "attributes": {"Kind": "tick"}}


class Topics:
    """Where jobs publish to."""

    def __init__(self) -> None:
        self.known, self.heard = {TOPIC}, list[tuple[str, bytes, dict[str, str]]]()

    def publish(self, topic: str, data: bytes, attributes: Any) -> None:
        if topic not in self.known:
            raise LookupError(topic)
        self.heard.append((topic, data, dict(attributes)))


@pytest.fixture
def topics() -> Topics:
    return Topics()


@pytest.fixture
def emulator(topics: Topics) -> Iterator[SchedulerEmulator]:
    emulator = SchedulerEmulator(Clock(frozen_at=datetime(2026, 3, 2, 9, tzinfo=UTC)), identity=Accounts(), publish=topics.publish)
    yield emulator
    emulator.close()


@pytest.fixture
def api(emulator: SchedulerEmulator) -> Iterator[httpx.Client]:
    with HttpServer(emulator) as server, httpx.Client(base_url=f"{server.url}/v1/", trust_env=False) as client:
        yield client


def a_minute_later(emulator: SchedulerEmulator) -> None:
    Settler(emulator.clock, [emulator]).advance(timedelta(minutes=1))


def made(api: httpx.Client, **target: Any) -> dict[str, Any]:
    answer = api.post(f"{PARENT}/jobs", json={**EVERY_MINUTE, **target})
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json()
    return job


def test_a_job_publishes_to_its_topic(api: httpx.Client, emulator: SchedulerEmulator, topics: Topics) -> None:
    made(api, pubsubTarget=PUBSUB)
    a_minute_later(emulator)
    assert topics.heard == [(TOPIC, b"tick", {"Kind": "tick"})]
    assert api.get(NAME).json()["status"] == {}


def test_a_missing_topic_is_a_failed_attempt_that_is_retried(api: httpx.Client, emulator: SchedulerEmulator, topics: Topics) -> None:
    made(api, pubsubTarget=PUBSUB, retryConfig={"retryCount": 1})
    topics.known.clear()
    Settler(emulator.clock, [emulator]).advance(timedelta(seconds=61))
    assert api.get(NAME).json()["status"]["code"] == 2
    topics.known.add(TOPIC)
    Settler(emulator.clock, [emulator]).advance(timedelta(seconds=10))
    assert len(topics.heard) == 1


def test_a_fault_strikes_a_job_that_publishes(api: httpx.Client, emulator: SchedulerEmulator, topics: Topics) -> None:
    made(api, pubsubTarget=PUBSUB)
    emulator.faults.add(Fault("scheduler.deliver.sweep", Kind.DUPLICATE, times=1))
    a_minute_later(emulator)
    assert len(topics.heard) == 2


@pytest.mark.parametrize(
    ("token", "header"),
    [
        ({"oidcToken": {"serviceAccountEmail": "jobs@sdr.example", "audience": "https://x"}}, "Bearer jobs@sdr.example for https://x"),
        (
            {"oauthToken": {"serviceAccountEmail": "jobs@sdr.example"}},
            "Bearer jobs@sdr.example may https://www.googleapis.com/auth/cloud-platform",
        ),
        ({"oauthToken": {"serviceAccountEmail": "jobs@sdr.example", "scope": "s"}}, "Bearer jobs@sdr.example may s"),
        ({}, None),
    ],
)
def test_a_request_carries_the_token_its_target_asks_for(
    api: httpx.Client, emulator: SchedulerEmulator, endpoint: Endpoint, token: dict[str, Any], header: str | None
) -> None:
    made(api, httpTarget={"uri": endpoint.url, **token})
    a_minute_later(emulator)
    assert endpoint.deliveries[0].headers.get("authorization") == header


def test_a_nested_path_of_the_mask_changes_that_part_only(api: httpx.Client, endpoint: Endpoint) -> None:
    made(api, httpTarget={"uri": endpoint.url, "body": "eA==", "headers": {"X-A": "1"}})
    changes = {"httpTarget": {"uri": f"{endpoint.url}/other"}, "description": "not in the mask"}
    job = api.patch(NAME, params={"updateMask": "httpTarget.uri"}, json=changes).json()
    assert job["httpTarget"] == {"uri": f"{endpoint.url}/other", "body": "eA==", "headers": {"X-A": "1"}, "httpMethod": "POST"}
    assert "description" not in job


def test_a_job_changes_from_one_kind_of_target_to_the_other(api: httpx.Client, emulator: SchedulerEmulator, topics: Topics) -> None:
    made(api, httpTarget={"uri": "http://localhost:9/"})
    job = api.patch(NAME, params={"updateMask": "pubsubTarget"}, json={"pubsubTarget": PUBSUB}).json()
    assert ("httpTarget" in job, job["pubsubTarget"]) == (False, PUBSUB)
    a_minute_later(emulator)
    assert len(topics.heard) == 1


@pytest.mark.parametrize(
    "target",
    [
        {},
        {"httpTarget": {"uri": "http://x.example"}, "pubsubTarget": PUBSUB},
        {"appEngineHttpTarget": {"relativeUri": "/"}},
        {"pubsubTarget": {"topicName": "ticks", "data": "eA=="}},
        {"pubsubTarget": {"topicName": TOPIC}},
        {"pubsubTarget": {"topicName": TOPIC, "data": "not base64!"}},
        {"httpTarget": {"uri": "http://x.example", "oidcToken": {}, "oauthToken": {}}},
    ],
)
def test_a_target_that_cannot_be_is_refused(api: httpx.Client, target: dict[str, Any]) -> None:
    answer = api.post(f"{PARENT}/jobs", json={**EVERY_MINUTE, **target})
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_a_scheduler_without_a_pubsub_beside_it_says_so(endpoint: Endpoint) -> None:
    emulator = SchedulerEmulator(Clock(frozen_at=datetime(2026, 3, 2, 9, tzinfo=UTC)))
    with HttpServer(emulator) as server, httpx.Client(base_url=f"{server.url}/v1/", trust_env=False) as client:
        made(client, pubsubTarget=PUBSUB)
        a_minute_later(emulator)
        assert client.get(NAME).json()["status"]["message"] == "HTTP 503"
    emulator.close()
