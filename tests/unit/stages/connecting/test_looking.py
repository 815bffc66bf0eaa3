"""How connections stand, live looks, and disconnecting."""

from datetime import timedelta

import pytest

from shared.domain.audit import AuditEntry
from shared.domain.connections import Connection
from shared.domain.heard import MailboxState
from shared.domain.ids import OperatorId
from shared.domain.polling import FORMS, FormPolls
from shared.domain.roles import Role
from shared.ports.errors import NotFound, Rejected
from shared.stages.connecting.ending import disconnect
from shared.stages.connecting.linking import check_may_connect, may_connect, parts_wanted, target_of
from shared.stages.connecting.looking import State, look_again, standings
from tests.builders import OPERATOR, WORKSPACE
from tests.unit.stages.connecting.world import MARIA, ConnectingWorld


@pytest.fixture
def world() -> ConnectingWorld:
    return ConnectingWorld()


def states(world: ConnectingWorld) -> dict[str, tuple[State, str]]:
    return {one.target.id: (one.state, one.reason) for one in standings(world.workspace, store=world.store)}


def trouble(world: ConnectingWorld, reason: str) -> None:
    heard = MailboxState(id=OPERATOR, workspace_id=WORKSPACE, operator_id=OPERATOR, cursor="7", read_at=world.clock.now())
    world.put(heard.model_copy(update={"trouble": reason, "trouble_at": world.clock.now() if reason else None}))


def test_a_new_workspace_has_nothing_connected_and_says_how(world: ConnectingWorld) -> None:
    found = standings(world.workspace, store=world.store)
    assert [(one.target.id, one.state) for one in found] == [(id, State.NEVER) for id in ("hubspot", "google-maria", "google-jo")]
    assert found[1].fix == "connect it on the Connect page, or with `sdr connect-mailbox maria`"
    assert found[0].fix.endswith("`sdr connect-hubspot`")


def test_a_withdrawn_consent_shows_with_its_reason_and_a_new_one_mends_it(world: ConnectingWorld) -> None:
    world.connect()
    world.later(hours=1)
    trouble(world, "Google no longer accepts our access (invalid_grant)")
    assert states(world)["google-maria"] == (State.DISCONNECTED, "Google no longer accepts our access (invalid_grant)")
    world.later(hours=1)
    world.connect(code="code-2")
    assert states(world)["google-maria"] == (State.CONNECTED, "")


def test_a_mailbox_whose_secret_was_stored_by_hand_is_connected_once_it_is_read(world: ConnectingWorld) -> None:
    trouble(world, "")
    assert states(world)["google-maria"] == (State.CONNECTED, "")


def test_what_keeps_the_forms_from_being_read_is_told_at_the_portal(world: ConnectingWorld) -> None:
    world.connect(world.portal)
    world.put(FormPolls(id=FORMS, workspace_id=WORKSPACE, since=world.clock.now(), trouble="HubSpot answered 401"))
    assert states(world)["hubspot"] == (State.CONNECTED, "HubSpot answered 401")


def test_a_look_keeps_what_it_found(world: ConnectingWorld) -> None:
    world.connect()
    world.google.broken = ("second",)
    world.later(hours=1)
    look_again(world.workspace, world.maria, linking=world.linking)
    kept = world.one(Connection)
    assert [one.works for one in kept.checks] == [True, False]
    assert kept.checked_at - kept.connected_at == timedelta(hours=1)
    assert standings(world.workspace, store=world.store)[1].fix == "mend it"


def test_disconnecting_ends_the_consent_and_every_version_and_is_written_down(world: ConnectingWorld) -> None:
    world.connect()
    world.safe.add(name=world.maria.secret, value="stored and never recorded")
    disconnect(world.workspace, world.maria, by=MARIA, linking=world.linking)
    assert len(world.google.ended) == 1
    assert world.safe.living(world.maria.secret) == []
    assert states(world)["google-maria"] == (State.DISCONNECTED, "it was disconnected")
    assert sorted(one.action for one in world.store.everything(AuditEntry)) == ["google.connected", "google.disconnected"]
    assert not look_again(world.workspace, world.maria, linking=world.linking)[0].works


def test_disconnecting_twice_is_once_and_connecting_again_is_connected(world: ConnectingWorld) -> None:
    world.connect()
    for _ in range(2):
        disconnect(world.workspace, world.maria, by=MARIA, linking=world.linking)
    assert len([one for one in world.store.everything(AuditEntry) if one.action == "google.disconnected"]) == 1
    world.later(minutes=1)
    world.connect(code="code-2")
    assert states(world)["google-maria"][0] is State.CONNECTED


def test_what_was_never_connected_here_cannot_be_disconnected(world: ConnectingWorld) -> None:
    with pytest.raises(NotFound, match="not connected here"):
        disconnect(world.workspace, world.maria, by=MARIA, linking=world.linking)


@pytest.mark.parametrize(
    ("by", "role", "mailbox", "portal"),
    [
        (OPERATOR, Role.OPERATOR, True, False),
        (OperatorId("jo"), Role.OPERATOR, False, False),
        (OperatorId("jo"), Role.ADMIN, True, True),
        (OPERATOR, Role.VIEWER, False, False),
        (OperatorId(""), Role.OPERATOR, False, False),
    ],
)
def test_everybody_connects_their_own_and_an_administrator_all(
    world: ConnectingWorld, by: OperatorId, role: Role, mailbox: bool, portal: bool
) -> None:
    assert may_connect(world.maria, by=by, role=role) is mailbox
    assert may_connect(world.portal, by=by, role=role) is portal
    if not portal:
        with pytest.raises(Rejected, match="administrator"):
            check_may_connect(world.portal, by=by, role=role)


def test_only_what_is_chosen_is_asked_for_besides_the_mailbox(world: ConnectingWorld) -> None:
    assert [str(one) for one in parts_wanted(world.maria, ["drive", "crm", "root"])] == ["mailbox", "drive"]
    with pytest.raises(NotFound):
        target_of(world.workspace, "google-nobody")
