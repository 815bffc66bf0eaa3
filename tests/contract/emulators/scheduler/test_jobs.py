"""Cloud Scheduler over its REST API: firing by cron on the suite's clock, retries, and jobs as resources."""

import base64
import json
from collections.abc import Callable, Iterator
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
SWEEP = f"{PARENT}/jobs/sweep"
START = datetime(2026, 3, 27, 9, 2, 30, tzinfo=UTC)  # two days before clocks change in Europe
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=START)


@pytest.fixture
def emulator(clock: Clock) -> Iterator[SchedulerEmulator]:
    emulator = SchedulerEmulator(clock, identity=Accounts())
    yield emulator
    emulator.close()


@pytest.fixture
def api(emulator: SchedulerEmulator) -> Iterator[httpx.Client]:
    with HttpServer(emulator) as server, httpx.Client(base_url=f"{server.url}/v1/") as client:
        yield client


@pytest.fixture
def create(api: httpx.Client, endpoint: Endpoint) -> Callable[..., dict[str, Any]]:
    def create(*, name: str = SWEEP, schedule: str = "*/5 * * * *", expect: int = 200, **settings: Any) -> dict[str, Any]:
        target = {"uri": endpoint.url, "httpMethod": "POST"} | settings.pop("httpTarget", {})
        answer = api.post(f"{PARENT}/jobs", json={"name": name, "schedule": schedule, "httpTarget": target} | settings)
        assert answer.status_code == expect, answer.text
        return dict(answer.json())

    return create


Create = Callable[..., dict[str, Any]]


@pytest.fixture
def fired(endpoint: Endpoint, clock: Clock) -> list[str]:
    """The virtual moments at which the endpoint was called."""
    moments: list[str] = []
    endpoint.on_delivery = lambda _: moments.append(clock.now().strftime("%d. %H:%M:%S"))
    return moments


def test_a_job_fires_at_every_moment_of_its_schedule(create: Create, settler: Settler, fired: list[str]) -> None:
    assert create()["scheduleTime"] == "2026-03-27T09:05:00Z"
    settler.advance(timedelta(minutes=13))
    assert fired == ["27. 09:05:00", "27. 09:10:00", "27. 09:15:00"]


def test_a_job_follows_its_time_zone_over_a_clock_change(create: Create, settler: Settler, fired: list[str]) -> None:
    create(schedule="0 9 * * *", timeZone="Europe/Berlin")
    settler.advance(timedelta(days=3))
    assert fired == ["28. 08:00:00", "29. 07:00:00", "30. 07:00:00"]


def test_after_a_jump_of_the_clock_a_job_fires_once(create: Create, settler: Settler, clock: Clock, fired: list[str]) -> None:
    create()
    clock.advance(timedelta(hours=10))
    settler.settle()
    assert fired == ["27. 19:02:30"]
    settler.advance(timedelta(minutes=3))
    assert fired == ["27. 19:02:30", "27. 19:05:00"]


def test_a_recurring_job_does_not_keep_the_suite_from_becoming_quiet(create: Create, settler: Settler, fired: list[str]) -> None:
    create()
    assert settler.run_until_quiet(horizon=timedelta(minutes=11)) == START.replace(minute=10, second=0)
    assert len(fired) == 2


def test_a_firing_carries_body_headers_and_identity(create: Create, settler: Settler, endpoint: Endpoint) -> None:
    target = {
        "body": base64.b64encode(b"go").decode(),
        "headers": {"X-Purpose": "sweep"},
        "oidcToken": {"serviceAccountEmail": "jobs@sdr.example"},
    }
    create(httpTarget=target)
    settler.advance(timedelta(minutes=5))
    (delivery,) = endpoint.deliveries
    assert (delivery.method, delivery.body) == ("POST", b"go")
    expected = {
        "x-purpose": "sweep",
        "content-type": "application/octet-stream",
        "user-agent": "Google-Cloud-Scheduler",
        "x-cloudscheduler": "true",
        "x-cloudscheduler-jobname": "sweep",
        "x-cloudscheduler-scheduletime": "2026-03-27T09:05:00Z",
        "authorization": f"Bearer jobs@sdr.example for {endpoint.url}",
    }
    assert expected.items() <= delivery.headers.items()


