"""Speed and keys (points 1 to 9, 12): whoever decides two hundred drafts a day never touches the mouse, and never decides by accident."""

import pytest
from playwright.sync_api import Page, expect

from functions.console.keys import SHORTCUTS
from tests.browser.operating import SLOW, Operating


def test_point_1_keys_move_stop_at_the_ends_and_keep_the_selected_row_in_view(desk: Operating):
    desk.world.fill(40)
    desk.go("/queue")
    first, last = desk.names[0], desk.names[-1]
    desk.press("k", "ArrowUp")
    desk.shows(first)
    desk.press("j", "ArrowDown")
    desk.shows(desk.names[2])
    desk.press("k")
    desk.shows(desk.names[1])
    desk.press(*["j"] * 60)
    desk.shows(last)
    expect(desk.page.locator("#rows > li[aria-current]")).to_be_in_viewport(ratio=0.97)
    desk.press(*["k"] * 60)
    expect(desk.page.locator("#rows > li[aria-current]")).to_be_in_viewport(ratio=0.97)
    desk.shows(first)


def test_point_2_a_key_is_painted_before_the_server_has_answered(desk: Operating):
    desk.world.fill(196)
    desk.go("/queue")
    desk.page.evaluate("() => { window.fetch = () => new Promise(() => {}) }")
    desk.press("j")
    assert desk.selected.inner_text() == desk.names[1]
    desk.press("k")
    count = desk.rows.count()
    desk.press("a")
    assert desk.rows.count() == count - 1


@pytest.mark.parametrize("keys", [["a"], ["r", "2"], ["s", "1"]])
def test_point_3_a_decision_is_about_the_current_draft_and_the_next_is_selected(desk: Operating, keys: list[str]):
    desk.press("j")
    desk.shows("Léa Moreau")
    desk.press(*keys)
    desk.shows("Ida Vang")
    expect(desk.toast).not_to_be_empty()
    assert desk.names == ["Tom Okafor", "Ida Vang", "Jonas Keller"]


def test_point_3_edit_and_rewrite_stay_with_the_current_draft(desk: Operating):
    desk.press("e")
    expect(desk.page.locator("#edit-body")).to_be_focused()
    desk.press("Escape")
    expect(desk.page.locator("#edit-body")).to_have_count(0)
    desk.press("g")
    desk.page.keyboard.type("shorter, please")
    desk.press("Enter")
    expect(desk.toast).to_have_text("It is being written anew.")
    desk.world.settle()
    desk.look_again()
    desk.shows("Tom Okafor")
    desk.page.get_by_role("link", name="Show what was changed").click()
    expect(desk.draft.locator("del").first).to_be_visible()


def test_point_5_on_a_slow_line_the_selected_draft_is_edited(desk: Operating, page: Page):
    desk.world.fill(8)
    page.add_init_script(SLOW)
    desk.go("/queue")
    name = desk.names[5]
    desk.press("j", "j", "j", "j", "j", "e")
    expect(page.locator("#edit-body")).to_be_focused()
    desk.shows(name)


def test_point_5_on_a_slow_line_a_draft_nobody_has_seen_is_not_approved_instead(desk: Operating, page: Page):
    page.add_init_script(SLOW)
    desk.go("/queue")
    desk.press("j", "j", "a")
    expect(desk.toast).to_contain_text("Approved")
    assert [one.recipient_name for one in desk.world.drafts if one.state == "approved"] == ["Ida Vang"]


@pytest.mark.parametrize("key", [one.key for one in SHORTCUTS])
def test_point_6_no_key_acts_while_somebody_types_or_holds_a_modifier(desk: Operating, key: str):
    before = desk.page.url
    desk.page.locator("#filter").focus()
    desk.press(key)
    assert desk.page.locator("#filter").input_value() == key
    desk.page.locator("#filter").fill("")
    desk.page.locator("#filter").blur()
    desk.page.evaluate(
        """(key) => { for (const more of [{ctrlKey: true}, {metaKey: true}, {altKey: true}, {isComposing: true}])
             document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true, ...more})) }""",
        key,
    )
    desk.shows("Tom Okafor")
    expect(desk.page.locator("dialog[open], details[open], .editor")).to_have_count(0)
    assert {one.state for one in desk.world.drafts} == {"pending"}
    assert desk.page.url.partition("?")[0] == before.partition("?")[0]


def test_point_7_one_list_feeds_help_hints_and_buttons(desk: Operating):
    desk.press("?")
    helped = desk.page.locator("#help")
    expect(helped).to_be_visible()
    for one in SHORTCUTS:
        expect(helped.locator("dl div").filter(has_text=one.label).locator("kbd").first).to_have_text(one.shown)
        expect(desk.page.locator(".hints")).to_contain_text(one.label.lower())
    desk.press("Escape")
    expect(helped).to_be_hidden()
    for action, button in (("approve", "Approve"), ("edit", "Edit"), ("reject", "Reject")):
        [shown] = [one.shown for one in SHORTCUTS if one.action == action]
        expect(desk.draft.locator(".actions .button").filter(has_text=button).first.locator("kbd")).to_have_text(shown)


def test_point_9_single_keys_can_be_switched_off_for_good(desk: Operating):
    desk.press("?")
    desk.page.get_by_label("Single-letter keys").uncheck()
    desk.press("Escape")
    desk.press("j", "a")
    desk.shows("Tom Okafor")
    desk.go("/queue")
    desk.press("j")
    desk.shows("Tom Okafor")
    expect(desk.page.locator(".hints")).to_be_hidden()
    desk.press("ArrowDown")
    desk.shows("Léa Moreau")


def test_point_12_the_address_holds_the_filter_and_escape_keeps_the_text(desk: Operating):
    desk.press("/")
    desk.page.keyboard.type("halden")
    expect(desk.rows).to_have_count(2)
    desk.press("Escape")
    expect(desk.page.locator("#filter")).to_have_value("halden")
    expect(desk.page.locator("#filter")).not_to_be_focused()
    assert "q=halden" in desk.page.url
    desk.reload()
    expect(desk.rows).to_have_count(2)
    desk.page.locator("#filter").fill("nobody at all")
    expect(desk.page.get_by_text("Nothing matches the filter")).to_be_visible()
