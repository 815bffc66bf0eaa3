"""Intake: whatever HubSpot repeats, splits or mixes, each announcement is stored once and owes one event."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from shared.domain.hints import Hint, HintSource, Ignored, Parsed, ParsedHint
from shared.domain.ids import WorkspaceId
from shared.domain.outbox import Channel, Outgoing
from shared.domain.tokens import token_digest
from shared.domain.workspace import HookRoute, PortalRoute
from shared.ports.errors import Rejected, Transient
from shared.ports.store import Create, Write
from shared.stages.arriving.intake import Receipt, receive
from tests.builders import MONDAY, PROSPECT, WORKSPACE, a_parsed_hint, at
from tests.confidential import planted
from tests.fakes.store import MemoryStore
from tests.unit.stages.world import StageWorld

TOKEN = planted("hook token")
OTHER = WorkspaceId("southwind")


@pytest.fixture
def connected(world: StageWorld) -> StageWorld:
    world.store.add_route(route=PortalRoute(id="4242", workspace_id=WORKSPACE))
    world.store.add_route(route=PortalRoute(id="5151", workspace_id=OTHER))
    world.store.add_route(route=HookRoute(id=token_digest(TOKEN), workspace_id=WORKSPACE))
    return world


def receive_at(world: StageWorld, *announced: ParsedHint, token: str = "", ignored: tuple[Ignored, ...] = ()) -> Receipt:
    parsed = Parsed(hints=announced, ignored=ignored)
    return receive(parsed, hook_token=token, trace_id="trace-9", store=world.store, outbox=world.outbox, clock=world.clock)


def test_a_hint_is_stored_with_its_event_and_published(connected: StageWorld):
    receipt = receive_at(connected, a_parsed_hint())
    hint = connected.one(Hint)
    assert receipt == Receipt(run_ids=(hint.id,), ignored=())
    assert (hint.announced, hint.received_at, hint.trace_id, hint.workspace_id) == (a_parsed_hint(), MONDAY, "trace-9", WORKSPACE)
    [event] = connected.outbox.flushed
    assert (event.channel, event.destination, event.payload) == (
        Channel.EVENT,
        "lead.received",
        {"workspace_id": WORKSPACE, "id": hint.id},
    )
    assert (event.id, event.trace_id, event.created_at, event.workspace_id) == (f"{hint.id}-received", "trace-9", MONDAY, WORKSPACE)
    assert not connected.owed


def test_the_handle_can_be_part_of_an_address(connected: StageWorld):
    [handle] = receive_at(connected, a_parsed_hint(email="ana+öl/../x@brightleaf.example")).run_ids
    assert re.fullmatch("evt_[0-9a-f]{26}", handle)


def test_one_round_trip_stores_a_whole_batch(connected: StageWorld):
    connected.store.trips.clear()
    receive_at(connected, *(a_parsed_hint(contact_id=str(number)) for number in range(100)))
    assert connected.store.trips == ["get", "commit", "commit"]  # the route; hints and events; the events are published
    assert len(connected.hints) == 100


def test_the_same_announcement_twice_is_one_hint_and_one_event(connected: StageWorld):
    first = receive_at(connected, a_parsed_hint())
    connected.later(minutes=3)
    assert receive_at(connected, a_parsed_hint()) == first
    assert connected.one(Hint).received_at == MONDAY
    assert connected.outbox.destinations == ["lead.received"]


def test_a_repeat_within_one_batch_is_told_once(connected: StageWorld):
    receipt = receive_at(connected, a_parsed_hint(), a_parsed_hint(email=PROSPECT.upper()))
    assert receipt.run_ids == (connected.one(Hint).id,)


@pytest.mark.parametrize(
    "change",
    [
        {"contact_id": "52"},
        {"email": "eva@brightleaf.example"},
        {"form_id": "form-demo"},
        {"event_key": "k"},
        {"submitted_at": MONDAY},
        {"occurred_at": at(seconds=1)},
        {"source": HintSource.SUBSCRIPTION},
        {"portal_id": "5151"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_announcement_is_another_hint(connected: StageWorld, change: dict[str, Any]):
    assert len(receive_at(connected, a_parsed_hint(), a_parsed_hint(**change)).run_ids) == 2


def test_when_something_was_submitted_is_not_taken_for_when_it_happened(connected: StageWorld):
    one, other = a_parsed_hint(submitted_at=MONDAY, occurred_at=None), a_parsed_hint(submitted_at=None, occurred_at=MONDAY)
    assert len(receive_at(connected, one, other).run_ids) == 2


def test_a_batch_is_split_by_portal(connected: StageWorld):
    receive_at(connected, a_parsed_hint(), a_parsed_hint(portal_id="5151"))
    assert sorted((one.workspace_id, one.announced.portal_id) for one in connected.hints) == [(WORKSPACE, "4242"), (OTHER, "5151")]
    assert sorted(one.workspace_id for one in connected.outbox.flushed) == [WORKSPACE, OTHER]


def test_a_portal_nobody_connected_is_ignored_with_its_reason_and_the_rest_is_stored(connected: StageWorld):
    earlier = Ignored(index=2, reason="not a form submission")
    receipt = receive_at(connected, a_parsed_hint(), a_parsed_hint(portal_id="6666"), ignored=(earlier,))
    assert receipt.ignored == (earlier, Ignored(index=1, reason="portal 6666 is not connected"))
    assert receipt.run_ids == (connected.one(Hint).id,)


def test_nothing_known_is_nothing_stored(connected: StageWorld):
    connected.store.trips.clear()
    assert receive_at(connected, a_parsed_hint(portal_id="6666")).run_ids == ()
    assert connected.store.trips == ["get"]


def test_a_hook_token_says_whose_a_body_without_portal_is(connected: StageWorld):
    receive_at(connected, a_parsed_hint(portal_id=""), a_parsed_hint(portal_id="4242"), token=TOKEN)
    assert [one.workspace_id for one in connected.hints] == [WORKSPACE, WORKSPACE]


@pytest.mark.parametrize("portal", ["5151", "6666"])
def test_what_another_portal_says_at_a_workspaces_address_is_stored_nowhere(connected: StageWorld, portal: str):
    receipt = receive_at(connected, a_parsed_hint(portal_id=portal), token=TOKEN)
    assert receipt == Receipt(run_ids=(), ignored=(Ignored(index=0, reason=f"portal {portal} is not connected to this address"),))
    assert not connected.hints


def test_an_unknown_hook_token_is_not_found(connected: StageWorld):
    with pytest.raises(Rejected) as refused:
        receive_at(connected, a_parsed_hint(), token="guessed")
    assert (refused.value.status, refused.value.field) == (404, "path")
    assert not connected.hints


def test_without_portal_and_token_nobody_knows_whose_it_is(connected: StageWorld):
    with pytest.raises(Rejected) as refused:
        receive_at(connected, a_parsed_hint(), a_parsed_hint(portal_id=""))
    assert (refused.value.status, refused.value.field) == (400, "portalId")
    assert not connected.hints


def test_what_could_not_be_published_is_owed(connected: StageWorld):
    connected.outbox.dead = True
    receipt = receive_at(connected, a_parsed_hint())
    assert [one.id for one in connected.owed] == [f"{receipt.run_ids[0]}-received"]


def test_new_events_among_known_ones_are_stored_and_published_alone(connected: StageWorld):
    receive_at(connected, a_parsed_hint(), a_parsed_hint(portal_id="5151"))
    connected.outbox.flushed.clear()
    batch = [a_parsed_hint(), a_parsed_hint(contact_id="77"), a_parsed_hint(portal_id="5151")]
    receipt = receive_at(connected, *batch)
    assert len(receipt.run_ids) == len(connected.hints) == 3
    assert [one.payload["id"] for one in connected.outbox.flushed] == [receipt.run_ids[1]]


class Contended(MemoryStore):
    """Before each of the first commits somebody else stores one of the batch's hints."""

    def __init__(self, world: StageWorld, races: int) -> None:
        self.__dict__.update(world.store.__dict__)
        self.races = races
        self.attempts = 0

    def commit(self, *writes: Write) -> Sequence[object]:
        if any(isinstance(write, Create) and isinstance(write.entity, Hint) for write in writes):
            self.attempts += 1
        if self.races and isinstance(writes[0], Create):
            self.races -= 1
            super().commit(
                writes[0], *(one for one in writes if isinstance(one.entity, Outgoing) and one.entity.payload["id"] == writes[0].entity.id)
            )
        return super().commit(*writes)


def test_a_lost_race_for_some_of_a_batch_stores_the_rest(connected: StageWorld):
    connected.store = Contended(connected, races=2)
    batch = [a_parsed_hint(contact_id=str(number)) for number in range(4)]
    receipt = receive_at(connected, *batch)
    assert len(receipt.run_ids) == len(connected.hints) == 4
    assert [one.payload["id"] for one in connected.outbox.flushed] == list(receipt.run_ids[2:])


def test_whoever_loses_every_race_asks_to_be_called_again(connected: StageWorld):
    connected.store = Contended(connected, races=99)
    with pytest.raises(Transient, match="stored by others"):
        receive_at(connected, *(a_parsed_hint(contact_id=str(number)) for number in range(9)))
    assert connected.store.attempts == 4


def test_the_last_of_a_batch_may_be_stored_by_others_too(connected: StageWorld):
    connected.store = Contended(connected, races=1)
    receipt = receive_at(connected, a_parsed_hint())
    assert receipt.run_ids == (connected.one(Hint).id,)
    assert connected.outbox.flushed == []
