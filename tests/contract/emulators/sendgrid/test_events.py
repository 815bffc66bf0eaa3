"""The events of a mail's life: signed as SendGrid's own verifier wants them, batched, retried, repeated, out of order."""

import json
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from sendgrid.helpers.eventwebhook import EventWebhook

from emulators.faults import Fault, Kind
from emulators.sendgrid.setting_responses import SWITCHES
from emulators.sendgrid.signing import Signer
from tests.contract.emulators.sendgrid.test_sending import ANA, MARIA, mail, told

VECTORS = Path(__file__).parents[5] / "shared" / "contracts" / "vectors" / "signatures.json"
GONE = "gone@brightleaf.example"


@pytest.fixture
def hook(sendgrid, endpoint):
    """Every event, signed; answers the public key."""
    settings = sendgrid.client.user.webhooks.event.settings
    made = told(settings.post(request_body={"url": endpoint.url, "enabled": True, **dict.fromkeys(SWITCHES, True)}))
    assert told(settings.signed._(made["id"]).patch(request_body={"enabled": True}))["id"] == made["id"]
    return told(settings.signed._(made["id"]).get())["public_key"]


def events(endpoint):
    return [event for delivery in endpoint.deliveries for event in json.loads(delivery.body)]


def names(endpoint):
    return [event["event"] for event in events(endpoint)]


def is_valid(key, delivery, *, body=None):
    stamp, signature = (delivery.headers[f"x-twilio-email-event-webhook-{name}"] for name in ("timestamp", "signature"))
    return EventWebhook(key).verify_signature((body or delivery.body).decode(), signature, stamp)


def test_the_published_vectors_verify_and_a_key_of_our_own_does_not_forge_them():
    if not VECTORS.exists():
        pytest.skip("../shared/contracts is not here")
    for vector in json.loads(VECTORS.read_text())["sendgrid_event_webhook"]:
        given = vector["body"], vector["signature_b64_der"], vector["timestamp"]
        assert EventWebhook(vector["public_key_spki_b64"]).verify_signature(*given)
        assert not EventWebhook(Signer("other").public_key).verify_signature(*given)


def test_a_delivered_mail_is_told_in_signed_batches(sendgrid, hook, endpoint, settler, clock):
    message = mail(ANA, MARIA)
    message_id = sendgrid.client.mail.send.post(
        request_body={**message.get(), "categories": ["outreach"], "custom_args": {"run_id": "r-7"}}
    ).headers["X-Message-Id"]
    settler.advance(timedelta(minutes=1))
    first, second = endpoint.deliveries
    assert is_valid(hook, first)
    assert is_valid(hook, second)
    assert not is_valid(hook, first, body=first.body.replace(b"processed", b"delivered"))
    assert first.body.endswith(b"]\r\n")
    assert names(endpoint) == ["processed", "processed", "delivered", "delivered"]
    told_of = events(endpoint)[0]
    assert (told_of["run_id"], told_of["category"], told_of["email"]) == ("r-7", ["outreach"], ANA)
    assert told_of["sg_message_id"].startswith(f"{message_id}.")
    assert len({event["sg_event_id"] for event in events(endpoint)}) == 4


def test_a_bounced_address_is_dropped_from_then_on(sendgrid, emulator, hook, endpoint, settler):
    emulator.fate("bounce", match="gone@*")
    sendgrid.send(mail(GONE))
    settler.advance(timedelta(minutes=1))
    assert names(endpoint) == ["processed", "bounce"]
    assert (events(endpoint)[1]["type"], events(endpoint)[1]["status"]) == ("bounce", "5.1.1")
    assert told(sendgrid.client.suppression.bounces._(GONE).get())[0]["status"] == "5.1.1"
    sendgrid.send(mail(GONE))
    settler.advance(timedelta(minutes=1))
    assert (names(endpoint)[2:], events(endpoint)[2]["reason"]) == (["dropped"], "Bounced Address")
    bypass = {"mail_settings": {"bypass_bounce_management": {"enable": True}}}
    sendgrid.client.mail.send.post(request_body={**mail(GONE).get(), **bypass})
    settler.advance(timedelta(minutes=1))
    assert names(endpoint)[3:] == ["processed", "bounce"]


def test_blocked_mail_bounces_softly_and_deferred_mail_comes_late(sendgrid, emulator, hook, endpoint, settler):
    emulator.fate("blocked", match=GONE, times=1)
    emulator.fate("deferred", match=ANA, deferrals=2)
    sendgrid.send(mail(GONE))
    sendgrid.send(mail(ANA))
    settler.advance(timedelta(minutes=1))
    by_address = {address: [one for one in events(endpoint) if one["email"] == address] for address in (ANA, GONE)}
    assert [one["event"] for one in by_address[ANA]] == ["processed", "deferred", "deferred", "delivered"]
    assert by_address[GONE][1]["type"] == "blocked"
    sendgrid.send(mail(GONE))
    settler.advance(timedelta(minutes=1))
    assert names(endpoint)[-1] == "delivered"


