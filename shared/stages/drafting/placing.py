"""What to do about the drafts that already stand in a conversation. Pure; used by place_draft."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.draft import Draft, DraftState, OpenDraft, draft_hash
from shared.ports.mailbox import FoundDraft
from shared.stages.listening.catching_up import stands_untouched


@dataclass(frozen=True)
class AlreadyThere:
    """An earlier delivery placed this very draft and died before it could say so."""

    found: FoundDraft
    before: DraftState | None = None


@dataclass(frozen=True)
class PlaceNew:
    """Nothing of ours stands there. `before` tells what became of the draft we had placed earlier, if any."""

    before: DraftState | None = None


@dataclass(frozen=True)
class ReplaceOurs:
    """An earlier draft of ours stands there as we wrote it: the new one takes its place."""

    found: FoundDraft


@dataclass(frozen=True)
class LeaveAlone:
    """A person is at work there, or a newer draft stands: nothing is placed."""

    reason: str
    before: DraftState | None = None


Decision = AlreadyThere | PlaceNew | ReplaceOurs | LeaveAlone


def decide(draft: Draft, *, standing: Sequence[FoundDraft], pointer: OpenDraft, previous: Draft | None) -> Decision:
    """`previous` is the draft that held the conversation before this one; `pointer` is as it was before the claim."""
    own = next((one for one in standing if one.ours == draft.id), None)
    if own is not None:
        return AlreadyThere(own, _fate(own, pointer=pointer, previous=previous))
    if any(not one.ours for one in standing):
        return LeaveAlone("the operator has a draft of their own in this conversation")
    ours = next((one for one in standing if previous is not None and one.ours == previous.id), None)
    if ours is not None and previous is not None:
        return _about_ours(ours, draft=draft, previous=previous, pointer=pointer)
    if standing:
        return LeaveAlone("another draft of ours stands in this conversation")
    gone = previous is not None and pointer.placement is not None
    return PlaceNew(before=DraftState.DISCARDED if gone else None)


def _about_ours(ours: FoundDraft, *, draft: Draft, previous: Draft, pointer: OpenDraft) -> Decision:
    if previous.state is DraftState.APPROVED:
        return LeaveAlone("an approved draft stands in this conversation")
    if not _as_we_left_it(ours, previous, pointer):
        return LeaveAlone("the operator is working on an earlier draft in this conversation", DraftState.EDITED_OUTSIDE)
    if previous.recipient.lower() != draft.recipient.lower():
        return LeaveAlone(f"a draft to {previous.recipient} stands in this conversation")
    return ReplaceOurs(ours)


def _as_we_left_it(ours: FoundDraft, previous: Draft, pointer: OpenDraft) -> bool:
    """Nobody may have said yet where the earlier one stands: then its words tell."""
    if previous.placement is not None:
        return stands_untouched(previous, ours)
    saved_since = pointer.placement is not None and pointer.placement.gmail_message_id != ours.gmail_message_id
    return not saved_since and ours.content_hash == draft_hash(previous)


def _fate(own: FoundDraft, *, pointer: OpenDraft, previous: Draft | None) -> DraftState | None:
    """What the attempt that placed our draft must have seen of the previous one: it took its place, or it was gone."""
    if previous is None:
        return None
    if pointer.placement is None:
        return DraftState.SUPERSEDED
    return DraftState.SUPERSEDED if own.gmail_draft_id == pointer.placement.gmail_draft_id else DraftState.DISCARDED
