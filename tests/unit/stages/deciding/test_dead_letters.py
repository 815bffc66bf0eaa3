"""Dead letters: handed over once more, once, or put away; each decision is in the log."""

import pytest

from infra.manifests import TriggerKind, load_all
from shared.domain.audit import Actor, ActorKind, AuditEntry
from shared.domain.dead_letter import DeadLetter, DeadLetterState
from shared.domain.ids import WorkspaceId
from shared.domain.outbox import Channel, Outgoing
from shared.domain.run import RunState
from shared.domain.work import Work
from shared.ports.errors import Conflict, NotFound, Permanent, Rejected
from shared.stages.chores.sweep import OVERDUE, sweep
from shared.stages.deciding.dead_letters import HEARS, LetterBox
from shared.stages.drafting.failures import FailureBook
from tests.builders import WORKSPACE, a_run
from tests.letters import a_dead_letter
from tests.unit.stages.world import StageWorld

JO = Actor(kind=ActorKind.PERSON, id="jo")
THEIRS = Work(workspace_id=WorkspaceId("fabrikam"), id="send-1").model_dump_json()


class Box:
    def __init__(self) -> None:
        self.world = StageWorld()
        self.letters = LetterBox(store=self.world.store, clock=self.world.clock, audit=self.world.audit)

    def replay(self, id: str = "dead_1") -> DeadLetter:
        return self.letters.replay(WORKSPACE, id, by=JO, trace_id="trace-now")

    def resolve(self, id: str = "dead_1") -> DeadLetter:
        return self.letters.resolve(WORKSPACE, id, note="sent by hand", by=JO)

    @property
    def owed(self) -> list[tuple[Channel, str, dict[str, str], str]]:
        return [(one.channel, one.destination, one.payload, one.trace_id) for one in self.world.store.everything(Outgoing)]

    @property
    def actions(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(one.action, one.evidence) for one in self.world.store.everything(AuditEntry)]


@pytest.fixture
def box() -> Box:
    return Box()


def test_a_replayed_letter_is_handed_to_whoever_could_not_process_it(box: Box) -> None:
    box.world.put(a_dead_letter(attributes={"trace_id": "trace-then"}))
    told = box.replay()
    assert (told.state, told.decided_by, told.decided_at) == (DeadLetterState.REPLAYED, JO, box.world.clock.now())
    assert box.owed == [(Channel.TASK, "send", {"workspace_id": WORKSPACE, "id": "send-1"}, "trace-then")]
    assert box.actions == [("dead_letter.replayed", ("dead_1", "send"))]


def test_a_letter_that_fails_again_when_handed_over_is_open_again_and_told_anew(box: Box) -> None:
    """Else it would be called replayed for ever, and nobody would know that nothing came of it."""
    book = FailureBook(store=box.world.store, clock=box.world.clock)
    work = Work(workspace_id=WORKSPACE, id="lost")
    names = []
    for reason in ("the portal refuses", "the portal refuses still"):
        book.record(function="hold_slots", work=work, error=Permanent(reason))
        [letter] = box.world.store.everything(DeadLetter)
        assert (letter.state, letter.reason, letter.decided_by) == (DeadLetterState.OPEN, reason, None)
        box.world.clock.advance(OVERDUE)
        box.replay(letter.id)
        names.append({one.id for one in box.world.store.everything(Outgoing)})
    told = [one for one in names[1] if "-notice-letters-" in one]
    assert (len(told), len(names[1] - names[0])) == (2, 2)


def test_a_letter_that_was_put_away_stays_so_whatever_comes_again(box: Box) -> None:
    book = FailureBook(store=box.world.store, clock=box.world.clock)
    work = Work(workspace_id=WORKSPACE, id="lost")
    book.record(function="hold_slots", work=work, error=Permanent("no"))
    [letter] = box.world.store.everything(DeadLetter)
    box.resolve(letter.id)
    book.record(function="hold_slots", work=work, error=Permanent("no"))
    assert box.world.store.everything(DeadLetter)[0].state is DeadLetterState.RESOLVED
    assert len(box.owed) == 1


