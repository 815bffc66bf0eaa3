"""The backlog of push deliveries, without clock, threads or sockets: any order of answers, and a model of ordered delivery."""

from datetime import UTC, datetime, timedelta

from google.pubsub_v1 import types
from hypothesis import given
from hypothesis import strategies as st

from emulators.pubsub.message import Message
from emulators.pubsub.state import PubSubState
from emulators.push import Answer, Push

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOPIC = "projects/sdr/topics/lead.received"
ACK, NACK = Answer(204), Answer(500)


def state_with(*names: str, ordered: bool = False) -> PubSubState:
    state = PubSubState()
    state.add_topic(types.Topic.pb(types.Topic(name=TOPIC)))
    for name in names:
        push = {"push_endpoint": f"http://{name}.example"}
        settings = {"name": f"projects/sdr/subscriptions/{name}", "topic": TOPIC, "push_config": push, "enable_message_ordering": ordered}
        state.add_subscription(types.Subscription.pb(types.Subscription(settings)))
    return state


def publish(state: PubSubState, *keys: str, at: datetime = NOW) -> list[str]:
    return state.publish(TOPIC, [Message("", at, b"x", ordering_key=key) for key in keys], at)


def taken(state: PubSubState, now: datetime = NOW) -> Push:
    push = state.take(now)
    assert push is not None
    return push


def message_of(push: Push) -> str:
    """`<subscription>#<message>:<delivery>` is what a ticket looks like."""
    return push.ticket.partition("#")[2].partition(":")[0]


def test_an_acknowledged_message_leaves_nothing_behind_and_a_late_answer_changes_nothing() -> None:
    state = state_with("plan")
    publish(state, "")
    push = taken(state)
    state.answered(push, ACK, NOW)
    state.answered(push, NACK, NOW)
    assert state.next_due() is None
    assert state.dump()["subscriptions"][0]["waiting"] == []


def test_an_answer_to_what_was_out_before_a_restart_is_ignored() -> None:
    state, push = state_with("plan"), None
    publish(state, "")
    push = taken(state)
    state.load(state.dump())
    state.answered(push, ACK, NOW)
    assert state.next_due() == NOW


def test_what_has_waited_longest_goes_first_whichever_subscription_it_is_in() -> None:
    state = state_with("plan", "audit")
    publish(state, "", at=NOW)
    first = taken(state)
    state.answered(first, NACK, NOW)
    other = taken(state)
    assert other.url != first.url
    state.answered(other, ACK, NOW)
    publish(state, "", at=NOW + timedelta(hours=1))
    assert message_of(taken(state, NOW + timedelta(hours=2))) == message_of(first)


def test_nothing_is_taken_before_it_is_due() -> None:
    state = state_with("plan")
    publish(state, "")
    state.answered(taken(state), NACK, NOW)
    assert state.next_due() == NOW + timedelta(milliseconds=100)
    assert state.take(NOW) is None


def test_acknowledging_one_in_the_middle_of_a_line_does_not_hurry_the_first() -> None:
    state = state_with("plan", ordered=True)
    _, middle, last = publish(state, "a", "a", "a")
    first = taken(state)
    state.subscription(first.ticket.partition("#")[0]).acknowledge(middle)
    assert state.next_due() is None
    state.answered(first, ACK, NOW)
    assert taken(state).ticket.endswith(f"#{last}:1")


def test_what_is_empty_is_left_out_of_the_envelope() -> None:
    assert Message("1", NOW, attributes={"a": "b"}).to_json().keys() == {
        "messageId",
        "message_id",
        "publishTime",
        "publish_time",
        "attributes",
    }
    assert Message("1", NOW, data=b"x").to_json().keys() == {"messageId", "message_id", "publishTime", "publish_time", "data"}


answers = st.lists(st.sampled_from([ACK, NACK]), max_size=60)


@given(st.lists(st.sampled_from(["", "a", "b"]), min_size=1, max_size=8), answers)
def test_ordered_messages_of_one_key_are_out_one_at_a_time_and_in_order(keys: list[str], answers: list[Answer]) -> None:
    state, now = state_with("plan", ordered=True), NOW
    ids = publish(state, *keys)
    key_of, done = dict(zip(ids, keys, strict=True)), list[str]()
    for answer in [*answers, *[ACK] * len(ids)]:
        out = []
        while (push := state.take(now)) is not None:
            out.append(push)
        keyed = [key_of[message_of(push)] for push in out if key_of[message_of(push)]]
        assert len(keyed) == len(set(keyed))
        for push in out:
            state.answered(push, answer, now)
            if answer is ACK:
                done.append(message_of(push))
        now = max(now, state.next_due() or now)
    while (push := state.take(now)) is not None:
        state.answered(push, ACK, now)
        done.append(message_of(push))
    assert sorted(done) == sorted(ids)
    for key in ("a", "b"):
        assert [each for each in done if key_of[each] == key] == [each for each in ids if key_of[each] == key]
