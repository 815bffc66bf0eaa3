"""The outbox that vendors share: whatever happens to it, a request is due, in flight or at its end, and is tried once per attempt."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from emulators.clock import Clock
from emulators.outbox import Outbox, Outgoing, Status
from emulators.push import Answer, Push
from tests.builders import MONDAY

MOST_TRIES = 3
WAIT = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Letter(Outgoing):
    to: str


class Letters(Outbox[Letter]):
    """Gives up after three tries; `moved` have no address any more."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, letter="l", read=Letter.from_json)
        self.moved: set[str] = set()

    def write(self, to: str, *, due: datetime) -> Letter:
        return self.owe(Letter(created_at=self.clock.now(), due_at=due, to=to))

    def request(self, row: Letter) -> Push | None:
        return None if row.to in self.moved else Push(row.id, "letters", "POST", row.to, {}, b"", 1.0)

    def next_try(self, row: Letter, _answer: Answer, now: datetime) -> datetime | None:
        return now + WAIT if len(row.attempts) + 1 < MOST_TRIES else None


class OutboxMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(frozen_at=MONDAY)
        self.letters = Letters(self.clock)
        self.flying: list[Push] = []
        self.ids: set[str] = set()

    @rule(to=st.sampled_from("ab"), minutes=st.integers(0, 3))
    def write(self, to: str, minutes: int) -> None:
        self._new(self.letters.write(to, due=self.clock.now() + timedelta(minutes=minutes)))

    @precondition(lambda self: self.letters.all())
    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        known = data.draw(st.sampled_from(self.letters.all()))
        copy = self.letters.again(known.id)
        self._new(copy)
        assert (copy.to, copy.status, copy.attempts, copy.due_at) == (known.to, Status.WAITING, (), self.clock.now())

    @rule(to=st.sampled_from("ab"))
    def move(self, to: str) -> None:
        self.letters.moved ^= {to}

    @rule()
    def take(self) -> None:
        now = self.clock.now()
        waiting = sorted(row.due_at for row in self.letters.all() if row.status is Status.WAITING and row.to not in self.letters.moved)
        push = self.letters.take(now)
        assert (push is not None) == (bool(waiting) and waiting[0] <= now)
        if push is not None:
            self.flying.append(push)

    @precondition(lambda self: self.flying)
    @rule(data=st.data(), status=st.sampled_from([None, 200, 500]))
    def answer(self, data: st.DataObject, status: int | None) -> None:
        """Also an answer to what was forgotten or is waiting again by now: it counts for nothing."""
        push = self.flying.pop(data.draw(st.integers(0, len(self.flying) - 1)))
        before = {row.id: row for row in self.letters.all()}
        self.letters.answered(push, Answer(status, "so"), self.clock.now())
        after = {row.id: row for row in self.letters.all()}
        if push.ticket not in before or before[push.ticket].status is not Status.IN_FLIGHT:
            assert after == before
            return
        told = after[push.ticket]
        assert told.attempts == (*before[push.ticket].attempts, told.attempts[-1])
        final = Status.FAILED if len(told.attempts) == MOST_TRIES else Status.WAITING
        assert told.status is (Status.DELIVERED if status == 200 else final)

    @rule(minutes=st.integers(0, 2))
    def wait(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule()
    def come_back(self) -> None:
        kept, before = self.letters.dump(), self.letters.all()
        self.letters.load(kept)
        again = {Status.IN_FLIGHT: Status.WAITING}
        assert [(row.id, row.status) for row in self.letters.all()] == [(row.id, again.get(row.status, row.status)) for row in before]

    @rule()
    def clear(self) -> None:
        self.letters.clear()
        assert self.letters.next_due() is None

    @invariant()
    def due_is_what_waits(self) -> None:
        assert self.letters.next_due() == min((row.due_at for row in self.letters.all() if row.status is Status.WAITING), default=None)

    def _new(self, row: Letter) -> None:
        assert row.id not in self.ids
        self.ids.add(row.id)


TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
