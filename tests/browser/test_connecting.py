"""A workspace is created and connected as somebody does it who has never seen us: through the vendors' own pages, to a first draft."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from infra.fronts import ThreadFront
from infra.seed.loader import seed_vendors, submit_form
from infra.suite import DELEGATE_CLIENT_ID, Suite
from shared.connectors.google_oauth.scopes import SCOPES
from shared.domain.audit import Actor, ActorKind
from shared.domain.workspace import DriveAccess, WorkingHours
from shared.gcp.firestore import FirestoreStore
from shared.runtime.clock import RandomIds, SystemClock
from shared.stages.connecting.creating import Created, NewOperator, NewWorkspace
from shared.wiring import Ports, ports
from tests.browser.conftest import SETTINGS
from tests.pipeline.world import DEMO, MONDAY

MARA = "mara@tidewater.example"


class Newcomer:
    """A company that has Google and HubSpot, and a workspace nobody has connected."""

    def __init__(self, suite: Suite, page: Page) -> None:
        self.suite, self.page = suite, page
        self.noise: list[str] = []
        page.on("console", self._hear)
        seed_vendors(suite)
        suite.oauth2.account("somebody@elsewhere.example")
        self.ports = Ports()
        self.ports.interpose(lambda name, adapter: suite.settings if name == "settings" else adapter)
        self.created = self._create()
        self.store = FirestoreStore(settings=suite.settings, clock=SystemClock(), ids=RandomIds())

    def _hear(self, message: ConsoleMessage) -> None:
        """The vendors' pages may say what they like."""
        if message.location["url"].startswith(self.url):
            self.noise.append(message.text)

    def _create(self) -> Created:
        wish = NewWorkspace(
            id="tidewater",
            name="Tidewater Analytics",
            portal_id=str(self.suite.hubspot.portal_id),
            operators=(NewOperator(name="Mara Lindqvist", email=MARA), NewOperator(name="Ole Dahl", email="ole@tidewater.example")),
            hours=WorkingHours(timezone="Europe/Stockholm", country="SE"),
            drive=DriveAccess(roots=("folder-sales",), shareable_folders=("Case Studies",)),
        )
        created: Created = self.ports.registry.create(wish, by=Actor(kind=ActorKind.PERSON, id="whoever deploys"))
        return created

    @property
    def url(self) -> str:
        return f"{self.suite.urls['functions']}/console"

    def sign_in(self, name: str = "Mara Lindqvist") -> None:
        self.page.goto(f"{self.url}/connect")
        self.page.get_by_role("button", name=name).click()
        expect(self.page.get_by_role("heading", name="Connect", exact=True)).to_be_visible()

    def connect_hubspot(self) -> None:
        self.page.get_by_role("button", name="Connect HubSpot").click()
        expect(self.page.get_by_role("status")).to_contain_text("Connected, and checked just now")

    def leave_for_google(self) -> None:
        self.page.get_by_role("button", name=f"Connect Google for {MARA}").click()
        expect(self.page.get_by_role("heading", name="wants to access your Google Account")).to_be_visible()

    def somebody_asks(self) -> None:
        """Whom HubSpot did not know, so that its webhook tells us at once."""
        fields = {"email": "nora.lind@halden-foods.example", "firstname": "Nora", "lastname": "Lind", "message": "Could we see a demo?"}
        submit_form(self.suite.urls["hubspot"], str(self.suite.hubspot.portal_id), DEMO, fields)

    def connection(self, of: str) -> str:
        return self.page.locator("section.connection", has_text=of).inner_text()


@pytest.fixture(scope="module")
def suite() -> Iterator[Suite]:
    front = ThreadFront()
    with Suite(front=front, frozen_at=MONDAY, settings=SETTINGS) as suite:
        yield suite
        assert front.ledger.violations == []


@pytest.fixture(scope="module")
def untouched(suite: Suite) -> str:
    """How everything stands before anybody has come."""
    return json.dumps({name: service.dump() for name, service in suite.emulators.items() if name != "oidc"})


@pytest.fixture
def newcomer(suite: Suite, untouched: str, page: Page) -> Newcomer:
    suite.settler.settle()
    suite.clock.advance(MONDAY - suite.clock.now())
    for name, state in json.loads(untouched).items():
        suite.emulators[name].load(state)
    ports.interpose(lambda _, adapter: adapter)  # whatever processes remember is of another test
    page.set_default_timeout(8000)
    return Newcomer(suite, page)


def test_a_workspace_is_connected_through_the_vendors_pages_and_shows_a_first_draft(newcomer: Newcomer) -> None:
    page, suite = newcomer.page, newcomer.suite
    newcomer.sign_in()
    assert "Not connected" in newcomer.connection(MARA)
    newcomer.connect_hubspot()
    newcomer.leave_for_google()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("status")).to_contain_text("Connected, and checked just now")
    assert "code=" not in page.url
    assert "does not work" not in page.locator("main").inner_text()
    assert "folder “Sales”" in newcomer.connection(MARA)
    suite.settler.settle()
    newcomer.somebody_asks()
    suite.settler.settle()
    page.goto(f"{newcomer.url}/queue")
    expect(page.locator("#rows > li:visible .name")).to_have_text(["Nora Lind"])
    expect(page.locator("#draft")).to_contain_text("Nora")
    [standing] = suite.gmail.mailboxes[MARA].drafts.values()
    assert standing is not None
    assert newcomer.noise == []


def test_another_account_is_refused_by_name_and_nothing_is_connected(newcomer: Newcomer) -> None:
    page = newcomer.page
    newcomer.sign_in()
    newcomer.leave_for_google()
    page.get_by_label("Account").select_option("somebody@elsewhere.example")
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("alert")).to_contain_text("omebody@elsewhere.example has agreed, but the mailbox of Mara Lindqvist is")
    assert "Not connected" in newcomer.connection(MARA)


