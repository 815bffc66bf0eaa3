"""A suite's state between two starts."""

from pathlib import Path

import pytest

from infra.keeping import STATE_FILE, StateFile
from infra.refusals import StateUnreadable

OLD, NEW = "http://127.0.0.1:8080", "http://127.0.0.1:9080"


def test_what_was_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    state = {"gmail": {"mailboxes": [{"email": "maria@northwind.example", "text": "Grüße"}]}}
    StateFile(tmp_path / "new").write(state, functions_url=OLD)

    assert StateFile(tmp_path / "new").read(functions_url=OLD) == state


def test_a_first_start_has_nothing_to_come_back_to(tmp_path: Path) -> None:
    assert StateFile(tmp_path).read(functions_url=OLD) == {}


def test_subscriptions_and_tasks_follow_the_functions_to_another_port(tmp_path: Path) -> None:
    StateFile(tmp_path).write({"pubsub": {"endpoint": f"{OLD}/plan"}, "gmail": {"text": f"see {OLD}/plan"}}, functions_url=OLD)

    assert StateFile(tmp_path).read(functions_url=NEW) == {"pubsub": {"endpoint": f"{NEW}/plan"}, "gmail": {"text": f"see {OLD}/plan"}}


def test_an_address_that_only_begins_alike_is_left_alone(tmp_path: Path) -> None:
    StateFile(tmp_path).write({"hubspot": {"url": f"{OLD}1/plan"}}, functions_url=OLD)

    assert StateFile(tmp_path).read(functions_url=NEW) == {"hubspot": {"url": f"{OLD}1/plan"}}


def test_a_write_that_was_cut_short_keeps_the_old_state(tmp_path: Path) -> None:
    StateFile(tmp_path).write({"gmail": {"n": 1}}, functions_url=OLD)
    (tmp_path / STATE_FILE).with_suffix(".new").write_text('{"functions": "ht')

    assert StateFile(tmp_path).read(functions_url=OLD) == {"gmail": {"n": 1}}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"gmail": {}}', '{"functions": "http://x"}'])
def test_what_is_no_state_is_refused_by_its_path(tmp_path: Path, content: str) -> None:
    (tmp_path / STATE_FILE).write_text(content)

    with pytest.raises(StateUnreadable, match=STATE_FILE):
        StateFile(tmp_path).read(functions_url=OLD)
