"""Mailboxes are connected through Google's pages over real HTTP: what is asked, what comes back, what works, and its end."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from html import unescape
from re import findall
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from emulators.calendar.routes import CalendarEmulator
from emulators.drive.routes import DriveEmulator
from emulators.faults import Fault, Kind
from emulators.gmail.routes import GmailEmulator
from emulators.oauth2.routes import OAuth2Emulator
from emulators.serving import HttpServer
from shared.connectors.google_oauth.consents import GoogleConsents
from shared.domain.connections import Check, Part, Target, challenge_of, google_target
from shared.domain.workspace import DriveAccess
from shared.ports.consents import Answer, Granted, Leaving, Look
from shared.ports.errors import Rejected
from shared.runtime.settings import Settings
from tests.builders import a_workspace, an_operator
from tests.contract.connectors.google_oauth.rig import MARIA, MONDAY, SuiteClock
from tests.fakes.clock import CountingIds
from tests.fakes.secrets import MemorySecrets
from tests.fakes.signing import NobodySigns
from tests.fakes.store import MemoryStore

BACK = "https://us.example/console/connect/back"
EVERYTHING = (Part.MAILBOX, Part.CALENDAR, Part.DRIVE)
VERIFIER = "v" * 64


class Google:
    """Google as somebody meets it who is sent there, and our side of it."""

    def __init__(self, stack: ExitStack) -> None:
        self.clock = SuiteClock(frozen_at=MONDAY)
        self.oauth2 = OAuth2Emulator(self.clock)
        self.gmail = GmailEmulator(self.clock, oauth2=self.oauth2)
        self.calendar = CalendarEmulator(self.clock, oauth2=self.oauth2)
        self.drive = DriveEmulator(self.clock, oauth2=self.oauth2)
        urls = {name: stack.enter_context(HttpServer(getattr(self, name))).url for name in ("oauth2", "gmail", "calendar", "drive")}
        self.oauth2.client("ours", secret="hush", redirect_uris=[BACK])
        for one in (MARIA, "other@elsewhere.example"):
            self.oauth2.account(one)
            self.gmail.mailbox(one)
            self.calendar.account(one)
            self.drive.account(one)
        self.drive.folder("Sales", owner=MARIA, file_id="root-1")
        self.secrets = MemorySecrets(**{"google-client-secret": "hush"})
        self.settings = Settings(
            google_client_id="ours",
            oauth_consent_url=urls["oauth2"] + "/o/oauth2/v2/auth",
            oauth_token_url=urls["oauth2"] + "/token",
            oauth_revoke_url=urls["oauth2"] + "/revoke",
            oauth_userinfo_url=urls["oauth2"] + "/v1/userinfo",
            gmail_url=urls["gmail"],
            calendar_url=urls["calendar"],
            drive_url=urls["drive"],
        )
        self.browser = stack.enter_context(httpx.Client(trust_env=False))
        self.workspace = a_workspace(drive=DriveAccess(roots=("root-1",)), operators=(an_operator(aliases=()),))

    @property
    def consents(self) -> GoogleConsents:
        told = {"settings": self.settings, "secrets": self.secrets, "clock": self.clock}
        return GoogleConsents(**told, store=MemoryStore(), ids=CountingIds(), signer=NobodySigns())  # type: ignore[arg-type]

    @property
    def target(self) -> Target:
        return google_target(self.workspace.operators[0])

    def agree(self, *, account: str = MARIA, without: Sequence[str] = (), parts: Sequence[Part] = EVERYTHING) -> str:
        """The code somebody comes back with, who leaves these boxes unticked."""
        page = self.browser.get(self.consents.page(Leaving(self.target, parts, "state-1", challenge_of(VERIFIER), BACK)))
        fields = [(name, unescape(value)) for name, value in findall("name='([^']+)' value='([^']*)'", page.text)]
        form: dict[str, list[str]] = {"account": [account], "decision": ["allow"]}
        for name, value in fields:
            if value not in without and name != "decision":
                form.setdefault(name, []).append(value)
        answer = self.browser.post(self.settings.oauth_consent_url, data=form)
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        assert query["state"] == ["state-1"]
        return query["code"][0]

    def redeem(self, code: str, *, verifier: str = VERIFIER, back: str = BACK) -> Granted:
        return self.consents.redeem(Answer(code, verifier, back))

    def checks(self, credentials: str = "", parts: Sequence[Part] = EVERYTHING) -> Sequence[Check]:
        return self.consents.checks(Look(self.workspace, self.target, parts, credentials))


@pytest.fixture
def google() -> Iterator[Google]:
    with ExitStack() as stack:
        yield Google(stack)


def test_what_somebody_agreed_to_opens_mailbox_calendar_and_drive(google: Google) -> None:
    granted = google.redeem(google.agree())
    assert granted.account == MARIA
    found = google.checks(granted.credentials)
    assert [(one.what, one.works) for one in found] == [
        ("Read mail and keep drafts", True),
        ("Write as", True),
        ("See and hold times", True),
        ("Read documents", True),
    ]
    assert found[-1].told == "folder “Sales”"


def test_the_request_asks_for_the_least_and_for_a_lasting_consent(google: Google) -> None:
    asked = parse_qs(urlsplit(google.consents.page(Leaving(google.target, (Part.MAILBOX,), "s", "c", BACK))).query)
    assert asked["scope"] == ["openid email https://www.googleapis.com/auth/gmail.modify"]
    assert (asked["access_type"], asked["prompt"], asked["code_challenge_method"]) == (["offline"], ["consent"], ["S256"])
    assert asked["login_hint"] == [MARIA]


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"verifier": "w" * 64}, "does not take this answer"), ({"back": BACK + "/"}, "redirect_uri_mismatch")],
)
def test_a_code_is_worth_nothing_without_its_verifier_and_its_own_address(google: Google, changes: dict[str, str], words: str) -> None:
    with pytest.raises(Rejected, match=words):
        google.redeem(google.agree(), **changes)


def test_a_code_is_redeemed_once_and_within_ten_minutes(google: Google) -> None:
    code = google.agree()
    google.redeem(code)
    with pytest.raises(Rejected):
        google.redeem(code)
    late = google.agree()
    google.clock.advance(timedelta(minutes=11))
    with pytest.raises(Rejected):
        google.redeem(late)


def test_a_wrong_client_secret_is_said_to_be_the_installations(google: Google) -> None:
    google.secrets.values["google-client-secret"] = "wrong"
    with pytest.raises(Rejected, match="check SALES_AGENT_GOOGLE_CLIENT_ID"):
        google.redeem(google.agree())


def test_whoever_else_agreed_is_named(google: Google) -> None:
    granted = google.redeem(google.agree(account="other@elsewhere.example"))
    assert granted.account == "other@elsewhere.example"
    [first] = google.checks(granted.credentials, parts=(Part.MAILBOX,))
    assert not first.works
    assert first.told == f"this is the mailbox of other@elsewhere.example, not of {MARIA}"


@pytest.mark.parametrize(
    ("scope", "what"),
    [
        ("https://www.googleapis.com/auth/gmail.modify", "Read mail and keep drafts"),
        ("https://www.googleapis.com/auth/calendar.events", "See and hold times"),
        ("https://www.googleapis.com/auth/drive.readonly", "Read documents"),
    ],
)
def test_a_box_left_unticked_is_one_line_with_its_scope_and_the_fix(google: Google, scope: str, what: str) -> None:
    granted = google.redeem(google.agree(without=[scope]))
    [failing] = [one for one in google.checks(granted.credentials) if not one.works]
    assert failing.what == what
    assert failing.told == f"the consent lacks the scope {scope}"
    assert "leave every box" in failing.fix


def test_a_folder_or_an_identity_that_is_missing_is_a_line_of_its_own(google: Google) -> None:
    google.workspace = a_workspace(drive=DriveAccess(roots=("gone",)), operators=(an_operator(email="sales@northwind.example"),))
    operator = an_operator(email="sales@northwind.example", aliases=(MARIA,))
    google.workspace = google.workspace.model_copy(update={"operators": (operator,)})
    google.oauth2.account(operator.email)
    granted = google.redeem(google.agree(account=MARIA))
    told = {one.what: one for one in google.checks(granted.credentials)}
    assert told["Write as"].told == f"{MARIA} may not write as sales@northwind.example"
    assert "folder gone does not exist" in told["Read documents"].told
    assert told["Read mail and keep drafts"].works


def test_a_withdrawn_consent_is_one_line(google: Google) -> None:
    granted = google.redeem(google.agree())
    google.oauth2.revoke(MARIA)
    [only] = google.checks(granted.credentials)
    assert not only.works
    assert "no longer accepts our access" in only.told


def test_disconnecting_withdraws_the_consent_at_google(google: Google) -> None:
    granted = google.redeem(google.agree())
    google.secrets.values[google.target.secret] = granted.credentials
    assert google.checks()[0].works
    google.consents.ending(google.target)()
    assert not google.checks()[0].works
    google.consents.ending(google.target)()  # it has forgotten already


def test_a_silent_google_says_so_and_asks_to_begin_again(google: Google) -> None:
    code = google.agree()
    google.oauth2.faults.add(Fault(route="oauth2.token", kind=Kind.STATUS, status=503, times=1))
    with pytest.raises(Rejected, match="begin again"):
        google.redeem(code)


def test_what_the_installation_lacks_is_said_before_anybody_leaves(google: Google) -> None:
    assert google.consents.lacks() == ""
    del google.secrets.values["google-client-secret"]
    assert "google-client-secret is empty" in google.consents.lacks()
    google.settings = Settings()
    assert "SALES_AGENT_GOOGLE_CLIENT_ID" in google.consents.lacks()


def test_neither_words_nor_values_show_a_token(google: Google) -> None:
    code = google.agree()
    granted = google.redeem(code)
    shown = repr(granted) + repr(Answer(code, VERIFIER, BACK)) + repr(google.checks(granted.credentials))
    assert not [one for one in (code, VERIFIER, "1//", "ya29", "hush") if one in shown]
