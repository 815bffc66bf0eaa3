"""Quotas: how many mails a workspace, a mailbox and a contact may see. A place is reserved in the commit that claims the send."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar, Self, TypeVar
from zoneinfo import ZoneInfo

from shared.domain.entity import Entity, Value
from shared.domain.ids import OperatorId, WorkspaceId, derived_id
from shared.domain.people import normal_address
from shared.domain.policy import Quotas
from shared.domain.sends import Touch

WEEK = timedelta(days=7)
KEPT = timedelta(days=15)
"""Reservations older than any limit looks back."""
ANSWERS_KEPT = timedelta(days=3)
"""Answers are counted by the day, and there are many of them."""


MISSED = timedelta(hours=1)
"""A turn so long ago stands in nobody's way: longer than the longest gap."""


class Reservation(Value):
    """One mail that has left, is leaving, or may have left."""

    send_id: str
    touch: Touch
    new_thread: bool
    at: datetime


class Turn(Value):
    """A send's place in the line of its mailbox: it goes no earlier, and nobody else so near to it."""

    send_id: str
    at: datetime


class QuotaBook(Entity):
    """`quota_books/{id}`: the reservations of a workspace, a mailbox or a contact. Its compare-and-set makes them transactional."""

    collection: ClassVar[str] = "quota_books"

    reservations: tuple[Reservation, ...] = ()
    last_at: datetime | None = None  # of a mailbox: when it last began to send
    line: tuple[Turn, ...] = ()  # of a mailbox: who waits for the gap between its mails, and until when

    def with_place(self, place: Reservation, *, now: datetime) -> Self:
        """A second reservation of the same send changes nothing."""
        kept = tuple(one for one in self.reservations if _counts_still(one, now) and one.send_id != place.send_id)
        line = self._line_without(place.send_id)
        return self.model_copy(update={"reservations": (*kept, place), "last_at": max(self.last_at or place.at, place.at), "line": line})

    def without(self, send_id: str) -> Self:
        """Neither a reservation nor a turn of this send."""
        reservations = tuple(one for one in self.reservations if one.send_id != send_id)
        return self.model_copy(update={"reservations": reservations, "line": self._line_without(send_id)})

    def turn_of(self, send_id: str, *, gap: timedelta, now: datetime) -> datetime:
        """When this send may go: at its turn, or behind everybody who waits; never within the gap after the last mail."""
        free = self.last_at + gap if self.last_at else now
        own = next((one.at for one in self.line if one.send_id == send_id), None)
        if not gap or own is not None:
            return max(free, own or free)
        return max([free, *(one.at + gap for one in self.line)])

    def with_turn(self, turn: Turn, *, now: datetime) -> Self:
        """Turns that were missed long ago are nobody's any more."""
        kept = tuple(one for one in self._line_without(turn.send_id) if one.at > now - MISSED)
        return self.model_copy(update={"line": (*kept, turn)})

    def _line_without(self, send_id: str) -> tuple[Turn, ...]:
        return tuple(one for one in self.line if one.send_id != send_id)


def _counts_still(one: Reservation, now: datetime) -> bool:
    return one.at > now - (ANSWERS_KEPT if one.touch is Touch.ANSWER else KEPT)


class Books(Value):
    """The three books a send is counted in; an answer is counted in its mailbox's alone."""

    workspace: QuotaBook
    mailbox: QuotaBook
    contact: QuotaBook

    def with_place(self, place: Reservation, *, now: datetime) -> "Books":
        mailbox = self.mailbox.with_place(place, now=now)
        if place.touch is Touch.ANSWER:
            return self.model_copy(update={"mailbox": mailbox})
        workspace, contact = self.workspace.with_place(place, now=now), self.contact.with_place(place, now=now)
        return Books(workspace=workspace, mailbox=mailbox, contact=contact)

    def with_turn(self, turn: Turn, *, now: datetime) -> "Books":
        return self.model_copy(update={"mailbox": self.mailbox.with_turn(turn, now=now)})

    def without(self, send_id: str) -> "Books":
        return Books(
            workspace=self.workspace.without(send_id), mailbox=self.mailbox.without(send_id), contact=self.contact.without(send_id)
        )


class QuotaUse(Value):
    """Which limit, how many it allows, how many are used, and when the next place becomes free: None if none is used or allowed."""

    limit: str  # the field of Quotas
    allowed: int
    used: int
    resets_at: datetime | None

    @property
    def full(self) -> bool:
        return self.used >= self.allowed

    @property
    def name(self) -> str:
        return LIMIT_NAMES[self.limit]

    def told(self, zone: str) -> str:
        """Of one that is full."""
        if self.resets_at is None:
            return f"{self.name}: none is allowed; that changes with the policy only."
        when = self.resets_at.astimezone(ZoneInfo(zone))
        return f"{self.name}: {self.used} of {self.allowed} used; there is room again {when:%a %d %b, %H:%M} ({zone})."


