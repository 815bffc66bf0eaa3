"""Quotas against brute-force counting: never more than allowed, and what is said about when there is room is true."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.policy import Quotas
from shared.domain.quotas import ANSWERS_KEPT, KEPT, Books, QuotaBook, Reservation, contact_book, refusal
from shared.domain.sends import Touch
from tests.builders import MONDAY, WORKSPACE, at
from tests.ruling import quotas

ZONES = st.sampled_from(["Europe/Madrid", "America/Santiago", "Africa/Cairo", "Pacific/Kiritimati", "UTC"])
SPRING = datetime(2027, 3, 26, 12, tzinfo=ZoneInfo("UTC"))
MOMENTS = st.builds(
    lambda start, minutes: start + timedelta(minutes=minutes), st.sampled_from([MONDAY, SPRING]), st.integers(0, 12 * 24 * 60)
)
SECOND = timedelta(seconds=1)


@st.composite
def places(draw: st.DrawFn) -> Reservation:
    touch = draw(st.sampled_from(Touch))
    new = touch is Touch.OUTREACH and draw(st.booleans())
    return Reservation(send_id=f"send-{draw(st.integers(0, 60))}", touch=touch, new_thread=new, at=draw(MOMENTS))


def empty() -> Books:
    return Books(**{name: QuotaBook(id=name, workspace_id=WORKSPACE) for name in ("workspace", "mailbox", "contact")})


def booked(history: Sequence[Reservation]) -> Books:
    books = empty()
    for one in history:
        books = books.with_place(one, now=one.at)
    return books


def day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def fits(limits: Quotas, history: Sequence[Reservation], place: Reservation, zone: str) -> bool:
    """Counted from nothing but the list of what was reserved."""
    others = [one for one in {one.send_id: one for one in history}.values() if one.send_id != place.send_id]
    today = [one for one in others if day(one.at, zone) >= day(place.at, zone)]
    week = [one for one in others if one.at > place.at - timedelta(days=7)]
    if place.touch is Touch.ANSWER:
        return sum(one.touch is Touch.ANSWER for one in today) < limits.answers_per_mailbox_per_day
    sent_today = sum(one.touch is not Touch.ANSWER for one in today)
    within = [one for one in week if one.touch is not Touch.ANSWER]
    room = sent_today < min(limits.workspace_per_day, limits.mailbox_per_day) and len(within) < limits.workspace_per_week
    if place.new_thread:
        room = room and sum(one.new_thread for one in within) < limits.new_threads_per_contact_7_days
    if place.touch is Touch.FOLLOW_UP:
        room = room and sum(one.touch is Touch.FOLLOW_UP for one in within) < limits.follow_ups_per_contact_7_days
    return room


HISTORIES = st.lists(places(), max_size=14).map(lambda found: sorted(found, key=lambda one: one.at))


@given(quotas(), HISTORIES, places(), ZONES)
def test_a_place_is_refused_exactly_when_counting_by_hand_finds_no_room(
    limits: Quotas, history: list[Reservation], place: Reservation, zone: str
) -> None:
    """Also by a clock that was set back by a day."""
    place = place.model_copy(update={"at": max([place.at, *(one.at - timedelta(days=1) for one in history)])})
    assert (refusal(limits, booked(history), place=place, zone=zone) is None) == fits(limits, history, place, zone)


@given(quotas(), HISTORIES, places(), ZONES)
def test_at_the_moment_it_names_there_is_room_and_a_second_before_there_is_not(
    limits: Quotas, history: list[Reservation], place: Reservation, zone: str
) -> None:
    books = booked(history)
    full = refusal(limits, books, place=place, zone=zone)
    if full is None:
        return
    assert full.full
    if full.resets_at is None:
        assert full.allowed == 0 == getattr(limits, full.limit)
        assert refusal(limits, books, place=place.model_copy(update={"at": place.at + timedelta(days=400)}), zone=zone) is not None
        return
    assert full.resets_at > place.at
    assert refusal(limits, books, place=place.model_copy(update={"at": full.resets_at}), zone=zone) is None
    assert refusal(limits, books, place=place.model_copy(update={"at": full.resets_at - SECOND}), zone=zone) is not None


def test_a_limit_that_was_lowered_has_room_when_all_that_is_too_much_is_over() -> None:
    sent = [Reservation(send_id=f"{day}", touch=Touch.FOLLOW_UP, new_thread=False, at=at(days=day)) for day in range(4)]
    asked = Reservation(send_id="asked", touch=Touch.FOLLOW_UP, new_thread=False, at=at(days=4))
    full = refusal(Quotas(workspace_per_week=2, follow_ups_per_contact_7_days=3), booked(sent), place=asked, zone="UTC")
    assert full is not None
    assert (full.limit, full.used, full.allowed, full.resets_at) == ("workspace_per_week", 4, 2, at(days=9))


@given(quotas(), HISTORIES, ZONES)
def test_whoever_asks_first_never_goes_over_a_limit(limits: Quotas, asked: list[Reservation], zone: str) -> None:
    books, given_ = empty(), list[Reservation]()
    for place in asked:
        if refusal(limits, books, place=place, zone=zone) is None:
            books = books.with_place(place, now=place.at)
            given_ = [*(one for one in given_ if one.send_id != place.send_id), place]
    answers = [one for one in given_ if one.touch is Touch.ANSWER]
    outbound = [one for one in given_ if one.touch is not Touch.ANSWER]
    for of_kind, most in ((answers, limits.answers_per_mailbox_per_day), (outbound, min(limits.workspace_per_day, limits.mailbox_per_day))):
        assert all(sum(day(one.at, zone) == today for one in of_kind) <= most for today in {day(one.at, zone) for one in of_kind})
    for end in outbound:
        within = [one for one in outbound if end.at - timedelta(days=7) < one.at <= end.at]
        assert len(within) <= limits.workspace_per_week
        assert sum(one.new_thread for one in within) <= limits.new_threads_per_contact_7_days
        assert sum(one.touch is Touch.FOLLOW_UP for one in within) <= limits.follow_ups_per_contact_7_days


@pytest.mark.parametrize(
    ("sent", "resets"),
    [
        # the Sunday on which Madrid's clock goes from 2 to 3, and the one on which it goes from 3 back to 2
        (datetime(2027, 3, 28, 0, 30, tzinfo=ZoneInfo("Europe/Madrid")), datetime(2027, 3, 28, 22, tzinfo=ZoneInfo("UTC"))),
        (datetime(2027, 10, 31, 0, 30, tzinfo=ZoneInfo("Europe/Madrid")), datetime(2027, 10, 31, 23, tzinfo=ZoneInfo("UTC"))),
    ],
)
def test_a_day_is_the_senders_own_even_when_it_has_23_or_25_hours(sent: datetime, resets: datetime) -> None:
    place = Reservation(send_id="a", touch=Touch.ANSWER, new_thread=False, at=sent)
    full = refusal(
        Quotas(answers_per_mailbox_per_day=1), booked([place]), place=place.model_copy(update={"send_id": "b"}), zone="Europe/Madrid"
    )
    assert full is not None
    assert full.resets_at == resets


def test_a_day_that_begins_at_one_oclock_frees_its_places_then() -> None:
    """On the last Friday of April Cairo's clock goes from midnight to one."""
    before = datetime(2027, 4, 29, 12, tzinfo=ZoneInfo("Africa/Cairo"))
    place = Reservation(send_id="a", touch=Touch.ANSWER, new_thread=False, at=before)
    full = refusal(
        Quotas(answers_per_mailbox_per_day=1), booked([place]), place=place.model_copy(update={"send_id": "b"}), zone="Africa/Cairo"
    )
    assert full is not None
    assert full.resets_at == datetime(2027, 4, 30, 1, tzinfo=ZoneInfo("Africa/Cairo"))


