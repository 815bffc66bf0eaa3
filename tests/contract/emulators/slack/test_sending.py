"""What Slack sends to an app: signed as its own verifier wants it, retried, repeated; and what the app may answer later."""

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook import WebhookClient

from emulators.faults import Fault, Kind
from emulators.slack.routes import SIGNING_SECRET
from emulators.slack.signing import signature_headers
from tests.contract.emulators.slack.test_web_api import BLOCKS, MARIA, MODAL, SALES

VECTORS = Path(__file__).parents[5] / "shared" / "contracts" / "vectors" / "signatures.json"


@pytest.fixture
def app(emulator, endpoint, url):
    emulator.connect(events_url=endpoint.url, interactivity_url=endpoint.url, commands_url=endpoint.url)
    return endpoint


class At(SignatureClock):
    def __init__(self, clock):
        self._clock = clock

    def now(self):
        return self._clock.now().timestamp()


def payload(delivery):
    return json.loads(parse_qs(delivery.body.decode())["payload"][0])


def test_the_signature_of_the_published_example_is_ours():
    if not VECTORS.exists():
        pytest.skip("../shared/contracts is not here")
    for vector in json.loads(VECTORS.read_text())["slack_request_signing"]:
        headers = signature_headers(vector["secret"], vector["body"].encode(), int(vector["timestamp"]))
        assert headers["X-Slack-Signature"] == vector["expected"]


def test_a_pressed_button_arrives_signed_with_the_message_it_belongs_to(slack, emulator, app, settler, clock):
    ts = slack.chat_postMessage(channel=SALES, text="A draft waits", blocks=BLOCKS)["ts"]
    emulator.people.press(channel=SALES, ts=ts, action_id="approve", user=MARIA)
    settler.settle()
    [delivery] = app.deliveries
    assert SignatureVerifier(SIGNING_SECRET, clock=At(clock)).is_valid_request(delivery.body, delivery.headers)
    assert not SignatureVerifier("another secret", clock=At(clock)).is_valid_request(delivery.body, delivery.headers)
    told = payload(delivery)
    assert (told["type"], told["actions"][0]["value"], told["message"]["ts"]) == ("block_actions", "draft-7", ts)
    assert slack.views_open(trigger_id=told["trigger_id"], view=MODAL)["ok"]


def test_the_response_url_changes_the_message_five_times_within_half_an_hour(slack, emulator, app, settler, clock):
    ts = slack.chat_postMessage(channel=SALES, text="A draft waits", blocks=BLOCKS)["ts"]
    emulator.people.press(channel=SALES, ts=ts, action_id="approve", user=MARIA)
    settler.settle()
    hook = WebhookClient(payload(app.deliveries[0])["response_url"])
    assert hook.send(text="Approved", replace_original=True).body == "ok"
    assert slack.conversations_history(channel=SALES)["messages"][0]["text"] == "Approved"
    hook.send(text="Told everybody", response_type="in_channel")
    assert slack.conversations_history(channel=SALES)["messages"][0]["text"] == "Told everybody"
    hook.send(delete_original=True)
    assert len(slack.conversations_history(channel=SALES)["messages"]) == 1
    for _ in range(2):
        hook.send(text="only for one")
    assert hook.send(text="a sixth time").body == "used_url"
    emulator.people.command(command="/draft", text="", channel=SALES, user=MARIA)
    settler.settle()
    other = WebhookClient(parse_qs(app.deliveries[1].body.decode())["response_url"][0])
    clock.advance(timedelta(minutes=31))
    assert other.send(text="late").body == "expired_url"


def test_a_view_comes_back_with_what_was_entered(slack, emulator, app, settler, clock):
    with emulator.lock:
        trigger = emulator.workspace.new_trigger(clock.now())
    view = slack.views_open(trigger_id=trigger, view={**MODAL, "callback_id": "edit", "private_metadata": "draft-7"})["view"]
    values = {"b": {"text": {"type": "plain_text_input", "value": "Hello Ana"}}}
    emulator.people.submit(view_id=view["id"], user=MARIA, values=values)
    emulator.people.close(view_id=view["id"], user=MARIA)
    settler.settle()
    submitted, closed = sorted(map(payload, app.deliveries), key=lambda one: one["type"], reverse=True)
    assert (submitted["view"]["private_metadata"], submitted["view"]["state"]["values"]) == ("draft-7", values)
    assert closed["type"] == "view_closed"


def test_an_event_is_retried_three_times_with_number_and_reason(emulator, app, settler):
    app.statuses.extend([500, 500, 500, 500])
    emulator.people.mention(channel=SALES, user=MARIA, text="help")
    settler.run_until_quiet(horizon=timedelta(hours=1))
    assert [one.headers.get("x-slack-retry-num") for one in app.deliveries] == [None, "1", "2", "3"]
    assert app.deliveries[1].headers["x-slack-retry-reason"] == "http_error"
    assert len({one.json["event_id"] for one in app.deliveries}) == 1
    assert [one.status for one in emulator.sent()] == ["failed"]


def test_an_interaction_is_never_retried(slack, emulator, app, settler):
    app.statuses.append(500)
    emulator.people.command(command="/draft", text="ana", channel=SALES, user=MARIA)
    settler.run_until_quiet(horizon=timedelta(hours=1))
    assert len(app.deliveries) == 1
    assert parse_qs(app.deliveries[0].body.decode())["text"] == ["ana"]


def test_events_arrive_twice_late_and_out_of_order(emulator, app, settler):
    first = emulator.people.event({"type": "app_home_opened", "user": MARIA, "tab": "home"})
    settler.settle()
    emulator.send_again(first.id)
    settler.settle()
    assert app.deliveries[0].json["event_id"] == app.deliveries[1].json["event_id"]
    emulator.faults.add(Fault("slack.deliver.event", Kind.REORDER, times=1))
    emulator.people.event({"type": "one"})
    emulator.people.event({"type": "two"})
    settler.advance(timedelta(minutes=2))
    assert [one.json["event"]["type"] for one in app.deliveries[2:]] == ["two", "one"]


def test_a_new_address_is_verified(emulator, app, settler):
    app.text = "not the challenge"
    emulator.people.verify()
    settler.settle()
    assert [one.status for one in emulator.sent()] == ["failed"]
    app.on_delivery = lambda delivery: setattr(app, "text", delivery.json["challenge"])
    emulator.people.verify()
    settler.settle()
    assert app.deliveries[1].json["type"] == "url_verification"
    assert [one.status for one in emulator.sent()] == ["failed", "delivered"]


def test_people_act_over_http_too(url, slack, endpoint, settler, emulator):
    urls = {"events_url": endpoint.url, "interactivity_url": endpoint.url}
    assert httpx.put(f"{url}/_emulator/app", json=urls).status_code == 204
    ts = slack.chat_postMessage(channel=SALES, text="A draft waits", blocks=BLOCKS)["ts"]
    press = {"channel": SALES, "ts": ts, "action_id": "approve", "user": MARIA}
    assert httpx.post(f"{url}/_emulator/people/press", json=press).status_code == 201
    assert httpx.post(f"{url}/_emulator/people/press", json={**press, "action_id": "burn"}).status_code == 400
    assert httpx.post(f"{url}/_emulator/people/event", json={"type": "team_join"}).status_code == 201
    assert httpx.post(f"{url}/_emulator/people/dance").status_code == 404
    settler.settle()
    assert len(endpoint.deliveries) == 2
    assert {one["status"] for one in httpx.get(f"{url}/_emulator/deliveries").json()["deliveries"]} == {"delivered"}
