"""Requests and messages nobody of ours would send: each gets its own answer, and none can be repeated for ever."""

import json

import httpx
import pytest

from tests.pipeline.world import World

STRANGE_IDS = ["a%2Fb", "%2e%2e", "__x__", "x" * 2000, "%00", "%0a", "%ff", "é", "run_1%0a", "%ED%A0%80", "_", "run 1"]


def asked(world: World, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.seeded.api_token}"}
    return httpx.get(f"{world.suite.urls['functions']}/api/{path}", headers=headers, timeout=10)


@pytest.mark.parametrize("kind", ["runs", "drafts"])
@pytest.mark.parametrize("id", STRANGE_IDS)
def test_an_id_that_is_none_of_ours_is_not_found(world: World, kind: str, id: str) -> None:
    assert asked(world, f"{kind}/{id}").status_code == 404


@pytest.mark.parametrize("after", STRANGE_IDS)
def test_a_cursor_that_is_none_of_ours_is_refused_by_name(world: World, after: str) -> None:
    answer = asked(world, f"runs?after={after}")
    assert (answer.status_code, answer.json()["field"]) == (400, "after")


@pytest.mark.parametrize("limit", ["-1", "1.5", "", "ten", "9" * 5000, "%D9%A3", "%C2%B2"])
def test_a_limit_that_is_no_number_is_refused_by_name(world: World, limit: str) -> None:
    answer = asked(world, f"runs?limit={limit}")
    assert (answer.status_code, answer.json()["field"]) == (400, "limit")


def test_a_limit_beyond_the_largest_page_is_refused_by_name(world: World) -> None:
    answer = asked(world, "runs?limit=100000")
    assert (answer.status_code, answer.json()["field"]) == (400, "limit")


@pytest.mark.parametrize("work", [{"workspace_id": "tidewater", "id": "__a__"}, {"workspace_id": "__a__", "id": "run_1"}])
def test_a_message_that_names_a_reserved_document_becomes_a_dead_letter_at_once(world: World, work: dict[str, str]) -> None:
    world.publish("lead.received", json.dumps(work).encode())

    [letter] = world.dead_letters_everywhere()
    assert (letter.function, letter.attempts) == ("plan", 1)
