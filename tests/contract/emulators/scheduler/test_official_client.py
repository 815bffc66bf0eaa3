"""Google's own REST client drives the scheduler, and Google's published description judges every job it answers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from emulators.clock import Clock
from emulators.scheduler.routes import SchedulerEmulator
from emulators.serving import HttpServer
from emulators.settling import Settler
from tests.contract.emulators.endpoint import Endpoint
from tests.contract.emulators.google_client import official_client

PARENT = "projects/sdr/locations/europe-west1"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def emulator() -> Iterator[SchedulerEmulator]:
    emulator = SchedulerEmulator(Clock(frozen_at=START))
    yield emulator
    emulator.close()


@pytest.fixture
def jobs(emulator: SchedulerEmulator) -> Iterator[Any]:
    with HttpServer(emulator) as server:
        service = official_client("scheduler", server.url, token="anybody")
        yield service.projects().locations().jobs()
        service.close()


def test_the_official_client_drives_a_job_through_its_life(jobs: Any, emulator: SchedulerEmulator) -> None:
    with Endpoint(500) as endpoint:
        body = {
            "name": f"{PARENT}/jobs/sweep",
            "schedule": "*/5 * * * *",
            "httpTarget": {"uri": endpoint.url, "oidcToken": {"serviceAccountEmail": "jobs@sdr.example"}},
        }
        seen = [jobs.create(parent=PARENT, body=body).execute()]
        name = seen[0]["name"]
        seen.append(jobs.run(name=name).execute())
        Settler(emulator.clock, [emulator]).advance(timedelta(minutes=5))
        seen += [getattr(jobs, action)(name=name).execute() for action in ("get", "pause", "resume")]
        seen.append(jobs.patch(name=name, updateMask="description", body={"description": "sweeps"}).execute())
        assert jobs.list(parent=PARENT, pageSize=1).execute()["jobs"] == [seen[-1]]
        assert len(endpoint.deliveries) == 2
    assert seen[2]["lastAttemptTime"] == "2026-03-02T09:05:00Z"
    assert [answer["state"] for answer in seen[2:5]] == ["ENABLED", "PAUSED", "ENABLED"]
    assert seen[-1]["description"] == "sweeps"
    assert jobs.delete(name=name).execute() == {}
    with pytest.raises(HttpError, match="Job not found"):
        jobs.get(name=name).execute()