def test_a_refusal_says_which_limit_how_many_and_when_in_words() -> None:
    place = Reservation(send_id="a", touch=Touch.FOLLOW_UP, new_thread=False, at=MONDAY)
    full = refusal(Quotas(mailbox_per_day=1), booked([place]), place=place.model_copy(update={"send_id": "b"}), zone="Europe/Madrid")
    assert full is not None
    told = full.told("Europe/Madrid")
    assert told == "Outreach from this mailbox today: 1 of 1 used; there is room again Tue 24 Nov, 00:00 (Europe/Madrid)."
    never = refusal(Quotas(mailbox_per_day=0), empty(), place=place, zone="Europe/Madrid")
    assert never is not None
    assert never.told("Europe/Madrid") == "Outreach from this mailbox today: none is allowed; that changes with the policy only."


def test_the_same_send_has_one_place_and_gives_it_back_whole() -> None:
    place = Reservation(send_id="a", touch=Touch.OUTREACH, new_thread=True, at=MONDAY)
    twice = booked([place, place.model_copy(update={"at": at(minutes=5)})])
    assert [len(book.reservations) for book in (twice.workspace, twice.mailbox, twice.contact)] == [1, 1, 1]
    left = twice.without("a")
    assert [book.reservations for book in (left.workspace, left.mailbox, left.contact)] == [(), (), ()]
    assert left.mailbox.last_at == at(minutes=5)


def test_books_forget_what_no_limit_looks_at() -> None:
    sent = [Reservation(send_id=f"{number}", touch=Touch.OUTREACH, new_thread=False, at=at(days=number)) for number in range(30)]
    answered = [Reservation(send_id=f"a{number}", touch=Touch.ANSWER, new_thread=False, at=at(days=number)) for number in range(30)]
    books = booked([*sent, *answered])
    assert len(books.workspace.reservations) == KEPT.days
    assert sum(one.touch is Touch.ANSWER for one in books.mailbox.reservations) == ANSWERS_KEPT.days
    assert books.contact.reservations == books.workspace.reservations


def test_an_answer_is_counted_in_its_mailbox_alone() -> None:
    books = booked([Reservation(send_id="a", touch=Touch.ANSWER, new_thread=False, at=MONDAY)])
    assert [len(book.reservations) for book in (books.workspace, books.mailbox, books.contact)] == [0, 1, 0]


def test_every_spelling_of_an_address_is_one_contact() -> None:
    assert contact_book(WORKSPACE, "Ana.Silva+events@gmail.com") == contact_book(WORKSPACE, "anasilva@googlemail.com ")
    assert contact_book(WORKSPACE, "ana@brightleaf.example") != contact_book(WORKSPACE, "rui@brightleaf.example")
