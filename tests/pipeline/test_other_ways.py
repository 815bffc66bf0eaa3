"""From the form to a mail that left another way: over a mail server, over SendGrid, and what becomes of it when nobody answers."""

from email import message_from_bytes
from email.policy import default
from typing import Any

import httpx
import pytest
from sendgrid import SendGridAPIClient

from emulators.faults import Kind
from emulators.sendgrid.routes import API_KEY
from emulators.smtp.routes import PASSWORD, USER
from shared.domain.draft import DraftState
from shared.domain.outbox import Queue
from shared.domain.sends import SendState
from shared.domain.suppression import Cause, Suppression
from shared.domain.ways import SendGridAccount, SmtpServer, Way, smtp_secret_of
from shared.stages.sending.resolve_send import Word, resolve_send
from shared.wiring import ports
from tests.pipeline.office import Office
from tests.pipeline.test_sending import MARA, approved, decide, only_draft, only_send, received
from tests.pipeline.world import JONAS, World


@pytest.fixture
def world(world: World) -> World:
    world.suite.gmail.mailbox(JONAS)
    decide(world)
    world.let_come(Queue.SYNC_MAILBOX, Queue.TEND_SENDS)
    return world


@pytest.fixture
def over_smtp(world: World) -> World:
    """Mara's mails go out over her own mail server."""
    server = SmtpServer(host="localhost", port=world.suite.smtp.port, username=USER, password_secret="smtp-password-mara")
    world.suite.provisioner.store_secrets({"smtp-password-mara": PASSWORD})
    _settings(world, operator={"way": Way.SMTP, "smtp": server})
    return world


@pytest.fixture
def over_sendgrid(world: World) -> World:
    """And here over the workspace's SendGrid account, whose events come to us signed."""
    world.suite.sendgrid.seed({"senders": [world.seeded.operator.email]})
    settings = SendGridAPIClient(API_KEY, host=world.suite.urls["sendgrid"]).client.user.webhooks.event.settings
    url = f"{world.suite.urls['functions']}/sendgrid-events/{world.workspace_id}"
    heard = ("processed", "deferred", "delivered", "dropped", "bounce", "spam_report", "unsubscribe")
    made = settings.post(request_body={"url": url, "enabled": True, **dict.fromkeys(heard, True)}).to_dict
    key = settings.signed._(made["id"]).patch(request_body={"enabled": True}).to_dict["public_key"]
    account = SendGridAccount(key_secret="sendgrid-key-tidewater", events_key=key)
    world.suite.provisioner.store_secrets({"sendgrid-key-tidewater": API_KEY})
    _settings(world, operator={"way": Way.SENDGRID}, sendgrid=account)
    return world


def _settings(world: World, *, operator: dict[str, Any], **changes: Any) -> None:
    mara = world.seeded.operator.model_copy(update=operator)
    world.store.save_workspace(workspace=world.seeded.workspace.model_copy(update={"operators": (mara,), **changes}))
    world.submit()
    world.settle()


def sent_copies(world: World) -> list[Any]:
    return [one for one in world.mailbox.messages.values() if "SENT" in one.labels and b"X-Sales-Agent-Draft" in one.raw]


def test_an_approved_mail_leaves_over_the_mail_server_and_comes_home(over_smtp: World) -> None:
    world = over_smtp
    approved(world)
    world.advance(minutes=2)
    [mail] = world.suite.smtp.mails
    sent, read = only_send(world), message_from_bytes(mail.raw, policy=default)
    assert (sent.way, sent.state, sent.departure.message_id) == (Way.SMTP, SendState.SETTLED, read["Message-ID"])
    assert (mail.sender, mail.recipients, mail.signed_in) == (world.seeded.operator.email, (JONAS,), USER)
    assert (read["Subject"], read["X-Sales-Agent-Send"]) == (only_draft(world).text.subject, sent.id)
    assert (only_draft(world).state, world.gmail_drafts(), received(world)) == (DraftState.SENT, [], [])
    [copy] = sent_copies(world)
    assert (copy.id, copy.raw) == (sent.departure.gmail_message_id, mail.raw)
    world.advance(hours=2)
    assert (len(world.suite.smtp.mails), len(sent_copies(world)), only_draft(world).state) == (1, 1, DraftState.SENT)
    assert (world.outbox, world.dead_letters) == ([], [])


