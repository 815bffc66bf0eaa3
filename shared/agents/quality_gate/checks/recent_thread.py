"""Check that a new thread does not follow too close on the last one."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.agents.quality_gate.findings import warn
from shared.agents.quality_gate.material import Material
from shared.domain.verdict import Violation

QUIET = timedelta(days=7)


def recent_thread(material: Material) -> Iterator[Violation]:
    """A new thread within seven days of the last message with this person."""
    moments = [one for one in _moments(material) if one <= material.now]
    if material.draft.thread_id or not moments:
        return
    since = material.now - max(moments)
    if since < QUIET:
        yield warn(
            "recent_thread",
            reason=f"You last wrote with this person {_days(since)}, and this would open a new thread.",
            suggestion="Answer in the existing thread, or wait until a week has passed.",
        )


def _moments(material: Material) -> Iterator[datetime]:
    reading = material.context.reading
    if reading:
        yield reading.last_message_at
    yield from (one.at for one in material.context.memories if one.sender.lower() in material.people_addresses)


def _days(since: timedelta) -> str:
    return "today" if since.days < 1 else "yesterday" if since.days == 1 else f"{since.days} days ago"
