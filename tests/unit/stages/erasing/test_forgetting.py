"""Forgetting: nothing of a person is left but that they must not be written to, and nothing of anybody else is missing."""

import pytest

from shared.domain.audit import Actor, ActorKind, AuditEntry, ContactSalt, salt_id
from shared.domain.conversation import Direction, Remembered
from shared.domain.erasure import EraseReason
from shared.domain.suppression import Cause, Scope, Subject, Suppression
from shared.ports.errors import Rejected
from shared.stages.erasing import forgetting
from shared.stages.erasing.forgetting import forget_mails, forget_person
from tests.builders import WORKSPACE, at
from tests.unit.stages.desk import DeskWorld


def a_piece(id: str, *people: str, circle: str) -> Remembered:
    return Remembered(
        id=id,
        workspace_id=WORKSPACE,
        mailbox="maria@northwind.example",
        circle=circle,
        embedder="words/1",
        message_id=id,
        thread_id=id,
        sender=people[0],
        direction=Direction.INBOUND,
        people=people,
        sent_at=at(),
        position=0,
        start=0,
        text="words",
    )


@pytest.fixture
def world() -> DeskWorld:
    """A draft stands there, for somebody else."""
    return DeskWorld(recipient="rui@brightleaf.example")


@pytest.mark.parametrize("size", [1, 2, 100])
def test_what_somebody_wrote_or_got_is_forgotten_and_nothing_else(world: DeskWorld, monkeypatch: pytest.MonkeyPatch, size: int):
    monkeypatch.setattr(forgetting, "PAGE", size)
    firm = "brightleaf.example"
    world.put(
        a_piece("1", "ana@brightleaf.example", circle=firm),
        a_piece("2", "rui@brightleaf.example", circle=firm),
        a_piece("3", "rui@brightleaf.example", "ana@brightleaf.example", circle=firm),
        a_piece("4", "ana@gmail.com", circle="ana@gmail.com"),
        a_piece("5", "ana@brightleaf.example", circle="ana@brightleaf.example"),
    )
    assert forget_mails(workspace_id=WORKSPACE, address=" Ana@brightleaf.example ", store=world.store) == 3
    assert [one.id for one in world.store.everything(Remembered)] == ["2", "4"]
    assert forget_mails(workspace_id=WORKSPACE, address="ana@brightleaf.example", store=world.store) == 0
    assert forget_mails(workspace_id=WORKSPACE, address="ana@gmail.com", store=world.store) == 1


MARIA = Actor(kind=ActorKind.PERSON, id="maria")
ANA = "ana@brightleaf.example"


def forgotten(world: DeskWorld, address: str = ANA) -> tuple[int, int]:
    done = forget_person(
        address,
        workspace_id=WORKSPACE,
        by=MARIA,
        reason=EraseReason.ASKED,
        desk=world.desk,
    )
    return done.pieces, done.suppressions


def blocked(world: DeskWorld, address: str = ANA) -> bool:
    return bool(world.suppressions.about([Subject(scope=Scope.ADDRESS, value=address)], workspace_id=WORKSPACE))


def test_a_forgotten_person_is_named_nowhere_and_never_written_to(world: DeskWorld):
    world.put(a_piece("1", ANA, circle="brightleaf.example"), a_piece("2", "rui@brightleaf.example", circle="brightleaf.example"))
    world.suppress(Subject(scope=Scope.ADDRESS, value=ANA), Cause.BOUNCE, by=MARIA)
    assert forgotten(world, f" {ANA.upper()} ") == (1, 1)
    assert [one.id for one in world.store.everything(Remembered)] == ["2"]
    [standing] = world.store.everything(Suppression)
    assert (standing.shown, standing.cause) == ("", Cause.OPT_OUT)
    assert blocked(world, "Ana+x@brightleaf.example")
    kept = [one.model_dump_json() for kind in (Suppression, AuditEntry, ContactSalt) for one in world.store.everything(kind)]
    assert ANA not in " ".join(kept)
    assert salt_id(WORKSPACE, ANA) not in {one.id for one in world.store.everything(ContactSalt)}
    entry = world.store.everything(AuditEntry)[-1]
    assert (entry.action, entry.contact, entry.reason) == ("person.forgotten", "", "asked")


def test_nobody_we_knew_is_suppressed_all_the_same(world: DeskWorld):
    assert forgotten(world) == (0, 1)
    assert blocked(world)


def test_forgetting_twice_does_no_harm_and_brings_nothing_back(world: DeskWorld):
    forgotten(world)
    world.suppress(Subject(scope=Scope.ADDRESS, value=ANA), Cause.COMPLAINT, by=MARIA)
    assert forgotten(world) == (0, 0)
    assert [one.shown for one in world.store.everything(Suppression)] == [""]


def test_what_is_no_address_is_refused_before_anything_is_removed(world: DeskWorld):
    world.put(a_piece("1", "ana", circle="ana"))
    with pytest.raises(Rejected):
        forgotten(world, "ana")
    assert len(world.store.everything(Remembered)) == 1
