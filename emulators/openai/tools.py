"""Function tools: what the API checks of them, in the form of chats and of responses, and which one a caller insists on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulators.openai import errors
from emulators.openai.strictness import check_strict

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
MOST = 128


@dataclass(frozen=True)
class Tool:
    name: str
    parameters: Mapping[str, Any]


def checked_tools(given: Any, *, nested: bool) -> list[Tool]:
    """`nested`: chats put the function into an object of its own. Raises OpenAIError."""
    if not isinstance(given or [], list) or len(given or []) > MOST:
        raise errors.invalid_value("tools", f"expected an array of at most {MOST} tools")
    return [_checked(one, index, nested=nested) for index, one in enumerate(given or [])]


def forced(tools: Sequence[Tool], choice: Any) -> Tool | None:
    """The tool the caller insists on: by name, or any with `required`; OpenAIError for one that is not there."""
    if choice in (None, "auto", "none"):
        return None
    if choice == "required" and tools:
        return tools[0]
    named = choice.get("function", choice).get("name") if isinstance(choice, Mapping) else None
    found = next((one for one in tools if one.name == named), None)
    if found is None:
        raise errors.invalid_value("tool_choice", f"no tool {named or choice} is among the tools")
    return found


def _checked(given: Any, index: int, *, nested: bool) -> Tool:
    field = f"tools[{index}]"
    if not isinstance(given, Mapping) or given.get("type") != "function":
        raise errors.not_emulated(f"{field}.type")
    told = given.get("function") if nested else given
    if not isinstance(told, Mapping) or not NAME.fullmatch(str(told.get("name", ""))):
        raise errors.invalid_value(f"{field}.name", "expected at most 64 letters, digits, underscores and dashes")
    parameters = told.get("parameters") or {}
    if told.get("strict"):
        check_strict(str(told["name"]), parameters)
    return Tool(str(told["name"]), parameters)
