"""Under whom a mail is written: chosen by the operator, told by Gmail, approved with the words, and never anybody else."""

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from shared.domain.approval import ApprovalState
from shared.domain.draft import DraftState
from shared.domain.sender import Sender
from shared.domain.sends import SendState
from shared.stages.deciding.approving import NotApproved
from shared.stages.drafting.draft import voice_of
from shared.stages.drafting.place_draft import place_draft
from tests.builders import a_sender, a_voice, a_workspace, an_operator
from tests.fakes.mailbox import MemoryMailbox
from tests.unit.stages.desk import DeskWorld
from tests.unit.stages.wire import SendingWorld
from tests.unit.stages.world import StageWorld, a_gated_run, a_judged_draft, work

ALIAS = a_sender()
OTHER = a_sender(address="vendas@northwind.example")


def choose(world: StageWorld, address: str) -> None:
    world.workspace = a_workspace(operators=(an_operator(send_as=address),))
    world.store.save_workspace(workspace=world.workspace)


@pytest.fixture
def world() -> DeskWorld:
    """A draft stands that was written under the alias."""
    world = DeskWorld(sender=ALIAS)
    world.mailbox.senders = {one.address: one for one in (ALIAS, OTHER)}
    choose(world, ALIAS.address)
    return world


def place(world: StageWorld, mailbox: MemoryMailbox) -> None:
    place_draft(work("run_1"), store=world.store, outbox=world.outbox, clock=world.clock, mailbox=mailbox.of)


def placing(*senders: Sender, send_as: str = ALIAS.address) -> tuple[StageWorld, MemoryMailbox]:
    world, mailbox = StageWorld(), MemoryMailbox(senders=senders)
    choose(world, send_as)
    world.put(a_gated_run(), a_judged_draft())
    return world, mailbox


def test_a_draft_is_placed_under_the_identity_the_operator_has_chosen():
    world, mailbox = placing(ALIAS)
    place(world, mailbox)
    [(_, placed)] = mailbox.drafts.values()
    assert (placed.sender, world.draft().sender) == (ALIAS, ALIAS)


def test_whoever_has_chosen_none_costs_no_call_and_writes_from_the_mailbox():
    world, mailbox = placing(send_as="")
    place(world, mailbox)
    assert (world.draft().sender, "sender" in mailbox.calls) == (None, False)


def test_nothing_is_placed_under_an_identity_that_gmail_does_not_send_under():
    world, mailbox = placing()
    with pytest.raises(Exception, match="Gmail does not send as"):
        place(world, mailbox)
    assert (mailbox.drafts, world.draft().sender) == ({}, None)
    mailbox.senders[ALIAS.address] = ALIAS
    place(world, mailbox)
    assert len(mailbox.drafts) == 1


def test_a_placing_that_died_finds_its_draft_although_the_signature_has_changed_since():
    world, mailbox = placing(ALIAS)
    keep = mailbox._keep

    def dies(*given: Any) -> Any:
        keep(*given)
        raise RuntimeError("the process dies")

    mailbox._keep = dies  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):
        place(world, mailbox)
    mailbox.senders[ALIAS.address] = a_sender(signature="New")
    world.later(minutes=5)
    place(world, mailbox)
    assert (len(mailbox.drafts), world.draft().sender) == (1, ALIAS)
    [(found, _)] = mailbox.drafts.values()
    assert world.draft().placement.content_hash == found.content_hash  # type: ignore[union-attr]


def test_below_an_identitys_signature_the_text_ends_with_the_name_alone(world: DeskWorld):
    world.put(a_voice())
    voice = voice_of(an_operator(send_as=ALIAS.address), workspace=world.workspace, store=world.store)
    assert (voice.signature, voice_of(an_operator(), workspace=world.workspace, store=world.store).signature) == (
        "Maria Costa",
        "Maria Costa\nNorthwind Events",
    )


def test_what_is_approved_says_whom_it_is_from(world: DeskWorld):
    world.approve()
    read = message_from_bytes(world.mailbox.composed(draft=world.draft()), policy=default)
    assert (read["From"], read["Reply-To"]) == ("Maria at Northwind <maria.costa@northwind.example>", "desk@northwind.example")


