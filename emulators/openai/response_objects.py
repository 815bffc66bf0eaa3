"""The Responses API: check the request, take earlier turns along, answer in its shape and keep it where it is to be stored."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from emulators.openai import errors
from emulators.openai.answering import Reply, answer_to, check_context, tokens
from emulators.openai.responses import check_reasoning, model
from emulators.openai.state import ModelState
from emulators.openai.strictness import check_strict
from emulators.openai.tools import checked_tools

Item = dict[str, Any]


def create(body: Mapping[str, Any], state: ModelState, now: datetime) -> Item:
    _check(body, state, now)
    wanted = (body.get("text") or {}).get("format") or {"type": "text"}
    tools = checked_tools(body.get("tools"), nested=False)
    items = _items(body.get("input"))
    prompt = "\n\n".join(filter(None, [str(body.get("instructions") or ""), *map(_text, [*_earlier(body, state), *items])]))
    check_context(str(body["model"]), prompt)
    reply = answer_to(
        prompt, schema=wanted.get("schema"), wants_json=wanted["type"] == "json_object", tools=tools, choice=body.get("tool_choice"),
        allowed=body.get("max_output_tokens"), state=state,
    )  # fmt: skip
    made = _response(body, reply, prompt, state, now)
    state.tokens_used += made["usage"]["total_tokens"]
    if body.get("store", True) is not False:
        state.responses[made["id"]] = {"response": made, "input": items, "before": body.get("previous_response_id")}
    return made


def stored(response_id: str, state: ModelState) -> dict[str, Any]:
    if response_id not in state.responses:
        raise errors.not_found(f"Response with id '{response_id}' not found.")
    return state.responses[response_id]


def input_items(response_id: str, state: ModelState) -> Item:
    kept = stored(response_id, state)["input"]
    data = [{"id": f"msg_{response_id[5:]}{index}", "status": "completed", **item} for index, item in enumerate(kept)][::-1]
    return {"object": "list", "data": data, "first_id": data[0]["id"], "last_id": data[-1]["id"], "has_more": False}


def input_tokens(body: Mapping[str, Any], state: ModelState) -> Item:
    texts = [str(body.get("instructions") or ""), *map(_text, [*_earlier(body, state), *_items(body.get("input"))])]
    return {"object": "response.input_tokens", "input_tokens": tokens("\n\n".join(filter(None, texts)))}


def _check(body: Mapping[str, Any], state: ModelState, now: datetime) -> None:
    for name in ("model", "input"):
        if not body.get(name):
            raise errors.missing_parameter(name)
    model(str(body["model"]), state, now)
    for name in ("background", "conversation", "prompt"):
        if body.get(name):
            raise errors.not_emulated(name)
    check_reasoning(body)
    wanted = (body.get("text") or {}).get("format") or {"type": "text"}
    if wanted.get("type") not in ("text", "json_object", "json_schema"):
        raise errors.invalid_value("text.format.type", "expected 'text', 'json_object' or 'json_schema'")
    if wanted["type"] == "json_schema" and not wanted.get("name"):
        raise errors.missing_parameter("text.format.name")
    if wanted["type"] == "json_schema" and wanted.get("strict"):
        check_strict(str(wanted["name"]), wanted.get("schema"))


def _earlier(body: Mapping[str, Any], state: ModelState) -> list[Item]:
    """The turns before this one, oldest first; instructions are not carried over."""
    before, turns = body.get("previous_response_id"), list[Item]()
    if before and before not in state.responses:
        raise errors.previous_response_gone(str(before))
    while before:
        kept = stored(str(before), state)
        turns = [*kept["input"], *kept["response"]["output"], *turns]
        before = kept["before"]
    return turns


def _items(given: Any) -> list[Item]:
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": given}]}]
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise errors.invalid_value("input", "expected a string or an array of items")
    return [_item(one) for one in given]


def _item(given: Mapping[str, Any]) -> Item:
    """Short forms written out: a message's type, its text as a part."""
    if given.get("type", "message") != "message":
        return dict(given)
    content = given.get("content")
    part = "output_text" if given.get("role") == "assistant" else "input_text"
    more: Item = {"annotations": [], "logprobs": []} if part == "output_text" else {}
    whole = [{"type": part, "text": content, **more}] if isinstance(content, str) else content
    return {**given, "type": "message", "content": whole}


def _text(item: Mapping[str, Any]) -> str:
    if item["type"] == "function_call":
        return f"{item['name']}({item['arguments']})"
    if item["type"] == "function_call_output":
        return item["output"] if isinstance(item["output"], str) else json.dumps(item["output"])
    return "\n".join(str(part.get("text") or part.get("refusal") or "") for part in item.get("content") or ())


def _response(body: Mapping[str, Any], reply: Reply, prompt: str, state: ModelState, now: datetime) -> Item:
    number, cut = state.next_number(), reply.finish in ("length", "content_filter")
    reasons = {"length": "max_output_tokens", "content_filter": "content_filter"}
    asked, told = tokens(prompt), tokens(reply.text or reply.refusal or "".join(call.arguments for call in reply.calls))
    usage = {
        "input_tokens": asked, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0}, "output_tokens": told,
        "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": asked + told,
    }  # fmt: skip
    at = int(now.timestamp())
    return {
        "id": f"resp_{number:048d}", "object": "response", "created_at": at, "status": "incomplete" if cut else "completed",
        "completed_at": None if cut else at, "error": None, "incomplete_details": {"reason": reasons[reply.finish]} if cut else None,
        "output": _output(reply, number, cut=cut), "usage": usage, **_echoed(body),
    }  # fmt: skip


def _echoed(body: Mapping[str, Any]) -> Item:
    """What a response repeats of its request, with the defaults of what was left out."""
    defaults: Item = {
        "instructions": None, "max_output_tokens": None, "model": None, "parallel_tool_calls": True, "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None}, "store": True, "temperature": 1.0, "text": {"format": {"type": "text"}},
        "tool_choice": "auto", "tools": [], "top_p": 1.0, "truncation": "disabled", "metadata": {}, "background": False,
    }  # fmt: skip
    return {key: default if body.get(key) is None else body[key] for key, default in defaults.items()} | {"service_tier": "default"}


def _output(reply: Reply, number: int, *, cut: bool) -> Sequence[Item]:
    if reply.calls:
        return [
            {"id": f"fc_{call.id[5:]}", "type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments,
             "status": "completed"}
            for call in reply.calls
        ]  # fmt: skip
    text: Item = {"type": "output_text", "text": reply.text, "annotations": [], "logprobs": []}
    content: Item = {"type": "refusal", "refusal": reply.refusal} if reply.refusal else text
    status = "incomplete" if cut else "completed"
    return [{"id": f"msg_{number:048d}", "type": "message", "role": "assistant", "status": status, "content": [content]}]
