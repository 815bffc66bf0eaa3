"""What decisions about drafts need. Used by every stage in which a person, or the wire, decides."""

from dataclasses import dataclass

from shared.domain.draft import Draft, Placement
from shared.ports.bus import Outbox
from shared.ports.clock import Clock
from shared.ports.errors import Rejected
from shared.ports.mailbox import MailboxOf
from shared.ports.store import Store
from shared.stages.auditing import AuditTrail
from shared.stages.suppressing import Suppressions


@dataclass(frozen=True)
class Desk:
    """What decisions about drafts need."""

    store: Store
    outbox: Outbox
    clock: Clock
    mailbox: MailboxOf
    suppressions: Suppressions
    audit: AuditTrail


def placed_as(draft: Draft) -> Placement:
    """Where it stands. Rejected when it stands nowhere."""
    if draft.placement is None:
        raise Rejected("the draft does not stand in Gmail", status=409)
    return draft.placement