def test_the_sweep_hands_it_over(box: Box) -> None:
    box.world.put(a_dead_letter())
    box.replay()
    box.world.clock.advance(OVERDUE * 2)
    assert sweep(store=box.world.store, outbox=box.world.outbox, clock=box.world.clock) == 1


def test_a_message_goes_to_its_topic_again(box: Box) -> None:
    box.world.put(a_dead_letter(function="plan", source="lead.received--plan"))
    box.replay()
    assert [one[:2] for one in box.owed] == [(Channel.EVENT, "lead.received")]


def test_every_function_that_hears_something_can_be_told_it_again() -> None:
    heard = {one.name: one.trigger.value for one in load_all().values() if one.trigger.kind in (TriggerKind.TOPIC, TriggerKind.QUEUE)}
    assert {name: str(told) for name, told in HEARS.items()} == heard


def test_a_resolved_letter_keeps_the_note_out_of_the_log(box: Box) -> None:
    box.world.put(a_dead_letter())
    told = box.resolve()
    assert (told.state, told.note) == (DeadLetterState.RESOLVED, "sent by hand")
    assert box.owed == []
    [entry] = box.world.store.everything(AuditEntry)
    assert (entry.action, "sent by hand" in entry.model_dump_json()) == ("dead_letter.resolved", False)


@pytest.mark.parametrize("first", ["replay", "resolve"])
@pytest.mark.parametrize("then", ["replay", "resolve"])
def test_nothing_is_decided_twice(box: Box, first: str, then: str) -> None:
    box.world.put(a_dead_letter())
    getattr(box, first)()
    owed = box.owed
    with pytest.raises(Rejected, match="already by jo") as refused:
        getattr(box, then)()
    assert (refused.value.status, box.owed, len(box.actions)) == (409, owed, 1)


def test_of_two_who_decide_at_once_one_does(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.world.put(a_dead_letter())
    seen = box.world.store.get(DeadLetter, workspace_id=WORKSPACE, id="dead_1")
    box.resolve()
    monkeypatch.setattr(box.world.store, "get", lambda *_, **__: seen)
    with pytest.raises(Conflict):
        box.replay()
    assert (box.owed, len(box.actions)) == ([], 1)


@pytest.mark.parametrize("changes", [{"payload": "not ours"}, {"payload": THEIRS}, {"function": "unknown"}])
def test_what_nobody_can_read_can_only_be_resolved(box: Box, changes: dict[str, str]) -> None:
    box.world.put(a_dead_letter(**changes))
    with pytest.raises(Rejected, match="only be resolved"):
        box.replay()
    assert (box.owed, box.actions) == ([], [])
    assert box.resolve().state is DeadLetterState.RESOLVED


def test_a_run_that_has_ended_is_not_begun_again(box: Box) -> None:
    box.world.put(a_run(id="run_1", state=RunState.FAILED), a_dead_letter(run_id="run_1"))
    with pytest.raises(Rejected, match="run run_1 is failed"):
        box.replay()


def test_a_letter_that_comes_again_does_not_open_one_that_was_decided(box: Box) -> None:
    """Pub/Sub delivers dead letters at least once too."""
    book = FailureBook(store=box.world.store, clock=box.world.clock)
    payload = Work(workspace_id=WORKSPACE, id="send-1").model_dump_json()
    told = {"function": "send", "source": "send", "delivery_id": "d-1", "payload": payload, "attributes": {}, "reason": "no", "attempts": 5}
    book.quarantine(**told)
    [letter] = box.world.store.everything(DeadLetter)
    box.replay(letter.id)
    book.quarantine(**told)
    [letter] = box.world.store.everything(DeadLetter)
    assert letter.state is DeadLetterState.REPLAYED


def test_a_letter_nobody_has_is_not_found(box: Box) -> None:
    with pytest.raises(NotFound):
        box.replay("nobody")
