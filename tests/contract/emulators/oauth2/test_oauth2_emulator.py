"""The token endpoint through google-auth, and what it refuses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import google.auth.exceptions
import google.oauth2.credentials
import google.oauth2.service_account
import google_auth_httplib2
import httplib2
import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from emulators.clock import Clock
from emulators.gmail.routes import GmailEmulator
from emulators.oauth2.routes import OAuth2Emulator
from emulators.serving import HttpServer

MARIA = "maria@northwind.example"
SCOPE = "https://www.googleapis.com/auth/gmail.modify"
ROBOT = "robot@northwind.iam.example"


@pytest.fixture
def clock() -> Clock:
    return Clock(frozen_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


@pytest.fixture
def emulator(clock):
    oauth2 = OAuth2Emulator(clock)
    oauth2.register(MARIA, "1//refresh", [SCOPE])
    return oauth2


@pytest.fixture
def url(emulator):
    with HttpServer(emulator) as server:
        yield server.url


@pytest.fixture
def transport():
    http = httplib2.Http(timeout=10)
    yield google_auth_httplib2.Request(http)
    http.close()


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def refresh(url: str, **changes: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "client_id": "c", "client_secret": "s", "refresh_token": "1//refresh", **changes}
    return httpx.post(f"{url}/token", data={name: value for name, value in form.items() if value})


def user(url: str, refresh_token: str = "1//refresh") -> google.oauth2.credentials.Credentials:
    return google.oauth2.credentials.Credentials(
        None, refresh_token=refresh_token, token_uri=f"{url}/token", client_id="c", client_secret="s"
    )


def robot(url: str, key: rsa.RSAPrivateKey, *, subject: str = MARIA, scopes: tuple[str, ...] = (SCOPE,)) -> Any:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    info = {"client_email": ROBOT, "private_key": pem, "private_key_id": "k1", "token_uri": f"{url}/token"}
    return google.oauth2.service_account.Credentials.from_service_account_info(info, scopes=scopes, subject=subject)


def shown(key: rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def today(emulator) -> None:
    """google-auth signs at the machine's time."""
    emulator.clock.advance(datetime.now(UTC) - emulator.clock.now())


def delegate(emulator: OAuth2Emulator, key: rsa.RSAPrivateKey) -> None:
    emulator.service_account(ROBOT, client_id="1042", keys={"k1": shown(key)})
    emulator.delegate("northwind.example", client_id="1042", scopes=[SCOPE])


def test_a_refresh_token_buys_an_access_token_for_just_under_an_hour(url, emulator, clock):
    answer = refresh(url).json()
    assert (answer["expires_in"], answer["scope"], answer["token_type"]) == (3599, SCOPE, "Bearer")
    assert "refresh_token" not in answer
    assert emulator.email_for(answer["access_token"]) == MARIA
    clock.advance(timedelta(seconds=3598))
    assert emulator.email_for(answer["access_token"]) == MARIA
    clock.advance(timedelta(seconds=1))
    assert emulator.email_for(answer["access_token"]) is None


def test_google_auth_refreshes_against_it(url, emulator, transport):
    credentials = user(url)
    credentials.refresh(transport)
    assert emulator.email_for(credentials.token) == MARIA


def test_a_revoked_consent_ends_refresh_and_access_tokens(url, emulator, transport):
    live = refresh(url).json()["access_token"]
    assert httpx.post(f"{url}/_emulator/revoke", json={"email": MARIA}).json() == {"revoked": 1}
    assert emulator.email_for(live) is None
    dead = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
    assert (refresh(url).status_code, refresh(url).json()) == (400, dead)
    with pytest.raises(google.auth.exceptions.RefreshError) as caught:
        user(url).refresh(transport)
    assert caught.value.args[1] == dead


