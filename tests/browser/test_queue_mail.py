"""What a draft's page says around the letter: documents as files, what was made of it by itself, and who opened it."""

from datetime import timedelta

from playwright.sync_api import expect

from shared.domain.audit import Actor, ActorKind, AuditEntry
from shared.domain.considered import Answer, Considered
from shared.domain.draft import Draft, DraftState
from shared.domain.links import LinkKind
from shared.domain.policy import AutoRule
from shared.domain.sends import Departure, SendState
from shared.domain.touches import Touch, Touches
from shared.domain.tracked import Tracked
from shared.ports.store import Put
from tests.browser.operating import JONAS, TOM, Operating
from tests.builders import MONDAY
from tests.eval.engagement.sequences import AGENTS
from tests.unit.stages.reading.test_queue import a_send

RULE = Actor(kind=ActorKind.RULE, id=AutoRule.REPLIED_BEFORE)
PICTURE = Tracked(picture="https://links.example/p")
TOLD = "A person looks: they have <b>written before</b>, and the rule needs 73 more approvals."


def considered(desk: Operating, **changes: object) -> Draft:
    made = Considered(answer=Answer.ASK, rules=(AutoRule.REPLIED_BEFORE,), told=TOLD, draw=0.5, wording="plain", at=MONDAY)
    return desk.world.change(desk.world.draft_to(TOM), considered=made, **changes)


def sent(desk: Operating, *touches: Touch) -> Draft:
    """Tom's mail left an hour ago with a picture of ours; and what was fetched of it."""
    draft = desk.world.change(desk.world.draft_to(TOM), state=DraftState.SENT, tracked=PICTURE)
    left = desk.world.suite.clock.now() - timedelta(hours=1)
    away = Departure(thread_id=draft.thread_id, at=left)
    send = a_send(draft.id, workspace_id=draft.workspace_id, recipient=TOM, state=SendState.SETTLED, departure=away)
    desk.world.store.commit(Put(send))
    if touches:
        desk.world.store.commit(Put(Touches(id=draft.id, workspace_id=draft.workspace_id, recipient=TOM, kept=touches)))
    return draft


def test_a_document_is_attached_by_its_box_and_a_link_again_without_it(desk: Operating):
    [document] = desk.world.draft_to(JONAS).text.attachments
    id = desk.world.draft_to(JONAS).id
    desk.go(f"/drafts/{id}/edit")
    box = desk.draft.get_by_label(f"Attach “{document.name}” as a file instead of a link")
    expect(box).not_to_be_checked()
    box.focus()
    desk.press("Space")
    desk.page.get_by_role("button", name="Save").click()
    expect(desk.draft.locator(".envelope")).to_contain_text("Attached")
    [file] = desk.world.draft_to(JONAS).text.files
    expect(desk.draft.locator(".envelope")).to_contain_text(file.name)
    expect(desk.draft.locator("del")).to_contain_text([document.url])
    desk.go(f"/drafts/{id}")
    expect(desk.draft.locator(".body")).not_to_contain_text(document.url)
    desk.go(f"/drafts/{id}/edit")
    expect(box).to_be_checked()
    box.uncheck()
    desk.page.get_by_role("button", name="Save").click()
    expect(desk.draft.locator("ins")).to_contain_text([document.url])
    assert desk.world.draft_to(JONAS).text.files == ()


def test_a_document_that_may_not_be_shared_any_more_is_refused_and_nothing_typed_is_lost(desk: Operating):
    draft = desk.world.draft_to(JONAS)
    [document] = draft.text.attachments
    desk.world.suite.drive.change("folder-cases", permissions=[])
    desk.world.suite.drive.change(document.file_id, permissions=[])
    desk.go(f"/drafts/{draft.id}/edit")
    desk.page.locator("#edit-body").fill("Hello Jonas, the study is attached.")
    desk.draft.get_by_role("checkbox").check()
    desk.page.get_by_role("button", name="Save").click()
    expect(desk.alert).to_contain_text(f"“{document.name}” may not be shared now")
    expect(desk.page.locator("#edit-body")).to_have_value("Hello Jonas, the study is attached.")
    expect(desk.draft.get_by_role("checkbox")).to_be_checked()
    assert desk.world.draft_to(JONAS).revision == 1
    assert desk.noise.pop().startswith("Failed to load resource")


def test_what_was_made_of_it_by_itself_stands_above_the_letter_as_text(desk: Operating):
    draft = considered(desk)
    desk.go(f"/drafts/{draft.id}")
    expect(desk.draft.get_by_text(TOLD, exact=True)).to_be_visible()
    expect(desk.draft.locator('[data-decide="approve"] button')).to_be_enabled()
    expect(desk.draft.locator('[data-decide="object"]')).to_have_count(0)


def test_who_objects_to_what_left_by_itself_is_named_beside_it(desk: Operating):
    draft = considered(desk, state=DraftState.SENT, decided_by=RULE, decided_at=MONDAY)
    desk.go(f"/drafts/{draft.id}")
    desk.page.get_by_role("button", name="It should not have left by itself").click()
    expect(desk.draft.get_by_text(f"{TOLD} Mara Lindqvist objected to it.", exact=True)).to_be_visible()
    expect(desk.draft.locator('[data-decide="object"]')).to_have_count(0)
    assert [one.action for one in desk.world.all(AuditEntry) if one.draft_id == draft.id][-1:] == ["draft.objected"]


def test_a_tracked_mail_that_nobody_has_opened_says_so(desk: Operating):
    draft = sent(desk)
    desk.go(f"/drafts/{draft.id}")
    expect(desk.draft.get_by_text("Nobody has opened it yet, and no link was followed.", exact=True)).to_be_visible()
    expect(desk.draft.locator(".notice")).to_have_text("Sent. Open in Gmail")


def test_who_opened_it_is_told_with_the_moment_and_the_reason(desk: Operating):
    now = desk.world.suite.clock.now()
    draft = sent(desk, Touch(kind=LinkKind.OPEN, at=now, agent=AGENTS["outlook"], network="192.0.2.0/24"))
    desk.go(f"/drafts/{draft.id}")
    reason = "mail programs fetch pictures with or without a reader"
    expect(desk.draft.get_by_text(f"Opened, nobody can tell by whom, Mon 23 Nov, 10:28: {reason}.", exact=True)).to_be_visible()


def test_before_it_has_left_and_without_tracking_nothing_is_said(desk: Operating):
    draft = desk.world.change(desk.world.draft_to(TOM), tracked=PICTURE)
    desk.go(f"/drafts/{draft.id}")
    expect(desk.draft.get_by_text("Nobody has opened it")).to_have_count(0)
    desk.world.change(draft, state=DraftState.SENT, tracked=None)
    desk.go(f"/drafts/{draft.id}")
    expect(desk.draft.get_by_text("Nobody has opened it")).to_have_count(0)
