"""Decisions (points 4, 10, 11, 13 to 15, 19 to 21): at once on the screen, true on the server, and taken back while that is possible."""

from playwright.sync_api import expect

from shared.domain.draft import DraftState
from shared.domain.policy import CURRENT, Policy
from shared.domain.sends import Send, SendState
from shared.domain.verdict import Outcome
from shared.ports.store import Put
from tests.browser.operating import IDA, JONAS, LEA, TOM, Operating
from tests.builders import a_verdict


def state_of(desk: Operating, recipient: str) -> DraftState:
    return desk.world.draft_to(recipient).state


def test_point_4_an_approval_is_taken_back_by_key_and_by_button(desk: Operating):
    desk.press("a")
    desk.shows("Léa Moreau")
    expect(desk.toast).to_contain_text("Approved")
    assert state_of(desk, TOM) is DraftState.APPROVED
    desk.press("z")
    desk.shows("Tom Okafor")
    assert state_of(desk, TOM) is DraftState.PENDING
    desk.press("a")
    desk.toast.get_by_role("button", name="Undo").click()
    desk.shows("Tom Okafor")
    assert state_of(desk, TOM) is DraftState.PENDING


def test_point_4_a_failed_request_puts_the_row_back_and_says_why(desk: Operating):
    desk.world.suite.gmail.mailboxes[desk.world.seeded.operator.email].drafts.clear()
    desk.press("a")
    expect(desk.alert).to_contain_text("does not stand in Gmail any more")
    desk.shows("Tom Okafor")
    assert state_of(desk, TOM) is DraftState.PENDING
    assert desk.noise.pop().startswith("Failed to load resource")


def test_point_4_in_send_mode_undo_holds_the_mail_back_within_its_hold(desk: Operating):
    desk.world.allow_sending()
    desk.go("/queue")
    expect(desk.page.get_by_text("Sending is on")).to_be_visible()
    expect(desk.draft).to_contain_text("It leaves 15 s after you approve")
    desk.press("a")
    expect(desk.toast).to_contain_text("Approved. It leaves in 15 s.")
    expect(desk.page.locator("#views")).to_contain_text("Sending1")
    desk.press("z")
    desk.shows("Tom Okafor")
    assert state_of(desk, TOM) is DraftState.PENDING
    desk.world.advance(minutes=5)
    assert [one.state for one in desk.world.all(Send)] == [SendState.CANCELLED]


def test_a_parked_send_is_resolved_by_the_mailbox_and_by_a_word(desk: Operating):
    desk.world.allow_sending()
    desk.go("/queue")
    desk.press("a")
    expect(desk.toast).to_contain_text("Approved")
    [send] = desk.world.all(Send)
    parked = {"state": SendState.PARKED, "reason": "nobody can tell whether it left"}
    desk.world.store.commit(Put(send.model_copy(update=parked)))
    desk.go("/queue?view=parked")
    expect(desk.rows).to_contain_text(["parked"])
    desk.page.get_by_role("button", name="Ask the mailbox").click()
    expect(desk.toast).to_contain_text("The draft still stands in Gmail: it has not left.")
    assert [one.state for one in desk.world.all(Send)] == [SendState.APPROVED]


def test_point_10_select_all_takes_what_is_shown_and_the_request_holds_exactly_that(desk: Operating):
    desk.page.locator("#filter").fill("halden")
    desk.page.locator("#choose-all").check()
    expect(desk.page.locator("#approve-chosen")).to_have_text("Approve 2")
    desk.page.locator("#filter").fill("")
    expect(desk.page.locator("#chosen")).to_have_text("2 chosen")
    with desk.page.expect_request("**/queue/approve*") as sent:
        desk.page.locator("#approve-chosen").click()
    wanted = {desk.world.draft_to(one).id for one in (IDA, JONAS)}
    assert {value.split(" ")[0] for value in (sent.value.post_data_json or {}).values()} <= wanted
    expect(desk.toast).to_contain_text("2 approved")
    assert {state_of(desk, one) for one in (IDA, JONAS)} == {DraftState.APPROVED}
    assert {state_of(desk, one) for one in (LEA, TOM)} == {DraftState.PENDING}


def test_point_11_risky_ones_are_asked_about_with_counts(desk: Operating):
    desk.world.change(desk.world.draft_to(LEA), verdict=a_verdict(outcome=Outcome.WARN, risk=30))
    desk.go("/queue")
    desk.page.locator("#choose-all").check()
    desk.page.locator("#approve-chosen").click()
    expect(desk.page.locator("#ask-words")).to_have_text("Approve 4 drafts, among them 1 with medium risk?")
    desk.page.get_by_role("button", name="Leave them").click()
    assert {one.state for one in desk.world.drafts} == {DraftState.PENDING}
    desk.page.locator("#approve-chosen").click()
    desk.page.get_by_role("button", name="Approve them").click()
    expect(desk.toast).to_contain_text("4 approved")
    desk.press("z")
    expect(desk.rows).to_have_count(4)
    assert {one.state for one in desk.world.drafts} == {DraftState.PENDING}


def test_point_11_what_the_gate_refuses_is_left_and_named(desk: Operating):
    from shared.domain.verdict import Severity, Violation

    refused = Violation(
        check="links", outcome=Outcome.FAIL, severity=Severity.HIGH, reason="it links to a stranger", suggestion="Take it out"
    )
    desk.world.change(desk.world.draft_to(LEA), verdict=a_verdict(outcome=Outcome.FAIL, risk=10, violations=(refused,)))
    desk.go("/queue")
    desk.page.locator("#choose-all").check()
    desk.page.locator("#approve-chosen").click()
    expect(desk.toast).to_contain_text("3 approved. Not Léa Moreau: the gate: it links to a stranger.")
    assert desk.names == ["Léa Moreau"]
    assert state_of(desk, LEA) is DraftState.PENDING


