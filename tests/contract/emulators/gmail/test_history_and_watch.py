"""What changed in a mailbox: listed since a point, forgotten after a while, announced to a topic."""

import base64
import json
from datetime import timedelta

import httpx
import pytest
from google.api_core.exceptions import NotFound
from google.cloud import pubsub_v1

from emulators.faults import Fault, Kind
from emulators.pubsub.routes import PubSubEmulator
from emulators.serving import GrpcServer
from emulators.settling import Settler
from tests.contract.emulators.endpoint import Endpoint
from tests.contract.emulators.gmail.conftest import TOPIC
from tests.contract.emulators.gmail.correspondence import ANA, MARIA, from_ana, raw, refusal


def kinds(answer):
    return [next(key for key in one if key not in ("id", "messages")) for one in answer.get("history", [])]


def test_history_is_narrowed_by_type_and_label(emulator, users):
    start = users.getProfile(userId="me").execute()["historyId"]
    stored = emulator.deliver(MARIA, from_ana())
    emulator.deliver(MARIA, {"from": MARIA, "to": ANA, "subject": "Sent", "text": "x"})
    users.messages().modify(userId="me", id=stored.id, body={"addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD"]}).execute()
    users.messages().delete(userId="me", id=stored.id).execute()
    history = users.history()
    everything = history.list(userId="me", startHistoryId=start).execute()
    assert kinds(everything) == ["messagesAdded", "messagesAdded", "labelsAdded", "labelsRemoved", "messagesDeleted"]
    arrived = history.list(userId="me", startHistoryId=start, historyTypes=["messageAdded"], labelId="INBOX").execute()
    assert [one["messagesAdded"][0]["message"]["id"] for one in arrived["history"]] == [stored.id]
    relabelled = history.list(userId="me", startHistoryId=start, historyTypes=["labelAdded", "labelRemoved"]).execute()
    assert [one[key][0]["labelIds"] for one, key in zip(relabelled["history"], kinds(relabelled), strict=True)] == [["STARRED"], ["UNREAD"]]


def test_history_comes_in_pages_that_follow_each_other(emulator, users):
    start = users.getProfile(userId="me").execute()["historyId"]
    for number in range(5):
        emulator.deliver(MARIA, from_ana(message_id=f"<{number}@x.example>"))
    history, ids = users.history(), []
    request = history.list(userId="me", startHistoryId=start, maxResults=2)
    while request is not None:
        answer = request.execute()
        ids += [one["id"] for one in answer["history"]]
        request = history.list_next(request, answer)
    assert len(ids) == 5
    assert ids == sorted(ids, key=int)


def test_history_that_is_too_old_is_not_found(emulator, users):
    start = users.getProfile(userId="me").execute()["historyId"]
    emulator.deliver(MARIA, from_ana())
    emulator.forget_history(MARIA)
    assert refusal(users.history().list(userId="me", startHistoryId=start)) == (404, "notFound")
    now = users.getProfile(userId="me").execute()["historyId"]
    assert users.history().list(userId="me", startHistoryId=now).execute() == {"historyId": now}


def test_a_watch_announces_at_once_and_on_every_change(emulator, users, topic):
    answer = users.watch(userId="me", body={"topicName": TOPIC}).execute()
    stored = emulator.deliver(MARIA, from_ana())
    users.messages().trash(userId="me", id=stored.id).execute()
    assert [one["emailAddress"] for one in topic.told] == [MARIA] * 3
    ids = [one["historyId"] for one in topic.told]
    assert ids[0] == int(answer["historyId"])
    assert ids == sorted(set(ids))
    assert kinds(users.history().list(userId="me", startHistoryId=ids[0]).execute())[0] == "messagesAdded"


def test_reading_a_mailbox_announces_nothing(emulator, users, topic):
    users.watch(userId="me", body={"topicName": TOPIC}).execute()
    users.messages().list(userId="me").execute()
    users.getProfile(userId="me").execute()
    assert len(topic.told) == 1


def test_a_watch_ends_after_seven_days_unless_it_is_renewed(emulator, users, topic, clock):
    answer = users.watch(userId="me", body={"topicName": TOPIC}).execute()
    assert int(answer["expiration"]) == int((clock.now() + timedelta(days=7)).timestamp() * 1000)
    clock.advance(timedelta(days=6))
    users.watch(userId="me", body={"topicName": TOPIC}).execute()
    clock.advance(timedelta(days=6))
    emulator.deliver(MARIA, from_ana())
    assert len(topic.told) == 3
    clock.advance(timedelta(days=1))
    emulator.deliver(MARIA, from_ana())
    assert len(topic.told) == 3


