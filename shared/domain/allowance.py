"""How often somebody may ask within a while. Each taking is remembered with its moment, so a window has no edge at which it starts anew."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from shared.domain.entity import Entity, Value
from shared.domain.ids import WorkspaceId
from shared.domain.work import NOBODYS

LEASED_FOR = timedelta(seconds=10)
"""How long an instance may use what it has taken ahead; so much longer a taking counts."""


class Limit(Value):
    """At most `units` within any `window`. Taken in blocks: an instance asks the others once for many requests."""

    name: str  # as the header RateLimit calls it
    units: int
    window: timedelta
    block: int = 1

    @property
    def counts_for(self) -> timedelta:
        """What is used later than it is taken counts longer, so that no window ever holds more."""
        return self.window + (LEASED_FOR if self.block > 1 else timedelta(0))


class Taking(Value):
    at: datetime
    units: int


class Allowance(Entity):
    """`allowances/{id}`: what has been taken lately, of a limit, for one token, account or address. They belong to no workspace."""

    collection: ClassVar[str] = "allowances"

    workspace_id: WorkspaceId = NOBODYS
    taken: tuple[Taking, ...] = ()
    expires_at: datetime  # it says nothing any more after that

    def used(self, limit: Limit, now: datetime) -> int:
        return sum(one.units for one in self._counting(limit, now))

    def free_in(self, limit: Limit, now: datetime) -> timedelta:
        """How long until at least one unit is free; nothing when one is."""
        over = self.used(limit, now) - limit.units
        if over < 0:
            return timedelta(0)
        for one in self._counting(limit, now):
            over -= one.units
            if over < 0:
                return one.at + limit.counts_for - now
        return timedelta(0)

    def taking(self, units: int, limit: Limit, now: datetime) -> Self:
        taken = (*self._counting(limit, now), Taking(at=now, units=units))
        return self.model_copy(update={"taken": taken, "expires_at": now + limit.counts_for})

    def _counting(self, limit: Limit, now: datetime) -> tuple[Taking, ...]:
        return tuple(one for one in self.taken if timedelta(0) <= now - one.at < limit.counts_for)


def untouched(id: str, now: datetime) -> Allowance:
    return Allowance(id=id, expires_at=now)
