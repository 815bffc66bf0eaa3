"""What the functions log while a submission passes: one trace from end to end, and nothing that belongs to anybody (INV-10)."""

import json

import pytest

from emulators.faults import Kind
from infra.seed.loader import API_TOKEN, HOOK_TOKEN, OAUTH_CLIENT
from shared.domain.run import RunState
from tests.pipeline.world import JONAS, World


def entries(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def test_one_trace_id_runs_through_every_function_a_submission_passes(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.submit(JONAS)
    world.settle()

    served = [one for one in entries(capsys.readouterr().out) if one["message"] == "served"]
    passed = [one["function"] for one in served]
    assert passed[:5] == ["form_webhook", "plan", "draft", "gate", "place_draft"]
    assert set(passed[5:]) == {"consider", "hold_slots", "log_to_crm"}  # each hears of it by itself; consider waits for the times
    assert len({one["logging.googleapis.com/trace"] for one in served}) == 1


def test_no_log_line_tells_a_secret_an_address_or_the_words_of_a_mail(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.fail("gmail", "drafts.create", kind=Kind.STATUS, status=500, body={"error": {"message": "mail to jonas.keller failed"}}, times=1)
    world.fail("hubspot", "notes.create", kind=Kind.DROP_AFTER, times=1)
    world.submit(JONAS, message="Our secret margin is 31 percent, keep it to yourself.")
    world.run_to_the_end()

    assert world.only_run.state is RunState.DONE
    logged = capsys.readouterr().out
    secrets = [world.suite.hubspot.token, world.suite.hubspot.client_secret, HOOK_TOKEN, API_TOKEN, OAUTH_CLIENT["client_secret"]]
    words = ["secret margin", "jonas", "Keller", "halden", "chilled", "Dear", *world.only_run.recipient.split("@")]
    assert len(entries(logged)) > 6
    assert not [one for one in (*secrets, *words) if one.lower() in logged.lower()]
