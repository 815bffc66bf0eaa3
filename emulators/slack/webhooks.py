"""Handlers of addresses that need no token: incoming webhooks and the response URLs of interactions, in Slack's plain text."""

import json
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.slack.blocks import check_message
from emulators.slack.errors import SlackError, WebhookError
from emulators.slack.state import Row, Workspace

TEXTS = {
    "is_archived": (410, "channel_is_archived"),
    "channel_not_found": (404, "channel_not_found"),
    "not_in_channel": (403, "action_prohibited"),
}


class Webhooks:
    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self.workspace, self.clock = workspace, clock

    def receive(self, request: Request, **_: Any) -> Response:
        hook = self._usable(request.path)
        body = _payload(request)
        try:
            self._do(hook, body)
        except SlackError as error:
            status, text = TEXTS.get(error.word, (400, error.word))
            raise WebhookError(status, text) from error
        hook["uses"] -= 1
        return Response("ok", content_type="text/html")

    def _usable(self, path: str) -> Row:
        hook = self.workspace.hooks.get(path)
        if hook is None:
            raise WebhookError(404, "no_service")
        if hook["uses"] == 0 or (hook["until"] and self.clock.now() > datetime.fromisoformat(hook["until"])):
            raise WebhookError(404, "used_url" if hook["uses"] == 0 else "expired_url")
        return hook

    def _do(self, hook: Row, body: Row) -> None:
        """Post, or what a response URL may also ask: replace or delete the message the interaction came from."""
        channel = self.workspace.channel(hook["channel"])
        if body.get("delete_original") and hook["ts"]:
            self.workspace.remove(channel, self.workspace.message(channel, hook["ts"]))
            return
        text, blocks = str(body.get("text") or ""), body.get("blocks")
        check_message(text, blocks, body.get("attachments"))
        content = {"text": text, **({"blocks": blocks} if blocks else {})}
        if body.get("replace_original") and hook["ts"]:
            self.workspace.message(channel, hook["ts"]).update(content)
        elif not hook["until"] or body.get("response_type") == "in_channel":
            self.workspace.post(channel, content, self.clock.now())


def _payload(request: Request) -> Row:
    text = request.form.get("payload") or request.get_data(as_text=True)
    try:
        body = json.loads(text)
    except ValueError as error:
        raise WebhookError(400, "invalid_payload") from error
    if not isinstance(body, dict):
        raise WebhookError(400, "invalid_payload")
    return body
