"""How much of every quota is used, and that no interleaving of sends goes over one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.policy import CURRENT, Policy, Quotas, Rules
from shared.domain.quotas import WORKSPACE_BOOK, QuotaBook, Reservation, contact_book, mailbox_book, refusal
from shared.domain.sends import Touch
from shared.ports.errors import Conflict, Rejected
from shared.ports.store import Key
from shared.stages.deciding.case import Shelf, shelf_of
from shared.stages.reading.quota_use import quota_use
from tests.builders import MONDAY, OPERATOR, PROSPECT, WORKSPACE, at
from tests.ruling import quotas
from tests.unit.stages.world import JO, StageWorld

BOOKS = (WORKSPACE_BOOK, mailbox_book(OPERATOR), contact_book(WORKSPACE, PROSPECT))
ZONE = "Europe/Madrid"


def a_place(number: int, touch: Touch = Touch.OUTREACH, *, new_thread: bool = True) -> Reservation:
    return Reservation(send_id=f"send-{number}", touch=touch, new_thread=new_thread, at=MONDAY)


def shelf(world: StageWorld) -> Shelf:
    return shelf_of(world.store.read(*(Key(QuotaBook, WORKSPACE, id) for id in BOOKS)), BOOKS, WORKSPACE)


def told(world: StageWorld, contact: str = "") -> dict[tuple[object, object], tuple[object, object, object]]:
    lines = quota_use(workspace_id=WORKSPACE, store=world.store, clock=world.clock, contact=contact)
    return {(one["whose"], one["limit"]): (one["used"], one["allowed"], one["resets_at"]) for one in lines}


def test_every_limit_says_how_many_are_used_and_when_the_next_is_free(world: StageWorld) -> None:
    seen = shelf(world)
    books = seen.books.with_place(a_place(1), now=MONDAY).with_place(a_place(2, Touch.ANSWER, new_thread=False), now=MONDAY)
    world.store.commit(*seen.writes(books))
    world.put(Policy(id=CURRENT, workspace_id=WORKSPACE, version=1, rules=Rules(quotas=Quotas(mailbox_per_day=1))))
    maria, jo, midnight, next_week = "maria@northwind.example", JO.email, "2026-11-23T23:00:00+00:00", at(days=7).isoformat()
    found = told(world, PROSPECT)
    assert found == {
        ("Northwind", "workspace_per_day"): (1, 50, midnight),
        ("Northwind", "workspace_per_week"): (1, 200, next_week),
        (maria, "answers_per_mailbox_per_day"): (1, 200, midnight),
        (maria, "mailbox_per_day"): (1, 1, midnight),
        (jo, "answers_per_mailbox_per_day"): (0, 200, None),
        (jo, "mailbox_per_day"): (0, 1, None),
        (PROSPECT, "new_threads_per_contact_7_days"): (1, 1, next_week),
        (PROSPECT, "follow_ups_per_contact_7_days"): (0, 2, None),
    }


def test_before_anything_was_sent_or_decided_everything_is_free(world: StageWorld) -> None:
    assert {used for used, _, _ in told(world).values()} == {0}
    world.store.trips.clear()
    told(world)
    assert world.store.trips == ["get", "read"]


def test_what_is_no_address_is_refused(world: StageWorld) -> None:
    with pytest.raises(Rejected) as refused:
        told(world, "ana")
    assert refused.value.field == "contact"


class Sender:
    """One delivery that wants to send: reads, decides, commits, and begins anew when somebody was faster."""

    def __init__(self, world: StageWorld, limits: Quotas, place: Reservation) -> None:
        self.world, self.limits, self.place = world, limits, place
        self.seen: Shelf | None = None
        self.sent: bool | None = None

    def step(self) -> None:
        if self.sent is not None:
            return
        if self.seen is None:
            self.seen = shelf(self.world)
            return
        if refusal(self.limits, self.seen.books, place=self.place, zone=ZONE) is not None:
            self.sent = False
            return
        try:
            self.world.store.commit(*self.seen.writes(self.seen.books.with_place(self.place, now=MONDAY)))
            self.sent = True
        except Conflict:
            self.seen = None


@given(
    quotas(3),
    st.lists(st.sampled_from(Touch), min_size=2, max_size=6),
    st.lists(st.integers(0, 5), max_size=60),
)
def test_no_interleaving_of_sends_goes_over_a_limit_and_none_is_refused_without_need(
    limits: Quotas, touches: list[Touch], order: list[int]
) -> None:
    world = StageWorld()
    senders = [Sender(world, limits, a_place(number, touch, new_thread=touch is Touch.OUTREACH)) for number, touch in enumerate(touches)]
    for turn in order:
        senders[turn % len(senders)].step()
    while any(one.sent is None for one in senders):
        for one in senders:
            one.step()
    left = [one.place.touch for one in senders if one.sent]
    outbound = [touch for touch in left if touch is not Touch.ANSWER]
    assert left.count(Touch.ANSWER) <= limits.answers_per_mailbox_per_day
    assert len(outbound) <= min(limits.workspace_per_day, limits.workspace_per_week, limits.mailbox_per_day)
    assert left.count(Touch.OUTREACH) <= limits.new_threads_per_contact_7_days
    assert left.count(Touch.FOLLOW_UP) <= limits.follow_ups_per_contact_7_days
    for one in senders:
        if not one.sent:
            assert refusal(limits, shelf(world).books, place=one.place, zone=ZONE) is not None
