"""What we have last heard of a mailbox and of the people who write to it; kept by the mailbox sync, asked before anything leaves."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from shared.domain.draft import Draft
from shared.domain.entity import Entity
from shared.domain.ids import OperatorId, WorkspaceId, derived_id
from shared.domain.people import normal_address
from shared.domain.planning import Context


class Heard(Entity):
    """`heard/{id}`: when a person last wrote to one of our mailboxes. The id does not tell who."""

    collection: ClassVar[str] = "heard"

    at: datetime
    thread_id: str
    gmail_message_id: str


class MailboxState(Entity):
    """`mailboxes/{operator id}`: how far its history is read, and whether it may send. Who does not listen does not send."""

    collection: ClassVar[str] = "mailboxes"

    operator_id: OperatorId
    cursor: str
    read_at: datetime  # when history was last read up to its end
    resyncs: int = 0  # how often history had been forgotten
    trouble: str = ""  # why it cannot be read; empty while it can
    trouble_at: datetime | None = None


def heard_id(workspace_id: WorkspaceId, address: str) -> str:
    """One for every spelling of an address: whoever was written to under a +tag answers without it."""
    return derived_id("heard", workspace_id, normal_address(address))


def addresses_of(draft: Draft, context: Context) -> tuple[str, ...]:
    """Under which the people it is meant for may write: they answer from another of their addresses, too."""
    return (draft.recipient, *draft.cc, *sorted(context.identity.contact.addresses))


def heard_ids(draft: Draft, context: Context) -> Sequence[str]:
    """Under which anything they wrote is kept."""
    return tuple(dict.fromkeys(heard_id(draft.workspace_id, one) for one in addresses_of(draft, context)))


def newest(heard: Iterable[Heard]) -> Heard | None:
    """What somebody with several addresses wrote last; None when nothing was heard."""
    return max(heard, key=lambda one: one.at, default=None)
