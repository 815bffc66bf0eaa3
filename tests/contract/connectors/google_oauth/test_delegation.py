"""Workspace delegation over real HTTP: signed without a key, exchanged for a person, refused with what to do, and mended."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import httpx
import pytest

from emulators.calendar.routes import CalendarEmulator
from emulators.drive.routes import DriveEmulator
from emulators.faults import Fault, Kind
from emulators.gmail.routes import GmailEmulator
from emulators.iamcredentials.routes import IamCredentialsEmulator
from emulators.oauth2.routes import OAuth2Emulator
from emulators.service import HttpEmulator
from emulators.serving import HttpServer
from shared.connectors.google_oauth.accounts import GoogleAccounts
from shared.connectors.google_oauth.consents import GoogleConsents
from shared.connectors.google_oauth.delegation import GoogleDelegations
from shared.connectors.google_oauth.scopes import SCOPES
from shared.domain.connections import Agreement, Part, google_target
from shared.domain.workspace import DriveAccess
from shared.gcp.iam_credentials import KeylessSigner
from shared.ports.consents import Look
from shared.ports.errors import ReconnectNeeded, SalesAgentError, Transient
from shared.runtime.settings import Settings
from tests.builders import a_workspace, an_operator
from tests.contract.connectors.google_oauth.rig import MARIA, MONDAY, SuiteClock, credentials
from tests.fakes.clock import CountingIds
from tests.fakes.secrets import MemorySecrets
from tests.fakes.store import MemoryStore

DELEGATE = "delegate@ours.iam.example"
CLIENT_ID = "1042"
PARTS = (Part.MAILBOX, Part.CALENDAR, Part.DRIVE)
EVERYTHING = [SCOPES[one] for one in PARTS]


class Delegating:
    """A Workspace whose administrator has let our service account in, and our side of it."""

    def __init__(self, stack: ExitStack) -> None:
        self.clock = SuiteClock(frozen_at=MONDAY)
        self.oauth2, self.iam = OAuth2Emulator(self.clock), IamCredentialsEmulator(self.clock)
        oauth2 = stack.enter_context(HttpServer(self.oauth2)).url
        urls = {name: stack.enter_context(HttpServer(one)).url for name, one in self._apis().items()}
        self.rotate_key()
        self.authorise(EVERYTHING)
        self.secrets = MemorySecrets()
        self.settings = Settings(
            google_delegate_email=DELEGATE,
            google_delegate_client_id=CLIENT_ID,
            iamcredentials_url=stack.enter_context(HttpServer(self.iam)).url,
            oauth_token_url=f"{oauth2}/token",
            oauth_revoke_url=f"{oauth2}/revoke",
            gmail_url=urls["gmail"],
            calendar_url=urls["calendar"],
            drive_url=urls["drive"],
        )
        self.operator = an_operator(aliases=())
        self.workspace = a_workspace(drive=DriveAccess(roots=("root-1",)), operators=(self.operator,))
        self.signer = KeylessSigner(settings=self.settings, clock=self.clock, ids=CountingIds())
        told = {"settings": self.settings, "secrets": self.secrets, "store": MemoryStore(), "clock": self.clock, "ids": CountingIds()}
        self.accounts = GoogleAccounts(**told, signer=self.signer)  # type: ignore[arg-type]
        self.consents = GoogleConsents(**told, signer=self.signer)  # type: ignore[arg-type]
        self.delegations = GoogleDelegations(signer=self.signer)
        self.target = google_target(self.operator)

    def _apis(self) -> dict[str, HttpEmulator]:
        gmail, calendar, drive = (kind(self.clock, oauth2=self.oauth2) for kind in (GmailEmulator, CalendarEmulator, DriveEmulator))
        self.oauth2.account(MARIA)
        gmail.mailbox(MARIA)
        calendar.account(MARIA)
        drive.account(MARIA)
        drive.folder("Sales", owner=MARIA, file_id="root-1")
        return {"gmail": gmail, "calendar": calendar, "drive": drive}

    def rotate_key(self) -> None:
        keys = self.iam.service_account(DELEGATE, client_id=CLIENT_ID)
        self.oauth2.service_account(DELEGATE, client_id=CLIENT_ID, keys=keys)

    def authorise(self, scopes: list[str]) -> None:
        self.oauth2.delegate("northwind.example", client_id=CLIENT_ID, scopes=scopes)

    def store(self) -> None:
        self.secrets.values[self.target.secret] = self.delegations.granted(self.target, PARTS).credentials

    def token(self) -> str:
        return self.accounts.tokens(self.operator).current()

    @property
    def bought(self) -> int:
        return len(self.oauth2.calls)


@pytest.fixture
def google() -> Iterator[Delegating]:
    with ExitStack() as stack:
        yield Delegating(stack)


def test_a_workspace_that_let_us_in_opens_mailbox_calendar_and_drive(google: Delegating) -> None:
    granted = google.delegations.granted(google.target, PARTS)
    assert granted.agreement is Agreement.DELEGATION
    checks = google.consents.checks(Look(google.workspace, google.target, PARTS, granted.credentials))
    assert [(one.what, one.works) for one in checks] == [
        ("Read mail and keep drafts", True),
        ("Write as", True),
        ("See and hold times", True),
        ("Read documents", True),
    ]


def test_what_is_stored_opens_nothing_by_itself(google: Delegating) -> None:
    google.store()
    kept = google.secrets.values[google.target.secret]
    assert google.token() not in kept
    assert "PRIVATE" not in kept
    assert google.oauth2.email_for(google.token()) == MARIA


def test_a_token_serves_for_ten_minutes_and_is_then_signed_for_anew(google: Delegating) -> None:
    google.store()
    first = google.token()
    google.clock.advance(timedelta(minutes=9))
    assert (google.token(), google.bought) == (first, 1)
    google.clock.advance(timedelta(minutes=2))
    assert google.token() != first
    assert (google.bought, len(google.iam.calls)) == (2, 2)


def test_ten_minutes_after_disconnecting_no_process_gets_in_any_more(google: Delegating) -> None:
    google.store()
    google.token()
    del google.secrets.values[google.target.secret]
    google.clock.advance(timedelta(minutes=11))
    with pytest.raises(ReconnectNeeded):
        google.token()
    assert google.bought == 1


def stranger(google: Delegating) -> None:
    google.authorise([])


def one_scope_short(google: Delegating) -> None:
    google.authorise(EVERYTHING[:1])


def nobody(google: Delegating) -> None:
    del google.oauth2.state.names[MARIA]


def another_key(google: Delegating) -> None:
    google.iam.service_account(DELEGATE, client_id=CLIENT_ID)


def may_not_sign(google: Delegating) -> None:
    google.iam.permit(DELEGATE, may_sign=False)


def no_account(google: Delegating) -> None:
    google.iam.reset()


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (stranger, ["Domain-wide delegation add client id 1042", ",".join(EVERYTHING)]),
        (one_scope_short, ["client id 1042", SCOPES[Part.DRIVE]]),
        (nobody, ["no such person", "primary address"]),
        (another_key, ["does not know the signature", DELEGATE]),
        (may_not_sign, ["roles/iam.serviceAccountTokenCreator", DELEGATE]),
        (no_account, ["SALES_AGENT_GOOGLE_DELEGATE_EMAIL"]),
    ],
)
def test_every_refusal_says_what_to_do_and_is_over_when_that_is_done(
    google: Delegating, trouble: Callable[[Delegating], None], words: list[str]
) -> None:
    google.store()
    trouble(google)
    with pytest.raises(ReconnectNeeded) as refused:
        google.token()
    assert [one for one in words if one not in refused.value.detail] == []
    assert MARIA not in refused.value.detail
    google.oauth2.account(MARIA)
    google.authorise(EVERYTHING)
    google.rotate_key()
    assert google.oauth2.email_for(google.token()) == MARIA


@pytest.mark.parametrize(("service", "route"), [("iam", "iamcredentials.signJwt"), ("oauth2", "oauth2.token")])
def test_a_google_that_is_down_is_no_reason_to_reconnect(google: Delegating, service: str, route: str) -> None:
    google.store()
    getattr(google, service).faults.add(Fault(route=route, kind=Kind.STATUS, status=503))
    with pytest.raises(Transient):
        google.token()


def test_signing_is_tried_again_when_google_stumbles(google: Delegating) -> None:
    google.store()
    google.iam.faults.add(Fault(route="iamcredentials.signJwt", kind=Kind.DROP_AFTER, times=2))
    assert google.token()


def test_an_operator_may_go_from_consent_to_delegation_while_a_process_runs(google: Delegating) -> None:
    google.secrets.values[google.target.secret] = credentials("1//withdrawn")
    google.secrets.rotate(google.target.secret, google.delegations.granted(google.target, PARTS).credentials)
    assert google.oauth2.email_for(google.token()) == MARIA


def consented(google: Delegating, token: str = "1//maria") -> str:
    google.oauth2.register(MARIA, token, EVERYTHING)
    return credentials(token)


def buys(google: Delegating, refresh_token: str) -> bool:
    stored = MemorySecrets(**{google.target.secret: credentials(refresh_token)})
    told = {"settings": google.settings, "secrets": stored, "store": MemoryStore(), "clock": google.clock, "ids": CountingIds()}
    try:
        GoogleAccounts(**told, signer=google.signer).tokens(google.operator).current()  # type: ignore[arg-type]
    except ReconnectNeeded:
        return False
    return True


def test_a_consent_that_delegation_has_replaced_opens_nothing_any_more(google: Delegating) -> None:
    """Some process still remembers it for an hour."""
    google.secrets.values[google.target.secret] = consented(google)
    withdraw = google.consents.ending(google.target)
    google.store()
    assert buys(google, "1//maria")
    withdraw()
    assert not buys(google, "1//maria")
    assert google.token()


@pytest.mark.parametrize("remembered", ["the delegation", "the consent"])
def test_disconnecting_withdraws_the_consent_that_took_the_place_of_a_delegation_or_had_it(google: Delegating, remembered: str) -> None:
    """What this process remembers of the secret may be an hour old."""
    both = [google.delegations.granted(google.target, PARTS).credentials, consented(google)]
    before, after = both if remembered == "the delegation" else both[::-1]
    google.secrets.values[google.target.secret] = before
    google.secrets.rotate(google.target.secret, after)
    google.consents.ending(google.target)()
    assert not buys(google, "1//maria")


@pytest.mark.parametrize("answer", [{}, [], {"signedJwt": None}, {"signedJwt": ""}, {"signedJwt": 5}, "no json"])
def test_what_is_no_signature_is_no_reason_to_reconnect(google: Delegating, answer: object) -> None:
    google.store()
    google.iam.faults.add(Fault(route="iamcredentials.signJwt", kind=Kind.STATUS, status=200, body=answer))
    with pytest.raises(Transient):
        google.token()
    assert google.bought == 0


def test_our_own_identity_that_is_refused_once_is_fetched_anew_and_loses_no_work(google: Delegating) -> None:
    google.store()
    google.iam.faults.add(Fault(route="iamcredentials.signJwt", kind=Kind.STATUS, status=401, times=1))
    assert google.token()


@pytest.mark.parametrize("seconds", ["NaN", "Infinity", "-Infinity", "1e300", "-5", "0"])
def test_a_token_whose_end_is_nonsense_is_never_held_for_long(google: Delegating, seconds: str) -> None:
    google.store()
    body = f'{{"access_token": "ya29.x", "expires_in": {seconds}, "token_type": "Bearer"}}'
    google.oauth2.faults.add(Fault(route="oauth2.token", kind=Kind.STATUS, status=200, body=body))
    assert google.token() == "ya29.x"
    google.oauth2.faults.clear()
    google.clock.advance(timedelta(minutes=11))
    assert google.oauth2.email_for(google.token()) == MARIA


@pytest.mark.parametrize("token", ["", "a b", "ya29.x\\r\\nX: 1", "ä"])
def test_what_cannot_be_a_token_is_refused_before_it_is_sent_anywhere(google: Delegating, token: str) -> None:
    google.store()
    body = f'{{"access_token": "{token}", "expires_in": 3600}}'
    google.oauth2.faults.add(Fault(route="oauth2.token", kind=Kind.STATUS, status=200, body=body))
    with pytest.raises(SalesAgentError, match="access_token") as refused:
        google.token()
    assert "ya29" not in refused.value.detail


@pytest.mark.parametrize("word", ["deleted_client", "disabled_client"])
def test_a_client_that_is_gone_pauses_and_fails_no_run(google: Delegating, word: str) -> None:
    google.oauth2.faults.add(Fault(route="oauth2.token", kind=Kind.STATUS, status=401, body={"error": word}))
    for stored in (google.delegations.granted(google.target, PARTS).credentials, credentials("1//maria")):
        google.secrets.values[google.target.secret] = stored
        with pytest.raises(ReconnectNeeded, match=word):
            google.token()


def test_without_a_service_account_it_is_said_which_setting_is_missing(google: Delegating) -> None:
    bare = GoogleDelegations(signer=KeylessSigner(settings=Settings(), clock=google.clock, ids=CountingIds()))
    assert "SALES_AGENT_GOOGLE_DELEGATE_EMAIL" in bare.terms(PARTS).lacks
    assert google.delegations.terms(PARTS).lacks == ""


def test_the_signing_service_refuses_what_google_refuses(google: Delegating) -> None:
    with httpx.Client(base_url=google.settings.iamcredentials_url, trust_env=False) as http:
        here = f"/v1/projects/-/serviceAccounts/{DELEGATE}:signJwt"
        stale = int(MONDAY.timestamp()) - 1
        for payload in ("no JSON", "[]", f'{{"exp": {stale}}}', '{"exp": "soon"}'):
            assert http.post(here, json={"payload": payload}).status_code == 400
        assert http.post(here.replace("/-/", "/ours/"), json={"payload": "{}"}).status_code == 404
