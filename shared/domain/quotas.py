"""Quotas: how many mails a workspace, a mailbox and a contact may see. A place is reserved in the commit that claims the send."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from shared.domain.entity import Entity, Value
from shared.domain.ids import OperatorId, WorkspaceId, derived_id
from shared.domain.policy import Quotas
from shared.domain.sends import Touch

WEEK = timedelta(days=7)
KEPT = timedelta(days=15)
"""Reservations older than any limit looks back."""


class Reservation(Value):
    """One mail that has left, is leaving, or may have left."""

    send_id: str
    touch: Touch
    new_thread: bool
    at: datetime


class QuotaBook(Entity):
    """`quota_books/{id}`: the reservations of a workspace, a mailbox or a contact. Its compare-and-set makes them transactional."""

    collection: ClassVar[str] = "quota_books"

    reservations: tuple[Reservation, ...] = ()
    last_at: datetime | None = None  # of a mailbox: when it last began to send

    def with_place(self, place: Reservation, *, now: datetime) -> Self:
        """A second reservation of the same send changes nothing."""
        kept = tuple(one for one in self.reservations if one.at > now - KEPT and one.send_id != place.send_id)
        return self.model_copy(update={"reservations": (*kept, place), "last_at": max(self.last_at or place.at, place.at)})

    def without(self, send_id: str) -> Self:
        return self.model_copy(update={"reservations": tuple(one for one in self.reservations if one.send_id != send_id)})


class Books(Value):
    """The three books a send is counted in."""

    workspace: QuotaBook
    mailbox: QuotaBook
    contact: QuotaBook

    def with_place(self, place: Reservation, *, now: datetime) -> "Books":
        return Books(
            workspace=self.workspace.with_place(place, now=now),
            mailbox=self.mailbox.with_place(place, now=now),
            contact=self.contact.with_place(place, now=now),
        )

    def without(self, send_id: str) -> "Books":
        return Books(
            workspace=self.workspace.without(send_id), mailbox=self.mailbox.without(send_id), contact=self.contact.without(send_id)
        )


class QuotaRefusal(Value):
    """Which limit, how many it allows, how many are used, and when there is room again."""

    limit: str  # the field of Quotas
    allowed: int
    used: int
    resets_at: datetime

    def told(self, zone: str) -> str:
        when = self.resets_at.astimezone(ZoneInfo(zone))
        return f"{LIMIT_NAMES[self.limit]}: {self.used} of {self.allowed} used; there is room again {when:%a %d %b, %H:%M} ({zone})."


LIMIT_NAMES: Mapping[str, str] = {
    "workspace_per_day": "Outreach of the workspace today",
    "workspace_per_week": "Outreach of the workspace this week",
    "mailbox_per_day": "Outreach from this mailbox today",
    "answers_per_mailbox_per_day": "Answers from this mailbox today",
    "new_threads_per_contact_7_days": "New threads with this contact within 7 days",
    "follow_ups_per_contact_7_days": "Follow-ups to this contact within 7 days",
}


def refusal(quotas: Quotas, books: Books, *, place: Reservation, zone: str) -> QuotaRefusal | None:
    """The first limit that has no room for this place; None when there is room everywhere. `zone` is the sender's."""
    found = [one for one in _refusals(quotas, books.without(place.send_id), place, ZoneInfo(zone)) if one is not None]
    return max(found, key=lambda one: one.resets_at) if found else None


def _refusals(quotas: Quotas, books: Books, place: Reservation, zone: ZoneInfo) -> Iterator[QuotaRefusal | None]:
    if place.touch is Touch.ANSWER:
        answers = _with(books.mailbox, Touch.ANSWER)
        yield _in_day("answers_per_mailbox_per_day", quotas.answers_per_mailbox_per_day, answers, place.at, zone)
        return
    touches = (Touch.OUTREACH, Touch.FOLLOW_UP)
    yield _in_day("workspace_per_day", quotas.workspace_per_day, _with(books.workspace, *touches), place.at, zone)
    yield _in_week("workspace_per_week", quotas.workspace_per_week, _with(books.workspace, *touches), place.at)
    yield _in_day("mailbox_per_day", quotas.mailbox_per_day, _with(books.mailbox, *touches), place.at, zone)
    if place.new_thread:
        opened = [one.at for one in books.contact.reservations if one.new_thread and one.touch in touches]
        yield _in_week("new_threads_per_contact_7_days", quotas.new_threads_per_contact_7_days, opened, place.at)
    if place.touch is Touch.FOLLOW_UP:
        followed = _with(books.contact, Touch.FOLLOW_UP)
        yield _in_week("follow_ups_per_contact_7_days", quotas.follow_ups_per_contact_7_days, followed, place.at)


def _with(book: QuotaBook, *touches: Touch) -> list[datetime]:
    return [one.at for one in book.reservations if one.touch in touches]


def _in_day(limit: str, allowed: int, moments: list[datetime], now: datetime, zone: ZoneInfo) -> QuotaRefusal | None:
    today = now.astimezone(zone).date()
    used = sum(one.astimezone(zone).date() >= today for one in moments)
    if used < allowed:
        return None
    midnight = datetime.combine(today + timedelta(days=1), time(0), tzinfo=zone)
    return QuotaRefusal(limit=limit, allowed=allowed, used=used, resets_at=midnight)


def _in_week(limit: str, allowed: int, moments: list[datetime], now: datetime) -> QuotaRefusal | None:
    """Rolling: there is room again when enough of those within the last seven days are older."""
    within = sorted(one for one in moments if one > now - WEEK)
    if len(within) < allowed:
        return None
    frees = within[len(within) - allowed] if allowed else now
    return QuotaRefusal(limit=limit, allowed=allowed, used=len(within), resets_at=frees + WEEK)


WORKSPACE_BOOK = "workspace"


def mailbox_book(operator_id: OperatorId) -> str:
    return f"mailbox-{operator_id}"


def contact_book(workspace_id: WorkspaceId, address: str) -> str:
    return "contact-" + derived_id("quota_contact", workspace_id, address.strip().lower())
