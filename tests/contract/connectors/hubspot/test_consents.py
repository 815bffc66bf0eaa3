"""Portals are connected through the app over real HTTP: the code, whose portal it is, what works, webhooks, and tokens that expire."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from emulators.hubspot.routes import CLIENT_ID, CLIENT_SECRET, DEVELOPER_KEY, HubSpotEmulator
from shared.connectors.hubspot.consents import SCOPES, HubSpotConsents
from shared.connectors.hubspot.tokens import PortalTokens
from shared.domain.connections import Check, Part, Target, hubspot_target
from shared.domain.workspace import CrmConnection
from shared.ports.consents import Answer, Granted, Leaving, Look
from shared.ports.errors import ReconnectNeeded, Rejected
from shared.resilience.credential import Credential
from shared.runtime.settings import Settings
from tests.builders import a_workspace
from tests.fakes.clock import FixedClock
from tests.fakes.secrets import MemorySecrets

BACK = "https://us.example/console/connect/back"


class Portal:
    """HubSpot as somebody meets it who installs the app, and our side of it."""

    def __init__(self, emulator: HubSpotEmulator, url: str, clock: FixedClock, browser: httpx.Client) -> None:
        self.emulator, self.url, self.clock, self.browser = emulator, url, clock, browser
        self.secrets = MemorySecrets(**{"hubspot-client-secret": CLIENT_SECRET, "hubspot-developer-key": DEVELOPER_KEY})
        self.settings = Settings(
            hubspot_url=url,
            hubspot_authorize_url=f"{url}/oauth/authorize",
            hubspot_client_id=CLIENT_ID,
            hubspot_app_id=str(emulator.app_id),
            public_url="https://us.example",
        )
        self.workspace = a_workspace(crm=CrmConnection(portal_id=str(emulator.portal_id), token_secret="token"))

    @property
    def consents(self) -> HubSpotConsents:
        return HubSpotConsents(settings=self.settings, secrets=self.secrets, clock=self.clock)

    @property
    def target(self) -> Target:
        return hubspot_target(self.workspace)

    @property
    def tokens(self) -> PortalTokens:
        return PortalTokens(secret=Credential(self.secrets, "token"), http=self.browser, clock=self.clock)

    def agree(self) -> str:
        answer = self.browser.get(self.consents.page(Leaving(self.target, (Part.CRM,), "state-1", "unused", BACK)))
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        assert query["state"] == ["state-1"]
        return query["code"][0]

    def redeem(self, code: str = "", *, back: str = BACK) -> Granted:
        return self.consents.redeem(Answer(code or self.agree(), "unused", back))

    def install(self) -> None:
        self.secrets.values["token"] = self.redeem().credentials

    def checks(self, credentials: str = "") -> Sequence[Check]:
        return self.consents.checks(Look(self.workspace, self.target, (Part.CRM,), credentials))

    def pass_time(self, **by: float) -> None:
        """The emulator's clock and ours."""
        self.emulator.clock.advance(timedelta(**by))
        self.clock.advance(timedelta(**by))


@pytest.fixture
def portal(emulator: HubSpotEmulator, url: str, ours: FixedClock) -> Iterator[Portal]:
    with httpx.Client(base_url=url, timeout=2, trust_env=False) as browser:
        yield Portal(emulator, url, ours, browser)


def test_an_installed_app_opens_the_portal_and_hears_of_contacts(portal: Portal) -> None:
    granted = portal.redeem()
    assert granted.account == str(portal.emulator.portal_id)
    portal.consents.subscribe()
    found = portal.checks(granted.credentials)
    assert [one.what for one in found if one.works] == ["Portal", "Contacts", "Companies", "Deals", "Forms", "Webhooks"]
    assert found[-1].told == "contact.creation to https://us.example/form-webhook"


def test_webhooks_are_registered_once_and_moved_when_our_address_moves(portal: Portal) -> None:
    for _ in range(2):
        portal.consents.subscribe()
    [row] = portal.emulator.app.subscriptions.values()
    assert row["active"] is True
    portal.settings = portal.settings.model_copy(update={"public_url": "https://elsewhere.example"})
    portal.consents.subscribe()
    assert portal.emulator.app.settings is not None
    assert portal.emulator.app.settings["targetUrl"] == "https://elsewhere.example/form-webhook"


