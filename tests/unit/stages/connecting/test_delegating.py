"""Accounts opened by delegation: proven live for each operator, stored like a consent, and told apart from one."""

import pytest

from shared.domain.audit import AuditEntry
from shared.domain.connections import Agreement, Connection, Part
from shared.domain.ids import OperatorId
from shared.domain.outbox import Queue
from shared.ports.errors import NotFound, Rejected, Transient
from shared.stages.connecting.delegating import Delegated, delegate
from shared.stages.connecting.ending import disconnect
from shared.stages.connecting.looking import standings
from tests.unit.stages.connecting.world import MARIA, ConnectingWorld

PARTS = (Part.MAILBOX, Part.CALENDAR)


@pytest.fixture
def world() -> ConnectingWorld:
    return ConnectingWorld()


def delegated(world: ConnectingWorld, *operators: str) -> list[Delegated]:
    named = [OperatorId(one) for one in operators]
    return list(delegate(world.workspace, named, PARTS, by=MARIA, linking=world.linking))


def test_everybody_is_connected_and_what_waited_goes_on(world: ConnectingWorld) -> None:
    [of_maria] = delegated(world, "maria")
    assert of_maria.works
    assert world.safe.living(world.maria.secret) == ["delegated maria@northwind.example"]
    assert world.one(Connection).agreement is Agreement.DELEGATION
    assert world.outbox.destinations == [Queue.RESUME_RUNS, Queue.SYNC_MAILBOX, Queue.INDEX_DRIVE]
    assert world.one(AuditEntry).after["agreement"] == "delegation"


def test_it_takes_the_place_of_a_consent_and_a_consent_that_of_it(world: ConnectingWorld) -> None:
    world.connect()
    delegated(world, "maria")
    assert world.safe.living(world.maria.secret) == ["delegated maria@northwind.example"]
    world.connect(code="code-2")
    assert world.one(Connection).agreement is Agreement.CONSENT
    assert world.safe.living(world.maria.secret) == ["credentials of code-2"]


def test_the_consent_it_replaces_is_withdrawn(world: ConnectingWorld) -> None:
    world.connect()
    delegated(world, "maria")
    assert len(world.google.ended) == 1


def test_a_consent_that_google_does_not_take_back_now_is_told_with_what_to_do(world: ConnectingWorld) -> None:
    def away() -> None:
        raise Transient("Google does not take the withdrawal now: 503")

    world.connect()
    world.google.unwilling = away
    [of_maria] = delegated(world, "maria")
    assert world.one(Connection).agreement is Agreement.DELEGATION
    assert [one.fix for one in of_maria.checks if not one.works] == ["remove sales-agent at myaccount.google.com/permissions"]


def test_what_does_not_open_is_told_and_nothing_is_stored(world: ConnectingWorld) -> None:
    world.google.broken = ("first",)
    [of_maria] = delegated(world, "maria")
    assert not of_maria.works
    assert "mend it" in of_maria.trouble
    assert world.safe.versions[world.maria.secret] == []
    assert world.store.everything(Connection) == []


def test_one_whose_account_does_not_open_does_not_keep_the_others_waiting(world: ConnectingWorld) -> None:
    jo = world.workspace.operators[1].model_copy(update={"refresh_token_secret": "never created"})
    world.workspace = world.workspace.model_copy(update={"operators": (world.workspace.operators[0], jo)})
    told = {one.target.operator_id: one for one in delegated(world)}
    assert set(told) == {one.id for one in world.workspace.operators}
    assert [id for id, one in told.items() if one.works] == ["maria"]
    assert world.one(Connection).id == "google-maria"


def test_an_installation_without_a_delegate_says_so(world: ConnectingWorld) -> None:
    world.delegations.lacking = "set it up"
    with pytest.raises(Rejected, match="set it up"):
        delegated(world, "maria")


def test_nobody_unknown_is_connected(world: ConnectingWorld) -> None:
    with pytest.raises(NotFound, match="no operator stranger"):
        delegated(world, "maria", "stranger")
    assert world.store.everything(Connection) == []


def test_whoever_is_to_connect_it_again_is_told_by_which_way(world: ConnectingWorld) -> None:
    delegated(world, "maria")
    disconnect(world.workspace, world.maria, by=MARIA, linking=world.linking)
    [_, account, *_] = standings(world.workspace, store=world.store)
    assert account.fix.endswith("--delegated`")
