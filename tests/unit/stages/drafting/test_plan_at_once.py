"""Plan: what does not depend on each other is asked at the same time, and nothing is asked of the store twice."""

import threading
from typing import Any

import pytest

from shared.domain.slots import Agenda
from tests.builders import MONDAY, a_contact, a_hint, a_thread_reading, a_workspace, an_asset_match, an_identity, at
from tests.unit.stages.planning import Planning
from tests.unit.stages.world import StageWorld


@pytest.fixture
def planning(world: StageWorld) -> Planning:
    return Planning(world)


def test_with_one_operator_contact_documents_mailbox_and_calendar_are_looked_at_together(planning: Planning):
    meeting = threading.Barrier(4, timeout=10)

    def there(answer: Any) -> Any:
        def come(**_: Any) -> Any:
            meeting.wait()
            return answer

        return come

    planning.world.store.save_workspace(workspace=a_workspace())
    planning.identity.answer, planning.hunter.answer = there(an_identity()), there((an_asset_match(),))
    planning.reader.answer, agenda = there(a_thread_reading()), Agenda(start=MONDAY, end=at(days=5))
    looked = there(agenda)
    planning.slots.answer = lambda **asked: () if "urgency" in asked else looked(**asked)
    planning()
    assert [asked.get("agenda") for asked in planning.slots.asked] == [None, agenda]
    assert planning.run.context.reading == a_thread_reading()
    assert len(planning.reader.asked) == 1


def test_with_several_operators_no_mailbox_is_read_before_it_is_known_whose(planning: Planning):
    planning.identity.answer = an_identity(contact=a_contact(owner_id="702"))
    planning()
    assert [asked["operator"].id for asked in planning.reader.asked] == ["jo"]
    assert [(asked["operator"].id, asked["agenda"]) for asked in planning.slots.asked] == [("jo", None)]


def test_a_plan_can_be_made_from_one_reading_and_two_commits(planning: Planning):
    planning.world.store.trips.clear()
    planning()
    assert planning.world.store.trips == ["read", "commit", "commit", "commit"]  # the last ends what was owed


def test_a_hint_that_only_joins_finds_out_with_one_more_reading(planning: Planning):
    planning()
    planning.world.put(a_hint(id="hint-2"))
    planning.world.store.trips.clear()
    planning("hint-2")
    assert planning.world.store.trips == ["read", "commit", "read", "commit"]
