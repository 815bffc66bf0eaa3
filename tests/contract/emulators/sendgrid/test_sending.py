"""SendGrid's own client sends mail, keeps suppressions and settings; unmodified but for the host."""

import json
from datetime import timedelta

import httpx
import pytest
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import Category, CustomArg, Mail, MailSettings, SandBoxMode, To

from emulators.faults import Fault, Kind
from emulators.sendgrid.routes import API_KEY, SendGridEmulator

MARIA, ANA = "maria@northwind.example", "ana@brightleaf.example"


def mail(*to, sender=MARIA):
    message = Mail(from_email=sender, subject="A stage for 400", plain_text_content="Hello Ana")
    message.to = [To(one) for one in to or (ANA,)]
    return message


def faults(call, *args, **more):
    with pytest.raises(HTTPError) as caught:
        call(*args, **more)
    return caught.value.status_code, [error["field"] for error in json.loads(caught.value.body)["errors"]]


def told(response):
    return json.loads(response.body)


def test_a_mail_is_accepted_with_an_id_and_no_body(sendgrid):
    message = mail()
    message.category = [Category("outreach")]
    message.custom_arg = [CustomArg("run_id", "r-7")]
    sent = sendgrid.send(message)
    assert (sent.status_code, sent.body) == (202, b"")
    assert sent.headers["X-Message-Id"]


def test_in_sandbox_mode_nothing_happens(sendgrid, emulator):
    message = mail()
    message.mail_settings = MailSettings(sandbox_mode=SandBoxMode(enable=True))
    assert sendgrid.send(message).status_code == 200
    assert emulator.account.mails == {}


def test_only_verified_senders_and_authenticated_domains_may_send(sendgrid):
    assert sendgrid.send(mail(sender="anybody@brightleaf.example")).status_code == 202
    assert faults(sendgrid.send, mail(sender="leo@northwind.example")) == (403, ["from"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"from": None}, "from.email"),
        ({"from": {"email": "nobody"}}, "from.email"),
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{"to": []}]}, "personalizations.0.to"),
        ({"personalizations": [{"to": [{"email": "nobody"}]}]}, "personalizations.0.to.0.email"),
        ({"personalizations": [{"to": [{"email": ANA}], "cc": [{"email": ANA.upper()}]}]}, "personalizations.0"),
        ({"personalizations": [{"to": [{"email": f"a{n}@x.example"}]} for n in range(1001)]}, "personalizations"),
        ({"subject": ""}, "subject"),
        ({"content": []}, "content"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
        ({"content": [{"type": "text/html", "value": "x"}, {"type": "text/plain", "value": "x"}]}, "content"),
        ({"attachments": [{"content": "", "filename": "a.pdf"}]}, "attachments.0.content"),
        ({"categories": [str(n) for n in range(11)]}, "categories"),
        ({"custom_args": {"k": "x" * 10_001}}, "custom_args"),
        ({"headers": {"Subject": "x"}}, "headers"),
        ({"send_at": 1_872_900_000}, "send_at"),
    ],
)
def test_every_fault_of_a_mail_names_its_field(sendgrid, change, field):
    assert faults(sendgrid.client.mail.send.post, request_body={**mail().get(), **change}) == (400, [field])


def test_a_template_brings_subject_and_content(sendgrid):
    message = Mail(from_email=MARIA, to_emails=ANA)
    message.template_id = "d-0123456789abcdef0123456789abcdef"
    assert sendgrid.send(message).status_code == 202


def test_a_wrong_key_is_not_let_in(url):
    assert faults(SendGridAPIClient("SG.other", host=url).send, mail())[0] == 401
    assert httpx.post(f"{url}/v3/mail/send").json()["errors"][0]["message"] == "authorization required"


def test_a_full_minute_is_a_429_that_says_when_it_ends(sendgrid, emulator, clock):
    emulator.limit_requests(per_minute=1)
    assert sendgrid.send(mail()).headers["X-RateLimit-Remaining"] == "0"
    with pytest.raises(HTTPError) as caught:
        sendgrid.send(mail())
    assert caught.value.status_code == 429
    reset = int(caught.value.headers["X-RateLimit-Reset"])
    clock.advance(timedelta(seconds=reset - clock.now().timestamp()))
    assert sendgrid.send(mail()).status_code == 202


