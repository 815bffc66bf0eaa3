"""Erasing: a person's whole case goes, what is leaving is waited for, and no crash leaves a name that the next call misses."""

import pytest

from shared.domain.approval import Approval
from shared.domain.audit import AuditEntry
from shared.domain.draft import Draft, DraftState, OpenDraft, Revision, open_draft_id
from shared.domain.entity import Entity
from shared.domain.erasure import EraseReason
from shared.domain.hints import Hint, HintState
from shared.domain.holds import Hold, HoldState
from shared.domain.ids import DraftId, RunId
from shared.domain.links import LinkKind
from shared.domain.people import Contact
from shared.domain.planning import Rereading
from shared.domain.run import Run, RunState
from shared.domain.sends import Send, SendState
from shared.domain.submission import Submission
from shared.domain.touches import Touch, Touches
from shared.stages.erasing.forgetting import Forgotten, forget_person
from tests.builders import (
    MONDAY,
    WORKSPACE,
    a_contact,
    a_draft_text,
    a_form_entry,
    a_hint,
    a_parsed_hint,
    a_thread_reading,
    at,
)
from tests.unit.stages.crashing import Death, DyingStore
from tests.unit.stages.wire import MARIA, SendingWorld

ANA, BOB = "ana@one.example", "bob@two.example"
KINDS: tuple[type[Entity], ...] = (Run, Draft, Revision, Approval, Rereading, Submission, Hint, Hold, Send, Contact, OpenDraft, Touches)
GONE = (Draft, Revision, Rereading, Hold, Contact, OpenDraft, Touches)


def a_hold(number: int, whom: str, state: HoldState) -> Hold:
    times = {"start": at(days=1), "end": at(days=1, minutes=30), "expires_at": at(days=1), "created_at": MONDAY, "updated_at": MONDAY}
    names = {"draft_id": DraftId(f"draft_{number}"), "run_id": RunId(f"run_{number}"), "operator_id": "maria"}
    return Hold(id=f"hold_{number}-{state}", workspace_id=WORKSPACE, recipient=whom, spoken="Tuesday", state=state, **names, **times)


def everything_about(world: SendingWorld, number: int, whom: str) -> None:
    """A form, its run, a draft that was written anew and stands in Gmail, a time held and one given back."""
    draft = world.placed(number)
    entry = a_form_entry(email=whom)
    pointer = open_draft_id(workspace_id=WORKSPACE, mailbox=draft.mailbox, recipient=whom, thread_id=draft.thread_id)
    authorship, text = draft.authorship, a_draft_text(greeting=f"Dear {whom}")
    world.world.put(
        a_hint(id=f"hint-{number}", announced=a_parsed_hint(email=whom, entry=entry), run_id=f"run_{number}", state=HintState.RESOLVED),
        a_hint(id=f"named-{number}", announced=a_parsed_hint(email="", contact_id=f"5{number}"), run_id=f"run_{number}"),
        Submission(id=f"sub-{number}", workspace_id=WORKSPACE, portal_id="4242", entry=entry, run_id=RunId(f"run_{number}")),
        Rereading(id=draft.id, workspace_id=WORKSPACE, reading=a_thread_reading()),
        OpenDraft(id=pointer, workspace_id=WORKSPACE, draft_id=draft.id, since=MONDAY, placement=draft.placement),
        a_contact(id=f"5{number}", email=whom),
        Touches(id=draft.id, workspace_id=WORKSPACE, recipient=whom, kept=(Touch(kind=LinkKind.OPEN, at=MONDAY),)),
        a_hold(number, whom, HoldState.RELEASED),
        *(
            Revision(
                id=f"{draft.id}-r{one}",
                workspace_id=WORKSPACE,
                draft_id=DraftId(draft.id),
                number=one,
                text=text,
                authorship=authorship,
                at=MONDAY,
            )
            for one in (1, 2)
        ),
    )


@pytest.fixture
def world() -> SendingWorld:
    """Ana's mail is approved and waits for its hold; Bob has as much."""
    world = SendingWorld()
    for number, whom in ((1, ANA), (2, BOB)):
        everything_about(world, number, whom)
    world.sync()
    for number in (1, 2):
        world.approve(number)
    return world


def forget(world: SendingWorld) -> Forgotten:
    return forget_person(ANA, workspace_id=WORKSPACE, by=MARIA, reason=EraseReason.ASKED, desk=world.desk())


def stored(world: SendingWorld, *, of: str) -> list[str]:
    """All documents of somebody's case, by the number in their ids."""
    found = [one for kind in (*KINDS, AuditEntry) for one in world.store.everything(kind)]
    return sorted(one.model_dump_json() for one in found if of in one.id)