def gone(world: DeskWorld) -> None:
    del world.mailbox.senders[ALIAS.address]


def renamed(world: DeskWorld) -> None:
    world.mailbox.senders[ALIAS.address] = a_sender(signature="Maria Costa\nHead of Sales")


def chosen_anew(world: DeskWorld) -> None:
    choose(world, OTHER.address)


def chosen_none(world: DeskWorld) -> None:
    choose(world, "")


CHANGES = [
    (gone, "Gmail does not send as maria.costa@northwind.example"),
    (renamed, "the name or signature of maria.costa@northwind.example was changed in Gmail since it was written: edit it, or"),
    (chosen_anew, "it was written as maria.costa@northwind.example, and you write as vendas@northwind.example now: edit it, or"),
    (chosen_none, "it was written as maria.costa@northwind.example, and you write as maria@northwind.example now: edit it, or"),
]


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_a_sender_that_is_no_longer_what_was_seen_is_not_approved(world: DeskWorld, change: Any, told: str):
    change(world)
    with pytest.raises(NotApproved) as refused:
        world.approve()
    assert refused.value.detail.startswith(told)
    assert world.draft().state is DraftState.PENDING


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_an_approved_text_is_not_written_under_another_sender(world: DeskWorld, change: Any, told: str):
    world.say("Thank you, Ana.")
    world.approve()
    change(world)
    world.write()
    assert (world.draft().state, world.approval.state) == (DraftState.PENDING, ApprovalState.WITHDRAWN)
    assert world.draft().state_reason.startswith(told)
    assert "replace_draft" not in world.mailbox.calls


def test_a_text_that_waits_is_not_written_under_a_sender_that_is_gone(world: DeskWorld):
    world.say("Thank you, Ana.")
    gone(world)
    world.write()
    assert (world.draft().state, "replace_draft" in world.mailbox.calls) == (DraftState.PENDING, False)
    assert world.draft().state_reason == "Gmail does not send as maria.costa@northwind.example"


@pytest.mark.parametrize(
    ("change", "sender"), [(renamed, a_sender(signature="Maria Costa\nHead of Sales")), (chosen_anew, OTHER), (chosen_none, None)]
)
def test_saving_it_once_more_takes_the_sender_of_now_and_can_be_approved(world: DeskWorld, change: Any, sender: Any):
    change(world)
    world.edit(world.draft().text.body)
    assert (world.draft().sender, world.draft().revision) == (sender, 2)
    world.approve()
    world.write()
    assert (world.in_gmail.sender, world.approval.state) == (sender, ApprovalState.USED)


def test_saving_it_with_nothing_changed_leaves_it_as_it_was(world: DeskWorld):
    world.edit(world.draft().text.body)
    assert world.draft().revision == 1


def test_editing_goes_on_while_the_identity_is_gone_and_changes_nothing_about_it(world: DeskWorld):
    gone(world)
    world.say("Thank you, Ana.")
    assert (world.draft().sender, world.draft().revision) == (ALIAS, 2)


@pytest.fixture
def wire() -> SendingWorld:
    at = SendingWorld()
    at.mailbox.senders = {one.address: one for one in (ALIAS, OTHER)}
    choose(at.world, ALIAS.address)
    at.placed(1, sender=ALIAS)
    at.sync()
    at.approve(1)
    return at


def test_at_the_wire_it_leaves_under_the_sender_that_was_approved(wire: SendingWorld):
    wire.left_by_itself(1)
    [left] = wire.mailbox.left
    assert message_from_bytes(left.raw, policy=default)["From"].addresses[0].addr_spec == ALIAS.address


@pytest.mark.parametrize(("change", "told"), CHANGES)
def test_at_the_wire_a_sender_that_has_changed_stops_it_and_it_asks_again(wire: SendingWorld, change: Any, told: str):
    wire.world.mailbox = wire.mailbox  # type: ignore[attr-defined]
    change(wire.world)
    wire.left_by_itself(1)
    assert (wire.mailbox.left, wire.state(1), wire.draft(1).state) == ([], SendState.VOIDED, DraftState.PENDING)
    assert wire.send(1).reason.startswith(told)
