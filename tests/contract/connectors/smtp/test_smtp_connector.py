"""Mail handed to a real mail server: taken, refused in every phase, slow, hung up on. What is certain is said, the rest is unknown."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from shared.connectors.smtp.connection import Patience
from shared.connectors.smtp.pool import IDLE_FOR, MOST_MAILS
from shared.ports.errors import OutcomeUnknown, Permanent, ReconnectNeeded, Transient
from tests.builders import MONDAY, an_operator
from tests.contract.connectors.smtp.rig import RAW, a_parcel, a_rig

ANA, BOSS = "ana@brightleaf.example", "boss@brightleaf.example"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("authority")


@pytest.fixture
def rig(folder):
    with a_rig(folder) as opened:
        yield opened


@pytest.fixture
def server(rig):
    return rig.server


def test_a_mail_is_handed_over_with_the_approved_bytes_under_its_own_id(rig, server):
    left = rig.way().bring_out(parcel=a_parcel())
    [(sender, recipients, raw)] = server.mails
    assert (sender, recipients) == ("maria@northwind.example", (ANA, BOSS))
    assert raw.endswith(RAW)
    read = message_from_bytes(raw, policy=default)
    assert read["Message-ID"] == left.message_id == "<send_1-1@northwind.example>"
    assert (read["X-Sales-Agent-Send"], read["Date"].datetime) == ("send_1-1", MONDAY)
    assert (read["In-Reply-To"], read["References"]) == ("<a1@x.example>", "<a0@x.example> <a1@x.example>")
    assert (left.thread_id, left.gmail_message_id, left.receipt, left.at) == ("t-1", "", "2.0.0 queued as 7F", MONDAY)
    assert set(server.greeted) == {"northwind.example"}


def test_lines_end_as_smtp_wants_them_and_leading_dots_survive(rig, server):
    rig.way().bring_out(parcel=a_parcel(RAW.replace(b"\r\n", b"\n")))
    [(_, _, raw)] = server.mails
    assert raw.endswith(b"Dear Ana,\r\n.a line that begins with a dot\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_tls_from_the_first_byte_does_as_well(folder):
    with a_rig(folder, implicit=True) as rig:
        rig.way(implicit_tls=True).bring_out(parcel=a_parcel())
        assert len(rig.server.mails) == 1
        with pytest.raises(ReconnectNeeded, match="certificate"):
            rig.way(implicit_tls=True, trusted=False).bring_out(parcel=a_parcel())


def test_a_server_that_anybody_could_be_gets_neither_password_nor_mail(rig, server):
    with pytest.raises(ReconnectNeeded, match="not to be trusted"):
        rig.way(trusted=False).bring_out(parcel=a_parcel())
    with pytest.raises(ReconnectNeeded, match="not to be trusted"):
        rig.way(host="127.0.0.1").bring_out(parcel=a_parcel())  # the certificate is localhost's
    assert (server.said, server.mails) == ([], [])


def test_nothing_is_said_in_the_clear(folder):
    with a_rig(folder, offers_tls=False) as rig:
        with pytest.raises(ReconnectNeeded, match="does not offer STARTTLS"):
            rig.way().bring_out(parcel=a_parcel())
        assert rig.server.said == []


def test_a_refused_password_is_the_accounts_trouble_and_a_changed_one_is_fetched(rig, server):
    server.password = "a newer one"
    with pytest.raises(ReconnectNeeded, match="refuses our signing in: 535"):
        rig.way().bring_out(parcel=a_parcel())
    rig.secrets.rotate("smtp-password-maria", "a newer one")
    rig.way().bring_out(parcel=a_parcel())
    assert len(server.mails) == 1


def test_a_missing_or_impossible_password_says_so(rig):
    rig.secrets.values.clear()
    with pytest.raises(ReconnectNeeded, match="smtp-password-maria does not exist"):
        rig.way().bring_out(parcel=a_parcel())
    rig.secrets.values["smtp-password-maria"] = "pässword"
    with pytest.raises(ReconnectNeeded, match="no server can be told"):
        rig.way().bring_out(parcel=a_parcel())


@pytest.mark.parametrize(
    ("phase", "answer", "family"),
    [
        ("mail", "550 5.7.1 not from you", Permanent),
        ("mail", "451 4.3.0 later", Transient),
        ("mail", "530 5.7.0 sign in first", ReconnectNeeded),
        (ANA, "550 5.1.1 nobody here", Permanent),
        (ANA, "450 4.2.1 mailbox busy", Transient),
        (BOSS, "550 5.1.1 nobody here", Permanent),
        ("data", "554 5.5.1 no", Permanent),
        ("data", "421 4.3.2 closing", Transient),
        ("dot", "554 5.7.1 spam", Permanent),
        ("dot", "452 4.3.1 disk full", Transient),
        ("dot", "421 4.3.2 closing", Transient),
    ],
)
def test_what_is_refused_in_any_phase_has_left_to_nobody(rig, server, phase, answer, family):
    server.says[phase] = answer
    with pytest.raises(family) as refused:
        rig.way().bring_out(parcel=a_parcel())
    assert type(refused.value) is family
    assert " ".join(answer.split()[:2]) in refused.value.detail
    assert server.mails == []


def test_one_refused_recipient_keeps_it_from_the_others(rig, server):
    """What was approved was approved for all of them."""
    server.says[BOSS] = "550 5.1.1 nobody here"
    way = rig.way()
    with pytest.raises(Permanent):
        way.bring_out(parcel=a_parcel())
    assert (server.mails, "data" in server.said) == ([], False)


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "content"])
def test_a_hang_up_before_the_last_dot_is_known_to_have_had_no_effect(rig, server, phase):
    server.hangs_up.add(phase)
    big = RAW + b"padding\r\n" * 400_000  # more than the system takes before it notices
    with pytest.raises(Transient, match="gave no answer"):
        rig.way().bring_out(parcel=a_parcel(big if phase == "content" else RAW))
    assert server.mails == []


def test_a_hang_up_after_the_last_dot_is_unknown(rig, server):
    server.hangs_up.add("dot")
    with pytest.raises(OutcomeUnknown):
        rig.way().bring_out(parcel=a_parcel())
    assert len(server.mails) == 1  # it had left


def test_an_answer_to_the_whole_mail_that_does_not_come_is_unknown(rig, server):
    server.sleeps_at.add("dot")
    with pytest.raises(OutcomeUnknown):
        rig.hasty(Patience(connect_s=20, answer_s=20, taking_s=0.3)).bring_out(parcel=a_parcel())
    assert len(server.mails) == 1


def test_an_answer_to_the_whole_mail_that_is_none_is_unknown(rig, server):
    server.says["dot"] = "perhaps"
    with pytest.raises(OutcomeUnknown):
        rig.way().bring_out(parcel=a_parcel())


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data"])
def test_a_silence_before_the_last_dot_is_known_to_have_had_no_effect(rig, server, phase):
    server.sleeps_at.add(phase)
    with pytest.raises(Transient):
        rig.hasty(Patience(connect_s=20, answer_s=1, taking_s=20)).bring_out(parcel=a_parcel())
    assert server.mails == []


def test_a_server_that_is_not_there_is_tried_later(rig, server):
    with pytest.raises(Transient):
        rig.way(port=9).bring_out(parcel=a_parcel())


def test_one_connection_carries_many_mails_and_is_asked_before_each(rig, server):
    way = rig.way()
    for number in range(3):
        way.bring_out(parcel=a_parcel(send_id=f"send_{number}"))
    assert (len(server.mails), server.connections, server.said.count("rset")) == (3, 1, 2)


def test_a_connection_that_is_old_or_gone_is_replaced(rig, server):
    way = rig.way()
    way.bring_out(parcel=a_parcel())
    rig.clock.advance(IDLE_FOR)
    way.bring_out(parcel=a_parcel())
    assert (server.connections, server.said.count("rset")) == (2, 0)
    server.hangs_up.add("rset")
    way.bring_out(parcel=a_parcel())
    assert (len(server.mails), server.connections) == (3, 3)


def test_no_session_goes_on_for_ever(rig, server):
    way = rig.way()
    for _ in range(MOST_MAILS + 1):
        way.bring_out(parcel=a_parcel())
        rig.clock.advance(timedelta(seconds=5))
    assert (len(server.mails), server.connections) == (MOST_MAILS + 1, 2)


def test_what_was_refused_leaves_nothing_behind_for_the_next_mail(rig, server):
    way = rig.way()
    server.says[BOSS] = "550 5.1.1 nobody here"
    with pytest.raises(Permanent):
        way.bring_out(parcel=a_parcel())
    server.says.clear()
    way.bring_out(parcel=a_parcel())
    [(_, recipients, _)] = server.mails
    assert recipients == (ANA, BOSS)


def test_eight_bit_mail_arrives_as_it_is(rig, server):
    umlauts = RAW + "Grüße\r\n".encode()
    rig.way().bring_out(parcel=a_parcel(umlauts))
    [(_, _, raw)] = server.mails
    assert raw.endswith("Grüße\r\n".encode())


def test_an_address_beyond_ascii_needs_a_server_that_offers_it(folder):
    raw = RAW.replace(b"ana@brightleaf.example", "änna@brightleaf.example".encode())
    with a_rig(folder, enable_SMTPUTF8=True) as rig:
        rig.way().bring_out(parcel=a_parcel(raw))
        [(_, recipients, _)] = rig.server.mails
        assert recipients == ("änna@brightleaf.example", BOSS)
    with a_rig(folder, enable_SMTPUTF8=False) as rig, pytest.raises(Permanent, match="SMTPUTF8"):
        rig.way().bring_out(parcel=a_parcel(raw))


def test_a_mail_that_is_too_large_for_the_server_says_how_large(folder):
    with a_rig(folder, data_size_limit=100) as rig, pytest.raises(Permanent, match="takes 100"):
        rig.way().bring_out(parcel=a_parcel())


def test_an_operator_without_a_server_has_no_such_way(rig):
    with pytest.raises(Permanent, match="no mail server any more"):
        rig.ways().open(operator=an_operator())
