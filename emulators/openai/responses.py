"""The handlers: check the request as the API does, make or fetch the answer, and wrap it in the API's envelopes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from emulators.openai import embedding, errors
from emulators.openai.answering import Reply, answer_to, check_context, tokens
from emulators.openai.fine_tuning import tuned_models
from emulators.openai.state import MODELS, ModelState
from emulators.openai.strictness import check_strict
from emulators.openai.tools import checked_tools

REASONING = ("gpt-5", "o1", "o3", "o4")
MOST_INPUTS = 2048
MOST_TOKENS_PER_INPUT = 8192


def models(state: ModelState, now: datetime) -> dict[str, Any]:
    return {"object": "list", "data": [model(name, state, now) for name in (*MODELS, *tuned_models(state, now))]}


def model(name: str, state: ModelState, now: datetime) -> dict[str, Any]:
    """A fine-tuned model exists from the moment its job is through."""
    created = {**MODELS, **tuned_models(state, now)}.get(name)
    if created is None:
        raise errors.unknown_model(name)
    owner = "system" if name in MODELS else "org-emulated"
    return {"id": name, "object": "model", "created": created, "owned_by": owner}


def chat_completion(body: Mapping[str, Any], state: ModelState, now: datetime) -> dict[str, Any]:
    check_chat(body, state, now)
    prompt = "\n\n".join(_text(one) for one in body["messages"])
    check_context(str(body["model"]), prompt)
    wanted = body.get("response_format") or {"type": "text"}
    reply = answer_to(
        prompt, schema=(wanted.get("json_schema") or {}).get("schema"), wants_json=wanted["type"] == "json_object",
        tools=checked_tools(body.get("tools"), nested=True), choice=body.get("tool_choice"), allowed=_allowed_tokens(body), state=state,
    )  # fmt: skip
    usage = _usage(prompt, reply)
    state.tokens_used += usage["total_tokens"]
    choice = {"message": _message(reply), "logprobs": None, "finish_reason": reply.finish}
    return {
        "id": f"chatcmpl-{state.next_number():024d}",
        "object": "chat.completion",
        "created": int(now.timestamp()),
        "model": body["model"],
        "choices": [{"index": index, **choice} for index in range(int(body.get("n") or 1))],
        "usage": usage,
        "service_tier": "default",
        "system_fingerprint": "fp_emulated",
    }


def embeddings(body: Mapping[str, Any], state: ModelState) -> dict[str, Any]:
    name, inputs, dimensions = _check_embeddings(body)
    vectors = [embedding.vector(one, model=name, dimensions=dimensions) for one in inputs]
    base64 = body.get("encoding_format", "float") == "base64"
    total = sum(tokens(one) for one in inputs)
    state.tokens_used += total
    data = [
        {"object": "embedding", "index": index, "embedding": embedding.as_base64(one) if base64 else one}
        for index, one in enumerate(vectors)
    ]
    return {"object": "list", "data": data, "model": name, "usage": {"prompt_tokens": total, "total_tokens": total}}


def check_chat(body: Mapping[str, Any], state: ModelState, now: datetime) -> None:
    for name in ("model", "messages"):
        if not body.get(name):
            raise errors.missing_parameter(name)
    model(str(body["model"]), state, now)
    for name in ("functions", "audio"):
        if body.get(name):
            raise errors.not_emulated(name)
    check_reasoning(body)
    _check_turns(body["messages"])
    _check_format(body.get("response_format") or {"type": "text"})


def _check_turns(messages: Any) -> None:
    """A tool's answer belongs to a call the assistant made."""
    if not isinstance(messages, list) or not all(isinstance(one, Mapping) for one in messages):
        raise errors.invalid_value("messages", "expected an array of objects")
    asked: set[str] = set()
    for index, one in enumerate(messages):
        asked |= {call["id"] for call in one.get("tool_calls") or ()}
        if one.get("role") == "tool" and one.get("tool_call_id") not in asked:
            wish = "messages with role 'tool' must be a response to a preceding message with 'tool_calls'"
            raise errors.invalid_value(f"messages[{index}].role", wish)


def check_reasoning(body: Mapping[str, Any]) -> None:
    if not str(body["model"]).startswith(REASONING):
        return
    if body.get("max_tokens") is not None:
        raise errors.unsupported_parameter("max_tokens", instead="max_completion_tokens")
    if body.get("temperature") not in (None, 1):
        raise errors.unsupported_value("temperature", body["temperature"])


def _check_format(wanted: Mapping[str, Any]) -> None:
    if wanted.get("type") not in ("text", "json_object", "json_schema"):
        raise errors.invalid_value("response_format.type", "expected 'text', 'json_object' or 'json_schema'")
    if wanted["type"] != "json_schema":
        return
    promised = wanted.get("json_schema")
    if not isinstance(promised, dict) or "name" not in promised:
        raise errors.missing_parameter("response_format.json_schema.name")
    if promised.get("strict"):
        check_strict(promised["name"], promised.get("schema"))


def _allowed_tokens(body: Mapping[str, Any]) -> int | None:
    return body.get("max_completion_tokens") or body.get("max_tokens")


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "\n".join(str(part.get("text", "")) for part in content)


def _message(reply: Reply) -> dict[str, Any]:
    calls = [{"id": one.id, "type": "function", "function": {"name": one.name, "arguments": one.arguments}} for one in reply.calls]
    content = None if reply.refusal or reply.calls else reply.text
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": reply.refusal or None, "annotations": []}
    return {**message, "tool_calls": calls} if calls else message


def _usage(prompt: str, reply: Reply) -> dict[str, Any]:
    asked, told = tokens(prompt), tokens(reply.text or reply.refusal or "".join(call.arguments for call in reply.calls))
    return {
        "prompt_tokens": asked,
        "completion_tokens": told,
        "total_tokens": asked + told,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _check_embeddings(body: Mapping[str, Any]) -> tuple[str, list[str], int]:
    name = str(body.get("model") or "")
    if not name:
        raise errors.missing_parameter("model")
    if name not in embedding.DIMENSIONS:
        raise errors.unknown_model(name)
    given = body.get("input")
    inputs = [given] if isinstance(given, str) else given
    if not isinstance(inputs, list) or not 0 < len(inputs) <= MOST_INPUTS or not all(isinstance(one, str) and one for one in inputs):
        raise errors.invalid_value("input", f"expected a non-empty string or up to {MOST_INPUTS} of them (token arrays are not emulated)")
    if any(tokens(one) > MOST_TOKENS_PER_INPUT for one in inputs):
        raise errors.invalid_value("input", f"this model's maximum context length is {MOST_TOKENS_PER_INPUT} tokens")
    if body.get("encoding_format", "float") not in ("float", "base64"):
        raise errors.invalid_value("encoding_format", "expected 'float' or 'base64'")
    return name, inputs, _dimensions(body, embedding.DIMENSIONS[name])


def _dimensions(body: Mapping[str, Any], most: int) -> int:
    wanted = body.get("dimensions")
    if wanted is None:
        return most
    if not isinstance(wanted, int) or not 0 < wanted <= most:
        raise errors.invalid_value("dimensions", f"expected an integer from 1 to {most}")
    return wanted
