"""The answer to a request that carried a key, kept so that its repeats get the same one and do nothing again."""

from datetime import datetime, timedelta
from typing import ClassVar

from shared.domain.entity import Entity
from shared.domain.ids import WorkspaceId, derived_id

KEPT_FOR = timedelta(hours=24)
SERVED_WITHIN = timedelta(seconds=90)
"""Longer than the function may run: a request that has no answer by then has died."""


class KeptAnswer(Entity):
    """`kept_answers/{id}`: of one caller and key. Without a status the request is being served, or was when it died."""

    collection: ClassVar[str] = "kept_answers"

    request: str  # fingerprint of method, address and body
    since: datetime  # when it was first asked for
    begun_at: datetime  # when it was last begun
    attempt: int = 1
    broken_off: bool = False  # the last attempt has ended, and nobody knows how
    status: int = 0
    answer: str = ""  # JSON
    expires_at: datetime

    def expired(self, now: datetime) -> bool:
        return now >= self.expires_at

    def is_served(self, now: datetime) -> bool:
        """By somebody who may still be alive."""
        return not self.status and not self.broken_off and now - self.begun_at < SERVED_WITHIN

    def name_of(self, *what: str) -> str:
        """The same for every attempt, and for no other request: what is named so is created once."""
        return derived_id("once", self.id, self.since.isoformat(), *what)


def begun(before: KeptAnswer | None, *, id: str, workspace_id: WorkspaceId, request: str, now: datetime) -> KeptAnswer:
    """The claim on serving it; `before` is that of an attempt that came to no end."""
    if before is not None and not before.expired(now):
        return before.model_copy(update={"begun_at": now, "attempt": before.attempt + 1, "broken_off": False})
    attempt = before.attempt + 1 if before else 1  # a write that changes nothing is none
    return KeptAnswer(
        id=id, workspace_id=workspace_id, request=request, since=now, begun_at=now, attempt=attempt, expires_at=now + KEPT_FOR
    )