def test_an_access_token_can_be_revoked_by_its_holder(url, emulator):
    live = refresh(url).json()["access_token"]
    assert httpx.post(f"{url}/revoke", data={"token": live}).status_code == 200
    assert emulator.email_for(live) is None
    assert httpx.post(f"{url}/revoke", data={"token": live}).json()["error"] == "invalid_token"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"refresh_token": "unknown"}, 400, "invalid_grant"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_malformed_requests_are_refused(url, changes, status, error):
    answer = refresh(url, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_grant_given_to_one_client_is_of_no_use_to_another(url, emulator):
    emulator.register(MARIA, "1//bound", [SCOPE], client_id="ours", client_secret="hush")
    assert refresh(url, refresh_token="1//bound").json()["error"] == "invalid_client"
    assert refresh(url, refresh_token="1//bound", client_id="ours", client_secret="wrong").status_code == 401
    assert refresh(url, refresh_token="1//bound", client_id="ours", client_secret="hush").status_code == 200


def test_tokeninfo_tells_whose_token_it_is_and_how_long_it_lives(url, clock):
    live = refresh(url).json()["access_token"]
    clock.advance(timedelta(seconds=99))
    told = httpx.get(f"{url}/tokeninfo", params={"access_token": live}).json()
    assert (told["email"], told["scope"], told["expires_in"]) == (MARIA, SCOPE, "3500")
    assert httpx.get(f"{url}/tokeninfo", params={"access_token": "x"}).status_code == 400


@pytest.mark.usefixtures("today")
def test_a_delegated_service_account_acts_for_a_person(url, emulator, transport, key):
    delegate(emulator, key)
    credentials = robot(url, key)
    credentials.refresh(transport)
    assert emulator.email_for(credentials.token) == MARIA


def refusal(credentials: Any, transport: Any) -> str:
    with pytest.raises(google.auth.exceptions.RefreshError) as caught:
        credentials.refresh(transport)
    told = caught.value.args[1]
    return f"{told['error']}: {told['error_description']}"


@pytest.mark.usefixtures("today")
def test_delegation_is_refused_for_other_scopes_subjects_keys_and_accounts(url, emulator, transport, key):
    other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert refusal(robot(url, key), transport) == "invalid_grant: Invalid grant: account not found"
    delegate(emulator, key)
    assert refusal(robot(url, key, scopes=("https://mail.google.com/",)), transport).startswith("unauthorized_client")
    assert refusal(robot(url, key, subject="boss@northwind.example"), transport) == "invalid_grant: Invalid email or User ID"
    assert refusal(robot(url, key, subject="boss@elsewhere.example"), transport).startswith("unauthorized_client")
    assert refusal(robot(url, other_key), transport) == "invalid_grant: Invalid JWT Signature."
    emulator.service_account(ROBOT, client_id="1042", keys={"k2": shown(key)})
    assert refusal(robot(url, key), transport) == "invalid_grant: Invalid JWT Signature."  # its header names k1
    emulator.delegate("northwind.example", client_id="1042", scopes=[])
    emulator.service_account(ROBOT, client_id="1042", keys={"k1": shown(key)})
    assert refusal(robot(url, key), transport).startswith("unauthorized_client")


def test_an_assertion_of_another_time_is_refused(url, emulator, transport, key):
    delegate(emulator, key)
    emulator.clock.advance(datetime.now(UTC) - emulator.clock.now() + timedelta(hours=2))
    assert "short-lived token" in refusal(robot(url, key), transport)


def test_the_other_emulators_believe_its_tokens_and_no_others(url, emulator, clock):
    gmail = GmailEmulator(clock, oauth2=emulator)
    gmail.mailbox(MARIA)
    live = refresh(url).json()["access_token"]
    with HttpServer(gmail) as server:

        def profile(token: str) -> httpx.Response:
            return httpx.get(f"{server.url}/gmail/v1/users/me/profile", headers={"Authorization": f"Bearer {token}"})

        assert profile(live).json()["emailAddress"] == MARIA
        assert profile(f"emulated:{MARIA}").status_code == 401
        clock.advance(timedelta(hours=1))
        assert profile(live).json()["error"]["status"] == "UNAUTHENTICATED"


def test_it_is_seeded_dumped_and_loaded_over_http(url, clock, emulator):
    grant = {"email": "leo@northwind.example", "refresh_token": "1//leo", "scopes": [SCOPE]}
    assert httpx.put(f"{url}/_emulator/seed", json={"grants": [grant]}).status_code == 204
    live = refresh(url, refresh_token="1//leo").json()["access_token"]
    copy = OAuth2Emulator(clock)
    copy.load(httpx.get(f"{url}/_emulator/state").json())
    assert copy.email_for(live) == "leo@northwind.example"
    assert copy.dump() == emulator.dump()