def test_stop_ends_a_watch_and_another_topic_has_to_wait_for_that(emulator, users, topic):
    users.watch(userId="me", body={"topicName": TOPIC}).execute()
    assert refusal(users.watch(userId="me", body={"topicName": f"{TOPIC}-2"})) == (400, "failedPrecondition")
    users.stop(userId="me").execute()
    emulator.deliver(MARIA, from_ana())
    assert len(topic.told) == 1
    assert refusal(users.watch(userId="me", body={"topicName": f"{TOPIC}-2"})) == (404, "notFound")


@pytest.mark.parametrize(("behaviour", "told"), [("include", 1), ("exclude", 2)])
def test_labels_say_which_changes_are_announced(emulator, users, topic, behaviour, told):
    body = {"topicName": TOPIC, "labelIds": ["SENT"], "labelFilterBehavior": behaviour}
    users.watch(userId="me", body=body).execute()
    emulator.deliver(MARIA, from_ana())
    assert len(topic.told) == told


def test_a_topic_nobody_may_publish_to_is_refused(emulator, users):
    emulator.announcer.publish = None
    assert refusal(users.watch(userId="me", body={"topicName": TOPIC})) == (403, "forbidden")
    assert refusal(users.watch(userId="me", body={"topicName": "mail"})) == (400, "invalidArgument")


@pytest.mark.parametrize(("kind", "ids"), [(Kind.DROP_BEFORE, [2]), (Kind.DUPLICATE, [1, 1, 2]), (Kind.REORDER, [2, 1])])
def test_notifications_are_lost_doubled_and_overtake_each_other(emulator, users, topic, kind, ids):
    users.watch(userId="me", body={"topicName": TOPIC}).execute()
    emulator.faults.add(Fault("gmail.notify", kind, times=1))
    points = [emulator.deliver(MARIA, from_ana(message_id=f"<{number}@x.example>")).history_id for number in (1, 2)]
    assert [points.index(one["historyId"]) + 1 for one in topic.told[1:]] == ids


def test_more_than_one_notification_a_second_is_dropped_when_asked_for(emulator, users, topic, clock):
    users.watch(userId="me", body={"topicName": TOPIC}).execute()
    emulator.announcer.per_second = True
    for _ in range(3):
        emulator.deliver(MARIA, from_ana())
    clock.advance(timedelta(seconds=1))
    emulator.deliver(MARIA, from_ana())
    assert len(topic.told) == 3


def test_a_message_that_was_announced_may_not_be_readable_yet(emulator, users, url):
    stored = emulator.deliver(MARIA, from_ana())
    body = {"error": {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}}
    emulator.faults.add(Fault("gmail.messages.get", Kind.STATUS, status=404, body=body, times=1))
    assert (
        httpx.get(
            f"{url}/gmail/v1/users/me/messages/{stored.id}", headers={"Authorization": f"Bearer emulated:{MARIA}"}, trust_env=False
        ).status_code
        == 404
    )
    assert users.messages().get(userId="me", id=stored.id).execute()["id"] == stored.id


def test_sending_from_a_watched_mailbox_announces_the_sent_message_too(emulator, users, topic):
    users.watch(userId="me", body={"topicName": TOPIC}).execute()
    users.messages().send(userId="me", body={"raw": raw()}).execute()
    assert len(topic.told) == 2


def test_history_and_watches_survive_a_dump_and_a_load(emulator, users, topic, clock):
    users.watch(userId="me", body={"topicName": TOPIC}).execute()
    emulator.deliver(MARIA, from_ana())
    emulator.load(emulator.dump())
    emulator.deliver(MARIA, from_ana())
    assert [len(topic.told), len(emulator.mailbox(MARIA).history.changes)] == [3, 2]


def test_notifications_travel_through_pubsub_to_a_push_endpoint(emulator, users, clock, monkeypatch):
    pubsub = PubSubEmulator(clock)
    server = GrpcServer([pubsub], workers=4).start()
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", server.address)
    publisher, subscriber = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient()

    def publish(topic, data):
        try:
            publisher.publish(topic, data).result()
        except NotFound as error:
            raise LookupError(topic) from error

    emulator.announcer.publish = publish
    assert refusal(users.watch(userId="me", body={"topicName": TOPIC})) == (404, "notFound")
    publisher.create_topic(name=TOPIC)
    with Endpoint() as endpoint:
        push = {"push_endpoint": endpoint.url}
        subscriber.create_subscription(name="projects/sales-agent/subscriptions/mail", topic=TOPIC, push_config=push)
        users.watch(userId="me", body={"topicName": TOPIC}).execute()
        stored = emulator.deliver(MARIA, from_ana())
        Settler(clock, [pubsub]).settle()
        told = [json.loads(base64.b64decode(one.json["message"]["data"])) for one in endpoint.deliveries]
    assert {one["emailAddress"] for one in told} == {MARIA}
    assert max(one["historyId"] for one in told) == stored.history_id
    publisher.stop()
    publisher.transport.close()
    subscriber.close()
    pubsub.close()
    server.stop()
