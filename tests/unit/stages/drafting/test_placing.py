"""What stands in the conversation decides what is done: every situation, one line each."""

import pytest

from shared.domain.draft import Draft, DraftState, OpenDraft, draft_hash
from shared.domain.ids import DraftId
from shared.ports.mailbox import FoundDraft
from shared.stages.drafting.placing import AlreadyThere, Decision, LeaveAlone, PlaceNew, ReplaceOurs, decide
from tests.builders import MONDAY, WORKSPACE, a_draft, a_draft_text, a_placement

OURS = a_draft(id=DraftId("draft-2"), text=a_draft_text(subject="The newer one"))
EARLIER = a_draft(id=DraftId("draft-1"))
PERSONS = "the operator has a draft of their own in this conversation"
EDITED = "the operator is working on an earlier draft in this conversation"
COLLEAGUES = "a draft to Colleague@brightleaf.example stands in this conversation"
ANOTHER = "another draft of ours stands in this conversation"


def standing(ours: str, *, at: str = "r-1", content_hash: str = "") -> FoundDraft:
    return FoundDraft(gmail_draft_id=at, gmail_message_id=f"gm-{at}", thread_id="t1", ours=ours, content_hash=content_hash)


def pointer(*, placed_at: str = "") -> OpenDraft:
    placement = a_placement(gmail_draft_id=placed_at, gmail_message_id=f"gm-{placed_at}") if placed_at else None
    return OpenDraft(id="o", workspace_id=WORKSPACE, draft_id=DraftId("draft-1"), since=MONDAY, placement=placement)


own, elsewhere = standing("draft-2"), standing("draft-2", at="r-2")
person = standing("", at="r-9")
earlier = standing("draft-1", content_hash=draft_hash(EARLIER))
edited = standing("draft-1", content_hash="what a person made of it")
saved = earlier.model_copy(update={"gmail_message_id": "gm-after-saving"})
to_a_colleague = a_draft(id=DraftId("draft-1"), recipient="Colleague@brightleaf.example")
colleagues = standing("draft-1", content_hash=draft_hash(to_a_colleague))
third = standing("draft-3", at="r-3")
NOBODY, NOT_PLACED, PLACED = None, pointer(), pointer(placed_at="r-1")

SITUATIONS = {
    "nothing stands there and nothing ever did": ([], NOT_PLACED, None, PlaceNew()),
    "ours stands there from an earlier attempt": ([own], NOT_PLACED, None, AlreadyThere(own)),
    "ours stands there in the place of the earlier one": ([own], PLACED, EARLIER, AlreadyThere(own, DraftState.SUPERSEDED)),
    "ours stands there, the earlier one was gone": ([elsewhere], PLACED, EARLIER, AlreadyThere(elsewhere, DraftState.DISCARDED)),
    "ours stands there, the earlier one was never known to": ([own], NOT_PLACED, EARLIER, AlreadyThere(own, DraftState.SUPERSEDED)),
    "ours stands there beside a person's": ([person, own], NOT_PLACED, None, AlreadyThere(own)),
    "a person's draft stands there": ([person], NOT_PLACED, None, LeaveAlone(PERSONS)),
    "a person's draft stands beside the earlier one": ([earlier, person], PLACED, EARLIER, LeaveAlone(PERSONS)),
    "the earlier one stands as we wrote it": ([earlier], PLACED, EARLIER, ReplaceOurs(earlier)),
    "the earlier one stands beside one of ours": ([third, earlier], PLACED, EARLIER, ReplaceOurs(earlier)),
    "the earlier one was placed and nobody said so": ([earlier], NOT_PLACED, EARLIER, ReplaceOurs(earlier)),
    "a person has edited the earlier one": ([edited], PLACED, EARLIER, LeaveAlone(EDITED, DraftState.EDITED_OUTSIDE)),
    "a person has saved the earlier one, its words are the same": ([saved], PLACED, EARLIER, LeaveAlone(EDITED, DraftState.EDITED_OUTSIDE)),
    "the earlier one is for somebody else in this thread": ([colleagues], PLACED, to_a_colleague, LeaveAlone(COLLEAGUES)),
    "one of ours we know nothing of stands there": ([third], NOT_PLACED, None, LeaveAlone(ANOTHER)),
    "the earlier one is gone and another one of ours stands": ([third], PLACED, EARLIER, LeaveAlone(ANOTHER)),
    "the earlier one is gone": ([], PLACED, EARLIER, PlaceNew(DraftState.DISCARDED)),
    "the earlier one never came to stand": ([], NOT_PLACED, EARLIER, PlaceNew()),
    "the pointer knows a place but no earlier draft": ([], PLACED, None, PlaceNew()),
}


@pytest.mark.parametrize(("found", "seen", "previous", "decision"), SITUATIONS.values(), ids=SITUATIONS)
def test_the_situation_decides_what_is_done(found: list[FoundDraft], seen: OpenDraft, previous: Draft | None, decision: Decision):
    assert decide(OURS, standing=found, pointer=seen, previous=previous) == decision
