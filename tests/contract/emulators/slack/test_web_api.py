"""Slack's own client against the emulator, unmodified but for the address."""

from datetime import timedelta

import httpx
import pytest
from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError

from emulators.faults import Fault, Kind
from emulators.slack.routes import SlackEmulator

SALES, MARIA = "C0SALES001", "U0MARIA001"
APPROVE = {"type": "button", "action_id": "approve", "value": "draft-7", "text": {"type": "plain_text", "text": "Approve"}}
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "*A draft* waits"}}, {"type": "actions", "elements": [APPROVE]}]
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Edit"}, "blocks": [{"type": "divider"}]}


def refusal(call, *args, **more):
    with pytest.raises(SlackApiError) as caught:
        call(*args, **more)
    return caught.value.response["error"]


def test_the_client_knows_who_it_is(slack, url):
    assert slack.auth_test()["user_id"] == "U0EMULATED"
    assert slack.api_test(foo="bar")["args"] == {"foo": "bar"}
    assert refusal(slack.api_test, error="on_purpose") == "on_purpose"
    assert refusal(WebClient(token="xoxb-other", base_url=f"{url}/api/").auth_test) == "invalid_auth"
    assert refusal(slack.api_call, "chat.shout") == "unknown_method"


def test_a_message_is_posted_changed_linked_and_deleted(slack, clock):
    posted = slack.chat_postMessage(channel=SALES, text="A draft waits", blocks=BLOCKS)
    assert posted["message"]["bot_profile"]["app_id"] == "A0EMULATED"
    clock.advance(timedelta(seconds=1))
    later = slack.chat_postMessage(channel="#sales", text="Another")
    assert float(later["ts"]) > float(posted["ts"])
    assert slack.chat_update(channel=SALES, ts=posted["ts"], text="Approved", blocks=[])["text"] == "Approved"
    assert slack.chat_getPermalink(channel=SALES, message_ts=posted["ts"])["permalink"].endswith(posted["ts"].replace(".", ""))
    assert [row["text"] for row in slack.conversations_history(channel=SALES)["messages"]] == ["Another", "Approved"]
    slack.chat_delete(channel=SALES, ts=later["ts"])
    assert refusal(slack.chat_delete, channel=SALES, ts=later["ts"]) == "message_not_found"
    assert slack.chat_postEphemeral(channel=SALES, user=MARIA, text="psst")["message_ts"]
    assert len(slack.conversations_history(channel=SALES)["messages"]) == 1


def test_replies_stay_in_their_thread(slack):
    parent = slack.chat_postMessage(channel=SALES, text="A draft waits")["ts"]
    slack.chat_postMessage(channel=SALES, text="Looks good", thread_ts=parent)
    assert [row["text"] for row in slack.conversations_replies(channel=SALES, ts=parent)["messages"]] == ["A draft waits", "Looks good"]
    [shown] = slack.conversations_history(channel=SALES)["messages"]
    assert shown["reply_count"] == 1
    assert refusal(slack.chat_postMessage, channel=SALES, text="x", thread_ts="1700000000.000000") == "thread_not_found"


def test_history_is_followed_page_by_page(slack):
    stamps = [slack.chat_postMessage(channel=SALES, text=str(number))["ts"] for number in range(3)]
    assert [[row["text"] for row in page["messages"]] for page in slack.conversations_history(channel=SALES, limit=2)] == [
        ["2", "1"],
        ["0"],
    ]
    assert [row["text"] for row in slack.conversations_history(channel=SALES, oldest=stamps[1])["messages"]] == ["2"]
    assert refusal(slack.conversations_history, channel=SALES, limit=0) == "invalid_limit"


def test_conversations_and_people_are_found(slack):
    assert [row["name"] for row in slack.conversations_list()["channels"]] == ["sales", "other", "shut"]
    assert [row["name"] for row in slack.conversations_list(types="private_channel")["channels"]] == ["deals"]
    assert [row["name"] for row in slack.conversations_list(exclude_archived=True, limit=1)["channels"]] == ["sales"]
    assert slack.conversations_info(channel=SALES)["channel"]["name"] == "sales"
    assert slack.users_lookupByEmail(email="Maria@northwind.example")["user"]["id"] == MARIA
    assert slack.users_info(user=MARIA)["user"]["profile"]["email"] == "maria@northwind.example"
    assert {row["name"] for row in slack.users_list()["members"]} == {"emulated", "maria", "leo"}
    assert refusal(slack.users_lookupByEmail, email="nobody@northwind.example") == "users_not_found"
    assert refusal(slack.users_info, user="U0NOBODY01") == "user_not_found"


def test_a_direct_message_is_opened_once(slack):
    first = slack.conversations_open(users=MARIA)["channel"]["id"]
    again = slack.conversations_open(users=MARIA, return_im=True)
    assert (again["channel"]["id"], again["channel"]["user"], again["already_open"]) == (first, MARIA, True)
    assert slack.chat_postMessage(channel=MARIA, text="Hello")["channel"] == first
    assert slack.conversations_open(users=[MARIA, "U0LEO00001"])["channel"]["id"].startswith("G")


def test_reactions_come_and_go(slack):
    ts = slack.chat_postMessage(channel=SALES, text="Done")["ts"]
    slack.reactions_add(channel=SALES, name="eyes", timestamp=ts)
    assert refusal(slack.reactions_add, channel=SALES, name="eyes", timestamp=ts) == "already_reacted"
    assert slack.reactions_get(channel=SALES, timestamp=ts)["message"]["reactions"][0]["count"] == 1
    slack.reactions_remove(channel=SALES, name="eyes", timestamp=ts)
    assert refusal(slack.reactions_remove, channel=SALES, name="eyes", timestamp=ts) == "no_reaction"


