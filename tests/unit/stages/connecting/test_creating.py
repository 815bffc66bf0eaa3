"""A workspace begins: whole, once, and with nothing of anybody else's."""

from typing import Any

import pytest

from infra.cli.founding import kept_lines
from shared.domain.audit import Actor, ActorKind, AuditEntry
from shared.domain.ids import WorkspaceId
from shared.domain.roles import Role
from shared.domain.tokens import token_digest
from shared.domain.workspace import ApiTokenRoute, DriveAccess, HookRoute, SignInRoute, WorkingHours, sign_in_id
from shared.ports.errors import Rejected
from shared.stages.connecting.creating import Created, NewOperator, NewWorkspace, Registry
from tests.fakes.consents import MemorySafe
from tests.unit.stages.crashing import Death, DyingStore
from tests.unit.stages.world import StageWorld

SOMEBODY = Actor(kind=ActorKind.PERSON, id="whoever deploys")
LENA, OLE = NewOperator(name="Lena Berg", email="Lena.Berg@fjord.example"), NewOperator(name="Ole Dahl", email="ole@fjord.example")


class CreatingWorld(StageWorld):
    def __init__(self) -> None:
        super().__init__()
        self.safe = MemorySafe(self.secrets)

    def create(self, *, store: Any = None, **changes: Any) -> Created:
        usual = {"id": "fjord", "name": "Fjord Freight", "portal_id": "5151", "operators": (LENA, OLE)}
        parts = {"secrets": self.secrets, "safe": self.safe, "clock": self.clock, "ids": self.ids, "audit": self.audit}
        return Registry(store=store or self.store, **parts).create(NewWorkspace(**{**usual, **changes}), by=SOMEBODY)


@pytest.fixture
def world() -> CreatingWorld:
    return CreatingWorld()


def test_a_workspace_has_keys_doors_and_empty_places_for_its_accounts(world: CreatingWorld) -> None:
    made = world.create()
    assert made.fresh
    assert world.safe.versions["hubspot-token-fjord"] == []
    assert world.safe.versions["google-refresh-token-fjord_lena-berg"] == []
    assert all(len(world.safe.living(one)) == 1 for one in ("audit-key-fjord", "suppression-keys-fjord"))
    door = world.store.route(ApiTokenRoute, id=token_digest(made.api_token))
    assert door is not None
    assert (door.workspace_id, door.role) == ("fjord", Role.ADMIN)
    assert world.store.route(HookRoute, id=token_digest(made.hook_token)) is not None
    assert [one.action for one in world.store.everything(AuditEntry) if one.workspace_id == "fjord"] == ["workspace.created"]
    assert made.api_token not in repr(made)


def test_no_two_workspaces_keep_the_credentials_of_a_mailbox_in_one_secret(world: CreatingWorld) -> None:
    long, short = NewOperator(name="M", email="wind-mara@north.example"), NewOperator(name="M", email="mara@north-wind.example")
    one = world.create(id="north", portal_id="1", operators=(long,)).workspace
    other = world.create(id="north-wind", portal_id="2", operators=(short,)).workspace
    assert one.operators[0].refresh_token_secret != other.operators[0].refresh_token_secret


def test_the_first_operator_looks_after_the_workspace(world: CreatingWorld) -> None:
    made = world.create()
    roles = [world.store.route(SignInRoute, id=sign_in_id(one.email)) for one in made.workspace.operators]
    assert [one.role for one in roles if one] == [Role.ADMIN, Role.OPERATOR]
    assert made.workspace.default_operator == "lena-berg"
    assert made.workspace.operators[0].email == "lena.berg@fjord.example"


def test_created_again_it_keeps_its_keys_and_gets_new_tokens(world: CreatingWorld) -> None:
    first, keys = world.create(), dict(world.secrets.values)
    again = world.create()
    assert not again.fresh
    assert world.secrets.values == keys
    assert again.workspace == first.workspace
    assert again.api_token != first.api_token


def test_folders_that_were_not_chosen_at_first_are_added_once(world: CreatingWorld) -> None:
    world.create()
    assert world.create(drive=DriveAccess(roots=("sales",))).workspace.drive.roots == ("sales",)
    assert world.create(drive=DriveAccess(roots=("others",))).workspace.drive.roots == ("sales",)
    assert world.store.workspace(workspace_id=WorkspaceId("fjord")).drive.roots == ("sales",)


