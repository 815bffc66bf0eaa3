"""The page behind a mail's unsubscribe link: it works without scripts and by keyboard, and nothing happens before the button."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from shared.domain.ids import DraftId
from shared.domain.links import Link, LinkKind
from shared.domain.suppression import Suppression
from shared.wiring import ports
from tests.browser.operating import QueueWorld


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A phone of somebody we know nothing of."""
    context = browser.new_context(java_script_enabled=False, color_scheme=request.param, viewport={"width": 360, "height": 640})
    yield context.new_page()
    context.close()


def address(world: QueueWorld) -> str:
    link = Link(kind=LinkKind.OPT_OUT, workspace_id=world.workspace_id, draft_id=DraftId("draft_1"), recipient="ana@else.example")
    return str(ports.links.address_of(link=link))


def wished(world: QueueWorld) -> list[str]:
    return [one.shown for one in world.all(Suppression)]


def test_the_button_is_reached_by_keyboard_and_ends_the_mails(world: QueueWorld, page: Page):
    page.goto(address(world))
    expect(page.get_by_role("heading")).to_contain_text("Stop mails from")
    expect(page.locator("main")).to_contain_text("a…@else.example")
    assert wished(world) == []
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Stop these mails")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("will not write to a…@else.example any more")
    assert wished(world) == ["ana@else.example"]
    assert page.context.cookies() == []


def test_the_page_fits_a_phone(world: QueueWorld, page: Page):
    page.goto(address(world))
    width, button = page.locator("html").evaluate("one => one.scrollWidth"), page.get_by_role("button").bounding_box()
    assert (width <= 360, button is not None and button["height"] >= 44) == (True, True)


def test_a_link_that_was_cut_off_says_what_to_do(world: QueueWorld, page: Page):
    page.goto(address(world)[:-6])
    expect(page.locator("main")).to_contain_text("answer the mail")
