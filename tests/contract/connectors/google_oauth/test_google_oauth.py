"""Access tokens and authorized calls against the token endpoint and a Gmail mailbox."""

from datetime import timedelta

import httpx
import pytest

from emulators.faults import Fault, Kind
from emulators.gmail.routes import GmailEmulator
from emulators.oauth2.routes import OAuth2Emulator
from emulators.serving import HttpServer
from shared.connectors.gmail.wire import DraftRef, IdentityList
from shared.connectors.google_oauth.client import GoogleApi
from shared.connectors.google_oauth.tokens import AccountTokens
from shared.ports.errors import OutcomeUnknown, Permanent, ReconnectNeeded, Transient
from tests.contract.connectors.google_oauth.rig import MARIA, MONDAY, SECRET, SuiteClock, connected, credentials
from tests.fakes.secrets import MemorySecrets
from tests.fakes.signing import NobodySigns

IDENTITIES = "/gmail/v1/users/me/settings/sendAs"
DRAFTS = "/gmail/v1/users/me/drafts"
HELLO = {"message": {"raw": "VG86IGFuYUB4LmV4YW1wbGUNCg0KSGVsbG8"}}


@pytest.fixture
def clock() -> SuiteClock:
    return SuiteClock(frozen_at=MONDAY)


@pytest.fixture
def oauth2(clock):
    return OAuth2Emulator(clock)


@pytest.fixture
def gmail(clock, oauth2):
    emulator = GmailEmulator(clock, oauth2=oauth2)
    emulator.mailbox(MARIA)
    return emulator


@pytest.fixture
def api(gmail, oauth2, clock):
    with connected(gmail, source="gmail", oauth2=oauth2, clock=clock, timeout_s=1.0) as connection:
        yield connection


def identities(api: GoogleApi) -> int:
    return len(api.fetch(IDENTITIES, IdentityList).send_as)


def bought(oauth2: OAuth2Emulator) -> int:
    return len(oauth2.calls)


def test_one_token_serves_many_calls_and_is_renewed_before_it_expires(api, oauth2, clock):
    assert (identities(api), identities(api), bought(oauth2)) == (1, 1, 1)
    clock.advance(timedelta(minutes=54))
    assert (identities(api), bought(oauth2)) == (1, 1)
    clock.advance(timedelta(minutes=2))
    assert (identities(api), bought(oauth2)) == (1, 2)


def test_a_token_refused_although_young_is_replaced_once(api, oauth2):
    identities(api)
    oauth2.state.access_tokens.clear()
    assert (identities(api), bought(oauth2)) == (1, 2)


def test_withdrawn_consent_asks_the_operator_to_reconnect_and_is_not_retried(api, oauth2):
    identities(api)
    oauth2.revoke(MARIA)
    with pytest.raises(ReconnectNeeded, match="reconnect the mailbox") as caught:
        identities(api)
    assert caught.value.raw == "Token has been expired or revoked."
    assert bought(oauth2) == 2


def test_a_missing_scope_asks_to_reconnect(api, gmail):
    gmail.faults.add(
        Fault(
            "gmail.settings.sendAs.list", Kind.STATUS, 403, body={"error": {"code": 403, "errors": [{"reason": "insufficientPermissions"}]}}
        )
    )
    with pytest.raises(ReconnectNeeded):
        identities(api)


@pytest.mark.parametrize(
    "answer",
    [
        Fault("gmail.settings.sendAs.list", Kind.STATUS, 429, times=2),
        Fault("gmail.settings.sendAs.list", Kind.STATUS, 403, times=2, body={"error": {"errors": [{"reason": "userRateLimitExceeded"}]}}),
        Fault("gmail.settings.sendAs.list", Kind.STATUS, 500, times=2),
        Fault("gmail.settings.sendAs.list", Kind.DROP_AFTER, times=2),
        Fault("gmail.settings.sendAs.list", Kind.MALFORMED, times=2),
    ],
)
def test_a_read_is_repeated_until_it_succeeds(api, gmail, answer):
    gmail.faults.add(answer)
    assert identities(api) == 1
    assert len(gmail.calls) == 3


def test_retry_after_is_waited_for_when_it_is_short_and_handed_on_when_it_is_long(api, gmail, clock):
    gmail.faults.add(Fault("gmail.settings.sendAs.list", Kind.STATUS, 429, times=1, headers={"Retry-After": "7"}))
    identities(api)
    assert clock.now() - MONDAY == timedelta(seconds=7)
    gmail.faults.add(Fault("gmail.settings.sendAs.list", Kind.STATUS, 429, headers={"Retry-After": "600"}))
    with pytest.raises(Transient) as caught:
        identities(api)
    assert caught.value.retry_after == timedelta(minutes=10)


