"""A notice as a Slack message: plain text alone, so that no name from a form becomes a mention, a link or a picture. Used by the adapter.

https://docs.slack.dev/messaging/formatting-message-text https://docs.slack.dev/reference/block-kit/blocks
"""

from typing import Any

from shared.domain.notices import Notice

MOST_BLOCKS, LONGEST_SECTION, LONGEST_HEADER, LONGEST_LABEL, LONGEST_URL = 50, 3000, 150, 75, 3000
MOST_BUTTONS = 10
LONGEST_TEXT = 3000
"""Of the fallback, which notifications show."""
MOST_LINES = MOST_BLOCKS - 3
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
"""Slack's three control characters: nothing else begins a mention or a link when nothing is parsed."""


def message_of(notice: Notice, *, channel: str) -> dict[str, Any]:
    """The body of chat.postMessage. Buttons are links: Slack asks us nothing when they are pressed."""
    return {
        "channel": channel,
        "text": fitted("\n".join([notice.title, *notice.lines]), LONGEST_TEXT),
        "blocks": _blocks(notice),
        "parse": "none",
        "link_names": False,
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _blocks(notice: Notice) -> list[dict[str, Any]]:
    """One line a block; what does not fit is said to stand where the links lead."""
    shown = notice.lines if len(notice.lines) <= MOST_LINES else (*notice.lines[: MOST_LINES - 1], "…")
    lines = [{"type": "section", "text": _plain(one, LONGEST_SECTION)} for one in shown if one.strip()]
    buttons = [
        {"type": "button", "action_id": f"open-{number}", "text": _plain(one.label, LONGEST_LABEL), "url": one.url}
        for number, one in enumerate(notice.links[:MOST_BUTTONS])
        if len(one.url) <= LONGEST_URL
    ]
    head = {"type": "header", "text": _plain(notice.title, LONGEST_HEADER)}
    return [head, *lines, *([{"type": "actions", "elements": buttons}] if buttons else [])]


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": fitted(text, most), "emoji": False}


def fitted(text: str, most: int) -> str:
    """Escaped, in at most so many characters; never cut within an escape."""
    escaped = [ESCAPES.get(char, char) for char in text]
    if sum(map(len, escaped)) <= most:
        return "".join(escaped)
    kept, length = [], 1
    for one in escaped:
        length += len(one)
        if length > most:
            break
        kept.append(one)
    return "".join(kept) + "…"
