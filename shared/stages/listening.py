"""Catching up with a mailbox: who has written, and what the operator did with our drafts. Used by sync_mailbox, and by send at the wire.

The cursor moves in the commit after everything it passes is stored: whoever dies in between reads the same history again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.audit import by_stage
from shared.domain.conversation import Direction
from shared.domain.draft import Draft, DraftState, moved
from shared.domain.heard import Heard, MailboxState, heard_id
from shared.domain.sends import Send, SendState
from shared.domain.workspace import Operator, Workspace
from shared.ports.clock import Clock
from shared.ports.errors import Conflict, ReconnectNeeded
from shared.ports.mailbox import FoundDraft, HistoryGone, Mailbox, MailNews, SeenMail
from shared.ports.store import Create, Replace, Snapshot, Store
from shared.stages.auditing import AuditTrail, Noted

MOST = 500
"""Open drafts of one operator that are looked at."""
LIVING = (DraftState.PENDING, DraftState.APPROVED, DraftState.EDITED_OUTSIDE)


@dataclass(frozen=True)
class Listener:
    """One operator's ears."""

    workspace: Workspace
    operator: Operator
    mailbox: Mailbox
    store: Store
    clock: Clock
    audit: AuditTrail


def catch_up(ears: Listener) -> MailboxState:
    """The state of the mailbox, read up to now. ReconnectNeeded is written down as the mailbox's trouble, and raised."""
    seen = ears.store.get(MailboxState, workspace_id=ears.workspace.id, id=ears.operator.id)
    try:
        return _caught_up(ears, seen)
    except ReconnectNeeded as error:
        _troubled(ears, seen, error.detail)
        raise


def _caught_up(ears: Listener, seen: Snapshot[MailboxState] | None) -> MailboxState:
    if seen is None:
        return _looked_at_everything(ears, None)
    try:
        news = ears.mailbox.news(since=seen.entity.cursor)
    except HistoryGone:
        return _looked_at_everything(ears, seen)
    _take_in(ears, news)
    return _moved_cursor(ears, seen, news.cursor)


def _take_in(ears: Listener, news: MailNews) -> None:
    """What people wrote first: nothing may leave to them from then on. Then what became of our drafts."""
    _hear(ears, news.arrived)
    ours = {one.ours for one in news.arrived if one.ours and one.direction is Direction.OUTBOUND}
    gone = set(news.gone)
    if not ours and not gone:
        return
    for draft in _living(ears):
        placement = draft.entity.placement
        if draft.entity.id in ours or (placement is not None and placement.gmail_message_id in gone):
            _look_at(ears, draft)


def _hear(ears: Listener, arrived: Iterable[SeenMail]) -> None:
    latest: dict[str, SeenMail] = {}
    for one in arrived:
        if one.direction is Direction.INBOUND and not one.automatic:
            known = latest.get(one.sender)
            latest[one.sender] = one if known is None or one.sent_at >= known.sent_at else known
    for one in latest.values():
        _keep_heard(ears, one.sender, at=one.sent_at, thread_id=one.thread_id, gmail_message_id=one.gmail_message_id)


def _keep_heard(ears: Listener, address: str, *, at: datetime, thread_id: str, gmail_message_id: str) -> None:
    """What they wrote last; an older mail that is read later changes nothing."""
    id = heard_id(ears.workspace.id, address)
    heard = Heard(id=id, workspace_id=ears.workspace.id, at=at, thread_id=thread_id, gmail_message_id=gmail_message_id)
    known = ears.store.get(Heard, workspace_id=ears.workspace.id, id=id)
    if known is not None and known.entity.at >= at:
        return
    ears.store.commit(Replace(known, heard) if known else Create(heard))


def _looked_at_everything(ears: Listener, seen: Snapshot[MailboxState] | None) -> MailboxState:
    """No history to read: note where it stands first, then look at every draft and everybody it is meant for."""
    cursor = ears.mailbox.position()
    drafts = _living(ears)
    for recipient in dict.fromkeys(one.entity.recipient for one in drafts):
        _hear_newest_of(ears, recipient)
    for draft in drafts:
        _look_at(ears, draft)
    return _moved_cursor(ears, seen, cursor, resynced=True)


