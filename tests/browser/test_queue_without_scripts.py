"""Every action as a plain form: the queue is a page before it is an application."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from shared.domain.draft import DraftState
from shared.domain.policy import CURRENT, Policy
from shared.domain.verdict import Outcome
from tests.browser.operating import LEA, TOM, Operating, QueueWorld
from tests.builders import a_verdict


@pytest.fixture
def plain(world: QueueWorld, browser: Browser) -> Iterator[Operating]:
    context = browser.new_context(java_script_enabled=False)
    desk = Operating(context.new_page(), world, scripts=False)
    desk.sign_in()
    yield desk
    context.close()


def state_of(desk: Operating, recipient: str) -> DraftState:
    return desk.world.draft_to(recipient).state


def test_a_row_is_a_link_and_approving_can_be_undone(plain: Operating):
    plain.page.get_by_role("link", name="Léa Moreau").click()
    expect(plain.draft.locator(".whom h2")).to_have_text("Léa Moreau")
    plain.draft.get_by_role("button", name="Approve").click()
    expect(plain.toast).to_contain_text("Approved")
    assert state_of(plain, LEA) is DraftState.APPROVED
    plain.toast.get_by_role("button", name="Undo").click()
    expect(plain.toast).to_contain_text("Taken back")
    assert state_of(plain, LEA) is DraftState.PENDING


def test_rejecting_and_snoozing_take_a_menu_and_a_button(plain: Operating):
    plain.page.locator('[data-menu="reject"] summary').click()
    plain.page.get_by_role("button", name="This is not the moment").click()
    expect(plain.toast).to_contain_text("Rejected")
    assert state_of(plain, TOM) is DraftState.REJECTED
    plain.page.locator('[data-menu="snooze"] summary').click()
    plain.page.get_by_role("button", name="Tomorrow morning").click()
    expect(plain.toast).to_contain_text("Snoozed")
    assert plain.world.draft_to(LEA).snoozed_until is not None
    plain.toast.get_by_role("button", name="Undo").click()
    assert plain.world.draft_to(LEA).snoozed_until is None


def test_editing_is_a_page_and_shows_what_was_changed(plain: Operating):
    plain.draft.get_by_role("link", name="Edit").click()
    text = plain.page.locator("#edit-body")
    text.fill("Good morning.\n" + text.input_value())
    plain.page.get_by_role("button", name="Save").click()
    expect(plain.draft.locator("ins")).to_contain_text(["Good morning."])
    assert plain.world.draft_to(TOM).revision == 2


def test_another_text_is_asked_for(plain: Operating):
    plain.page.locator('[data-menu="regenerate"] summary').click()
    plain.page.get_by_label("How should it be?").fill("shorter")
    plain.page.get_by_role("button", name="Rewrite it").click()
    expect(plain.toast).to_contain_text("It is being written anew")
    plain.world.settle()
    assert plain.world.draft_to(TOM).revision == 2


def test_many_are_approved_after_a_question(plain: Operating):
    plain.world.change(plain.world.draft_to(LEA), verdict=a_verdict(outcome=Outcome.WARN, risk=30))
    plain.go("/queue")
    for box in plain.page.locator('input[name="wanted"]').all()[:2]:
        box.check()
    plain.page.locator("#approve-chosen").click()
    expect(plain.page.get_by_role("heading")).to_have_text("Approve 2 drafts, among them 1 with medium risk?")
    plain.page.get_by_role("button", name="Approve them").click()
    expect(plain.toast).to_contain_text("Approved")
    assert {state_of(plain, one) for one in (LEA, TOM)} == {DraftState.APPROVED}


def test_the_kill_switch_works(plain: Operating):
    plain.page.get_by_text("Stop all sending").click()
    plain.page.get_by_role("button", name="Stop now").click()
    expect(plain.page.locator("#mode")).to_contain_text("Kill switch is on")
    policy = plain.world.store.get(Policy, workspace_id=plain.world.workspace_id, id=CURRENT)
    assert policy is not None
    assert policy.entity.rules.kill_switch.on


def test_what_cannot_be_done_is_a_page_with_the_reason(plain: Operating):
    plain.world.suite.gmail.mailboxes[plain.world.seeded.operator.email].drafts.clear()
    plain.draft.get_by_role("button", name="Approve").click()
    expect(plain.page.get_by_role("heading", name="Not done")).to_be_visible()
    expect(plain.page.locator("main")).to_contain_text("does not stand in Gmail any more")
    plain.page.get_by_role("link", name="To the queue").click()
    expect(plain.rows).to_have_count(4)
