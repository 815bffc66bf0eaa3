"""Quality (points 32 to 38): for everybody, on every width, under a strict policy, and on a bad line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.operating import SLOW, Operating
from tests.browser.test_queue_evidence import HOSTILE


def at_night(value: Any) -> Any:
    """The same once more elsewhere: every night, not at every change."""
    return pytest.param(value, marks=pytest.mark.nightly)


def at_rest(desk: Operating) -> None:
    """Nothing happens."""


def editing(desk: Operating) -> None:
    desk.press("e")
    expect(desk.page.locator("#edit-body")).to_be_focused()


def with_a_diff(desk: Operating) -> None:
    editing(desk)
    desk.page.locator("#edit-body").press("Control+Home")
    desk.page.keyboard.type("Hello! ")
    desk.press("Control+Enter")
    expect(desk.draft.locator("ins").first).to_be_visible()


def with_a_toast(desk: Operating) -> None:
    desk.press("a")
    expect(desk.toast).to_contain_text("Approved")


def with_a_menu(desk: Operating) -> None:
    desk.press("r")
    expect(desk.page.get_by_role("button", name="It does not sound like us")).to_be_visible()


def with_the_help(desk: Operating) -> None:
    desk.press("?")


def with_a_lit_mark(desk: Operating) -> None:
    desk.draft.locator(".mark").first.focus()


def empty(desk: Operating) -> None:
    desk.go("/queue?view=parked")


SCENES: dict[str, Callable[[Operating], None]] = {
    one.__name__: one for one in (at_rest, editing, with_a_diff, with_a_toast, with_a_menu, with_the_help, with_a_lit_mark, empty)
}
SCHEMES: tuple[Any, ...] = ("light", "dark")
SIZES = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.fixture(scope="session")
def axe() -> str:
    package = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed: axe-playwright-python brings it")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("size", ["phone", at_night("desk")])
@pytest.mark.parametrize("scene", sorted(SCENES))
def test_point_32_axe_finds_nothing_in_light_and_dark(desk: Operating, axe: str, scene: str, size: str):
    width, height = SIZES[size]
    desk.page.set_viewport_size({"width": width, "height": height})
    if size == "phone":
        desk.rows.first.locator("a").click()
    SCENES[scene](desk)
    for scheme in SCHEMES:
        desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert desk.violations(axe) == []


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere"])
def test_point_32_axe_finds_nothing_on_the_plain_pages(desk: Operating, axe: str, path: str):
    desk.go(path)
    for scheme in SCHEMES:
        desk.page.emulate_media(color_scheme=scheme)
        assert desk.violations(axe) == []
    desk.noise.clear()  # the browser tells of the 404


def test_point_33_the_first_tab_skips_to_the_draft_and_the_focus_is_always_seen(desk: Operating):
    desk.go("/queue")
    desk.press("Tab")
    skip = desk.page.get_by_role("link", name="Skip to the draft")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    desk.press("Enter")
    desk.press("Tab")
    assert desk.page.evaluate("document.activeElement.closest('#draft') !== null")
    for _ in range(25):
        desk.press("Tab")
        style = desk.page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth] })()"
        )
        assert style == ["solid", "2px"] or desk.page.evaluate("document.activeElement === document.body")


@pytest.mark.parametrize("width", [320, 860, 1180, 1920, *(at_night(one) for one in (390, 600, 768, 861, 1024, 1181, 1440))])
def test_point_34_no_width_scrolls_sideways(desk: Operating, width: int):
    desk.page.set_viewport_size({"width": width, "height": 800})
    for path in ("/queue", f"/drafts/{desk.world.drafts[0].id}", f"/drafts/{desk.world.drafts[0].id}/edit"):
        desk.go(path)
        assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", sorted(SIZES))
def test_point_34_what_is_pressed_is_large_enough(desk: Operating, size: str):
    width, height = SIZES[size]
    desk.page.set_viewport_size({"width": width, "height": height})
    desk.go(f"/drafts/{desk.world.drafts[0].id}")
    small = desk.page.evaluate(
        """() => [...document.querySelectorAll('a, button, summary, input:not([type=hidden])')]
             .filter((one) => one.checkVisibility() && !one.closest('p, .skip'))
             .map((one) => ({ what: one.outerHTML.slice(0, 80), ...one.getBoundingClientRect().toJSON() }))
             .filter((box) => Math.min(box.width, box.height) < 24 && !box.what.includes('checkbox') && !box.what.includes('skip'))"""
    )
    assert small == []


def test_point_36_the_first_view_is_small_and_few_requests(desk: Operating, browser: Browser):
    desk.world.fill(196)
    fresh = browser.new_context()
    fresh.request.post(f"{desk.url}/sign-in", form={"address": "mara@tidewater.example"}, headers={"Sec-Fetch-Site": "none"})
    page, sizes = fresh.new_page(), list[int]()
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(f"{desk.url}/queue")
    page.wait_for_load_state("networkidle")
    fresh.close()
    assert 5 <= len(sizes) <= 10
    assert 50_000 < sum(sizes) <= 150_000


def test_point_37_no_policy_allows_what_is_unsafe(desk: Operating):
    for path in ("/queue", f"/drafts/{desk.world.drafts[0].id}", "/sign-in", "/nowhere", "/queue/live"):
        headers = desk.page.request.get(desk.url + path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"


def test_point_37_a_script_without_the_pages_nonce_does_not_run(desk: Operating):
    desk.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">')")
    desk.page.evaluate("() => { const s = document.createElement('style'); s.textContent = 'body{display:none}'; document.body.append(s) }")
    expect(desk.rows.first).to_be_visible()
    assert desk.page.title() != "1"
    assert desk.noise
    desk.noise.clear()


@pytest.mark.parametrize("action", ["approve", "reject", "snooze", "edit", "regenerate", "undo", "object", "wake"])
def test_point_37_another_site_changes_nothing(desk: Operating, action: str):
    before = desk.world.drafts
    answer = desk.post(f"/drafts/{before[0].id}/{action}", site="cross-site", reason="wrong_tone", until="tomorrow")
    assert answer.status == 403
    assert desk.world.drafts == before


def test_point_38_waiting_is_shown_after_a_moment_only(desk: Operating):
    style = desk.page.evaluate(
        """() => { const draft = document.getElementById('draft'); draft.classList.add('htmx-request');
             const style = getComputedStyle(draft.firstElementChild); const told = [style.animationName, style.animationDelay];
             draft.classList.remove('htmx-request'); return told }"""
    )
    assert style == ["wait", "0.3s"]


def test_point_38_an_empty_view_says_what_would_come_here(desk: Operating):
    desk.go("/queue?view=parked")
    expect(desk.draft).to_contain_text("Nothing is parked")
    expect(desk.draft).to_contain_text("waits here for you")


def test_point_38_offline_is_told_and_ends_by_itself(desk: Operating, page: Page):
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_contain_text("You are offline")
    desk.press("j")
    expect(page.locator("#offline")).to_contain_text("What you see may be old")
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
    desk.noise.clear()  # the browser tells of requests that failed


def test_point_38_a_list_that_cannot_be_read_offers_another_try(desk: Operating, page: Page):
    page.route("**/queue/live*", lambda route: route.fulfill(status=503, body=""))
    desk.look_again()
    expect(page.locator("#offline")).to_contain_text("The list cannot be read")
    page.unroute("**/queue/live*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#offline")).to_be_hidden()
    desk.noise.clear()


def test_point_38_a_session_that_ended_keeps_the_edit(desk: Operating, page: Page):
    desk.press("e")
    expect(page.locator("#edit-body")).to_be_focused()
    page.keyboard.type("My own words. ")
    page.context.clear_cookies()
    desk.press("Control+Enter")
    expect(desk.alert).to_contain_text("You are signed out. What you have written stays here")
    assert page.locator("#edit-body").input_value().startswith("My own words. ")
    other = page.context.new_page()
    Operating(other, desk.world).sign_in()
    desk.press("Control+Enter")
    expect(desk.draft.locator("ins").first).to_contain_text("My own words.")
    desk.noise.clear()


def test_point_38_an_edit_survives_a_reload(desk: Operating, page: Page):
    desk.press("e")
    expect(page.locator("#edit-body")).to_be_focused()
    page.keyboard.type("My own words. ")
    desk.reload()
    expect(desk.rows.first).to_be_visible()
    desk.press("e")
    expect(page.get_by_text("What you had typed before is back")).to_be_visible()
    assert page.locator("#edit-body").input_value().startswith("My own words. ")


def test_a_slow_poll_does_not_bring_a_decided_row_back(desk: Operating, page: Page):
    page.add_init_script(SLOW)
    desk.go("/queue")
    page.evaluate("dispatchEvent(new Event('online'))")
    desk.press("a")
    expect(desk.toast).to_contain_text("Approved")
    assert desk.names == ["Léa Moreau", "Ida Vang", "Jonas Keller"]


def test_the_console_answers_nobody_who_has_not_signed_in(desk: Operating, browser: Browser):
    stranger = browser.new_context()
    for path in ("/queue", "/queue/live", f"/drafts/{desk.world.drafts[0].id}", f"/drafts/{desk.world.drafts[0].id}/panel"):
        answer = stranger.request.get(desk.url + path, max_redirects=0)
        assert answer.status == 303
        assert HOSTILE not in answer.text()
        assert "Léa" not in answer.text()
    stranger.close()
