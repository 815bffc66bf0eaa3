"""The emulated mail server as Python's own client meets it: TLS, sign-in, its refusals, and faults in every phase."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import httpx
import pytest

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.serving import HttpServer
from emulators.smtp.routes import PASSWORD, USER, SmtpEmulator

MAIL = "From: a@x.example\r\nTo: b@y.example\r\n\r\n.dotted\r\n"


@pytest.fixture
def server() -> Iterator[SmtpEmulator]:
    emulator = SmtpEmulator(Clock(frozen_at=datetime(2026, 3, 2, 9, tzinfo=UTC)))
    yield emulator
    emulator.close()


@pytest.fixture
def url(server) -> Iterator[str]:
    with HttpServer(server) as served:
        yield served.url


@pytest.fixture
def plain(server) -> Iterator[smtplib.SMTP]:
    client = smtplib.SMTP(server.host, server.port, timeout=20)
    yield client
    with suppress(smtplib.SMTPException, OSError):
        client.quit()
    client.close()


@pytest.fixture
def client(server, plain) -> smtplib.SMTP:
    plain.starttls(context=ssl.create_default_context(cadata=server.authority))
    plain.login(USER, PASSWORD)
    return plain


def fail(server, phase: str, kind: Kind, **options) -> None:
    server.faults.add(Fault(route=f"smtp.{phase}", kind=kind, **{"times": 1, **options}))


def test_a_mail_is_taken_as_it_was_sent(server, client):
    assert client.sendmail("a@x.example", ["b@y.example", "c@y.example"], MAIL) == {}
    [mail] = server.mails
    assert (mail.sender, mail.recipients, mail.signed_in) == ("a@x.example", ("b@y.example", "c@y.example"), USER)
    assert mail.raw == MAIL.encode()


def test_nothing_goes_without_tls_and_sign_in(server, plain):
    plain.ehlo()
    assert plain.mail("a@x.example")[0] == 530
    assert not plain.has_extn("auth")
    plain.starttls(context=ssl.create_default_context(cadata=server.authority))
    plain.ehlo()
    assert plain.mail("a@x.example") == (530, b"5.7.0 Authentication required")
    with pytest.raises(smtplib.SMTPAuthenticationError):
        plain.login(USER, "wrong")


def test_who_does_not_know_the_authority_does_not_trust_it(plain):
    with pytest.raises(ssl.SSLCertVerificationError):
        plain.starttls(context=ssl.create_default_context())


def test_it_refuses_what_real_servers_refuse(server, client):
    assert client.docmd("RCPT", "TO:<b@y.example>")[0] == 503
    assert client.docmd("MAIL", "a@x.example")[0] == 501
    assert client.docmd("MAIL", "FROM:<a@x.example> SIZE=99000000")[0] == 552
    assert client.docmd("DATA")[0] == 503
    assert client.docmd("BDAT", "1")[0] == 500
    assert client.docmd("VRFY", "b")[0] == 252
    server.refuse("gone@y.example")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("a@x.example", ["gone@y.example"], MAIL)
    client.sendmail("a@x.example", ["b@y.example"], MAIL)
    assert len(server.mails) == 1


@pytest.mark.parametrize(("kind", "taken"), [(Kind.DROP_BEFORE, 0), (Kind.DROP_AFTER, 1), (Kind.MALFORMED, 1)])
def test_after_the_whole_mail_its_answer_may_be_lost(server, client, kind, taken):
    fail(server, "content", kind)
    with pytest.raises(smtplib.SMTPException):
        client.sendmail("a@x.example", ["b@y.example"], MAIL)
    assert len(server.mails) == taken


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data"])
def test_every_phase_can_be_refused_once(server, client, phase):
    fail(server, phase, Kind.STATUS, status=451, body="4.3.0 later")
    with pytest.raises(smtplib.SMTPException, match=r"451|4\.3\.0"):
        client.sendmail("a@x.example", ["b@y.example"], MAIL)
    client.rset()
    client.sendmail("a@x.example", ["b@y.example"], MAIL)
    assert len(server.mails) == 1


def test_whoever_hangs_up_before_the_dot_has_sent_nothing(server, client):
    client.mail("a@x.example")
    client.rcpt("b@y.example")
    client.docmd("DATA")
    client.send(b"From: a@x.example\r\n")
    client.close()
    assert server.mails == []


def test_it_tells_by_http_where_it_is_and_what_it_took_and_comes_back_as_it_was(url, server, client):
    told = httpx.get(f"{url}/_emulator/server").json()
    assert (told["host"], told["port"], told["authority"]) == (server.host, server.port, server.authority)
    assert httpx.post(f"{url}/_emulator/refusals", json={"address": "gone@y.example"}).status_code == 204
    assert httpx.post(f"{url}/_emulator/refusals", json={"who": "gone@y.example"}).status_code == 400
    client.sendmail("a@x.example", ["b@y.example"], MAIL)
    assert len(httpx.get(f"{url}/_emulator/mails").json()["mails"]) == 1
    state = server.dump()
    server.reset()
    assert server.mails == []
    server.load(state)
    assert (len(server.mails), list(server.mail_host.refused)) == (1, ["gone@y.example"])
