"""Mail that arrives, comes back, or is answered by itself; and what Gmail does with Message-IDs on the way."""

from datetime import timedelta
from email import message_from_bytes

import pytest

from tests.contract.emulators.gmail.correspondence import ANA, MARIA, from_ana, headers, raw, refusal


def test_an_answer_arrives_in_the_thread_of_the_one_who_asked(emulator, users):
    ana = emulator.mailbox(ANA)
    sent = users.messages().send(userId="me", body={"raw": raw("Summit")}).execute()
    question = ana.newest_first()[0]
    assert question.mime["Message-ID"] == headers(users, sent["id"])["Message-ID"]
    reference = question.mime["Message-ID"]
    answer = emulator.deliver(MARIA, from_ana(subject="Re: Summit", in_reply_to=reference, references=reference))
    assert answer.thread_id == sent["threadId"]


def test_a_message_to_oneself_is_sent_and_received(users):
    sent = users.messages().send(userId="me", body={"raw": raw(to=MARIA)}).execute()
    assert set(sent["labelIds"]) == {"SENT", "INBOX", "UNREAD"}


@pytest.mark.parametrize(("given", "kept"), [("<mine@northwind.example>", True), ("mine", False), ("<mine>", False), ("", False)])
def test_a_message_id_is_kept_only_when_it_is_well_formed(users, given, kept):
    sent = users.messages().send(userId="me", body={"raw": raw(**{"Message-ID": given})}).execute()
    found = headers(users, sent["id"])["Message-ID"]
    assert (found == given) is kept
    assert kept or found.endswith("@mail.gmail.com>")


def test_the_message_id_of_a_draft_outlives_sending(users):
    draft = users.drafts().create(userId="me", body={"message": {"raw": raw()}}).execute()
    before = headers(users, draft["message"]["id"])["Message-ID"]
    sent = users.drafts().send(userId="me", body={"id": draft["id"]}).execute()
    assert headers(users, sent["id"])["Message-ID"] == before


@pytest.mark.parametrize(("status", "action", "subject"), [("5.1.1", "failed", "Failure"), ("4.2.2", "delayed", "Delay")])
def test_mail_nobody_takes_comes_back_into_its_thread(emulator, users, status, action, subject):
    emulator.bounce("gone@brightleaf.example", status=status)
    sent = users.messages().send(userId="me", body={"raw": raw(to="gone@brightleaf.example")}).execute()
    thread = users.threads().get(userId="me", id=sent["threadId"]).execute()["messages"]
    assert len(thread) == 2
    returned = message_from_bytes(emulator.mailbox(MARIA).message(thread[1]["id"]).raw)
    assert (returned.get_content_type(), returned.get_param("report-type")) == ("multipart/report", "delivery-status")
    assert (returned["Subject"], returned["X-Failed-Recipients"]) == (
        f"Delivery Status Notification ({subject})",
        "gone@brightleaf.example",
    )
    explained, report, original = returned.get_payload()
    assert [part.get_content_type() for part in (explained, report, original)] == [
        "text/plain",
        "message/delivery-status",
        "text/rfc822-headers",
    ]
    recipient = report.get_payload()[1]
    assert (recipient["Action"], recipient["Status"]) == (action, status)
    assert headers(users, sent["id"])["Message-ID"] in original.get_payload()


def test_unknown_recipients_bounce_only_when_asked_for(emulator, users):
    users.messages().send(userId="me", body={"raw": raw(to="nobody@brightleaf.example")}).execute()
    assert len(emulator.mailbox(MARIA).messages) == 1
    emulator.office.returns_unknown = True
    users.messages().send(userId="me", body={"raw": raw(to="nobody@brightleaf.example")}).execute()
    assert len(emulator.mailbox(MARIA).messages) == 3


def test_a_mailbox_on_vacation_answers_each_person_once_in_four_days(emulator, users, clock):
    ana = emulator.mailbox(ANA)
    settings = {"enableAutoReply": True, "responseSubject": "Away", "responseBodyPlainText": "Back on Monday"}
    ana.vacation = settings
    for _ in range(2):
        users.messages().send(userId="me", body={"raw": raw("Summit")}).execute()
    answers = [one for one in emulator.mailbox(MARIA).newest_first() if "INBOX" in one.labels]
    assert [(one.mime["Auto-Submitted"], one.mime["Subject"]) for one in answers] == [("auto-replied", "Away Re: Summit")]
    clock.advance(timedelta(days=4))
    users.messages().send(userId="me", body={"raw": raw("Summit")}).execute()
    assert len([one for one in emulator.mailbox(MARIA).newest_first() if "INBOX" in one.labels]) == 2


def test_two_mailboxes_on_vacation_do_not_answer_each_other_for_ever(emulator, users):
    for address in (ANA, MARIA):
        emulator.mailbox(address).vacation = {"enableAutoReply": True, "responseBodyPlainText": "Away"}
    users.messages().send(userId="me", body={"raw": raw()}).execute()
    assert (len(emulator.mailbox(MARIA).messages), len(emulator.mailbox(ANA).messages)) == (2, 1)


def test_the_vacation_responder_is_switched_over_the_api(emulator, users, clock):
    settings = users.settings()
    assert settings.getVacation(userId="me").execute()["enableAutoReply"] is False
    assert refusal(settings.updateVacation(userId="me", body={"enableAutoReply": True})) == (400, "invalidArgument")
    until = str(int((clock.now() + timedelta(days=1)).timestamp() * 1000))
    body = {"enableAutoReply": True, "responseSubject": "Away", "endTime": until}
    assert settings.updateVacation(userId="me", body=body).execute()["endTime"] == until
    emulator.mailbox(ANA)
    clock.advance(timedelta(days=2))
    emulator.deliver(MARIA, from_ana())
    assert not emulator.mailbox(ANA).messages
