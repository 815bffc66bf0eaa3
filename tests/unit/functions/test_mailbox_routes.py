"""As whom an operator's mails go out, and which way: shown, changed by administrators, in the log, refused with what to do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.sendgrid.signing import Signer
from shared.domain.audit import AuditEntry
from shared.domain.roles import Role
from shared.domain.sender import Sender
from shared.domain.ways import SmtpServer, Way, is_events_key, sendgrid_secret_of, smtp_secret_of
from shared.domain.workspace import Operator, Workspace
from shared.ports.errors import Conflict
from shared.ports.store import Key
from shared.stages.connecting.mail_settings import Wish, change_mail_settings
from shared.wiring import ports
from tests.answering import ApiDoor
from tests.builders import OPERATOR, WORKSPACE
from tests.fakes.mailbox import MemoryMailbox
from tests.unit.stages.desk import JO

ALIAS = "sales@northwind.example"
KEY = Signer("northwind").public_key
SERVER = {"host": "mail.northwind.example", "username": "maria"}
MARIA = f"mailboxes/{OPERATOR}"


@pytest.fixture
def mailbox() -> MemoryMailbox:
    return MemoryMailbox(senders=[Sender(address=ALIAS, name="Northwind")])


@pytest.fixture
def office(door: ApiDoor, mailbox: MemoryMailbox) -> ApiDoor:
    ports._built["mailbox"] = mailbox.of
    return door


def kept(door: ApiDoor) -> Operator:
    return door.world.store.workspace(workspace_id=WORKSPACE).operator(OPERATOR)


def test_without_a_word_mails_go_out_through_gmail_under_the_mailboxs_own_address(office: ApiDoor) -> None:
    status, told = office.ask("GET", MARIA)
    assert (status, told["send_as"], told["way"], told["smtp"], told["sendgrid"]) == (200, "", "gmail", None, None)
    assert office.ask("GET", "mailboxes/nobody")[0] == 404


def test_an_alias_is_written_as_once_gmail_sends_under_it(office: ApiDoor) -> None:
    status, told = office.ask("PATCH", MARIA, {"send_as": f" {ALIAS.upper()} "})
    assert (status, told["send_as"], kept(office).send_as) == (200, ALIAS, ALIAS)
    status, told = office.ask("PATCH", MARIA, {"send_as": "boss@northwind.example"})
    assert (status, told["field"]) == (422, "send_as")
    assert "boss@northwind.example" in told["detail"]
    assert kept(office).send_as == ALIAS
    for own in ("", kept(office).email):
        assert office.ask("PATCH", MARIA, {"send_as": own})[1]["send_as"] == ""


def test_gmail_is_not_asked_about_what_stays(office: ApiDoor, mailbox: MemoryMailbox) -> None:
    office.ask("PATCH", MARIA, {"send_as": ALIAS})
    mailbox.senders.clear()
    mailbox.calls.clear()
    status, told = office.ask("PATCH", MARIA, {"way": "smtp", "smtp": SERVER})
    assert (status, told["send_as"], mailbox.calls) == (200, ALIAS, [])


def test_a_mail_server_is_named_with_its_way_and_its_password_has_a_place_of_its_own(office: ApiDoor) -> None:
    status, told = office.ask("PATCH", MARIA, {"way": "smtp"})
    assert (status, told["field"]) == (400, "smtp")
    status, told = office.ask("PATCH", MARIA, {"way": "smtp", "smtp": SERVER})
    assert (status, told["way"]) == (200, "smtp")
    secret = smtp_secret_of(WORKSPACE, OPERATOR)
    assert kept(office).smtp == SmtpServer(**SERVER, password_secret=secret)
    assert told["smtp"]["password_secret"] == secret
    office.ask("PATCH", MARIA, {"way": "gmail"})
    assert (kept(office).way, kept(office).smtp) == (Way.GMAIL, SmtpServer(**SERVER, password_secret=secret))
    office.ask("PATCH", MARIA, {"smtp": {"host": "relay.northwind.example", "port": 25}})
    assert kept(office).smtp == SmtpServer(host="relay.northwind.example", port=25)


def test_nobody_names_the_place_of_a_password(office: ApiDoor) -> None:
    status, told = office.ask("PATCH", MARIA, {"smtp": {**SERVER, "password_secret": "smtp-password-fabrikam_rui"}})
    assert (status, told["field"], kept(office).smtp) == (400, "smtp.password_secret", None)


def test_sendgrid_takes_mails_once_its_events_can_be_believed(office: ApiDoor) -> None:
    status, told = office.ask("PATCH", MARIA, {"way": "sendgrid"})
    assert (status, told["field"]) == (400, "sendgrid")
    status, told = office.ask("PATCH", MARIA, {"way": "sendgrid", "sendgrid": {"events_key": KEY}})
    assert (status, told["way"], told["sendgrid"]["key_secret"]) == (200, "sendgrid", sendgrid_secret_of(WORKSPACE))
    assert told["sendgrid"]["events_url"].endswith(f"/sendgrid-events/{WORKSPACE}")
    assert office.ask("PATCH", "mailboxes/jo", {"way": "sendgrid"})[0] == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "way"),
        ({"way": "pigeon"}, "way"),
        ({"send_as": "no address"}, "send_as"),
        ({"smtp": {"host": "https://mail"}}, "smtp.host"),
        ({"smtp": {"host": "mail.northwind.example\r\n"}}, "smtp.host"),
        ({"smtp": {"host": "m", "port": 0}}, "smtp.port"),
        ({"smtp": {"host": "m", "username": "a\x00"}}, "smtp.username"),
        ({"smtp": {"host": "m", "greets_as": "a b"}}, "smtp.greets_as"),
        ({"sendgrid": {"events_key": "SG.secret"}}, "sendgrid.events_key"),
        ({"sendgrid": {"events_key": KEY, "key_secret": "other"}}, "sendgrid.key_secret"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_changes_nothing(office: ApiDoor, body: dict[str, Any], field: str) -> None:
    before = office.world.store.workspace(workspace_id=WORKSPACE)
    status, told = office.ask("PATCH", MARIA, body)
    assert (status, told["field"], told["type"]) == (400, field, "/api/docs#problem-bad-request")
    assert office.world.store.workspace(workspace_id=WORKSPACE) == before
    assert office.world.store.everything(AuditEntry) == []


def test_the_log_tells_who_changed_what_and_the_same_again_is_no_change(office: ApiDoor) -> None:
    office.let_in("theirs", WORKSPACE, label="theirs", role=Role.OPERATOR)
    assert office.ask("PATCH", MARIA, {"send_as": ALIAS}, token="theirs")[0] == 403
    for _ in range(2):
        office.ask("PATCH", MARIA, {"send_as": ALIAS, "way": "smtp", "smtp": SERVER})
    [entry] = office.world.store.everything(AuditEntry)
    assert (entry.action, entry.reason, entry.actor.label) == ("mailbox.changed", OPERATOR, "token jo's laptop")
    assert (entry.before["way"], entry.after["way"], entry.after["send_as"]) == ("gmail", "smtp", ALIAS)


def test_a_repeat_with_its_key_is_answered_the_same_and_done_once(office: ApiDoor) -> None:
    first = office.ask("PATCH", MARIA, {"send_as": ALIAS}, Idempotency_Key="a-1")
    office.ask("PATCH", MARIA, {"send_as": ""})
    assert office.ask("PATCH", MARIA, {"send_as": ALIAS}, Idempotency_Key="a-1") == first
    assert kept(office).send_as == ""


def test_of_two_who_change_it_at_once_the_second_is_told(office: ApiDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    store = office.world.store
    old = store.read(Key(Workspace, WORKSPACE, WORKSPACE))
    office.ask("PATCH", MARIA, {"send_as": ALIAS})
    monkeypatch.setattr(store, "read", lambda *_: old)
    with pytest.raises(Conflict, match="just been changed"):
        change_mail_settings(
            WORKSPACE, OPERATOR, Wish(events_key=KEY), by=JO, store=store, audit=office.world.audit, mailbox=MemoryMailbox().of
        )
    assert kept(office).send_as == ALIAS


@given(st.text(max_size=130) | st.binary(max_size=100).map(lambda one: one.decode("latin-1")))
def test_nothing_else_passes_for_a_key_of_sendgrids(told: str) -> None:
    assert not is_events_key(told)
    assert not is_events_key(told + KEY + told) or not told


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_no_two_operators_share_the_place_of_a_password(ws: str, who: str, other_ws: str, other: str) -> None:
    """Workspaces have no underscore in their names."""
    ws, other_ws = ws.replace("_", "-"), other_ws.replace("_", "-")
    same = smtp_secret_of(ws, who) == smtp_secret_of(other_ws, other)  # type: ignore[arg-type]
    assert same == ((ws, who) == (other_ws, other))
