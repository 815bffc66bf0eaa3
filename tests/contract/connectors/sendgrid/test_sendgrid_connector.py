"""Mail handed to the emulated SendGrid: accepted once, refused in every way, and never taken for refused when it may have left."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.sendgrid.routes import API_KEY, SendGridEmulator
from emulators.serving import HttpServer
from shared.connectors.sendgrid.adapter import SendGridWays
from shared.domain.ways import SendGridAccount
from shared.ports.errors import OutcomeUnknown, Permanent, ReconnectNeeded, Transient
from tests.builders import MONDAY, a_workspace
from tests.contract.connectors.smtp.rig import a_parcel
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.secrets import MemorySecrets
from tests.fakes.store import MemoryStore

ACCOUNT = SendGridAccount(key_secret="sendgrid-key-northwind", events_key="key")
HERE = a_workspace(sendgrid=ACCOUNT)


class Settings:
    vendor_timeout_s = 20.0

    def __init__(self, url: str) -> None:
        self.sendgrid_url = url


@pytest.fixture
def emulator() -> Iterator[SendGridEmulator]:
    emulator = SendGridEmulator(Clock(frozen_at=MONDAY))
    emulator.seed({"senders": ["maria@northwind.example"]})
    yield emulator
    emulator.close()


@pytest.fixture
def secrets() -> MemorySecrets:
    return MemorySecrets(**{ACCOUNT.key_secret: API_KEY})


@pytest.fixture
def way(emulator, secrets) -> Iterator[Any]:
    with HttpServer(emulator) as server:
        ways = SendGridWays(
            settings=Settings(server.url), secrets=secrets, store=MemoryStore(), clock=FixedClock(MONDAY), ids=CountingIds()
        )
        yield ways.open(workspace=HERE)
        ways._http.close()


def fail(emulator, kind: Kind = Kind.STATUS, **options: Any) -> None:
    emulator.faults.add(Fault(route="sendgrid.mail.send", kind=kind, **options))


def test_an_accepted_mail_is_known_by_both_ids_and_stands_there_as_it_was_approved(emulator, way):
    left = way.bring_out(parcel=a_parcel())
    [(receipt, mail)] = emulator.account.mails.items()
    assert (left.receipt, left.message_id, left.thread_id, left.at) == (receipt, "<send_1-1@northwind.example>", "t-1", MONDAY)
    [person] = mail["personalizations"]
    assert [one["email"] for one in (*person["to"], *person["cc"])] == ["ana@brightleaf.example", "boss@brightleaf.example"]
    assert mail["content"] == [{"type": "text/plain", "value": "Dear Ana,\n.a line that begins with a dot\n"}]
    assert mail["headers"]["References"] == "<a0@x.example> <a1@x.example>"


@pytest.mark.parametrize(
    ("status", "family"),
    [
        (400, Permanent),
        (404, Permanent),
        (413, Permanent),
        (401, ReconnectNeeded),
        (403, ReconnectNeeded),
        (429, Transient),
        (408, OutcomeUnknown),
        (500, OutcomeUnknown),
        (502, OutcomeUnknown),
        (503, OutcomeUnknown),
        (200, OutcomeUnknown),
        (302, OutcomeUnknown),
    ],
)
def test_each_answer_says_whether_it_may_have_left(emulator, way, status, family):
    fail(emulator, status=status)
    with pytest.raises(family) as told:
        way.bring_out(parcel=a_parcel())
    assert type(told.value) is family
    assert (emulator.account.mails, str(status) in told.value.detail) == ({}, True)


@pytest.mark.parametrize("kind", [Kind.DROP_BEFORE, Kind.DROP_AFTER])
def test_no_answer_is_unknown_and_the_call_is_not_made_again(emulator, way, kind):
    fail(emulator, kind)
    with pytest.raises(OutcomeUnknown):
        way.bring_out(parcel=a_parcel())
    assert (len(emulator.account.mails), len(emulator.calls)) == (int(kind is Kind.DROP_AFTER), 1)


def test_a_server_that_is_not_there_has_not_taken_it(secrets):
    ways = SendGridWays(
        settings=Settings("http://127.0.0.1:9"), secrets=secrets, store=MemoryStore(), clock=FixedClock(MONDAY), ids=CountingIds()
    )
    with pytest.raises(Transient):
        ways.open(workspace=HERE).bring_out(parcel=a_parcel())


def test_a_limit_says_until_when(emulator, way):
    emulator.limit_requests(per_minute=1)
    way.bring_out(parcel=a_parcel())
    with pytest.raises(Transient) as told:
        way.bring_out(parcel=a_parcel())
    assert told.value.retry_after == timedelta(minutes=1)


def test_a_key_that_was_changed_is_fetched_anew(emulator, secrets, way):
    emulator.api_key = "SG.another"
    with pytest.raises(ReconnectNeeded):
        way.bring_out(parcel=a_parcel())
    secrets.rotate(ACCOUNT.key_secret, "SG.another")
    way.bring_out(parcel=a_parcel())
    assert len(emulator.account.mails) == 1


def test_a_missing_key_and_an_unverified_sender_are_the_accounts_trouble(emulator, secrets, way):
    emulator.account.senders.clear()
    with pytest.raises(ReconnectNeeded, match="not verified"):
        way.bring_out(parcel=a_parcel())
    secrets.values.clear()
    with pytest.raises(ReconnectNeeded, match="sendgrid-key-northwind does not exist"):
        way.bring_out(parcel=a_parcel())


def test_a_workspace_without_an_account_has_no_such_way(secrets):
    ways = SendGridWays(settings=Settings("http://x.example"), secrets=secrets, store=MemoryStore(), clock=FixedClock(), ids=CountingIds())
    with pytest.raises(Permanent, match="no SendGrid account"):
        ways.open(workspace=a_workspace())