def test_without_retries_a_failure_waits_for_the_next_moment(
    create: Create, settler: Settler, endpoint: Endpoint, fired: list[str], api: httpx.Client
) -> None:
    create()
    endpoint.statuses = [500]
    settler.advance(timedelta(minutes=5))
    assert api.get(SWEEP).json()["status"]["message"] == "HTTP 500"
    settler.advance(timedelta(minutes=5))
    assert fired == ["27. 09:05:00", "27. 09:10:00"]
    assert api.get(SWEEP).json()["status"] == {}


def test_retries_back_off_and_keep_the_moment_they_are_for(create: Create, settler: Settler, endpoint: Endpoint, fired: list[str]) -> None:
    create(schedule="5 * * * *", retryConfig={"retryCount": 3, "minBackoffDuration": "10s"})
    endpoint.statuses = [500, 503, 500, 500]
    settler.advance(HOUR)
    assert fired == ["27. 09:05:00", "27. 09:05:10", "27. 09:05:30", "27. 09:06:10"]
    assert {delivery.headers["x-cloudscheduler-scheduletime"] for delivery in endpoint.deliveries} == {"2026-03-27T09:05:00Z"}
    settler.advance(timedelta(minutes=3))
    assert fired[-1] == "27. 10:05:00"


def test_a_job_that_still_runs_is_not_started_again(
    create: Create, endpoint: Endpoint, clock: Clock, emulator: SchedulerEmulator, settler: Settler, fired: list[str]
) -> None:
    create()
    endpoint.gate.clear()
    clock.advance(timedelta(minutes=3))
    assert endpoint.arrived.wait(5)
    clock.advance(timedelta(minutes=12))
    assert (emulator.in_flight(), emulator.next_due()) == (1, None)
    endpoint.gate.set()
    settler.settle()
    assert len(fired) == 1
    assert emulator.next_due() == START.replace(minute=20, second=0)


@pytest.mark.parametrize(("action", "expected"), [("pause", None), ("resume", START.replace(minute=10, second=0))])
def test_a_change_while_a_job_runs_counts_when_it_has_ended(
    create: Create,
    endpoint: Endpoint,
    clock: Clock,
    emulator: SchedulerEmulator,
    settler: Settler,
    api: httpx.Client,
    action: str,
    expected: Any,
) -> None:
    create()
    endpoint.gate.clear()
    clock.advance(timedelta(minutes=3))
    assert endpoint.arrived.wait(5)
    api.post(f"{SWEEP}:{action}")
    api.post(f"{SWEEP}:run")
    api.patch(SWEEP, json={"description": "sweeps"})
    assert (emulator.in_flight(), emulator.next_due()) == (1, None)
    endpoint.gate.set()
    settler.settle()
    assert emulator.next_due() == expected
    assert len(endpoint.deliveries) == 1


def test_a_paused_job_does_not_fire_and_makes_up_for_nothing(create: Create, settler: Settler, api: httpx.Client, fired: list[str]) -> None:
    create()
    assert api.post(f"{SWEEP}:pause").json()["state"] == "PAUSED"
    settler.advance(HOUR)
    assert fired == []
    assert "scheduleTime" not in api.get(SWEEP).json()
    assert api.post(f"{SWEEP}:resume").json()["scheduleTime"] == "2026-03-27T10:05:00Z"
    settler.settle()
    assert fired == []


def test_run_fires_at_once_and_keeps_the_schedule(create: Create, settler: Settler, api: httpx.Client, fired: list[str]) -> None:
    create()
    api.post(f"{SWEEP}:run")
    settler.settle()
    assert fired == ["27. 09:02:30"]
    assert api.get(SWEEP).json()["scheduleTime"] == "2026-03-27T09:05:00Z"
    api.post(f"{SWEEP}:pause")
    api.post(f"{SWEEP}:run")
    settler.advance(HOUR)
    assert len(fired) == 2