@pytest.mark.parametrize(("kind", "left"), [(Kind.DROP_AFTER, 1), (Kind.DROP_BEFORE, 0)])
def test_a_mail_server_that_says_nothing_after_the_whole_mail_parks_it(over_smtp: World, kind: Kind, left: int) -> None:
    world = over_smtp
    world.fail("smtp", "content", kind, times=1)
    approved(world)
    world.advance(hours=2)
    assert (len(world.suite.smtp.mails), only_send(world).state, len(world.gmail_drafts())) == (left, SendState.PARKED, 1)
    word = Word.LEFT if left else Word.NOT_LEFT
    resolved = resolve_send(world.workspace_id, only_send(world).id, word=word, actor=MARA, desk=ports.desk)
    if left:
        assert (resolved.state, world.gmail_drafts()) == (SendState.SETTLED, [])
    else:
        assert (resolved.state, only_draft(world).state) == (SendState.CANCELLED, DraftState.PENDING)


def test_a_way_chosen_through_the_api_is_taken_by_what_is_approved_afterwards(world: World) -> None:
    """The password is no beginning of the user's name, which the log may tell."""
    mara = world.seeded.operator
    world.suite.smtp.mail_host.accounts[USER] = "another password"
    world.suite.provisioner.store_secrets({smtp_secret_of(world.workspace_id, mara.id): "another password"})
    world.submit()
    world.settle()
    server = {"host": "localhost", "port": world.suite.smtp.port, "username": USER}
    answer = Office(world).asked("PATCH", f"mailboxes/{mara.id}", {"way": "smtp", "smtp": server})
    assert (answer.status_code, answer.json()["way"]) == (200, "smtp"), answer.text
    approved(world)
    assert Office(world).asked("PATCH", f"mailboxes/{mara.id}", {"way": "gmail"}).status_code == 200
    world.advance(minutes=2)
    [mail] = world.suite.smtp.mails
    assert (mail.recipients, mail.signed_in, only_send(world).state) == ((JONAS,), USER, SendState.SETTLED)


def test_a_mail_server_that_refuses_for_now_is_tried_again(over_smtp: World) -> None:
    world = over_smtp
    world.fail("smtp", "rcpt", status=450, body="4.2.1 greylisted", times=2)
    world.fail("smtp", "data", Kind.DROP_BEFORE, times=1)
    approved(world)
    world.advance(hours=1)
    assert (len(world.suite.smtp.mails), only_send(world).state, len(only_send(world).attempts)) == (1, SendState.SETTLED, 4)


def test_an_address_the_mail_server_does_not_know_fails_and_the_draft_asks_again(over_smtp: World) -> None:
    world = over_smtp
    world.suite.smtp.refuse(JONAS)
    approved(world)
    world.advance(minutes=2)
    assert (only_send(world).state, only_send(world).reason) == (SendState.FAILED, "the mail server refuses a recipient: 550 5.1.1")
    assert (only_draft(world).state, len(world.gmail_drafts())) == (DraftState.PENDING, 1)


def test_a_password_that_is_refused_waits_for_another(over_smtp: World) -> None:
    world = over_smtp
    world.suite.smtp.mail_host.accounts[USER] = "another"
    approved(world)
    world.advance(minutes=30)
    assert (only_send(world).state, world.suite.smtp.mails) == (SendState.HELD, [])
    path = "projects/sales-agent-local/secrets/smtp-password-mara"
    world.suite.provisioner._secrets.add_secret_version(parent=path, payload={"data": b"another"})
    world.advance(minutes=30)
    assert (only_send(world).state, len(world.suite.smtp.mails)) == (SendState.SETTLED, 1)