def test_a_file_is_uploaded_in_three_steps(slack):
    told = slack.files_upload_v2(channel=SALES, filename="notes.txt", content="Hello", title="Notes", initial_comment="Read this")
    assert (told["files"][0]["title"], told["files"][0]["size"]) == ("Notes", 5)
    assert slack.conversations_history(channel=SALES)["messages"][0]["text"] == "Read this"
    assert refusal(slack.files_completeUploadExternal, files=[{"id": "F0NOWHERE1"}]) == "file_not_found"


def test_views_need_a_fresh_trigger(slack, emulator, clock):
    with emulator.lock:
        fresh, stale = emulator.workspace.new_trigger(clock.now()), emulator.workspace.new_trigger(clock.now())
    opened = slack.views_open(trigger_id=fresh, view=MODAL)["view"]
    assert refusal(slack.views_open, trigger_id=fresh, view=MODAL) == "exchanged_trigger_id"
    assert slack.views_update(view_id=opened["id"], hash=opened["hash"], view=MODAL)["view"]["id"] == opened["id"]
    assert refusal(slack.views_update, view_id=opened["id"], hash=opened["hash"], view=MODAL) == "hash_conflict"
    clock.advance(timedelta(seconds=4))
    assert refusal(slack.views_open, trigger_id=stale, view=MODAL) == "expired_trigger_id"
    home = {"type": "home", "blocks": BLOCKS}
    assert slack.views_publish(user_id=MARIA, view=home)["view"]["id"] == slack.views_publish(user_id=MARIA, view=home)["view"]["id"]
    assert refusal(slack.views_publish, user_id=MARIA, view=MODAL) == "invalid_arguments"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "poem"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "actions", "elements": [{**APPROVE, "value": "x" * 2001}]}]}, "invalid_blocks"),
        ({"blocks": [{"type": "actions", "elements": [APPROVE] * 26}]}, "invalid_blocks"),
        ({"blocks": "[{"}, "invalid_json"),
    ],
)
def test_what_slack_does_not_take_is_named(slack, more, word):
    assert refusal(slack.api_call, "chat.postMessage", json={"channel": SALES, "text": "fallback", **more}) == word


@pytest.mark.parametrize(
    ("channel", "word"), [("C0NOWHERE1", "channel_not_found"), ("C0OTHER001", "not_in_channel"), ("C0SHUT0001", "is_archived")]
)
def test_a_message_cannot_go_everywhere(slack, channel, word):
    assert refusal(slack.chat_postMessage, channel=channel, text="Hello") == word


def test_a_full_minute_is_a_429_that_says_how_long(slack, emulator, clock):
    emulator.limit(chat_postMessage=1)
    slack.chat_postMessage(channel=SALES, text="one")
    with pytest.raises(SlackApiError) as caught:
        slack.chat_postMessage(channel=SALES, text="two")
    assert (caught.value.response.status_code, caught.value.response["error"]) == (429, "ratelimited")
    slack.chat_postMessage(channel="C0DEALS001", text="elsewhere")
    clock.advance(timedelta(seconds=int(caught.value.response.headers["Retry-After"])))
    slack.chat_postMessage(channel=SALES, text="two")


def test_an_incoming_webhook_answers_plain_text(url, emulator, slack):
    hook = WebhookClient(url + emulator.incoming_webhook(SALES))
    assert hook.send(text="Hello").body == "ok"
    assert (hook.send(text="").status_code, hook.send(text="").body) == (400, "no_text")
    assert WebhookClient(url + emulator.incoming_webhook("C0SHUT0001")).send(text="x").body == "channel_is_archived"
    assert WebhookClient(f"{url}/services/T0/B0/none").send(text="x").status_code == 404
    assert slack.conversations_history(channel=SALES)["messages"][0]["text"] == "Hello"


def test_slacks_own_client_posts_twice_when_the_answer_is_lost(slack, emulator):
    emulator.faults.add(Fault("slack.chat.postMessage", Kind.DROP_AFTER, times=1))
    slack.chat_postMessage(channel=SALES, text="Once")  # its default retry handler tries again after a dropped connection
    assert [row["text"] for row in slack.conversations_history(channel=SALES)["messages"]] == ["Once", "Once"]


def test_the_state_survives_a_dump_and_a_load_and_ends_with_a_reset(slack, emulator, url, clock):
    slack.chat_postMessage(channel=SALES, text="Kept", blocks=BLOCKS)
    kept = httpx.get(f"{url}/_emulator/state").json()
    other = SlackEmulator(clock)
    other.load(kept)
    assert other.dump() == kept
    other.close()
    httpx.post(f"{url}/_emulator/reset")
    assert slack.conversations_list()["channels"] == []


def test_a_stale_answer_is_the_conversation_of_a_moment_ago(slack, emulator):
    emulator.faults.add(Fault("slack.conversations.history", Kind.STALE, after=1, times=1))
    slack.chat_postMessage(channel=SALES, text="First")
    slack.chat_postMessage(channel=SALES, text="Second")
    told = [[row["text"] for row in slack.conversations_history(channel=SALES)["messages"]] for _ in range(3)]
    assert told == [["Second", "First"], ["First"], ["Second", "First"]]
