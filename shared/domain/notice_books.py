"""A book per place and concern: what waits to be told there, what was, and when the next notice is due. Pure; used by the stages that tell.

One notice tells of everything that waits. So a morning of sixty forms is a handful of notices, and an outage of Slack one at its end.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Self

from shared.domain.entity import Entity, Value
from shared.domain.ids import WorkspaceId, derived_id
from shared.domain.lease import Lease, claimed
from shared.domain.notices import Concern
from shared.domain.places import Place

TELL = "tell-"
"""What begins the id of the work that a due notice owes; the book's id and its round follow."""
MOST_WAITING, MOST_TOLD = 1000, 1000
"""Keys of a book. Whatever waits beyond these stands where the notice leads."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
"""After a place gave no answer; doubled each time."""
REFUSED_WAIT = timedelta(hours=1)
"""After a place refused: somebody has to change something first."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Rhythm(Value):
    """`gather` is how long the first of a bundle waits for others; `gaps` the time between notices, longer while they go on and on."""

    gather: timedelta
    gaps: tuple[timedelta, ...]

    def gap(self, streak: int) -> timedelta:
        """After so many notices in a row."""
        return self.gaps[min(max(streak - 1, 0), len(self.gaps) - 1)]


AT_ONCE = Rhythm(gather=timedelta(0), gaps=(timedelta(0),))
URGENT = Rhythm(gather=timedelta(0), gaps=(2 * MINUTE,))
RHYTHMS: Mapping[Concern, Rhythm] = {
    Concern.APPROVALS: Rhythm(gather=2 * MINUTE, gaps=(10 * MINUTE,)),
    Concern.SWITCH: AT_ONCE,
    Concern.RUNS: Rhythm(gather=timedelta(0), gaps=(10 * MINUTE, HOUR, 4 * HOUR)),
    Concern.SENDS: Rhythm(gather=timedelta(0), gaps=(10 * MINUTE,)),
    Concern.LETTERS: Rhythm(gather=timedelta(0), gaps=(10 * MINUTE, HOUR, 4 * HOUR)),
    Concern.RECONNECT: Rhythm(gather=timedelta(0), gaps=(10 * MINUTE,)),
}


class NoticeBook(Entity):
    """`notice_books/{medium}-{concern}` of the workspace's channel, with `-{operator}` of an operator's own place."""

    collection: ClassVar[str] = "notice_books"

    concern: Concern
    place: Place
    waiting: tuple[str, ...] = ()  # keys of matters, the oldest first
    told: tuple[str, ...] = ()  # the newest last: what is heard of again is known
    trying: tuple[str, ...] = ()  # what the notice under way tells of; left there when nobody knows whether it was told
    number: int = 1  # of the next notice
    streak: int = 0  # notices that came one soon after the other
    last_at: datetime | None = None
    due_at: datetime | None = None  # of the next notice; None: nothing waits
    round: int = 0  # of tasks: their names stay taken
    lease: Lease | None = None
    failures: int = 0  # since the last one that was told
    trouble: str = ""  # why the last attempt failed, and what to do
    trouble_at: datetime | None = None  # when that began

    @property
    def notice_id(self) -> str:
        return derived_id("notice", self.workspace_id, self.id, str(self.number))

    def with_matter(self, key: str, *, rhythm: Rhythm, now: datetime) -> Self:
        """As it was when it knows this one already. While a place is in trouble nothing comes earlier."""
        if key in self.waiting or key in self.told or len(self.waiting) >= MOST_WAITING:
            return self
        streak = 0 if self._is_quiet(rhythm, now) else self.streak
        due = max(now + rhythm.gather, self.last_at + rhythm.gap(streak) if self.last_at else now)
        added = self.model_copy(update={"waiting": (*self.waiting, key), "streak": streak})
        sooner = self.due_at is None or (due < self.due_at and not self.failures)
        return added.model_copy(update={"due_at": due, "round": self.round + 1}) if sooner else added

    def _is_quiet(self, rhythm: Rhythm, now: datetime) -> bool:
        return self.last_at is not None and now - self.last_at >= 2 * rhythm.gap(self.streak)

    def claimed(self, keys: Sequence[str], *, holder: str, now: datetime) -> Self | None:
        """Ours to tell; None while somebody else is telling."""
        lease = claimed(self.lease, holder=holder, now=now)
        return self.model_copy(update={"lease": lease, "trying": tuple(keys)}) if lease else None

    def after_telling(self, keys: Collection[str], *, now: datetime) -> Self:
        """What has come meanwhile waits for the next one."""
        rhythm = RHYTHMS[self.concern]
        told = {"number": self.number + 1, "last_at": now, "streak": self.streak + 1, "failures": 0, "trouble": "", "trouble_at": None}
        return self.without(keys, due_at=now + rhythm.gap(self.streak + 1)).model_copy(update=told)

    def without(self, keys: Collection[str], *, due_at: datetime | None = None) -> Self:
        """These need not be told (any more)."""
        left = tuple(one for one in self.waiting if one not in keys)
        known = (*self.told, *(one for one in self.waiting if one in keys))[-MOST_TOLD:]
        next_one = {"due_at": due_at, "round": self.round + 1} if left and due_at else {"due_at": None}
        return self.model_copy(update={"waiting": left, "told": known, "trying": (), "lease": None, **next_one})

    def put_off(self, until: datetime, *, trouble: str, now: datetime, doubtful: bool) -> Self:
        """It was not told, or nobody knows (`doubtful`)."""
        waits = {"due_at": until, "round": self.round + 1, "lease": None, "failures": self.failures + 1}
        tried = self.trying if doubtful else ()
        return self.model_copy(update={**waits, "trying": tried, "trouble": trouble, "trouble_at": self.trouble_at or now})

    def called_again(self, now: datetime) -> Self:
        return self.model_copy(update={"due_at": now, "round": self.round + 1})

    @property
    def backoff(self) -> timedelta:
        doubled: int = 2 ** min(self.failures, 10)
        return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def book_of(place: Place, concern: Concern, workspace_id: WorkspaceId) -> NoticeBook:
    """An empty one."""
    whose = f"-{place.operator_id}" if place.operator_id else ""
    return NoticeBook(id=f"{place.medium}-{concern}{whose}", workspace_id=workspace_id, concern=concern, place=place)


def round_from(work_id: str) -> tuple[str, int] | None:
    """The book's id and the round; None for any other work."""
    book, _, number = work_id.removeprefix(TELL).rpartition("-")
    return (book, int(number)) if work_id.startswith(TELL) and number.isdecimal() else None