LIMIT_NAMES: Mapping[str, str] = {
    "workspace_per_day": "Outreach of the workspace today",
    "workspace_per_week": "Outreach of the workspace within 7 days",
    "mailbox_per_day": "Outreach from this mailbox today",
    "answers_per_mailbox_per_day": "Answers from this mailbox today",
    "new_threads_per_contact_7_days": "New threads with this contact within 7 days",
    "follow_ups_per_contact_7_days": "Follow-ups to this contact within 7 days",
}
OUTBOUND = (Touch.OUTREACH, Touch.FOLLOW_UP)


def refusal(quotas: Quotas, books: Books, *, place: Reservation, zone: str) -> QuotaUse | None:
    """Of the limits that have no room for this place the one that has it last; None when all have room. `zone` is the sender's."""
    full = [one for one in _limits(quotas, books.without(place.send_id), place, ZoneInfo(zone)) if one.full]
    never = next((one for one in full if one.resets_at is None), None)
    return never or max(full, key=lambda one: one.resets_at or place.at, default=None)


def _limits(quotas: Quotas, books: Books, place: Reservation, zone: ZoneInfo) -> Iterator[QuotaUse]:
    """Those a place has to fit into."""
    answers, *outbound = mailbox_uses(quotas, books.mailbox, now=place.at, zone=zone)
    if place.touch is Touch.ANSWER:
        yield answers
        return
    threads, follow_ups = contact_uses(quotas, books.contact, now=place.at)
    yield from (*workspace_uses(quotas, books.workspace, now=place.at, zone=zone), *outbound)
    yield from (threads,) if place.new_thread else ()
    yield from (follow_ups,) if place.touch is Touch.FOLLOW_UP else ()


def workspace_uses(quotas: Quotas, book: QuotaBook, *, now: datetime, zone: ZoneInfo) -> tuple[QuotaUse, QuotaUse]:
    sent = _with(book, *OUTBOUND)
    return (
        _in_day("workspace_per_day", quotas.workspace_per_day, sent, now, zone),
        _in_week("workspace_per_week", quotas.workspace_per_week, sent, now),
    )


def mailbox_uses(quotas: Quotas, book: QuotaBook, *, now: datetime, zone: ZoneInfo) -> tuple[QuotaUse, QuotaUse]:
    return (
        _in_day("answers_per_mailbox_per_day", quotas.answers_per_mailbox_per_day, _with(book, Touch.ANSWER), now, zone),
        _in_day("mailbox_per_day", quotas.mailbox_per_day, _with(book, *OUTBOUND), now, zone),
    )


def contact_uses(quotas: Quotas, book: QuotaBook, *, now: datetime) -> tuple[QuotaUse, QuotaUse]:
    opened = [one.at for one in book.reservations if one.new_thread and one.touch in OUTBOUND]
    return (
        _in_week("new_threads_per_contact_7_days", quotas.new_threads_per_contact_7_days, opened, now),
        _in_week("follow_ups_per_contact_7_days", quotas.follow_ups_per_contact_7_days, _with(book, Touch.FOLLOW_UP), now),
    )


def _with(book: QuotaBook, *touches: Touch) -> list[datetime]:
    return [one.at for one in book.reservations if one.touch in touches]


def _in_day(limit: str, allowed: int, moments: list[datetime], now: datetime, zone: ZoneInfo) -> QuotaUse:
    """What a clock that was set back has counted on a later day is in the way until then."""
    today = now.astimezone(zone).date()
    used = sorted(day for one in moments if (day := one.astimezone(zone).date()) >= today)
    frees = _frees(used, allowed)
    resets_at = datetime.combine(frees + timedelta(days=1), time(0), tzinfo=zone).astimezone(UTC) if frees else None
    return QuotaUse(limit=limit, allowed=allowed, used=len(used), resets_at=resets_at)


def _in_week(limit: str, allowed: int, moments: list[datetime], now: datetime) -> QuotaUse:
    """Rolling: there is room again when enough of those within the last seven days are older."""
    used = sorted(one for one in moments if one > now - WEEK)
    frees = _frees(used, allowed)
    return QuotaUse(limit=limit, allowed=allowed, used=len(used), resets_at=frees + WEEK if frees else None)


D = TypeVar("D", date, datetime)


def _frees(used: Sequence[D], allowed: int) -> D | None:
    """The one, of the earliest first, whose end makes room: of a full limit the last that is too much, else the first."""
    counted = min(allowed, len(used))
    return used[len(used) - counted] if counted else None


WORKSPACE_BOOK = "workspace"


def mailbox_book(operator_id: OperatorId) -> str:
    return f"mailbox-{operator_id}"


def contact_book(workspace_id: WorkspaceId, address: str) -> str:
    """One for every spelling of an address."""
    return "contact-" + derived_id("quota_contact", workspace_id, normal_address(address))
