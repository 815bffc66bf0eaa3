"""What must hold of approved mails: each left once, waits, or says why it did not; and every mailbox is listened to. Used by doctor."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from infra.cli.findings import Finding, broken, doubtful, fine
from infra.cli.invariants import all_of_kind
from shared.domain.approval import Approval
from shared.domain.heard import MailboxState
from shared.domain.ids import WorkspaceId
from shared.domain.sends import WAITING, Send, SendState
from shared.domain.ways import Way
from shared.domain.wire import LISTENING
from shared.ports.store import Store

OVERDUE = timedelta(minutes=15)
"""The chore tends what is due every five minutes."""
TOLD_SOON = timedelta(hours=1)
"""SendGrid tells within seconds that it has a mail."""
LEFT = frozenset({SendState.SENT, SendState.SETTLED})


def approved_mails_are_accounted_for(store: Store, workspace_id: WorkspaceId, *, now: datetime) -> Finding:
    """INV-1 as our own books tell it: no draft left twice, no send without its approval, nothing due that nobody moves."""
    sends = list(all_of_kind(store, Send, workspace_id))
    approvals = {one.id for one in all_of_kind(store, Approval, workspace_id)}
    twice = [draft for draft, count in Counter(one.draft_id for one in sends if one.state in LEFT).items() if count > 1]
    strays = [one.id for one in sends if one.approval_id not in approvals]
    late = [one.id for one in sends if one.state in {*WAITING, SendState.CLAIMED} and now - one.due_at > OVERDUE]
    if twice:
        return broken(
            "sends", f"{twice[0]} has left more than once", f"stop everything with `sdr kill`, then read `sdr audit --draft {twice[0]}`"
        )
    if strays:
        return broken("sends", f"{strays[0]} has no approval", f"sdr send {strays[0]}")
    if late:
        return broken("sends", f"{len(late)} are overdue, first {late[0]}", "look at the functions' log for send and tend_sends")
    return _told(sends)


def carriers_tell(store: Store, workspace_id: WorkspaceId, *, now: datetime) -> Finding:
    """What left through SendGrid is settled by its events: without any, its webhook does not reach us."""
    carried = [one for one in all_of_kind(store, Send, workspace_id) if one.way is Way.SENDGRID and one.departure is not None]
    silent = [one.id for one in carried if not one.told and one.departure and now - one.departure.at > TOLD_SOON]
    if silent:
        return doubtful(
            "sendgrid",
            f"{len(silent)} were taken and nothing was told of them, first {silent[0]}",
            f"let its signed Event Webhook call /sendgrid-events/{workspace_id}",
        )
    return fine("sendgrid", f"{len(carried)} taken, of each something was told" if carried else "nobody sends through it")


def _told(sends: Sequence[Send]) -> Finding:
    counts = ", ".join(f"{count} {state}" for state, count in sorted(Counter(str(one.state) for one in sends).items())) or "none yet"
    parked = [one.id for one in sends if one.state is SendState.PARKED]
    if parked:
        return doubtful("sends", f"{counts}; nobody can tell whether {parked[0]} left", f"sdr resolve {parked[0]}")
    return fine("sends", counts)


def mailboxes_are_heard(store: Store, workspace_id: WorkspaceId, *, now: datetime) -> Finding:
    """Who does not listen does not send."""
    states = list(all_of_kind(store, MailboxState, workspace_id))
    troubled = [one for one in states if one.trouble]
    deaf = [one for one in states if now - one.read_at > LISTENING]
    if troubled:
        return broken("mailboxes", f"{troubled[0].id}: {troubled[0].trouble}", "connect it again: what waits goes on by itself")
    if deaf:
        told = f"{deaf[0].id} was last read at {deaf[0].read_at:%d %b %H:%M} UTC"
        return broken("mailboxes", told, "look at the functions' log for sync_mailbox")
    return fine("mailboxes", f"{len(states)} listened to" if states else "none read yet: the rounds do it every five minutes")