def _hear_newest_of(ears: Listener, recipient: str) -> None:
    thread = ears.mailbox.newest_thread_with(address=recipient)
    said = [one for one in thread.messages if one.direction is Direction.INBOUND and not one.automatic] if thread else []
    if thread is not None and said:
        _keep_heard(ears, recipient, at=said[-1].sent_at, thread_id=thread.id, gmail_message_id=said[-1].id)


def _living(ears: Listener) -> Sequence[Snapshot[Draft]]:
    """Drafts of ours that stand in this mailbox, or are meant to."""
    found: list[Snapshot[Draft]] = []
    for state in LIVING:
        where = {"state": state.value, "operator_id": ears.operator.id}
        found += ears.store.list(Draft, workspace_id=ears.workspace.id, where=where, limit=MOST)
    return [one for one in found if one.entity.placement is not None]


def _look_at(ears: Listener, draft: Snapshot[Draft]) -> None:
    """What became of it in Gmail; a draft that a send of ours is moving is the send's own business."""
    placement = draft.entity.placement
    if placement is None or _is_leaving(ears, draft.entity):
        return
    found = ears.mailbox.find_draft(gmail_draft_id=placement.gmail_draft_id)
    fate = _fate(ears, draft.entity, found)
    if fate is None or fate[0] is draft.entity.state:
        return
    state, reason = fate
    changed = moved(draft.entity, state, reason=reason, at=ears.clock.now())
    told = Noted(action=f"draft.{state}", draft=draft.entity, reason=reason)
    try:
        ears.store.commit(Replace(draft, changed), *ears.audit.writes(told, by=by_stage("sync_mailbox"), workspace_id=ears.workspace.id))
    except Conflict:
        return  # somebody has decided meanwhile; what they decided meets the same mailbox


def _fate(ears: Listener, draft: Draft, found: FoundDraft | None) -> tuple[DraftState, str] | None:
    if found is not None:
        return None if stands_untouched(draft, found) else (DraftState.EDITED_OUTSIDE, "changed in Gmail")
    placement = draft.placement
    sent = ears.mailbox.sent_of(draft_id=draft.id, thread_id=placement.thread_id if placement else draft.thread_id)
    return (DraftState.SENT_BY_OPERATOR, "sent from Gmail") if sent else (DraftState.DISCARDED, "deleted in Gmail")


def stands_untouched(draft: Draft, found: FoundDraft) -> bool:
    """Gmail gives a draft a new message id whenever it is saved: that shows what the words do not, a Cc or a file.

    What a delivery of ours is writing, or had written when it died, is not a person's work.
    """
    placement = draft.placement
    if placement is None:
        return False
    as_placed = found.gmail_message_id == placement.gmail_message_id and found.content_hash == placement.content_hash
    just_written = found.ours == draft.id and found.bare and found.content_hash in placement.writing
    return as_placed or just_written


def _is_leaving(ears: Listener, draft: Draft) -> bool:
    if draft.state is not DraftState.APPROVED:
        return False
    sends = ears.store.list(Send, workspace_id=draft.workspace_id, where={"draft_id": draft.id}, limit=MOST)
    moving = {SendState.CLAIMED, SendState.SENT, SendState.SETTLED, SendState.PARKED}
    return any(one.entity.state in moving for one in sends)


def _moved_cursor(ears: Listener, seen: Snapshot[MailboxState] | None, cursor: str, *, resynced: bool = False) -> MailboxState:
    before = seen.entity if seen else None
    state = MailboxState(
        id=ears.operator.id,
        workspace_id=ears.workspace.id,
        operator_id=ears.operator.id,
        cursor=cursor,
        read_at=ears.clock.now(),
        resyncs=(before.resyncs if before else 0) + (before is not None and resynced),
    )
    try:
        ears.store.commit(Replace(seen, state) if seen else Create(state))
    except Conflict:  # another delivery has read the same history: what it read further is further
        found = ears.store.get(MailboxState, workspace_id=ears.workspace.id, id=ears.operator.id)
        return found.entity if found else state
    return state


def _troubled(ears: Listener, seen: Snapshot[MailboxState] | None, reason: str) -> None:
    """Who does not listen does not send: the send stage reads this."""
    if seen is None:
        return
    changed = seen.entity.model_copy(update={"trouble": reason, "trouble_at": ears.clock.now()})
    try:
        ears.store.commit(Replace(seen, changed))
    except Conflict:
        return