def test_an_approved_mail_leaves_over_sendgrid_and_settles_when_it_is_delivered(over_sendgrid: World) -> None:
    world = over_sendgrid
    approved(world)
    world.advance(minutes=2)
    [(receipt, mail)] = world.suite.sendgrid.account.mails.items()
    sent = only_send(world)
    assert (sent.state, sent.departure.receipt, sent.departure.message_id) == (SendState.SETTLED, receipt, mail["headers"]["Message-ID"])
    assert [one.word for one in sent.told] == ["processed", "delivered"]
    [content] = mail["content"]
    assert content["value"] == only_draft(world).text.body
    assert (only_draft(world).state, world.gmail_drafts(), len(sent_copies(world))) == (DraftState.SENT, [], 1)
    world.advance(hours=2)
    assert (len(world.suite.sendgrid.account.mails), len(sent_copies(world))) == (1, 1)
    assert (world.outbox, world.dead_letters) == ([], [])


def test_a_call_of_which_nobody_heard_is_settled_by_what_sendgrid_tells(over_sendgrid: World) -> None:
    world = over_sendgrid
    world.fail("sendgrid", "mail.send", Kind.DROP_AFTER, times=1)
    approved(world)
    world.advance(minutes=3)
    assert (len(world.suite.sendgrid.account.mails), only_send(world).state) == (1, SendState.SETTLED)


def test_a_call_that_never_arrived_is_parked_and_not_made_again(over_sendgrid: World) -> None:
    world = over_sendgrid
    world.fail("sendgrid", "mail.send", Kind.DROP_BEFORE, times=1)
    approved(world)
    world.advance(hours=2)
    assert (world.suite.sendgrid.account.mails, only_send(world).state, len(world.gmail_drafts())) == ({}, SendState.PARKED, 1)


def test_what_sendgrid_drops_asks_again_and_whom_it_knows_as_gone_is_not_written_to(over_sendgrid: World) -> None:
    world = over_sendgrid
    world.suite.sendgrid.seed({"bounces": [JONAS]})
    approved(world)
    world.advance(minutes=3)
    assert (only_send(world).state, only_send(world).reason) == (SendState.FAILED, "SendGrid has not sent it: Bounced Address")
    assert (only_draft(world).state, len(world.gmail_drafts())) == (DraftState.PENDING, 1)
    assert [one.cause for one in world.all(Suppression)] == [Cause.BOUNCE]


def test_a_complaint_about_a_mail_keeps_us_from_writing_again(over_sendgrid: World) -> None:
    world = over_sendgrid
    approved(world)
    world.advance(minutes=2)
    [receipt] = world.suite.sendgrid.account.mails
    world.suite.sendgrid.read("spamreport", message_id=receipt, email=JONAS)
    world.advance(minutes=1)
    assert [(one.cause, one.shown) for one in world.all(Suppression)] == [(Cause.COMPLAINT, JONAS)]


def test_events_that_come_twice_late_and_out_of_order_change_nothing(over_sendgrid: World) -> None:
    world = over_sendgrid
    world.fail("sendgrid", "deliver.events", Kind.REORDER, times=1)
    world.fail("sendgrid", "deliver.events", Kind.DUPLICATE)
    approved(world)
    world.advance(minutes=10)
    settled = only_send(world)
    assert (settled.state, len(settled.told)) == (SendState.SETTLED, 2)
    world.heal("sendgrid")
    for batch in world.suite.sendgrid.sent():
        world.suite.sendgrid.send_again(batch.id)
    world.advance(minutes=10)
    assert only_send(world) == settled


def test_nobody_else_can_tell_us_what_became_of_a_mail(over_sendgrid: World) -> None:
    world = over_sendgrid
    url = f"{world.suite.urls['functions']}/sendgrid-events/{world.workspace_id}"
    forged = httpx.post(url, content=b'[{"event":"dropped"}]', timeout=30)
    assert (forged.status_code, forged.json()["detail"]) == (401, "the request is not signed")