def test_gmails_own_sentence_about_waiting_is_understood(api, gmail):
    told = {
        "error": {
            "code": 429,
            "message": "User-rate limit exceeded.  Retry after 2026-11-23T09:15:00.000Z",
            "errors": [{"reason": "rateLimitExceeded"}],
        }
    }
    gmail.faults.add(Fault("gmail.settings.sendAs.list", Kind.STATUS, 429, body=told))
    with pytest.raises(Transient) as caught:
        identities(api)
    assert caught.value.retry_after == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("gmail.drafts.create", Kind.DROP_AFTER), OutcomeUnknown),
        (Fault("gmail.drafts.create", Kind.DROP_BEFORE), OutcomeUnknown),
        (Fault("gmail.drafts.create", Kind.DELAY, delay_s=1.5), OutcomeUnknown),
        (Fault("gmail.drafts.create", Kind.MALFORMED), OutcomeUnknown),
        (Fault("gmail.drafts.create", Kind.STATUS, 500), OutcomeUnknown),
        (Fault("gmail.drafts.create", Kind.STATUS, 504), OutcomeUnknown),
        (Fault("gmail.drafts.create", Kind.STATUS, 503), Transient),
        (Fault("gmail.drafts.create", Kind.STATUS, 429), Transient),
        (Fault("gmail.drafts.create", Kind.STATUS, 400), Permanent),
    ],
)
def test_a_change_is_attempted_once_and_its_outcome_is_told_honestly(api, gmail, fault, expected):
    gmail.faults.add(fault)
    with pytest.raises(expected):
        api.change("POST", DRAFTS, DraftRef, body=HELLO)
    created = [call for call in gmail.calls if call.route == "gmail.drafts.create"]
    assert len(created) <= 1  # a call that is still being delayed has not been recorded yet


def test_nothing_left_the_machine_when_the_connection_was_refused(clock, oauth2, gmail):
    nobody = "http://127.0.0.1:9"  # the discard port
    with (
        connected(gmail, source="gmail", oauth2=oauth2, clock=clock, base_url=nobody) as api,
        pytest.raises(Transient, match="ConnectError"),
    ):
        api.change("POST", DRAFTS, DraftRef, body=HELLO)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault("oauth2.token", Kind.STATUS, 503, headers={"Retry-After": "60"}), Transient),
        (Fault("oauth2.token", Kind.DROP_BEFORE), Transient),
        (Fault("oauth2.token", Kind.MALFORMED), Transient),
        (Fault("oauth2.token", Kind.STATUS, 400, body={"error": "invalid_request"}), Permanent),
        (Fault("oauth2.token", Kind.STATUS, 401, body={"error": "invalid_client"}), ReconnectNeeded),
    ],
)
def test_trouble_at_the_token_endpoint_is_told_apart(api, oauth2, fault, expected):
    oauth2.faults.add(fault)
    with pytest.raises(expected) as caught:
        identities(api)
    assert type(caught.value) is expected


@pytest.mark.parametrize(
    ("stored", "named"),
    [
        ({}, "do not exist"),
        ({SECRET: "1//a-bare-token"}, "JSON"),
        ({SECRET: '{"client_id": "c", "client_secret": "s"}'}, "refresh_token"),
    ],
)
def test_unreadable_credentials_name_what_is_missing_and_never_their_value(clock, stored, named):
    with httpx.Client() as http:
        tokens = AccountTokens(
            secrets=MemorySecrets(**stored), http=http, token_url="http://127.0.0.1:9/token", clock=clock, signer=NobodySigns()
        )
        with pytest.raises(ReconnectNeeded, match=named) as caught:
            tokens.of(SECRET).current()
    assert "a-bare-token" not in str(caught.value) + caught.value.raw
    with pytest.raises(ReconnectNeeded, match="no Google account"):
        tokens.of("").current()


def test_each_account_has_its_own_token(clock, oauth2):
    oauth2.register(MARIA, "1//maria", [])
    oauth2.register("leo@northwind.example", "1//leo", [])
    secrets = MemorySecrets(maria=credentials("1//maria"), leo=credentials("1//leo"))
    with HttpServer(oauth2) as server, httpx.Client() as http:
        tokens = AccountTokens(secrets=secrets, http=http, token_url=f"{server.url}/token", clock=clock, signer=NobodySigns())
        assert [oauth2.email_for(tokens.of(name).current()) for name in ("maria", "leo", "maria")] == [
            MARIA,
            "leo@northwind.example",
            MARIA,
        ]
    assert bought(oauth2) == 2


def test_an_account_connected_anew_is_used_as_soon_as_the_old_consent_is_refused(clock: SuiteClock, oauth2: OAuth2Emulator):
    oauth2.register(MARIA, "1//new", ["https://www.googleapis.com/auth/gmail.modify"])
    secrets = MemorySecrets(maria=credentials("1//withdrawn"))
    secrets.rotate("maria", credentials("1//new"))
    with HttpServer(oauth2) as server, httpx.Client(trust_env=False) as http:
        tokens = AccountTokens(secrets=secrets, http=http, token_url=f"{server.url}/token", clock=clock, signer=NobodySigns())
        assert tokens.of("maria").current()
    assert [call.status for call in oauth2.calls] == [400, 200]
