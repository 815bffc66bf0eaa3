"""What people and Slack do to an app: press buttons, submit views, type commands, and the events it subscribed to; becomes sendings."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from emulators.clock import Clock
from emulators.slack.sending import FORM, JSON, Sending, Sendings
from emulators.slack.shapes import message_json
from emulators.slack.state import APP, BOT_USER, TEAM, Workspace

VERIFICATION_TOKEN = "emulated-verification-token"  # deprecated by Slack, still part of every body


class Interactions:
    """`workspace.app` holds the addresses: events, interactivity, commands. `host` leads response URLs back to the emulator."""

    def __init__(self, workspace: Workspace, sendings: Sendings, clock: Clock) -> None:
        self.workspace, self.sendings, self.clock = workspace, sendings, clock
        self.host = ""

    def press(self, *, channel: str, ts: str, action_id: str, user: str, value: str | None = None) -> Sending:
        """A button of a message; KeyError when the message has no such action."""
        place = self.workspace.channel(channel)
        row = self.workspace.message(place, ts)
        block, element = _element(row.get("blocks", ()), action_id)
        action = {"action_id": action_id, "block_id": block.get("block_id", ""), "type": element["type"], "action_ts": self._ts()}
        told = value if value is not None else element.get("value")
        hook = self.workspace.new_hook(place["id"], ts, self.clock.now())
        container = {"type": "message", "message_ts": ts, "channel_id": place["id"], "is_ephemeral": False}
        more = {
            "container": container, "channel": {"id": place["id"], "name": place.get("name", "directmessage")},
            "message": message_json(row, self.workspace), "response_url": self.host.rstrip("/") + hook,
            "actions": [action | ({"value": told} if told is not None else {}) | ({"text": element["text"]} if "text" in element else {})],
        }  # fmt: skip
        return self._interaction("block_actions", user, more)

    def submit(self, *, view_id: str, user: str, values: Mapping[str, Any]) -> Sending:
        """A modal with what was entered, by block and action id; KeyError for an unknown view."""
        view = self.workspace.views[view_id] | {"state": {"values": dict(values)}}
        return self._interaction("view_submission", user, {"view": view, "response_urls": []})

    def close(self, *, view_id: str, user: str) -> Sending:
        return self._interaction("view_closed", user, {"view": self.workspace.views[view_id], "is_cleared": False})

    def command(self, *, command: str, text: str, channel: str, user: str) -> Sending:
        place, now = self.workspace.channel(channel), self.clock.now()
        hook = self.workspace.new_hook(place["id"], None, now)
        form = {
            "token": VERIFICATION_TOKEN, "team_id": TEAM, "team_domain": "emulated", "channel_id": place["id"],
            "channel_name": place.get("name", "directmessage"), "user_id": user, "user_name": self.workspace.user(user)["name"],
            "command": command, "text": text, "api_app_id": APP, "is_enterprise_install": "false",
            "response_url": self.host.rstrip("/") + hook, "trigger_id": self.workspace.new_trigger(now),
        }  # fmt: skip
        return self._send("command", self.workspace.app["commands_url"], urlencode(form), FORM)

    def event(self, event: Mapping[str, Any]) -> Sending:
        """Any event in Slack's envelope; its id stays the same over retries and duplicates."""
        wrapped = {"event_ts": self._ts(), **event}
        authorization = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True, "is_enterprise_install": False}
        envelope = {
            "token": VERIFICATION_TOKEN, "team_id": TEAM, "api_app_id": APP, "event": wrapped, "type": "event_callback",
            "event_id": self.workspace.new_id("Ev"), "event_time": int(self.clock.now().timestamp()), "authorizations": [authorization],
            "is_ext_shared_channel": False, "event_context": f"4-{self.workspace.new_id('')}",
        }  # fmt: skip
        return self._send("event", self.workspace.app["events_url"], json.dumps(envelope), JSON)

    def mention(self, *, channel: str, user: str, text: str) -> Sending:
        """Somebody writes to the app in a conversation."""
        place = self.workspace.channel(channel)
        words = f"<@{BOT_USER}> {text}"
        row = self.workspace.post(place, {"user": self.workspace.user(user)["id"], "text": words}, self.clock.now())
        return self.event({"type": "app_mention", "user": user, "text": words, "ts": row["ts"], "channel": place["id"]})

    def verify(self) -> Sending:
        """The handshake of a new events address: the app is to answer with the challenge."""
        body = {"token": VERIFICATION_TOKEN, "challenge": f"challenge{self.workspace.new_id('')}", "type": "url_verification"}
        return self._send("verification", self.workspace.app["events_url"], json.dumps(body), JSON)

    def _interaction(self, kind: str, user: str, more: Mapping[str, Any]) -> Sending:
        person = self.workspace.user(user)
        payload = {
            "type": kind, "user": {"id": user, "username": person["name"], "name": person["name"], "team_id": TEAM},
            "api_app_id": APP, "token": VERIFICATION_TOKEN, "team": {"id": TEAM, "domain": "emulated"}, "enterprise": None,
            "is_enterprise_install": False, "trigger_id": self.workspace.new_trigger(self.clock.now()), **more,
        }  # fmt: skip
        return self._send("interaction", self.workspace.app["interactivity_url"], urlencode({"payload": json.dumps(payload)}), FORM)

    def _send(self, kind: str, url: str, body: str, content_type: str) -> Sending:
        return self.sendings.add(kind, url, body, content_type)

    def _ts(self) -> str:
        return self.workspace.new_ts(self.clock.now())


def _element(blocks: Any, action_id: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    for block in blocks:
        for element in (*block.get("elements", ()), *(one for one in (block.get("accessory"), block.get("element")) if one)):
            if element.get("action_id") == action_id:
                return block, element
    raise KeyError(action_id)