def test_a_box_left_unticked_is_named_with_its_fix(newcomer: Newcomer) -> None:
    page = newcomer.page
    newcomer.sign_in()
    newcomer.leave_for_google()
    page.get_by_label("https://www.googleapis.com/auth/calendar.events").uncheck()
    page.get_by_role("button", name="Allow").click()
    expect(page.locator(".findings .fail")).to_contain_text("the consent lacks the scope https://www.googleapis.com/auth/calendar.events")
    expect(page.locator(".findings .fail")).to_contain_text("leave every box on Google's page ticked")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_connect_page_is_for_everybody(newcomer: Newcomer, scheme: str) -> None:
    """Connected and not, with findings, on a phone."""
    axe = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed: axe-playwright-python brings it")
    page = newcomer.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    newcomer.sign_in()
    newcomer.connect_hubspot()
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_cancelling_comes_back_with_words(newcomer: Newcomer) -> None:
    newcomer.sign_in()
    newcomer.leave_for_google()
    newcomer.page.get_by_role("button", name="Cancel").click()
    expect(newcomer.page.get_by_role("alert")).to_contain_text("the vendor's page was cancelled")


def test_an_operator_sees_others_accounts_and_connects_only_their_own(newcomer: Newcomer) -> None:
    newcomer.sign_in("Ole Dahl")
    expect(newcomer.page.get_by_role("button", name="Connect Google for ole@tidewater.example")).to_be_visible()
    expect(newcomer.page.get_by_role("button", name=f"Connect Google for {MARA}")).to_have_count(0)
    form = {"headers": {"Sec-Fetch-Site": "same-origin"}, "max_redirects": 0}
    assert newcomer.page.request.post(f"{newcomer.url}/connect/google-mara/begin", **form).status == 403  # type: ignore[arg-type]
    cross = {"headers": {"Sec-Fetch-Site": "cross-site"}, "max_redirects": 0}
    assert newcomer.page.request.post(f"{newcomer.url}/connect/google-ole/begin", **cross).status == 403  # type: ignore[arg-type]


def test_withdrawn_consent_shows_in_the_queue_and_connecting_again_goes_on_with_what_waited(newcomer: Newcomer) -> None:
    page, suite = newcomer.page, newcomer.suite
    newcomer.sign_in()
    newcomer.connect_hubspot()
    newcomer.leave_for_google()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("status")).to_contain_text("Connected")
    suite.settler.settle()
    suite.oauth2.revoke(MARA)
    newcomer.somebody_asks()
    suite.settler.advance(timedelta(minutes=70))
    page.goto(f"{newcomer.url}/queue")
    expect(page.get_by_text("Your mailbox is disconnected")).to_be_visible()
    page.get_by_role("link", name="Connect it").click()
    newcomer.leave_for_google()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("status")).to_contain_text("What waited for it goes on")
    suite.settler.advance(timedelta(minutes=3))
    page.goto(f"{newcomer.url}/queue")
    expect(page.locator("#rows > li:visible .name")).to_have_text(["Nora Lind"])
    expect(page.get_by_text("Your mailbox is disconnected")).to_have_count(0)


def test_an_administrator_is_shown_what_to_enter_and_then_connects_the_whole_workspace(newcomer: Newcomer) -> None:
    page, suite = newcomer.page, newcomer.suite
    for box in (suite.gmail.mailbox, suite.calendar.account, suite.oauth2.account):
        box("ole@tidewater.example")
    newcomer.sign_in()
    everybody = page.get_by_role("button", name="Connect everybody by delegation")
    expect(page.get_by_role("region", name="A whole Google Workspace at once")).to_contain_text(DELEGATE_CLIENT_ID)
    everybody.click()
    expect(page.get_by_role("alert")).to_contain_text(f"add client id {DELEGATE_CLIENT_ID}")
    assert "Not connected" in newcomer.connection(MARA)
    suite.oauth2.delegate("tidewater.example", client_id=DELEGATE_CLIENT_ID, scopes=SCOPES.values())
    everybody.click()
    expect(page.get_by_role("status")).to_contain_text("Connected, and checked just now")
    for address in (MARA, "ole@tidewater.example"):
        assert "by delegation, by" in newcomer.connection(address)
    assert "does not work" not in page.locator("main").inner_text()


def test_only_an_administrator_opens_the_accounts_of_others(newcomer: Newcomer) -> None:
    newcomer.sign_in("Ole Dahl")
    expect(newcomer.page.get_by_role("button", name="Connect everybody by delegation")).to_have_count(0)
    form = {"headers": {"Sec-Fetch-Site": "same-origin"}, "max_redirects": 0}
    assert newcomer.page.request.post(f"{newcomer.url}/connect/delegate", **form).status == 403  # type: ignore[arg-type]


def test_what_mails_nobody_asked_for_lack_is_said_with_the_fix_until_it_is_there(newcomer: Newcomer) -> None:
    newcomer.sign_in()
    wanting = newcomer.page.locator("section", has=newcomer.page.get_by_role("heading", name="Mails that nobody asked for"))
    expect(wanting).to_contain_text("Postal address: none is known")
    expect(wanting).to_contain_text("sdr workspace set --postal-address")
    addressed = newcomer.created.workspace.model_copy(update={"postal_address": "14 Quay Street, Bristol BS1 4DJ"})
    newcomer.store.save_workspace(workspace=addressed)
    newcomer.page.reload()
    expect(wanting).to_have_count(0)