def test_jobs_are_read_listed_in_pages_patched_and_deleted(create: Create, api: httpx.Client, emulator: SchedulerEmulator) -> None:
    made = [create(name=f"{PARENT}/jobs/job-{n}") for n in range(3)]
    assert api.get(made[0]["name"]).json() == made[0]
    first = api.get(f"{PARENT}/jobs", params={"pageSize": 2}).json()
    rest = api.get(f"{PARENT}/jobs", params={"pageSize": 2, "pageToken": first["nextPageToken"]}).json()
    assert first["jobs"] + rest["jobs"] == made
    changed = api.patch(
        made[0]["name"], params={"updateMask": "schedule"}, json={"schedule": "0 12 * * *", "timeZone": "Asia/Tokyo"}
    ).json()
    assert (changed["schedule"], changed["timeZone"], changed["scheduleTime"]) == ("0 12 * * *", "UTC", "2026-03-27T12:00:00Z")
    for job in made:
        assert api.delete(job["name"]).json() == {}
    assert api.get(f"{PARENT}/jobs").json() == {"jobs": []}
    assert emulator.next_due() is None


@pytest.mark.parametrize(
    "settings",
    [
        {"schedule": "every 5 minutes"},
        {"schedule": "* * * * * *"},
        {"schedule": "61 * * * *"},
        {"schedule": "0 0 30 2 *"},
        {"timeZone": "Mars/Olympus"},
        {"name": f"{PARENT}/jobs/has.dots"},
        {"name": "projects/other/locations/x/jobs/sweep"},
        {"httpTarget": {"uri": "ftp://x.example"}},
        {"httpTarget": {"httpMethod": "BREW"}},
        {"httpTarget": {"body": "no base64!"}},
        {"retryConfig": {"retryCount": 6}},
        {"retryConfig": {"minBackoffDuration": "5 seconds"}},
        {"attemptDeadline": "10s"},
    ],
)
def test_a_job_out_of_googles_limits_is_refused(create: Create, settings: dict[str, Any]) -> None:
    assert create(expect=400, **settings)["error"]["status"] == "INVALID_ARGUMENT"


def test_a_missing_job_and_a_second_one_of_the_same_name_are_refused(create: Create, api: httpx.Client) -> None:
    assert api.get(SWEEP).json()["error"] == {"code": 404, "message": "Job not found.", "status": "NOT_FOUND"}
    create()
    assert create(expect=409)["error"]["status"] == "ALREADY_EXISTS"


def test_a_delivery_fault_strikes_a_firing(create: Create, settler: Settler, emulator: SchedulerEmulator, endpoint: Endpoint) -> None:
    create(retryConfig={"retryCount": 1})
    emulator.faults.add(Fault("scheduler.deliver.sweep", Kind.DROP_AFTER, times=1))
    settler.advance(timedelta(minutes=4))
    assert len(endpoint.deliveries) == 2


def test_state_survives_a_restart_and_a_firing_under_way_is_repeated(
    create: Create, endpoint: Endpoint, clock: Clock, emulator: SchedulerEmulator, settler: Settler, api: httpx.Client
) -> None:
    create()
    create(name=f"{PARENT}/jobs/paused", schedule="* * * * *")
    api.post(f"{PARENT}/jobs/paused:pause")
    endpoint.gate.clear()
    clock.advance(timedelta(minutes=3))
    assert endpoint.arrived.wait(5)
    kept = json.loads(json.dumps(emulator.dump()))
    endpoint.gate.set()
    settler.settle()
    emulator.load(kept)
    settler.settle()
    assert len(endpoint.deliveries) == 2
    assert emulator.next_due() == START.replace(minute=10, second=0)
    emulator.reset()
    assert api.get(f"{PARENT}/jobs").json() == {"jobs": []}