@pytest.mark.parametrize(
    ("undo", "told"),
    [
        ("app", "set SALES_AGENT_HUBSPOT_APP_ID"),
        ("key", "add the developer API key to the secret hubspot-developer-key"),
        ("wrong key", "check the developer key"),
        ("nobody registered", "connect again, which registers https://us.example/form-webhook"),
    ],
)
def test_webhooks_that_cannot_come_are_one_line_and_stop_nothing(portal: Portal, undo: str, told: str) -> None:
    if undo == "app":
        portal.settings = portal.settings.model_copy(update={"hubspot_app_id": ""})
    if undo == "key":
        del portal.secrets.values["hubspot-developer-key"]
    if undo == "wrong key":
        portal.secrets.values["hubspot-developer-key"] = "wrong"
    if undo != "nobody registered":
        portal.consents.subscribe()
    [failing] = [one for one in portal.checks(portal.redeem().credentials) if not one.works]
    assert failing.what == "Webhooks"
    assert told in failing.fix
    assert "every form is read every five minutes" in failing.fix


@pytest.mark.parametrize("scope", ["crm.objects.contacts.read", "crm.objects.deals.read"])
def test_a_scope_the_app_lacks_is_one_line_with_the_fix(portal: Portal, scope: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.connectors.hubspot.consents.SCOPES", tuple(one for one in SCOPES if one != scope))
    portal.consents.subscribe()
    [failing] = [one for one in portal.checks(portal.redeem().credentials) if not one.works]
    assert failing.told == f"the consent lacks the scope {scope}"
    assert "app's scopes" in failing.fix


def test_a_code_is_redeemed_once_in_time_and_with_its_own_address(portal: Portal) -> None:
    code = portal.agree()
    portal.redeem(code)
    for again in (lambda: portal.redeem(code), lambda: portal.redeem(back=BACK + "/")):
        with pytest.raises(Rejected, match="begin again"):
            again()
    late = portal.agree()
    portal.pass_time(minutes=2)
    with pytest.raises(Rejected, match="begin again"):
        portal.redeem(late)


def test_another_portal_is_told_apart(portal: Portal) -> None:
    credentials = portal.redeem().credentials
    portal.workspace = a_workspace(crm=CrmConnection(portal_id="999", token_secret="token"))
    [only] = portal.checks(credentials)
    assert only.told == f"this is portal {portal.emulator.portal_id}, not 999"


def test_access_tokens_are_renewed_before_their_half_hour_is_over(portal: Portal) -> None:
    portal.install()
    tokens = portal.tokens
    first = tokens.current()
    portal.pass_time(minutes=24)
    assert tokens.current() == first
    portal.pass_time(minutes=2)
    assert tokens.current() != first
    assert portal.browser.get("/crm/v3/objects/contacts", headers={"Authorization": f"Bearer {tokens.current()}"}).status_code == 200


def test_a_refused_access_token_is_bought_anew(portal: Portal) -> None:
    portal.install()
    tokens = portal.tokens
    refused = tokens.current()
    newer = tokens.newer_than(refused)
    assert newer is not None
    assert newer != refused


def test_a_plain_key_is_used_as_it_is_and_replaced_when_it_is_rotated(portal: Portal) -> None:
    portal.secrets.values["token"] = "pat-1"
    tokens = portal.tokens
    assert tokens.current() == "pat-1"
    assert tokens.newer_than("pat-1") is None
    portal.secrets.rotate("token", "pat-2")
    assert tokens.newer_than("pat-1") == "pat-2"


def test_an_app_that_was_taken_away_asks_for_a_person(portal: Portal) -> None:
    portal.install()
    portal.consents.ending(portal.target)()
    with pytest.raises(ReconnectNeeded, match="BAD_REFRESH_TOKEN"):
        portal.tokens.current()
    [only] = portal.checks()
    assert only.fix == "connect it again"
    portal.consents.ending(portal.target)()  # it has forgotten already


def test_a_portal_that_was_never_connected_asks_for_a_person(portal: Portal) -> None:
    with pytest.raises(ReconnectNeeded, match="connect it"):
        portal.tokens.current()
    assert [one.works for one in portal.checks()] == [False]


def test_neither_words_nor_values_show_a_token(portal: Portal) -> None:
    granted = portal.redeem()
    shown = repr(granted) + repr(portal.checks(granted.credentials))
    assert not [one for one in ("na1-", CLIENT_SECRET, DEVELOPER_KEY) if one in shown]
