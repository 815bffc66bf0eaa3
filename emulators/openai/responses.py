"""The handlers: check the request as the API does, make or fetch the answer, and wrap it in the API's envelopes."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator

from emulators.openai import embedding, errors
from emulators.openai.filling import fill
from emulators.openai.letters import compose
from emulators.openai.state import MODELS, ModelState, Script
from emulators.openai.strictness import check_strict

REASONING = ("gpt-5", "o1", "o3", "o4")
MOST_INPUTS = 2048
MOST_TOKENS_PER_INPUT = 8192


def tokens(text: str) -> int:
    """About four characters each, as for English prose."""
    return max(1, round(len(text) / 4))


def models() -> dict[str, Any]:
    return {"object": "list", "data": [model(name) for name in MODELS]}


def model(name: str) -> dict[str, Any]:
    if name not in MODELS:
        raise errors.unknown_model(name)
    return {"id": name, "object": "model", "created": MODELS[name], "owned_by": "system"}


def chat_completion(body: Mapping[str, Any], state: ModelState, now: datetime) -> dict[str, Any]:
    _check_chat(body)
    prompt = "\n\n".join(_text(one) for one in body["messages"])
    script = state.scripted(prompt) or Script(answer=_answer(body, prompt))
    content = script.answer if isinstance(script.answer, str) or script.answer is None else json.dumps(script.answer, ensure_ascii=False)
    content, finish = _cut(content or "", script.finish_reason, _allowed_tokens(body))
    usage = _usage(prompt, content or script.refusal)
    state.tokens_used += usage["total_tokens"]
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None if script.refusal else content,
        "refusal": script.refusal or None,
        "annotations": [],
    }
    return {
        "id": f"chatcmpl-{state.next_number():024d}",
        "object": "chat.completion",
        "created": int(now.timestamp()),
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
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


def _check_chat(body: Mapping[str, Any]) -> None:
    for name in ("model", "messages"):
        if not body.get(name):
            raise errors.missing_parameter(name)
    model(str(body["model"]))
    for name in ("tools", "functions", "audio", "stream"):
        if body.get(name):
            raise errors.not_emulated(name)
    if str(body["model"]).startswith(REASONING):
        _check_reasoning(body)
    _check_format(body.get("response_format") or {"type": "text"})


def _check_reasoning(body: Mapping[str, Any]) -> None:
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


def _answer(body: Mapping[str, Any], prompt: str) -> Any:
    """A mail where one is asked for, else a value of the schema; plain text when no format is promised."""
    wanted = body.get("response_format") or {"type": "text"}
    if wanted["type"] == "json_schema" and wanted["json_schema"].get("schema"):
        schema = wanted["json_schema"]["schema"]
        letter = compose(prompt)
        fits = letter is not None and Draft202012Validator(schema).is_valid(letter)
        return letter if fits else fill(schema, prompt=prompt)
    return {} if wanted["type"] == "json_object" else f"You wrote {len(prompt.split())} words."


def _allowed_tokens(body: Mapping[str, Any]) -> int | None:
    return body.get("max_completion_tokens") or body.get("max_tokens")


def _cut(content: str, finish: str, allowed: int | None) -> tuple[str, str]:
    """An answer that needs more than it may have breaks off, finish_reason `length`."""
    if finish == "length" and content:
        return content[: len(content) // 2], finish
    if allowed is not None and content and tokens(content) > allowed:
        return content[: allowed * 4], "length"
    return content, finish


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "\n".join(str(part.get("text", "")) for part in content)


def _usage(prompt: str, answer: str) -> dict[str, Any]:
    asked, told = tokens(prompt), tokens(answer)
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
