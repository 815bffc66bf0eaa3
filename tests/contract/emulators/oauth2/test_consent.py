"""The consent page and what comes of it: codes, PKCE, refresh tokens, scopes given and kept back, and the ways a grant ends."""

import base64
import hashlib
import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from google.oauth2.credentials import Credentials

from emulators.clock import Clock
from emulators.gmail.routes import GmailEmulator
from emulators.oauth2.routes import OAuth2Emulator
from emulators.oidc.routes import OidcEmulator
from emulators.serving import HttpServer
from tests.contract.emulators.google_client import official_client

MARIA, LEO = "maria@northwind.example", "leo@northwind.example"
MAIL, PROFILE = "https://www.googleapis.com/auth/gmail.modify", "https://www.googleapis.com/auth/userinfo.email"
BACK = "https://app.northwind.example/google/callback"
CLIENT = {"client_id": "ours", "client_secret": "hush"}
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


@pytest.fixture
def emulator(clock):
    oauth2 = OAuth2Emulator(clock, identity=OidcEmulator(clock))
    oauth2.account(MARIA, name="Maria Costa")
    oauth2.account(LEO)
    oauth2.client("ours", secret="hush", redirect_uris=[BACK])
    return oauth2


@pytest.fixture
def browser(emulator):
    with HttpServer(emulator) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


def asked(**changes):
    usual = {"client_id": "ours", "redirect_uri": BACK, "response_type": "code", "scope": f"openid {MAIL} {PROFILE}", "state": "s1"}
    return {**usual, "access_type": "offline", **changes}


def decided(browser, *, decision="allow", account=MARIA, leave_out=(), **changes):
    """Opens the page, fills it in as a person would, and answers what the application gets back."""
    page = browser.get("/o/oauth2/v2/auth", params=asked(**changes))
    fields = re.findall(r"name='(\w+)' value='([^']*)'", page.text)
    form = {html.unescape(name): html.unescape(value) for name, value in fields if name not in ("granted", "decision")}
    granted = [html.unescape(value) for name, value in fields if name == "granted" and value not in leave_out]
    answer = browser.post("/o/oauth2/v2/auth", data={**form, "account": account, "granted": granted, "decision": decision})
    return returned(answer)


def returned(answer):
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def exchanged(browser, given, /, **changes):
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": BACK, **CLIENT, **changes}
    return browser.post("/token", data={name: value for name, value in form.items() if value})


def refreshed(browser, refresh_token):
    return browser.post("/token", data={"grant_type": "refresh_token", "refresh_token": refresh_token, **CLIENT})


def consented(browser, **changes):
    return exchanged(browser, decided(browser, **changes)["code"]).json()


def test_a_person_allows_and_the_application_may_act(browser, emulator):
    back = decided(browser)
    assert (back["state"], back["scope"].split()) == ("s1", ["openid", MAIL, PROFILE])
    tokens = exchanged(browser, back["code"]).json()
    assert emulator.email_for(tokens["access_token"]) == MARIA
    assert {"refresh_token", "id_token", "expires_in", "scope", "token_type"} <= set(tokens)
    again = refreshed(browser, tokens["refresh_token"]).json()
    assert emulator.email_for(again["access_token"]) == MARIA


def test_google_auth_goes_on_with_what_the_page_gave(browser, emulator, clock):
    tokens = consented(browser)
    uri = f"{browser.base_url}/token".replace("//token", "/token")
    held = {"refresh_token": tokens["refresh_token"], "token_uri": uri}
    credentials = Credentials(tokens["access_token"], **held, **CLIENT)
    gmail = GmailEmulator(clock, oauth2=emulator)
    gmail.mailbox(MARIA)
    with HttpServer(gmail) as server:
        profile = official_client("gmail", server.url, credentials=credentials).users().getProfile(userId="me")
        assert profile.execute()["emailAddress"] == MARIA
        clock.advance(timedelta(hours=2))
        assert profile.execute()["emailAddress"] == MARIA
    assert credentials.token != tokens["access_token"]


def test_a_person_declines_or_keeps_a_scope_back(browser):
    assert decided(browser, decision="deny") == {"state": "s1", "error": "access_denied"}
    assert decided(browser, account="nobody@northwind.example")["error"] == "access_denied"
    assert decided(browser, leave_out=(MAIL,))["scope"].split() == ["openid", PROFILE]


