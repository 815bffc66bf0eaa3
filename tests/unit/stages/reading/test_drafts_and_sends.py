"""Reading drafts and sends: everything a page needs to decide, filters, and what is put off until later."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.compliance import Compliance, Disclosure
from shared.domain.draft import DraftState
from shared.domain.heard import Heard, heard_id
from shared.domain.ids import WorkspaceId
from shared.domain.rejection import RejectionReason
from shared.domain.run import Run, RunState
from shared.domain.sends import SendState, Touch
from shared.ports.errors import NotFound
from shared.ports.store import Remove
from shared.stages.deciding.ask_anew import ask_anew
from shared.stages.deciding.reject import reject
from shared.stages.reading import drafts_and_sends
from tests.builders import MONDAY, PROSPECT, WORKSPACE, a_contact, a_context, a_draft, a_draft_text, a_policy, an_identity, at
from tests.footers import a_footer
from tests.unit.stages.desk import JO, MARIA, DeskWorld
from tests.unit.stages.world import a_gated_run

OTHER = WorkspaceId("southwind")


@pytest.fixture
def world() -> DeskWorld:
    return DeskWorld()


def shown(world: DeskWorld):
    return drafts_and_sends.draft(workspace_id=WORKSPACE, id="draft-1", store=world.store, now=MONDAY)


def listed(world: DeskWorld, **asked: object) -> list[str]:
    page = drafts_and_sends.drafts(**{"workspace_id": WORKSPACE, "store": world.store, "now": MONDAY, **asked})
    return [one["id"] for one in page.items]


def test_a_draft_is_shown_with_everything_a_decision_rests_on(world: DeskWorld):
    world.say("Thank you, Ana.")
    ask_anew(WORKSPACE, "draft-1", instruction="shorter", actor=JO, trace_id="t", desk=world.desk)
    page = shown(world)
    assert page["body"] == world.draft().text.body
    assert page["text"]["paragraphs"][0][1]["sources"] == ["form.message"]
    assert (page["fingerprint"], page["revision"], page["in_gmail"], page["revised_by"]) == (world.fingerprint, 2, 1, "maria")
    assert (page["verdict"]["outcome"], page["rewriting"]["instruction"], page["decided_by"], page["state"]) == (
        "PASS",
        "shorter",
        None,
        "pending",
    )
    assert world.approve(page["fingerprint"]).approval


def test_what_was_said_before_an_edit_can_be_read_again(world: DeskWorld):
    world.say("Thank you, Ana.")
    earlier = drafts_and_sends.revision(workspace_id=WORKSPACE, id="draft-1", number=1, store=world.store)
    assert (earlier["body"], earlier["number"], earlier["by"]) == (a_draft_text().body, 1, None)
    with pytest.raises(NotFound):
        drafts_and_sends.revision(workspace_id=WORKSPACE, id="draft-1", number=2, store=world.store)


def test_who_decided_is_told_by_name(world: DeskWorld):
    reject(WORKSPACE, "draft-1", reason=RejectionReason.HANDLED, note="", actor=JO, desk=world.desk)
    assert (shown(world)["decided_by"], shown(world)["state_reason"]) == ("jo", "it was taken care of otherwise")


def test_what_is_snoozed_is_hidden_until_then_unless_asked_for(world: DeskWorld):
    world.put(a_draft(id="draft-2", snoozed_until=at(days=1)), a_draft(id="draft-3", snoozed_until=MONDAY))
    assert listed(world) == ["draft-3", "draft-1"]
    assert listed(world, snoozed=True) == ["draft-3", "draft-2", "draft-1"]
    assert listed(world, now=at(days=2)) == ["draft-3", "draft-2", "draft-1"]


def test_drafts_are_listed_by_their_state(world: DeskWorld):
    world.put(a_draft(id="draft-2", state=DraftState.APPROVED), a_draft(id="draft-3", synthetic=True))
    assert listed(world, state=DraftState.APPROVED) == ["draft-2"]
    assert listed(world, state=DraftState.REJECTED) == []


@given(st.lists(st.booleans(), max_size=12), st.integers(1, 4))
def test_however_many_are_snoozed_every_page_is_full_and_every_other_draft_is_on_one(asleep: list[bool], limit: int):
    world = DeskWorld()
    world.store.commit(Remove(world.draft()))
    for number, snoozed in enumerate(asleep):
        world.put(a_draft(id=f"d{number:02}", created_at=at(minutes=number), snoozed_until=at(days=1) if snoozed else None))
    found, after = [], ""
    while True:
        page = drafts_and_sends.drafts(workspace_id=WORKSPACE, store=world.store, now=MONDAY, limit=limit, after=after)
        found += [one["id"] for one in page.items]
        assert not page.next or len(page.items) == limit
        if not page.next:
            break
        after = page.next
    assert found == [f"d{number:02}" for number, snoozed in reversed(list(enumerate(asleep))) if not snoozed]


def test_a_send_is_listed_with_when_and_why_and_shown_with_every_step(world: DeskWorld):
    world.allow_sending()
    send = world.approve(by=MARIA).send
    assert send is not None
    [line] = drafts_and_sends.sends(workspace_id=WORKSPACE, store=world.store).items
    assert (line["id"], line["state"], line["draft_id"], line["due_at"]) == (send.id, "approved", "draft-1", "2026-11-23T09:00:15Z")
    assert drafts_and_sends.sends(workspace_id=WORKSPACE, store=world.store, state=SendState.PARKED).items == []
    page = drafts_and_sends.send(workspace_id=WORKSPACE, id=send.id, store=world.store)
    assert (page["history"][0]["note"], "lease" in page) == ("approved by maria", False)


def test_a_foreign_send_is_as_missing_as_one_that_never_was(world: DeskWorld):
    world.allow_sending()
    send = world.approve().send
    assert send is not None
    for workspace, id in ((OTHER, send.id), (WORKSPACE, "send_9")):
        with pytest.raises(NotFound, match=f"send {id} does not exist"):
            drafts_and_sends.send(workspace_id=workspace, id=id, store=world.store)


def test_a_draft_tells_how_it_stands_with_the_law_by_the_policy_in_force(world: DeskWorld):
    where = a_context(identity=an_identity(contact=a_contact(country="Germany", lawful_basis="Freely given consent from contact")))
    world.put(a_gated_run(state=RunState.PLACED, context=where), world.draft().model_copy(update={"touch": Touch.OUTREACH}))
    bare = shown(world)["law"]
    assert (bare["country"], bare["jurisdiction"], bare["basis"], bare["lawful"]) == ("DE", "DE", "consent", False)
    assert "the footer has to say" in bare["told"]
    world.put(world.draft().model_copy(update={"footer": a_footer()}))
    page = shown(world)
    assert page["footer"]["postal_address"] == "Calle Mayor 1, 28013 Madrid, Spain"
    assert page["law"]["told"] == "They are in Germany (DE): may be written to, by their consent."
    world.put(a_policy(compliance=Compliance(disclosure=Disclosure.ALWAYS)))
    assert "does not say that software" in shown(world)["law"]["told"]


def test_what_they_have_written_since_is_a_reason_to_write_to_them(world: DeskWorld):
    world.put(world.draft().model_copy(update={"touch": Touch.OUTREACH, "footer": a_footer()}))
    assert shown(world)["law"]["lawful"] is False
    id = heard_id(WORKSPACE, PROSPECT)
    world.put(Heard(id=id, workspace_id=WORKSPACE, at=MONDAY, thread_id="t", gmail_message_id="m"))
    assert (shown(world)["law"]["basis"], shown(world)["law"]["lawful"]) == ("inquiry", True)


def test_what_was_left_without_its_run_says_nothing_of_the_law(world: DeskWorld):
    world.store.commit(Remove(world.one(Run)))
    assert shown(world)["law"] is None
