"""Catching up with a mailbox: who has written, and what the operator did with our drafts. Used by sync_mailbox, and by send at the wire.

The cursor moves in the commit after everything it passes is stored: whoever dies in between reads the same history again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.audit import by_stage
from shared.domain.conversation import Direction, Message
from shared.domain.draft import Draft, DraftState, moved
from shared.domain.heard import Heard, MailboxState, heard_id
from shared.domain.notices import Concern, Matter, owed_notice
from shared.domain.people import normal_address
from shared.domain.places import places_of
from shared.domain.run import Run
from shared.domain.sends import Send, SendState
from shared.domain.workspace import Operator, Workspace
from shared.ports.clock import Clock
from shared.ports.errors import Busy, Conflict, NotFound, ReconnectNeeded
from shared.ports.mailbox import FoundDraft, HistoryGone, Mailbox, MailNews, SeenMail
from shared.ports.store import Create, Replace, Snapshot, Store
from shared.stages.audit.trail import AuditTrail, Noted

MOST = 500
"""Open drafts of one operator that are looked at."""
NEWEST = 10
"""Mails with a person that are looked through for what they wrote last, when there is no history to read."""
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
        placement, edited = draft.entity.placement, draft.entity.state is DraftState.EDITED_OUTSIDE
        if draft.entity.id in ours or edited or (placement is not None and placement.gmail_message_id in gone):
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
    """What they wrote last; an older mail that is read later changes nothing. Busy when somebody else has just heard them."""
    id = heard_id(ears.workspace.id, address)
    heard = Heard(id=id, workspace_id=ears.workspace.id, at=at, thread_id=thread_id, gmail_message_id=gmail_message_id)
    known = ears.store.get(Heard, workspace_id=ears.workspace.id, id=id)
    if known is not None and known.entity.at >= at:
        return
    try:
        ears.store.commit(Replace(known, heard) if known else Create(heard))
    except Conflict:
        raise Busy("another delivery is reading this mailbox") from None


def _looked_at_everything(ears: Listener, seen: Snapshot[MailboxState] | None) -> MailboxState:
    """No history to read: note where it stands first, then look at every draft and everybody it is meant for."""
    cursor = ears.mailbox.position()
    drafts = _living(ears)
    for addresses in _people_of(ears, drafts):
        _hear_newest_of(ears, addresses)
    for draft in drafts:
        _look_at(ears, draft)
    return _moved_cursor(ears, seen, cursor, resynced=True)


def _people_of(ears: Listener, drafts: Sequence[Snapshot[Draft]]) -> Iterable[tuple[str, ...]]:
    """Whom the drafts are meant for, once each, with every address and spelling they are known to write from."""
    runs = ears.store.get_many(Run, workspace_id=ears.workspace.id, ids=[one.entity.run_id for one in drafts])
    return dict.fromkeys(_addresses_of(one.entity, runs.get(one.entity.run_id)) for one in drafts)


def _addresses_of(draft: Draft, run: Snapshot[Run] | None) -> tuple[str, ...]:
    context = run.entity.context if run else None
    known = (draft.recipient, *(sorted(context.identity.contact.addresses) if context else ()))
    return tuple(dict.fromkeys(spelled for one in known for spelled in (one.strip().lower(), normal_address(one))))


def _hear_newest_of(ears: Listener, addresses: Sequence[str]) -> None:
    """What they themselves wrote last, in whatever thread: the newest one may hold nothing but a machine's answer."""
    listed = ears.mailbox.listed_about(addresses=addresses, domains=[], limit=NEWEST)
    said = [one for thread_id in dict.fromkeys(ref.thread_id for ref in listed) for one in _said_in(ears, thread_id, by=addresses)]
    if said:
        last = max(said, key=lambda one: one.sent_at)
        _keep_heard(ears, last.sender, at=last.sent_at, thread_id=last.thread_id, gmail_message_id=last.id)


def _said_in(ears: Listener, thread_id: str, *, by: Sequence[str]) -> Sequence[Message]:
    try:
        messages = ears.mailbox.thread(thread_id=thread_id).messages
    except NotFound:  # deleted since it was listed
        return ()
    return [one for one in messages if one.direction is Direction.INBOUND and not one.automatic and normal_address(one.sender) in by]


def _living(ears: Listener) -> Sequence[Snapshot[Draft]]:
    """Drafts of ours that stand in this mailbox, or are meant to."""
    found: list[Snapshot[Draft]] = []
    for state in LIVING:
        where = {"state": state.value, "operator_id": ears.operator.id}
        found += ears.store.list(Draft, workspace_id=ears.workspace.id, where=where, limit=MOST)
    return [one for one in found if one.entity.placement is not None]


def _look_at(ears: Listener, draft: Snapshot[Draft]) -> None:
    """What became of it in Gmail. First look, then ask: what a send of ours has moved meanwhile is the send's own business."""
    fate = fate_of(draft.entity, ears.mailbox)
    if fate is None or fate[0] is draft.entity.state or _is_leaving(ears, draft.entity):
        return
    state, reason = fate
    changed = moved(draft.entity, state, reason=reason, at=ears.clock.now())
    told = Noted(action=f"draft.{state}", draft=draft.entity, reason=reason)
    try:
        ears.store.commit(Replace(draft, changed), *ears.audit.writes(told, by=by_stage("sync_mailbox"), workspace_id=ears.workspace.id))
    except Conflict:
        raise Busy(f"draft {draft.entity.id} has just been decided") from None


def fate_of(draft: Draft, mailbox: Mailbox) -> tuple[DraftState, str] | None:
    """What others have done with it in Gmail, and how an operator would say it; None when it stands as we wrote it, or nowhere yet."""
    if draft.placement is None:
        return None
    found = mailbox.find_draft(gmail_draft_id=draft.placement.gmail_draft_id)
    if found is None:
        sent = mailbox.sent_of(draft_id=draft.id, thread_id=draft.placement.thread_id)
        return (DraftState.SENT_BY_OPERATOR, "sent from Gmail") if sent else (DraftState.DISCARDED, "deleted in Gmail")
    if stands_untouched(draft, found):
        return None
    if found.ours and found.ours != draft.id:
        return DraftState.SUPERSEDED, "a newer draft of ours stands in its place"
    return DraftState.EDITED_OUTSIDE, "changed in Gmail"


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
    now = ears.clock.now()
    changed = seen.entity.model_copy(update={"trouble": reason, "trouble_at": now})
    matter = Matter(concern=Concern.RECONNECT, id=seen.entity.id, occasion=f"{now:%Y%m%dT%H%M%S}")
    tells = not seen.entity.trouble and places_of(ears.workspace)  # once, until it is connected again; left to the sweep
    owed = [owed_notice(matter, workspace_id=ears.workspace.id, at=now)] if tells else []
    try:
        ears.store.commit(Replace(seen, changed), *(Create(one) for one in owed))
    except Conflict:
        return