def test_readers_open_click_complain_and_leave(sendgrid, emulator, hook, endpoint, settler, url):
    group = told(sendgrid.client.asm.groups.post(request_body={"name": "News", "description": "x"}))["id"]
    body = {**mail().get(), "asm": {"group_id": group}}
    message_id = sendgrid.client.mail.send.post(request_body=body).headers["X-Message-Id"]
    settler.advance(timedelta(minutes=1))
    for event in ("open", "click", "group_unsubscribe", "group_resubscribe", "group_unsubscribe", "unsubscribe", "spamreport"):
        emulator.read(event, message_id=message_id, email=ANA, url="https://northwind.example/offer" if event == "click" else "")
    settler.advance(timedelta(minutes=1))
    assert names(endpoint)[2:] == [
        "open", "click", "group_unsubscribe", "group_resubscribe", "group_unsubscribe", "unsubscribe", "spamreport",
    ]  # fmt: skip
    assert events(endpoint)[3]["url"] == "https://northwind.example/offer"
    assert events(endpoint)[4]["asm_group_id"] == group
    assert told(sendgrid.client.suppression.spam_reports.get())[0]["email"] == ANA
    assert told(sendgrid.client.suppression.unsubscribes.get())[0]["email"] == ANA
    assert httpx.post(f"{url}/_emulator/readers", json={"event": "open", "message_id": message_id, "email": ANA}).status_code == 204
    assert httpx.post(f"{url}/_emulator/readers", json={"event": "open", "message_id": "x", "email": ANA}).status_code == 400
    assert httpx.post(f"{url}/_emulator/fates", json={"event": "vanished"}).status_code == 400
    assert httpx.post(f"{url}/_emulator/fates", json={"event": "bounce"}).status_code == 204


def test_only_what_is_switched_on_is_sent_and_unsigned_without_a_wish(sendgrid, endpoint, settler):
    settings = sendgrid.client.user.webhooks.event.settings
    made = told(settings.post(request_body={"url": endpoint.url, "enabled": True, "delivered": True}))
    sendgrid.send(mail())
    settler.advance(timedelta(minutes=1))
    assert names(endpoint) == ["delivered"]
    assert "x-twilio-email-event-webhook-signature" not in endpoint.deliveries[0].headers
    assert told(settings._(made["id"]).patch(request_body={"url": endpoint.url, "enabled": False}))["enabled"] is False
    sendgrid.send(mail())
    settler.advance(timedelta(minutes=1))
    assert names(endpoint) == ["delivered"]
    assert [row["id"] for row in told(settings.all.get())["webhooks"]] == [made["id"]]
    assert told(settings._(made["id"]).get())["url"] == endpoint.url
    assert settings._(made["id"]).delete().status_code == 204


def test_a_batch_is_retried_for_a_day_with_a_fresh_signature(sendgrid, emulator, hook, endpoint, settler):
    endpoint.statuses.extend([500] * 60)
    sendgrid.send(mail())
    settler.run_until_quiet(horizon=timedelta(days=2))
    assert {one.status for one in emulator.sent()} == {"failed"}
    bodies = {delivery.body for delivery in endpoint.deliveries}
    assert (len(bodies), len(endpoint.deliveries) > 10) == (2, True)
    assert all(is_valid(hook, delivery) for delivery in endpoint.deliveries)
    assert len({delivery.headers["x-twilio-email-event-webhook-timestamp"] for delivery in endpoint.deliveries}) > 10


def test_batches_arrive_twice_and_out_of_order(sendgrid, emulator, hook, endpoint, settler):
    emulator.faults.add(Fault("sendgrid.deliver.*", Kind.REORDER, times=1))
    sendgrid.send(mail())
    settler.advance(timedelta(minutes=2))
    assert names(endpoint) == ["delivered", "processed"]
    emulator.send_again(emulator.sent()[0].id)
    settler.settle()
    assert names(endpoint) == ["delivered", "processed", "processed"]
    assert len({event["sg_event_id"] for event in events(endpoint)}) == 2


def test_scheduled_mail_is_told_of_when_it_leaves(sendgrid, hook, endpoint, settler, clock):
    at = clock.now() + timedelta(hours=5)
    sendgrid.client.mail.send.post(request_body={**mail().get(), "send_at": int(at.timestamp())})
    settler.advance(timedelta(hours=4))
    assert not endpoint.deliveries
    settler.advance(timedelta(hours=2))
    assert events(endpoint)[0]["timestamp"] == int(at.timestamp())


def test_a_forged_batch_is_noticed(hook, sendgrid, endpoint, settler):
    sendgrid.send(mail())
    settler.advance(timedelta(minutes=1))
    try:
        assert not is_valid(Signer("somebody else").public_key, endpoint.deliveries[0])
    except InvalidSignature:
        pytest.fail("the verifier answers, it does not raise")
