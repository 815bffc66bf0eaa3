"""Sync: reads what has happened in the mailbox of every operator since it was last read. A chore of every workspace."""

from dataclasses import dataclass

from shared.domain.work import Work
from shared.domain.workspace import Operator
from shared.ports.clock import Clock
from shared.ports.errors import ReconnectNeeded, SalesAgentError
from shared.ports.mailbox import MailboxOf
from shared.ports.store import Store
from shared.stages.audit.trail import AuditTrail
from shared.stages.listening.catching_up import Listener, catch_up


@dataclass(frozen=True)
class Synced:
    """How many mailboxes were read. `disconnected` names operators who have to connect theirs again; `postponed` come again next time."""

    read: int
    disconnected: tuple[str, ...]
    postponed: tuple[str, ...]


def sync_mailbox(work: Work, *, store: Store, clock: Clock, mailbox: MailboxOf, audit: AuditTrail) -> Synced:
    """`work.id` is the period. One mailbox that cannot be read keeps none of the others."""
    workspace = store.workspace(workspace_id=work.workspace_id)
    disconnected: list[str] = []
    postponed: list[str] = []

    def read(operator: Operator) -> bool:
        try:
            catch_up(Listener(workspace, operator, mailbox(operator), store, clock, audit))
        except ReconnectNeeded:
            disconnected.append(operator.id)
        except SalesAgentError:  # Gmail is away, or somebody else is reading: the next round looks again
            postponed.append(operator.id)
        else:
            return True
        return False

    count = sum(read(operator) for operator in workspace.operators)
    return Synced(count, tuple(disconnected), tuple(postponed))
