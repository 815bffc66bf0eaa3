"""The approval queue: what stands in which view, in which order, and when a look at it may have changed."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.audit import Actor, ActorKind
from shared.domain.draft import Draft, DraftState
from shared.domain.ids import ApprovalId, DraftId, OperatorId, TraceId
from shared.domain.planning import Priority
from shared.domain.policy import CURRENT, Policy
from shared.domain.sends import Send, SendState, Touch
from shared.stages.reading.queue import Queue, View, queue, tag_of
from tests.builders import MONDAY, PROSPECT, WORKSPACE, at
from tests.unit.stages.world import StageWorld, a_judged_draft

MARIA = Actor(kind=ActorKind.PERSON, id="maria")


def a_send(draft: str, **changes: Any) -> Send:
    usual = {
        "id": f"send-{draft}",
        "workspace_id": WORKSPACE,
        "approval_id": ApprovalId("a"),
        "draft_id": DraftId(draft),
        "operator_id": OperatorId("maria"),
        "mailbox": "maria@northwind.example",
        "recipient": PROSPECT,
        "touch": Touch.ANSWER,
        "new_thread": False,
        "due_at": MONDAY,
        "trace_id": TraceId("t"),
        "created_at": MONDAY,
        "updated_at": MONDAY,
    }
    return Send(**{**usual, **changes})


@pytest.fixture
def world() -> StageWorld:
    return StageWorld()


def looked(world: StageWorld, view: View = View.DECIDE, *, zone: str = "Europe/Madrid") -> Queue:
    return queue(WORKSPACE, view, zone=zone, store=world.store, clock=world.clock)


def ids(found: Queue) -> list[str]:
    return [one.draft.id for one in found.rows]


def decided(id: str, state: DraftState, **changes: Any) -> Draft:
    return a_judged_draft(id=id, state=state, decided_by=MARIA, **{"decided_at": MONDAY, **changes})


def test_what_waits_is_listed_urgent_first_and_then_the_newest(world: StageWorld):
    world.put(
        a_judged_draft(id="old", created_at=at(hours=-3)),
        a_judged_draft(id="new", created_at=at(hours=-1)),
        a_judged_draft(id="low", created_at=MONDAY, urgency=Priority.LOW),
        a_judged_draft(id="urgent", created_at=at(hours=-9), urgency=Priority.URGENT),
    )
    assert ids(looked(world)) == ["urgent", "new", "old", "low"]


def test_canaries_are_seen_by_nobody(world: StageWorld):
    world.put(a_judged_draft(id="canary", synthetic=True), decided("done", DraftState.REJECTED, synthetic=True))
    assert looked(world).counts == dict.fromkeys(View, 0)


def test_a_snoozed_draft_comes_back_at_its_moment(world: StageWorld):
    world.put(a_judged_draft(id="later", snoozed_until=at(hours=2)))
    assert (ids(looked(world)), ids(looked(world, View.SNOOZED))) == ([], ["later"])
    world.later(hours=2)
    assert (ids(looked(world)), ids(looked(world, View.SNOOZED))) == (["later"], [])


@pytest.mark.parametrize(
    ("state", "view"),
    [
        (SendState.APPROVED, View.SENDING),
        (SendState.HELD, View.SENDING),
        (SendState.CLAIMED, View.SENDING),
        (SendState.PARKED, View.PARKED),
        (SendState.SETTLED, None),
        (SendState.CANCELLED, None),
    ],
)
def test_a_send_is_in_the_view_of_its_state(world: StageWorld, state: SendState, view: View | None):
    world.put(decided("d", DraftState.APPROVED, decided_at=at(days=-2)), a_send("d", state=state))
    counts = looked(world).counts
    assert {name for name, count in counts.items() if count} == ({view} if view else set())
    if view:
        [row] = looked(world, view).rows
        assert (row.draft.id, row.send.state) == ("d", state)


def test_today_begins_at_midnight_where_the_operator_is(world: StageWorld):
    world.put(
        decided("late-yesterday", DraftState.APPROVED, decided_at=at(hours=-10, minutes=-30)),  # 22:30 UTC on Sunday
        decided("today", DraftState.REJECTED, decided_at=at(hours=-1)),
        a_judged_draft(id="undecided"),
    )
    assert ids(looked(world, View.TODAY, zone="Europe/London")) == ["today"]
    assert ids(looked(world, View.TODAY, zone="Europe/Helsinki")) == ["today", "late-yesterday"]


def test_another_workspaces_drafts_are_neither_seen_nor_counted(world: StageWorld):
    world.put(a_judged_draft(id="theirs", workspace_id="other"), a_send("theirs", workspace_id="other"))
    assert looked(world).counts == dict.fromkeys(View, 0)


def test_the_tag_changes_with_whatever_the_page_shows(world: StageWorld):
    def tag() -> str:
        return tag_of(WORKSPACE, store=world.store, clock=world.clock)

    tags = [tag()]
    for change in (
        a_judged_draft(id="d", updated_at=at(seconds=1)),
        a_judged_draft(id="d", updated_at=at(seconds=2)),
        a_send("d", updated_at=at(seconds=3)),
        Policy(id=CURRENT, workspace_id=WORKSPACE, version=1),
    ):
        assert tag() == tags[-1]
        world.put(change)
        tags.append(tag())
    world.clock.advance(timedelta(minutes=1))  # ages, and what comes back from snoozing
    tags.append(tag())
    assert len(set(tags)) == len(tags)


def test_a_look_costs_few_round_trips_and_a_poll_three_documents(world: StageWorld):
    world.store.trips.clear()
    tag_of(WORKSPACE, store=world.store, clock=world.clock)
    assert sorted(world.store.trips) == ["get", "list", "list"]
