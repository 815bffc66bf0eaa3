"""The limits of Block Kit that a message or a view runs into first: counts, lengths, unique ids. See docs.slack.dev/reference/block-kit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulators.slack.errors import SlackError, invalid_blocks

MESSAGE_BLOCKS, VIEW_BLOCKS, TEXT, TITLE = 50, 100, 40_000, 24
BLOCKS = ("actions", "context", "divider", "file", "header", "image", "input", "markdown", "rich_text", "section", "video")
TEXT_LIMITS = {"section": 3000, "header": 150, "input": 2000}
ELEMENT_COUNTS = {"actions": 25, "context": 10}
Problem = tuple[str, str]


def check_message(text: str, blocks: Any, attachments: Any) -> None:
    """Raises SlackError."""
    if not text and not blocks and not attachments:
        raise SlackError("no_text")
    if len(text) > TEXT:
        raise SlackError("msg_too_long")
    check_blocks(blocks or [], most=MESSAGE_BLOCKS)


def check_view(view: Any, *, kind: str) -> None:
    if not isinstance(view, Mapping) or view.get("type") != kind or not isinstance(view.get("blocks"), list):
        raise SlackError("invalid_arguments", messages=[f"[ERROR] a view of type {kind} with blocks is needed [json-pointer:/view]"])
    check_blocks(view["blocks"], most=VIEW_BLOCKS, at="/view/blocks")
    title = (view.get("title") or {}).get("text", "")
    if kind == "modal" and not 0 < len(title) <= TITLE:
        raise SlackError("invalid_arguments", messages=[f"[ERROR] must be 1 to {TITLE} characters [json-pointer:/view/title/text]"])
    if kind == "modal" and any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view:
        raise SlackError("invalid_arguments", messages=["[ERROR] a view with input blocks needs a submit [json-pointer:/view]"])


def check_blocks(blocks: Any, *, most: int, at: str = "/blocks") -> None:
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if len(blocks) > most:
        raise invalid_blocks(at, f"no more than {most} items allowed")
    for pointer, problem in _problems(blocks, at):
        raise invalid_blocks(pointer, problem)


def _problems(blocks: Sequence[Any], at: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        place = f"{at}/{index}"
        if not isinstance(block, Mapping) or block.get("type") not in BLOCKS:
            yield f"{place}/type", f"unsupported type: {block.get('type') if isinstance(block, Mapping) else block}"
            continue
        block_id = str(block.get("block_id", ""))
        if block_id and block_id in seen:
            yield f"{place}/block_id", f"block_id {block_id} is not unique"
        seen.add(block_id)
        yield from _block_problems(block, place)


def _block_problems(block: Mapping[str, Any], place: str) -> Iterator[Problem]:
    kind = block["type"]
    yield from _text_problems(block.get("label" if kind == "input" else "text"), TEXT_LIMITS.get(kind), f"{place}/text")
    if kind == "section" and not block.get("text") and not block.get("fields"):
        yield place, "a section needs text or fields"
    for index, field in enumerate(block.get("fields") or ()):
        yield from _text_problems(field, 2000, f"{place}/fields/{index}")
    if len(block.get("fields") or ()) > 10:
        yield f"{place}/fields", "no more than 10 items allowed"
    elements = block.get("elements") or () if kind in ELEMENT_COUNTS else ()
    if kind in ELEMENT_COUNTS and not 0 < len(elements) <= ELEMENT_COUNTS[kind]:
        yield f"{place}/elements", f"1 to {ELEMENT_COUNTS[kind]} items allowed"
    for index, element in enumerate((*elements, *(one for one in (block.get("accessory"), block.get("element")) if one))):
        yield from _element_problems(element, f"{place}/elements/{index}")


def _element_problems(element: Any, place: str) -> Iterator[Problem]:
    if not isinstance(element, Mapping):
        yield place, "must be an object"
        return
    if element.get("type") == "button":
        yield from _text_problems(element.get("text"), 75, f"{place}/text")
        if not element.get("text"):
            yield f"{place}/text", "missing required field: text"
    for name, most in (("action_id", 255), ("value", 2000), ("url", 3000)):
        if len(str(element.get(name) or "")) > most:
            yield f"{place}/{name}", f"must be less than {most + 1} characters"


def _text_problems(text: Any, most: int | None, place: str) -> Iterator[Problem]:
    if text is None or most is None:
        return
    if not isinstance(text, Mapping) or text.get("type") not in ("plain_text", "mrkdwn"):
        yield f"{place}/type", "must be plain_text or mrkdwn"
    elif not 0 < len(str(text.get("text", ""))) <= most:
        yield f"{place}/text", f"must be more than 0 and less than {most + 1} characters"
