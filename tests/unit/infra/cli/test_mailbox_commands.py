"""The commands of a mailbox, against the API's own function: as whom mails go out, which way, and where passwords are kept."""

import json

import pytest

from emulators.sendgrid.signing import Signer
from infra.cli import mailbox_commands, mailing
from infra.cli.failures import ExitCode
from shared.domain.sender import Sender
from shared.domain.ways import sendgrid_secret_of, smtp_secret_of
from shared.wiring import ports
from tests.answering import ApiDoor
from tests.builders import OPERATOR, WORKSPACE
from tests.fakes.mailbox import MemoryMailbox
from tests.unit.infra.cli.test_policy_commands import Terminal
from tests.unit.stages.deciding.test_enclosing import ENTRY
from tests.unit.stages.desk import DeskWorld

ALIAS = "sales@northwind.example"
KEY = Signer("northwind").public_key
OTHER = ENTRY.model_copy(update={"id": "file-2", "name": "Price list", "url": "https://docs.google.com/document/d/file-2"})


@pytest.fixture
def world() -> DeskWorld:
    return DeskWorld()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What Secret Manager holds afterwards."""
    held: dict[str, str] = {}
    monkeypatch.setattr(mailing, "keep", lambda secret, value, **_: held.update({secret: value}))
    return held


@pytest.fixture
def sdr(world: DeskWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    door = ApiDoor(world, monkeypatch)
    mailbox = MemoryMailbox(senders=[Sender(address=ALIAS, name="Northwind")])
    ports._built["mailbox"] = mailbox.of
    monkeypatch.setattr(mailbox_commands, "opened", lambda _url, _token: door.client)
    return Terminal(capsys)


def test_as_whom_and_which_way_is_shown_and_set_by_address_or_id(sdr: Terminal, world: DeskWorld) -> None:
    told = sdr.run("mailbox", "show", world.workspace.operator(OPERATOR).email.upper())
    assert "(its own)" in told
    assert "gmail: Gmail sends the draft that stands there" in told
    told = sdr.run("mailbox", "set", OPERATOR, "--send-as", ALIAS)
    assert f"Writes as {ALIAS}" in told
    assert "when it is next edited or written anew" in told
    assert json.loads(sdr.run("mailbox", "set", "--send-as", "", "--json"))["send_as"] == ""


def test_a_refusal_says_what_to_do(sdr: Terminal) -> None:
    sdr.run("mailbox", "set", "--send-as", "boss@northwind.example")
    assert sdr.code == ExitCode.FAILED
    assert "boss@northwind.example" in sdr.complaint
    sdr.run("mailbox", "set", "--way", "smtp")
    assert "nothing says which mail server takes them" in sdr.complaint
    sdr.run("mailbox", "set", "--username", "maria")
    assert (sdr.code, "belong to a --host" in sdr.complaint) == (ExitCode.USAGE, True)
    sdr.run("mailbox", "set")
    assert "say what to change" in sdr.complaint
    sdr.run("mailbox", "show", "nobody")
    assert (sdr.code, "one of: maria, jo" in sdr.complaint) == (ExitCode.NOT_FOUND, True)


def test_a_mail_server_is_set_with_its_password(sdr: Terminal, kept: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mailing.PASSWORD_IN, " hunter2 \n")
    host = ("--host", "mail.northwind.example", "--implicit-tls")
    told = sdr.run("mailbox", "set", "--way", "smtp", *host, "--username", "maria", "--password")
    secret = smtp_secret_of(WORKSPACE, OPERATOR)
    assert f"mail.northwind.example:465, TLS from the first byte, as maria, password in {secret}" in told
    assert kept == {secret: "hunter2"}
    assert "hunter2" not in told
    kept.clear()
    sdr.run("mailbox", "set", *host, "--password")
    assert ("it was not kept: no mail server asks for a password" in sdr.complaint, kept) == (True, {})


def test_sendgrid_is_set_with_its_keys_and_says_where_its_webhook_calls(
    sdr: Terminal, kept: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(mailing.KEY_IN, "SG.x")
    sdr.run("mailbox", "set", "--sendgrid-key")
    assert (sdr.code, kept) == (ExitCode.USAGE, {})
    told = sdr.run("mailbox", "set", "--way", "sendgrid", "--events-key", KEY, "--sendgrid-key")
    assert f"/sendgrid-events/{WORKSPACE}" in told
    assert kept == {sendgrid_secret_of(WORKSPACE): "SG.x"}
