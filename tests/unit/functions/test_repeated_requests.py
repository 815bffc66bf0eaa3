"""Every route that decides, found by discovery: it dies at each of its writes, before or after it, and its repeat does nothing twice."""

import re
from collections.abc import Callable, Sequence
from contextvars import copy_context
from datetime import timedelta
from typing import Any

import pytest

from functions.api.resources import every_route
from functions.api.routing import Route
from shared.domain.allowance import Allowance
from shared.domain.kept_answer import SERVED_WITHIN, KeptAnswer
from shared.domain.outbox import Outgoing
from shared.ports.errors import Transient
from shared.ports.store import Write
from tests.answering import Answered
from tests.letters import a_dead_letter
from tests.neighbours import Neighbours
from tests.unit.functions.test_isolation import BODIES, OUR_NAME, named

ROUTES = every_route()

DECIDING = [one for one in ROUTES if one.decides]
NEEDS_APPROVAL = ("drafts/{id}/undo", "sends/{id}/cancel", "sends/{id}/resolve")


MOMENT = re.compile(r"-\d{8}T?\d{6,12}$")
"""At which a task was owed: who dies before that owes it later, and no less than once."""


class Died(BaseException):
    """As a process does: nobody catches it."""


class Asking:
    """One world, in which the route has what it needs; `dies` says at which write, and whether that still goes through."""

    def __init__(self, route: Route, monkeypatch: pytest.MonkeyPatch) -> None:
        self.one, self.route, self.writes = Neighbours(monkeypatch), route, 0
        self.id = OUR_NAME.get(route.path, "draft-1")
        self.seen = self.one.world.fingerprint
        self._prepare()
        self._commit = self.one.world.store.commit
        monkeypatch.setattr(self.one.world.store, "commit", self._watched)
        self._dies: tuple[int, bool] | None = None
        self._loses = 0

    def _prepare(self) -> None:
        door = self.one.door
        if self.route.path in NEEDS_APPROVAL:
            status, told = door.ask("POST", "drafts/draft-1/approve", {"fingerprint": self.seen})
            assert status == 200
            self.id = told["send_id"] if self.route.path.startswith("sends/") else self.id
        if self.route.path.startswith("dead-letters/"):
            self.one.world.put(a_dead_letter(id=self.id))
        if self.route.path == "suppressions/lift":
            assert door.ask("POST", "suppressions", {"value": self.id, "scope": "company"})[0] == 200

    def ask(self, *, dies: tuple[int, bool] | None = None, loses: int = 0) -> Answered | None:
        """None when it died. `loses` is the write that goes through, and nobody hears of it."""
        self.writes, self._dies, self._loses = 0, dies, loses
        body = BODIES[named(self.route)](self.id, self.seen) if self.route.body else None
        if self.route.path == "policy":
            body = {**body, "based_on": 1, "patch": {"mode": "DRAFT_ONLY"}}  # type: ignore[dict-item]
        path, apart = self.route.path.replace("{id}", self.id), copy_context()  # who dies tidies nothing up
        try:
            return apart.run(self.one.door.answer, self.route.method, path, body, Idempotency_Key="k-1")
        except Died:
            return None

    def _watched(self, *writes: Write) -> Sequence[object]:
        self.writes += 1
        if self._dies == (self.writes, False):
            raise Died
        done = self._commit(*writes)
        if self._dies == (self.writes, True):
            raise Died
        if self._loses == self.writes:
            raise Transient("the answer was lost")
        return done

    def later(self) -> None:
        self.one.world.clock.advance(SERVED_WITHIN + timedelta(seconds=1))

    @property
    def effects(self) -> list[Any]:
        """How many documents there are of each kind, and what was or will be told to whom: what was done twice would be there twice."""
        apart = {KeptAnswer.collection, Allowance.collection, Outgoing.collection}
        documents = self.one.world.store._documents
        counted = {place[1]: len(found) for place, found in documents.items() if found and place[1] not in apart}
        waiting = {one.id for one in self.one.world.store.everything(Outgoing)}
        return [counted, sorted(MOMENT.sub("", id) for id in waiting | set(self.one.tasks.tasks)), len(self.one.bus.sent)]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Callable[[Route], Asking]:
    return lambda route: Asking(route, monkeypatch)


@pytest.mark.parametrize("route", DECIDING, ids=named)
def test_a_repeat_is_answered_alike_and_writes_nothing(world: Callable[[Route], Asking], route: Route) -> None:
    one = world(route)
    first = one.ask()
    stands = one.effects
    again = one.ask()
    assert first is not None
    assert again is not None
    assert (again.status, again.text) == (first.status, first.text)
    if first.status < 300:
        assert one.writes == 0
        assert again.headers["Idempotent-Replayed"] == "true"
    assert one.effects == stands


@pytest.mark.parametrize("through", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("route", DECIDING, ids=named)
def test_one_that_died_is_never_done_twice(world: Callable[[Route], Asking], route: Route, through: bool) -> None:
    """Beside the one that lived, the one that died and was repeated has left no more behind."""
    lived = world(route)
    assert lived.ask() is not None
    wanted, writes = lived.effects, lived.writes
    assert writes >= 2
    for at in range(1, writes + 1):
        one = world(route)
        assert one.ask(dies=(at, through)) is None
        under_way = one.ask()
        assert under_way is None or under_way.status in (200, 202, 400, 404, 409), under_way
        one.later()
        told = one.ask()
        assert told is not None
        assert told.status < 500, told.text
        assert one.effects == wanted, f"died {'after' if through else 'before'} write {at} of {writes}"


@pytest.mark.parametrize("route", DECIDING, ids=named)
def test_what_was_done_and_not_heard_of_is_never_done_twice(world: Callable[[Route], Asking], route: Route) -> None:
    """The store has done it, and its answer was lost: whoever asked repeats it at once."""
    lived = world(route)
    assert lived.ask() is not None
    wanted, writes = lived.effects, lived.writes
    for at in range(1, writes + 1):
        one = world(route)
        told = one.ask(loses=at)
        assert told is not None
        again = one.ask() if told.status == 503 else told
        if again is not None and again.status == 409 and "being served" in again.text:
            one.later()
            again = one.ask()
        assert again is not None
        assert again.status < 500, again.text
        assert one.effects == wanted, f"lost the answer to write {at} of {writes}"


def test_a_whole_list_is_one_request_with_an_entry_for_each_of_its_people(world: Callable[[Route], Asking]) -> None:
    one = world(next(route for route in DECIDING if route.path == "suppressions/import"))
    people = "".join(f"p{number}@them.example\n" for number in range(300))
    body = {"content": f"email\n{people}", "name": "list.csv"}
    status, told = one.one.door.ask("POST", "suppressions/import", body, Idempotency_Key="k-2")
    assert (status, told["added"]) == (200, 300)
    assert one.one.door.ask("POST", "suppressions/import", body, Idempotency_Key="k-2") == (status, told)