@pytest.mark.parametrize("changes", [{"portal_id": "6161"}, {"operators": (OLE,)}])
def test_a_workspace_of_that_name_with_something_else_in_it_is_left_alone(world: CreatingWorld, changes: dict[str, Any]) -> None:
    world.create()
    with pytest.raises(Rejected, match="there is a workspace fjord"):
        world.create(**changes)


def test_an_address_of_another_workspace_is_refused_before_anything_is_written(world: CreatingWorld) -> None:
    world.create()
    with pytest.raises(Rejected, match="ole@fjord.example belongs to another workspace"):
        world.create(id="fjell", operators=(OLE,))
    assert "audit-key-fjell" not in world.safe.versions


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "Fjord Freight"}, "id"),
        ({"id": "x"}, "id"),
        ({"name": " "}, "name"),
        ({"portal_id": "na1-5151"}, "portal"),
        ({"operators": ()}, "operator"),
        ({"operators": (NewOperator(name="", email="a@b.example"),)}, "operator"),
        ({"operators": (NewOperator(name="A", email="nobody"),)}, "operator"),
        ({"operators": (OLE, NewOperator(name="Ole Moe", email="ole@moe.example"))}, "operator"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(world: CreatingWorld, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected) as refused:
        world.create(**changes)
    assert refused.value.field == field
    assert world.safe.versions == {}


@pytest.mark.parametrize("after", [False, True])
def test_whoever_dies_while_creating_creates_again(after: bool) -> None:
    for left in range(30):
        world = CreatingWorld()
        try:
            world.create(store=DyingStore(world.store, left=left, after=after))
        except Death:
            made = world.create()
            door = world.store.route(ApiTokenRoute, id=token_digest(made.api_token))
            assert door is not None
            assert all(world.store.route(SignInRoute, id=sign_in_id(one.email)) for one in made.workspace.operators)
            assert len(world.safe.living("audit-key-fjord")) == 1
        else:
            return
    pytest.fail("it never came to its end")


def test_a_workspace_from_before_mails_had_links_gets_its_key_by_being_created_again(world: CreatingWorld) -> None:
    world.create()
    audit_key = world.secrets.values["audit-key-fjord"]
    del world.safe.versions["link-keys-fjord"], world.secrets.values["link-keys-fjord"]
    world.create()
    assert world.secrets.values["link-keys-fjord"].startswith("1:")
    assert world.secrets.values["audit-key-fjord"] == audit_key


@pytest.mark.parametrize("field", ["name", "legal_name", "postal_address"])
@pytest.mark.parametrize("value", ["Fjord\x00Freight", "Fjord \u202eFreight", "x" * 301])
def test_what_stands_below_mails_is_one_line_that_can_be_printed_from_the_beginning(world: CreatingWorld, field: str, value: str) -> None:
    with pytest.raises(Rejected) as refused:
        world.create(**{field: value})
    assert refused.value.field == field


def test_line_breaks_of_whoever_created_it_reach_no_footer(world: CreatingWorld) -> None:
    made = world.create(name="Fjord\r\nBcc: x@y.example", legal_name="Fjord\n Freight", postal_address="Kai 1\n5003 Bergen")
    found = made.workspace
    assert (found.company_name, found.legal_name, found.postal_address) == ("Fjord Bcc: x@y.example", "Fjord Freight", "Kai 1 5003 Bergen")


def test_what_it_had_none_of_is_added_by_doing_it_again_and_logged(world: CreatingWorld) -> None:
    world.create()
    again = world.create(postal_address=" 1 Quay,  Oslo ", legal_name="Fjord Freight AS", link_domains=("fjord.example",))
    assert (again.workspace.postal_address, again.workspace.link_domains, again.kept) == ("1 Quay, Oslo", ("fjord.example",), {})
    assert world.store.workspace(workspace_id=WorkspaceId("fjord")) == again.workspace
    assert [one.action for one in world.store.everything(AuditEntry) if one.workspace_id == "fjord"] == [
        "workspace.created",
        "workspace.changed",
    ]


def test_what_was_chosen_before_stays_and_is_told(world: CreatingWorld) -> None:
    world.create(postal_address="1 Quay, Oslo")
    again = world.create(postal_address="2 Quay, Oslo", name="Fjord", hours=WorkingHours(timezone="Europe/Oslo", country="NO"))
    assert again.kept == {"postal-address": "1 Quay, Oslo", "name": "Fjord Freight", "timezone": "UTC", "country": ""}
    lines = kept_lines(again)
    assert "workspace set --postal-address" in lines[1]
    assert "no command changes it" in lines[0]
    assert len([one for one in world.store.everything(AuditEntry) if one.workspace_id == "fjord"]) == 1