def test_point_11_many_are_asked_about_and_approved_in_portions(desk: Operating):
    desk.world.fill(26, placement=None)
    desk.go("/queue")
    desk.page.locator("#choose-all").check()
    desk.page.locator("#approve-chosen").click()
    expect(desk.page.locator("#ask-words")).to_have_text("Approve 30 drafts?")
    desk.page.get_by_role("button", name="Approve them").click()
    expect(desk.toast).to_contain_text("Not Person 000: it does not stand in Gmail")
    expect(desk.rows).to_have_count(26)


def test_point_13_views_have_counts_and_a_snoozed_draft_comes_back_on_time(desk: Operating):
    desk.press("s", "1")
    expect(desk.toast).to_contain_text("Snoozed until Mon 23 Nov")
    expect(desk.page.locator("#views")).to_contain_text("To decide3")
    expect(desk.page.locator("#views")).to_contain_text("Snoozed1")
    desk.page.get_by_role("link", name="Snoozed").click()
    expect(desk.rows).to_contain_text(["back Mon 23 Nov"])
    desk.world.advance(minutes=59)
    desk.go("/queue")
    assert "Tom Okafor" not in desk.names
    desk.world.advance(minutes=1)
    desk.look_again()
    expect(desk.rows).to_have_count(4)


def test_point_13_what_was_decided_today_is_listed_and_can_be_taken_back(desk: Operating):
    desk.press("a")
    expect(desk.toast).to_contain_text("Approved")
    desk.page.get_by_role("link", name="Decided today").click()
    desk.shows("Tom Okafor")
    expect(desk.draft).to_contain_text("Approved by Mara Lindqvist")
    desk.page.get_by_role("button", name="Take the approval back").click()
    expect(desk.draft.locator(".actions")).to_be_visible()
    assert state_of(desk, TOM) is DraftState.PENDING


def test_point_14_a_rejection_takes_its_reason_in_one_more_key(desk: Operating):
    desk.press("r")
    expect(desk.page.get_by_role("button", name="It does not sound like us")).to_be_visible()
    desk.press("2")
    expect(desk.toast).to_have_text("Rejected.")
    rejected = desk.world.draft_to(TOM)
    assert (rejected.state, rejected.state_reason) == (DraftState.REJECTED, "it does not sound like us")


def test_point_14_another_reason_wants_words(desk: Operating):
    desk.press("r", "7")
    expect(desk.alert).to_contain_text("should say what the other reason is")
    desk.shows("Tom Okafor")
    desk.noise.clear()


def test_point_15_of_two_tabs_the_second_is_told_who_was_faster(desk: Operating, another: Operating):
    desk.press("a")
    expect(desk.toast).to_contain_text("Approved")
    another.press("a")
    expect(another.alert).to_contain_text("the draft is approved already by mara at 2026-11-23")
    expect(another.draft).to_contain_text("Approved by Mara Lindqvist")
    assert desk.world.draft_to(TOM).approvals == 1


def test_point_19_an_edit_shows_its_words_is_judged_again_and_loses_its_mark(desk: Operating):
    desk.press("j")
    desk.shows("Léa Moreau")
    marks = desk.draft.locator(".mark").count()
    desk.press("e")
    text = desk.page.locator("#edit-body")
    text.fill(text.input_value().replace("You asked how we forecast new products.", "See https://rival.example for better forecasts."))
    desk.press("Control+Enter")
    expect(desk.draft.locator("del")).to_contain_text(["forecast new products."])
    expect(desk.draft.locator("ins")).to_contain_text(["https://rival.example for better"])
    expect(desk.draft.locator(".checks")).to_contain_text("Blocks")
    expect(desk.page.get_by_role("button", name="Approve", exact=False).and_(desk.draft.locator(".primary"))).to_be_disabled()
    desk.page.get_by_role("link", name="Show it as it will leave").click()
    expect(desk.draft.locator(".mark")).to_have_count(marks - 1)
    expect(desk.draft.locator(".unmarked", has_text="an operator's words")).to_have_count(1)


def test_point_20_the_mode_is_told_in_words_on_every_page(desk: Operating):
    for path in ("/queue", "/queue?view=sending", "/queue?view=today", f"/drafts/{desk.world.draft_to(LEA).id}"):
        desk.go(path)
        expect(desk.page.get_by_text("Draft only")).to_be_visible()
        expect(desk.page.get_by_text("Nothing is sent", exact=True)).to_be_visible()


def test_point_21_two_actions_stop_everything_and_other_tabs_obey(desk: Operating, another: Operating):
    desk.page.get_by_text("Stop all sending").click()
    desk.page.get_by_role("button", name="Stop now").click()
    expect(desk.page.get_by_text("Kill switch is on")).to_be_visible()
    policy = desk.world.store.get(Policy, workspace_id=desk.world.workspace_id, id=CURRENT)
    assert policy is not None
    assert (policy.entity.rules.kill_switch.on, policy.entity.rules.kill_switch.by) == (True, "mara")
    another.look_again()
    expect(another.page.get_by_text("Kill switch is on")).to_be_visible()
    another.page.get_by_text("Release…").click()
    another.page.get_by_label("Why may mail leave again?").fill("it was a drill")
    another.page.get_by_role("button", name="Release").click()
    expect(another.page.get_by_text("Draft only")).to_be_visible()
