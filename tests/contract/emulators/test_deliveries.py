"""One engine for everything that emulators send by themselves: holds, order, duplicates and what is sealed when it leaves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emulators.agenda import Agenda
from emulators.clock import Clock
from emulators.delivering import Deliveries, tokens_of
from emulators.faults import Fault, Faults, Kind
from emulators.push import Account, Answer, Push
from emulators.settling import Settler
from tests.contract.emulators.endpoint import Accounts, Endpoint

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Letters:
    """A backlog of numbered letters: what is refused is due again in a minute."""

    def __init__(self, url: str) -> None:
        self._url, self._agenda, self.refused = url, Agenda(), list[Answer]()

    def write(self, *tickets: str, at: datetime = START) -> None:
        for ticket in tickets:
            self._agenda.put(ticket, at)

    def next_due(self) -> datetime | None:
        earliest = self._agenda.first()
        return earliest[0] if earliest else None

    def take(self, now: datetime) -> Push | None:
        ticket = self._agenda.pop_due(now)
        if ticket is None:
            return None
        sender = Account("calls@sdr.iam.example", scope="https://www.googleapis.com/auth/cloud-platform" if ticket == "scoped" else "")
        return Push(ticket, f"post.deliver.{ticket[0]}", "POST", self._url, {}, ticket.encode(), 5.0, sender)

    def answered(self, push: Push, answer: Answer, now: datetime) -> None:
        if answer.status != 200:
            self.refused.append(answer)
            self._agenda.put(push.ticket, now + timedelta(minutes=1))


class Post:
    def __init__(self, url: str) -> None:
        self.clock, self.faults, self.letters = Clock(frozen_at=START), Faults(), Letters(url)
        seal = tokens_of(Accounts())
        self.deliveries = Deliveries(self.letters, name="post", clock=self.clock, faults=self.faults, seal=seal, at_once=4)
        self.settler = Settler(self.clock, [self.deliveries])

    def send(self, *tickets: str) -> None:
        with self.clock.changed:
            self.letters.write(*tickets, at=self.clock.now())
            self.clock.notify()
        self.settler.settle()


@pytest.fixture
def post(endpoint: Endpoint) -> Iterator[Post]:
    post = Post(endpoint.url)
    yield post
    post.deliveries.close()


@pytest.mark.parametrize(("backwards", "order"), [(False, ["a1", "b2", "a3"]), (True, ["a3", "b2", "a1"])])
def test_what_was_held_leaves_one_after_the_other(post: Post, endpoint: Endpoint, backwards: bool, order: list[str]) -> None:
    post.deliveries.hold()
    post.send("a1")
    post.send("b2")
    post.send("a3")
    assert (endpoint.bodies, post.deliveries.next_due(), post.deliveries.in_flight()) == ([], None, 0)
    assert post.deliveries.is_held("b2")
    endpoint.statuses[:] = [503]
    assert post.deliveries.release(backwards=backwards) == order
    post.settler.settle()
    assert (endpoint.bodies, endpoint.most_at_once) == (order, 1)
    assert not post.deliveries.is_held("b2")
    post.send("c4")
    assert endpoint.bodies[-1] == "c4"


def test_a_backlog_that_is_replaced_takes_its_held_deliveries_along(post: Post, endpoint: Endpoint) -> None:
    post.deliveries.hold()
    post.send("a1")
    post.deliveries.forget_held()
    assert post.deliveries.release() == []
    post.send("a2")
    assert endpoint.bodies == ["a2"]


def test_a_reordered_delivery_leaves_once_one_that_fits_its_rule_has_gone(post: Post, endpoint: Endpoint) -> None:
    post.faults.add(Fault("post.deliver.a", Kind.REORDER, times=1))
    post.send("a1")
    post.send("b2")
    assert endpoint.bodies == ["b2"]  # another route does not overtake
    post.send("a3")
    assert endpoint.bodies == ["b2", "a3", "a1"]


def test_a_wide_rule_lets_any_other_delivery_overtake(post: Post, endpoint: Endpoint) -> None:
    post.faults.add(Fault("post.deliver.*", Kind.REORDER, times=1))
    post.send("a1")
    post.send("b2")
    assert endpoint.bodies == ["b2", "a1"]


def test_a_reordered_delivery_that_nothing_overtakes_leaves_after_a_minute(post: Post, endpoint: Endpoint) -> None:
    post.faults.add(Fault("post.deliver.*", Kind.REORDER, times=1))
    post.send("a1")
    post.settler.advance(timedelta(seconds=59))
    assert endpoint.bodies == []
    post.settler.advance(timedelta(seconds=1))
    assert endpoint.bodies == ["a1"]


def test_a_released_delivery_that_is_reordered_holds_up_none_behind_it(post: Post, endpoint: Endpoint) -> None:
    post.deliveries.hold()
    post.send("a1", "a2")
    post.faults.add(Fault("post.deliver.*", Kind.REORDER, times=1))
    post.deliveries.release()
    post.settler.settle()
    assert endpoint.bodies == ["a2", "a1"]


def test_every_attempt_and_every_duplicate_is_sealed_when_it_leaves(post: Post, endpoint: Endpoint) -> None:
    moments = list[datetime]()
    tokens = post.deliveries._seal

    def seal(push: Push, now: datetime) -> dict[str, str]:
        moments.append(now)
        return {**tokens(push, now), "X-Sealed": str(len(moments))}

    post.deliveries._seal = seal
    post.faults.add(Fault("post.deliver.*", Kind.DUPLICATE, times=1))
    endpoint.statuses[:] = [200, 503]
    post.send("a1")
    post.settler.advance(timedelta(minutes=1))
    assert [delivery.headers["x-sealed"] for delivery in endpoint.deliveries] == ["1", "2", "3"]
    assert moments == [START, START, START + timedelta(minutes=1)]


def test_an_account_with_a_scope_gets_an_access_token_and_one_without_an_identity_token(post: Post, endpoint: Endpoint) -> None:
    post.send("scoped")
    post.send("plain")
    account, scope = "calls@sdr.iam.example", "https://www.googleapis.com/auth/cloud-platform"
    expected = [f"Bearer {account} may {scope}", f"Bearer {account} for {endpoint.url}"]
    assert [delivery.headers["authorization"] for delivery in endpoint.deliveries] == expected


def test_a_request_without_an_account_carries_no_token() -> None:
    push = Push("t", "r", "POST", "http://x.example", {}, b"", 1.0)
    assert tokens_of(Accounts())(push, START) == {}
    assert tokens_of(None)(replace(push, account=Account("a@x.example")), START) == {}


def test_a_status_fault_answers_in_the_endpoints_place(post: Post, endpoint: Endpoint) -> None:
    post.faults.add(Fault("post.deliver.*", Kind.STATUS, status=429, headers={"Retry-After": "5"}, times=1))
    post.send("a1")
    assert (endpoint.bodies, post.letters.refused[0].status, post.letters.refused[0].headers) == ([], 429, {"Retry-After": "5"})
