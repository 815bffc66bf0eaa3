"""What the model says: scripted where somebody prepared it, else made from schema, tools or prompt; for chats and for responses."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from emulators.openai import errors
from emulators.openai.filling import fill
from emulators.openai.letters import compose
from emulators.openai.state import CONTEXT, ModelState, Script
from emulators.openai.tools import Tool, forced


@dataclass(frozen=True)
class Call:
    """One function the model wants called; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Reply:
    """Text, a refusal or calls. `finish` as chats name it: stop, length, content_filter, tool_calls."""

    text: str
    refusal: str
    finish: str
    calls: tuple[Call, ...] = ()


def tokens(text: str) -> int:
    """About four characters each, as for English prose."""
    return max(1, round(len(text) / 4))


def check_context(model: str, prompt: str) -> None:
    """Raises the API's 400 `context_length_exceeded`."""
    most = next((size for name, size in CONTEXT.items() if model.startswith(name)), 128_000)
    if tokens(prompt) > most:
        raise errors.context_too_long(most, tokens(prompt))


def answer_to(
    prompt: str,
    *,
    schema: Mapping[str, Any] | None,
    wants_json: bool,
    tools: Sequence[Tool],
    choice: Any,
    allowed: int | None,
    state: ModelState,
) -> Reply:
    """The model's reply, cut to what it may say. `schema` is what the answer is promised to fit."""
    script = state.scripted(prompt)
    if script is None:
        tool = forced(tools, choice)
        script = Script(tool_calls=[{"name": tool.name}]) if tool else Script(answer=_made(prompt, schema, wants_json=wants_json))
    if script.tool_calls:
        calls = tuple(_call(one, prompt, tools, state) for one in script.tool_calls)
        return Reply("", "", "tool_calls", calls)
    told = script.answer if isinstance(script.answer, str) or script.answer is None else json.dumps(script.answer, ensure_ascii=False)
    text, finish = _cut(told or "", script.finish_reason, allowed)
    return Reply("" if script.refusal else text, script.refusal, finish)


def pieces(text: str) -> list[str]:
    """The text as a stream delivers it: a few characters at a time."""
    return [text[start : start + 12] for start in range(0, len(text), 12)]


def _made(prompt: str, schema: Mapping[str, Any] | None, *, wants_json: bool) -> Any:
    """A mail where one is asked for, else a value of the schema; plain text when no format is promised."""
    if schema:
        letter = compose(prompt)
        fits = letter is not None and Draft202012Validator(schema).is_valid(letter)
        return letter if fits else fill(schema, prompt=prompt)
    return {} if wants_json else f"You wrote {len(prompt.split())} words."


def _call(told: Mapping[str, Any], prompt: str, tools: Sequence[Tool], state: ModelState) -> Call:
    """Arguments that nobody scripted are made from the tool's own schema."""
    tool = next((one for one in tools if one.name == told["name"]), None)
    made = told.get("arguments", fill(tool.parameters, prompt=prompt) if tool and tool.parameters else {})
    text = made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)
    return Call(f"call_{state.next_number():024d}", str(told["name"]), text)


def _cut(content: str, finish: str, allowed: int | None) -> tuple[str, str]:
    """An answer that needs more than it may have breaks off, finish_reason `length`; a filtered one says nothing."""
    if finish == "content_filter":
        return "", finish
    if finish == "length" and content:
        return content[: len(content) // 2], finish
    if allowed is not None and content and tokens(content) > allowed:
        return content[: allowed * 4], "length"
    return content, finish