@pytest.mark.parametrize("name", ["bounces", "blocks", "spam_reports", "invalid_emails"])
def test_a_suppression_list_is_read_and_cleared(sendgrid, emulator, clock, name):
    emulator.seed({name: ["old@x.example"]})
    clock.advance(timedelta(hours=1))
    emulator.seed({name: ["new@x.example", "other@x.example"]})
    api = getattr(sendgrid.client.suppression, name)
    assert [row["email"] for row in told(api.get(query_params={"limit": 2}))] == ["new@x.example", "other@x.example"]
    assert told(api._("old@x.example").get())[0]["email"] == "old@x.example"
    assert len(told(api.get(query_params={"start_time": int(clock.now().timestamp())}))) == 2
    assert api._("old@x.example").delete().status_code == 204
    assert faults(api._("old@x.example").delete)[0] == 404
    assert api.delete(request_body={"emails": ["new@x.example"]}).status_code == 204
    assert api.delete(request_body={"delete_all": True}).status_code == 204
    assert told(api.get()) == []
    assert faults(api.delete, request_body={})[0] == 400


def test_unsubscribes_are_kept_for_everything_and_by_group(sendgrid):
    everywhere, groups = sendgrid.client.asm.suppressions._("global"), sendgrid.client.asm.groups
    assert told(everywhere.post(request_body={"recipient_emails": [ANA]}))["recipient_emails"] == [ANA]
    assert told(everywhere._(ANA).get()) == {"recipient_email": ANA}
    assert [row["email"] for row in told(sendgrid.client.suppression.unsubscribes.get())] == [ANA]
    assert everywhere._(ANA).delete().status_code == 204
    group = told(groups.post(request_body={"name": "News", "description": "What is new"}))
    members = groups._(group["id"]).suppressions
    members.post(request_body={"recipient_emails": [ANA]})
    assert told(members.get()) == [ANA]
    assert told(members.search.post(request_body={"recipient_emails": [ANA, MARIA]})) == [ANA]
    assert told(groups.get())[0]["unsubscribes"] == 1
    assert told(sendgrid.client.asm.suppressions.get())[0]["group_name"] == "News"
    assert told(sendgrid.client.asm.suppressions._(ANA).get())["suppressions"][0]["suppressed"] is True
    assert told(groups._(group["id"]).patch(request_body={"name": "Letters"}))["name"] == "Letters"
    assert members._(ANA).delete().status_code == 204
    assert groups._(group["id"]).delete().status_code == 204
    assert faults(groups._(group["id"]).get)[0] == 404


def test_senders_are_verified_by_their_link(sendgrid):
    api = sendgrid.client.verified_senders
    body = {"nickname": "Leo", "from_email": "leo@northwind.example", "reply_to": "leo@northwind.example", "address": "1", "city": "Kiel"}
    made = told(api.post(request_body={**body, "country": "DE"}))
    assert made["verified"] is False
    assert faults(sendgrid.send, mail(sender="leo@northwind.example"))[0] == 403
    assert api.verify._(made["id"]).get().status_code == 204
    assert sendgrid.send(mail(sender="leo@northwind.example")).status_code == 202
    assert told(api.steps_completed.get())["results"] == {"sender_verified": True, "domain_verified": True}
    assert told(api._(made["id"]).patch(request_body={**body, "from_email": "l@northwind.example"}))["verified"] is False
    assert len(told(api.get())["results"]) == 2
    assert api._(made["id"]).delete().status_code == 204


def test_domains_are_authenticated_once_they_validate(sendgrid):
    api = sendgrid.client.whitelabel.domains
    made = told(api.post(request_body={"domain": "eastwind.example"}))
    assert faults(sendgrid.send, mail(sender="kim@eastwind.example"))[0] == 403
    assert told(api._(made["id"]).validate.post())["valid"] is True
    assert told(api._(made["id"]).get())["dns"]["dkim1"]["host"] == "s1._domainkey.eastwind.example"
    assert [row["domain"] for row in told(api.get())] == ["brightleaf.example", "eastwind.example"]
    assert sendgrid.send(mail(sender="kim@eastwind.example")).status_code == 202


def test_the_state_survives_a_dump_and_a_load_and_ends_with_a_reset(sendgrid, emulator, url, clock):
    sendgrid.send(mail())
    kept = httpx.get(f"{url}/_emulator/state").json()
    other = SendGridEmulator(clock)
    other.load(kept)
    assert other.dump() == kept
    other.close()
    httpx.post(f"{url}/_emulator/reset")
    assert faults(sendgrid.send, mail())[0] == 403
    assert emulator.api_key == API_KEY


def test_a_stale_answer_is_the_list_of_a_moment_ago(sendgrid, emulator):
    emulator.faults.add(Fault("sendgrid.suppression.list", Kind.STALE, times=1))
    everywhere = sendgrid.client.asm.suppressions._("global")
    for email in (ANA, MARIA):
        everywhere.post(request_body={"recipient_emails": [email]})
    lists = [[row["email"] for row in told(sendgrid.client.suppression.unsubscribes.get())] for _ in range(2)]
    assert lists == [[ANA], [ANA, MARIA]]
