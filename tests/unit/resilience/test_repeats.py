"""Requests that carry a key: served once, answered as often as they are repeated."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.domain.kept_answer import KEPT_FOR, SERVED_WITHIN, KeptAnswer
from shared.ports.errors import Conflict, NotFound, Rejected, Transient
from shared.ports.requests import Caller, Incoming, Reply
from shared.resilience.repeats import LARGEST_ANSWER, Repeats
from tests.builders import WORKSPACE
from tests.fakes.clock import FixedClock
from tests.fakes.store import MemoryStore

JO = Caller("jo", WORKSPACE)


def a_request(key: str = "k-1", body: bytes = b'{"reason": "a drill"}', path: str = "/policy/kill", query: str = "") -> Incoming:
    url = f"https://public.example/api{path}{'?' if query else ''}{query}"
    return Incoming("POST", url, path, {}, {"idempotency-key": key} if key else {}, body)


class Served:
    """`count` is how often the work was done."""

    def __init__(self) -> None:
        self.store, self.clock, self.count = MemoryStore(), FixedClock(), 0
        self.repeats = Repeats(store=self.store, clock=self.clock)

    def ask(self, incoming: Incoming | None = None, *, caller: Caller = JO, serve: Callable[[], Reply] | None = None) -> Reply:
        return self.repeats.answer(caller, incoming or a_request(), serve=serve or self.work)

    def work(self) -> Reply:
        self.count += 1
        return Reply({"number": self.count, "said": "é"}, status=202)


@pytest.fixture
def world() -> Served:
    return Served()


def test_a_repeat_gets_the_first_answer_and_nothing_is_done(world: Served) -> None:
    first = world.ask()
    again = world.ask()
    assert (world.count, first.content, first.status) == (1, {"number": 1, "said": "é"}, 202)
    assert (again.content, again.status, again.headers) == (first.content, 202, {"Idempotent-Replayed": "true"})


def test_without_a_key_everything_is_served_and_nothing_kept(world: Served) -> None:
    for _ in range(2):
        world.ask(a_request(key=""))
    assert (world.count, world.store.trips) == (2, [])


@pytest.mark.parametrize("other", [a_request(body=b"{}"), a_request(path="/policy/release"), a_request(query="x=1")])
def test_a_key_belongs_to_one_request(world: Served, other: Incoming) -> None:
    world.ask()
    with pytest.raises(Rejected) as refused:
        world.ask(other)
    assert (refused.value.status, refused.value.kind, world.count) == (422, "key-reused", 1)


def test_a_key_of_one_caller_says_nothing_to_another(world: Served) -> None:
    world.ask()
    world.ask(caller=Caller("eve", WORKSPACE))
    assert world.count == 2


def test_while_the_first_is_being_served_a_repeat_is_told_to_wait(world: Served) -> None:
    refused: list[Rejected] = []

    def meanwhile() -> Reply:
        with pytest.raises(Rejected) as told:
            world.ask()
        refused.append(told.value)
        return world.work()

    world.ask(serve=meanwhile)
    [told] = refused
    assert (told.status, told.kind, world.count) == (409, "under-way", 1)
    assert int(told.headers["Retry-After"]) >= 1


def test_of_two_that_come_at_once_one_is_served(world: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    get = world.store.get
    monkeypatch.setattr(world.store, "get", lambda *one, **named: None if world.count == 0 else get(*one, **named))
    with pytest.raises(Rejected) as refused:
        world.ask(serve=lambda: world.ask())  # the second has seen nothing of the first
    assert (refused.value.status, world.count) == (409, 0)


@pytest.mark.parametrize("error", [Rejected("no"), NotFound("gone"), Conflict("late"), Transient("later")])
def test_what_was_refused_may_be_tried_again(world: Served, error: Exception) -> None:
    def fails() -> Reply:
        raise error

    with pytest.raises(type(error)):
        world.ask(serve=fails)
    assert world.ask().content == {"number": 1, "said": "é"}


def test_one_that_died_is_served_anew_when_its_claim_has_ended(world: Served) -> None:
    def dies() -> Reply:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.ask(serve=dies)
    world.clock.advance(SERVED_WITHIN - timedelta(seconds=1))
    with pytest.raises(Rejected):
        world.ask()
    world.clock.advance(timedelta(seconds=1))
    assert world.ask().content == {"number": 1, "said": "é"}


def test_who_comes_back_from_the_dead_does_not_overwrite_the_answer(world: Served) -> None:
    def late() -> Reply:
        world.clock.advance(SERVED_WITHIN)
        world.ask()
        return Reply({"number": "late"})

    world.ask(serve=late)
    assert world.ask().content == {"number": 1, "said": "é"}


def test_after_a_day_the_key_is_free(world: Served) -> None:
    world.ask()
    [kept] = world.store.everything(KeptAnswer)
    assert kept.expires_at == world.clock.now() + KEPT_FOR
    world.clock.advance(KEPT_FOR - timedelta(seconds=1))
    world.ask(a_request())
    world.clock.advance(timedelta(seconds=1))
    assert world.ask(a_request(body=b"{}")).content == {"number": 2, "said": "é"}


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(world: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = world.store.commit

    def serve() -> Reply:
        monkeypatch.setattr(world.store, "commit", lambda *_: (_ for _ in ()).throw(Transient("away")))
        return world.work()

    assert world.ask(serve=serve).status == 202
    monkeypatch.setattr(world.store, "commit", commit)


def test_an_answer_too_long_to_be_kept_is_not_made_twice(world: Served) -> None:
    world.ask(serve=lambda: Reply({"text": "é" * LARGEST_ANSWER}))
    with pytest.raises(Conflict, match="read what there is"):
        world.ask()
    assert world.count == 0


@pytest.mark.parametrize("key", ["a b", "ä", "x" * 256, "\x00"])
def test_a_key_is_a_short_plain_text(world: Served, key: str) -> None:
    with pytest.raises(Rejected) as refused:
        world.ask(a_request(key=key))
    assert (refused.value.status, refused.value.field) == (400, "idempotency-key")
