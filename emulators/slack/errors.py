"""Slack's refusals: HTTP 200 with `ok: false` and one word, 429 when there is no room; raised by the state and the handlers."""

from collections.abc import Sequence
from typing import Any


class SlackError(Exception):
    """`word` is what clients branch on; `messages` go into response_metadata."""

    def __init__(self, word: str, *, messages: Sequence[str] = (), **more: Any) -> None:
        super().__init__(word)
        self.word, self.messages, self.more = word, list(messages), more

    def body(self) -> dict[str, Any]:
        told = {"ok": False, "error": self.word, **self.more}
        return {**told, "response_metadata": {"messages": self.messages}} if self.messages else told


class RateLimited(SlackError):
    def __init__(self, wait_s: int) -> None:
        super().__init__("ratelimited")
        self.wait_s = wait_s


class WebhookError(Exception):
    """Incoming webhooks and response URLs answer plain text with an HTTP status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


def invalid_blocks(pointer: str, problem: str) -> SlackError:
    return SlackError("invalid_blocks", messages=[f"[ERROR] {problem} [json-pointer:{pointer}]"])


def missing_argument(name: str) -> SlackError:
    return SlackError("invalid_arguments", messages=[f"[ERROR] missing required field: {name}"])