def test_a_code_is_taken_once_and_not_for_long(browser, clock):
    code = decided(browser)["code"]
    assert exchanged(browser, code).status_code == 200
    assert exchanged(browser, code).json() == {"error": "invalid_grant", "error_description": "Malformed auth code."}
    late = decided(browser)["code"]
    clock.advance(timedelta(minutes=11))
    assert exchanged(browser, late).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"redirect_uri": "https://elsewhere.example"}, 400, "redirect_uri_mismatch"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "theirs"}, 400, "invalid_grant"),
        ({"code": ""}, 400, "invalid_request"),
    ],
)
def test_a_code_is_of_no_use_to_others(browser, changes, status, error):
    answer = exchanged(browser, decided(browser)["code"], **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


@pytest.mark.parametrize(("method", "challenge"), [("S256", CHALLENGE), ("plain", VERIFIER)])
def test_a_challenge_is_met_by_its_verifier_alone(browser, method, challenge):
    challenged = {"code_challenge": challenge, "code_challenge_method": method}
    assert exchanged(browser, decided(browser, **challenged)["code"], code_verifier=VERIFIER).status_code == 200
    wrong = exchanged(browser, decided(browser, **challenged)["code"], code_verifier="w" * 43)
    missing = exchanged(browser, decided(browser, **challenged)["code"])
    assert [one.json()["error_description"] for one in (wrong, missing)] == ["Invalid code verifier.", "Missing code verifier."]


def test_a_refresh_token_comes_once_unless_consent_is_asked_for_again(browser):
    assert "refresh_token" in consented(browser)
    assert "refresh_token" not in consented(browser)
    assert "refresh_token" in consented(browser, prompt="consent")
    assert "refresh_token" not in consented(browser, account=LEO, access_type="online")


def test_earlier_scopes_are_included_when_that_is_asked(browser):
    consented(browser, scope=MAIL)
    back = decided(browser, scope=PROFILE, include_granted_scopes="true")
    assert back["scope"].split() == [PROFILE, MAIL]


def test_nobody_is_asked_when_the_page_is_automatic_or_consent_was_given(browser, emulator):
    silent = {"login_hint": MARIA, "prompt": "none"}
    assert returned(browser.get("/o/oauth2/v2/auth", params=asked(**silent)))["error"] == "interaction_required"
    emulator.automatic = True
    back = returned(browser.get("/o/oauth2/v2/auth", params=asked(login_hint=MARIA)))
    exchanged(browser, back["code"])
    emulator.automatic = False
    assert "code" in returned(browser.get("/o/oauth2/v2/auth", params=asked(**silent)))
    assert browser.get("/o/oauth2/v2/auth", params=asked(login_hint=MARIA)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"redirect_uri": "https://elsewhere.example"}, 400, "redirect_uri_mismatch"),
        ({"client_id": "theirs"}, 401, "invalid_client"),
        ({"response_type": "token"}, 400, "invalid_request"),
        ({"scope": ""}, 400, "invalid_request"),
        ({"code_challenge_method": "S512"}, 400, "invalid_request"),
    ],
)
def test_a_wrong_request_is_told_to_the_person_and_sent_nowhere(browser, changes, status, told):
    answer = browser.get("/o/oauth2/v2/auth", params=asked(**changes))
    assert (answer.status_code, told in answer.text, answer.headers["Content-Type"]) == (status, True, "text/html; charset=utf-8")


def test_what_the_page_shows_is_escaped(browser, emulator):
    emulator.account("<b>@northwind.example")
    assert "<b>@" not in browser.get("/o/oauth2/v2/auth", params=asked(state="'><script>")).text.replace("&lt;b&gt;@", "")
    assert "<script>" not in browser.get("/o/oauth2/v2/auth", params=asked(state="'><script>")).text


def test_the_token_tells_who_is_behind_it(browser):
    tokens = consented(browser)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    client = official_client("oauth2", str(browser.base_url).rstrip("/"), token=tokens["access_token"])
    told = client.userinfo().get().execute()
    assert (told["email"], told["verified_email"], told["given_name"], told["hd"]) == (MARIA, True, "Maria", "northwind.example")
    assert client.userinfo().v2().me().get().execute() == told
    assert browser.get("/v1/userinfo", headers=bearer).json()["sub"] == told["id"]
    info = client.tokeninfo(access_token=tokens["access_token"]).execute()
    assert (info["audience"], info["email"], info["expires_in"]) == ("ours", MARIA, 3599)
    assert browser.get("/v1/userinfo").status_code == 401
    assert browser.get("/.well-known/openid-configuration").json()["token_endpoint"].endswith("/token")


def test_consents_given_to_an_application_in_testing_end_after_a_week(browser, emulator, clock):
    emulator.state.in_testing = True
    refresh_token = consented(browser)["refresh_token"]
    clock.advance(timedelta(days=6))
    assert refreshed(browser, refresh_token).status_code == 200
    clock.advance(timedelta(days=2))
    assert refreshed(browser, refresh_token).json()["error_description"] == "Token has been expired or revoked."


def test_a_grant_nobody_used_for_half_a_year_ends(browser, clock):
    refresh_token = consented(browser)["refresh_token"]
    clock.advance(timedelta(days=180))
    assert refreshed(browser, refresh_token).status_code == 200
    clock.advance(timedelta(days=183))
    assert refreshed(browser, refresh_token).json()["error"] == "invalid_grant"


def test_a_new_password_ends_what_reads_mail_and_nothing_else(browser, emulator):
    mail = consented(browser, scope=MAIL)["refresh_token"]
    other = consented(browser, scope=PROFILE, prompt="consent")["refresh_token"]
    assert emulator.change_password(MARIA) == 1
    assert (refreshed(browser, mail).status_code, refreshed(browser, other).status_code) == (400, 200)


def test_the_hundred_and_first_grant_ends_the_first(browser):
    tokens = [consented(browser, prompt="consent")["refresh_token"] for _ in range(101)]
    assert [refreshed(browser, one).status_code for one in (tokens[0], tokens[1], tokens[-1])] == [400, 200, 200]


def test_an_administrator_may_ask_for_the_password_again(browser, emulator):
    refresh_token = consented(browser)["refresh_token"]
    emulator.state.reauthenticate.append(MARIA)
    told = refreshed(browser, refresh_token).json()
    assert (told["error"], told["error_subtype"]) == ("invalid_grant", "invalid_rapt")


def test_consents_survive_a_dump_and_a_load(browser, emulator):
    refresh_token = consented(browser)["refresh_token"]
    browser.put("/_emulator/state", json=browser.get("/_emulator/state").json())
    assert refreshed(browser, refresh_token).status_code == 200
    seed = {"accounts": [{"email": "kim@northwind.example"}], "clients": [{"client_id": "x", "secret": "y", "redirect_uris": [BACK]}]}
    assert browser.put("/_emulator/seed", json=seed).status_code == 204
    assert decided(browser, client_id="x", account="kim@northwind.example")["code"]