def names(world: SendingWorld) -> list[str]:
    told = [one for kind in (*KINDS, AuditEntry) for one in world.store.everything(kind)]
    of_theirs = [
        one for one in told if isinstance(one, GONE) and (one.id in ("draft_1", "51") or getattr(one, "draft_id", "") == "draft_1")
    ]
    of_theirs += [one for one in told if isinstance(one, Hint) and one.run_id == "run_1" and one.announced.contact_id]
    of_theirs += [one for one in told if isinstance(one, Approval) and one.draft_id == "draft_1" and one.raw]
    return [f"{type(one).__name__} {one.id}" for one in (*of_theirs, *(one for one in told if ANA in one.model_dump_json().lower()))]


def test_nothing_names_a_forgotten_person_and_their_mail_does_not_leave(world: SendingWorld) -> None:
    others = [one for one in stored(world, of="2") if BOB in one]
    done = forget(world)
    assert (done.drafts, done.left, names(world)) == (1, 0, [])
    [send] = [one for one in world.store.everything(Send) if one.draft_id == "draft_1"]
    [approval] = [one for one in world.store.everything(Approval) if one.draft_id == "draft_1"]
    assert (send.state, send.recipient, approval.raw, bool(approval.raw_digest)) == (SendState.CANCELLED, "", "", True)
    run = world.world.run("run_1")
    assert (run.state, run.context, run.plan, run.erased, run.owes_takeover) == (RunState.DONE, None, None, True, False)
    assert [one for one in stored(world, of="2") if BOB in one] == others
    world.left_by_itself(2)
    assert [one.draft_id for one in world.store.everything(Send) if one.departure] == ["draft_2"]
    assert len(world.mailbox.left) == 1


def test_forgetting_twice_finds_nothing_more(world: SendingWorld) -> None:
    forget(world)
    again = forget(world)
    assert (again.drafts, again.records, again.left, names(world)) == (0, 0, 0, [])


def test_a_mail_that_has_left_stays_in_the_ledger_without_name_and_text(world: SendingWorld) -> None:
    world.left_by_itself(1)
    departure = world.send(1).departure
    assert forget(world).left == 0
    assert (names(world), world.send(1).state, world.send(1).departure) == ([], SendState.SETTLED, departure)


def test_what_may_be_leaving_is_waited_for_and_goes_with_the_next_call(world: SendingWorld) -> None:
    parked = world.send(1).moved(SendState.CLAIMED, at=MONDAY).moved(SendState.PARKED, at=MONDAY)
    world.world.put(parked)
    done = forget(world)
    assert (done.drafts, done.left, world.draft(1).state) == (0, 1, DraftState.APPROVED)
    assert world.world.run("run_1").context is not None
    world.world.put(parked.moved(SendState.CANCELLED, at=MONDAY))
    assert (forget(world).left, names(world)) == (0, [])


def test_a_held_time_goes_once_it_was_given_back(world: SendingWorld) -> None:
    held = a_hold(1, ANA, HoldState.HELD)
    world.world.put(held)
    assert forget(world).left == 1
    world.world.put(held.model_copy(update={"state": HoldState.RELEASED}))
    assert (forget(world).left, names(world)) == (0, [])


@pytest.mark.parametrize("state", [RunState.RECEIVED, RunState.PLANNED, RunState.GATED])
def test_a_run_under_way_ends_and_owes_nobody_anything(world: SendingWorld, state: RunState) -> None:
    run = world.world.run("run_1").model_copy(update={"id": "run_9", "state": state, "draft_id": None})
    world.world.put(run)
    forget(world)
    over = world.world.run("run_9")
    assert (over.state, over.failure_reason, over.owes_takeover, names(world)) == (RunState.FAILED, "the person was forgotten", False, [])


def test_a_crash_at_any_call_of_the_store_leaves_nothing_that_the_next_call_misses() -> None:
    left, after, died = 0, False, 1
    while died:
        died = 0
        for after in (False, True):
            world = SendingWorld()
            everything_about(world, 1, ANA)
            world.sync()
            world.approve(1)
            world.through = lambda name, port, left=left, after=after: DyingStore(port, left=left, after=after) if name == "store" else port
            try:
                forget(world)
            except Death:
                died += 1
            world.through = lambda _name, port: port
            assert (forget(world).left, names(world)) == (0, []), (left, after)
            assert world.mailbox.left == []
        left += 1
    assert left > 20
