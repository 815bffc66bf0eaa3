"""Server-sent events as the API streams them: chunks of a chat, events of a response."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from werkzeug.wrappers import Response

from emulators.openai.answering import pieces

Event = dict[str, Any]


def event_stream(lines: Iterable[str], headers: Mapping[str, str]) -> Response:
    return Response("".join(lines), headers=dict(headers), content_type="text/event-stream; charset=utf-8")


def chat_lines(completion: Mapping[str, Any], *, with_usage: bool) -> Iterator[str]:
    """A finished completion, told piece by piece; `[DONE]` ends it."""
    shared = {key: completion[key] for key in ("id", "created", "model", "system_fingerprint", "service_tier")}
    base = {**shared, "object": "chat.completion.chunk", **({"usage": None} if with_usage else {})}
    for choice in completion["choices"]:
        for delta in _deltas(choice["message"]):
            yield _line({**base, "choices": [_choice(choice["index"], delta, None)]})
        yield _line({**base, "choices": [_choice(choice["index"], {}, choice["finish_reason"])]})
    if with_usage:
        yield _line({**base, "choices": [], "usage": completion["usage"]})
    yield "data: [DONE]\n\n"


def response_lines(response: Mapping[str, Any]) -> Iterator[str]:
    """A finished response as the events that lead to it, numbered."""
    for number, event in enumerate(_response_events(response)):
        yield f"event: {event['type']}\n" + _line({**event, "sequence_number": number})


def _deltas(message: Mapping[str, Any]) -> Iterator[Event]:
    yield {"role": "assistant", "content": "", "refusal": None}
    for piece in pieces(message["content"] or ""):
        yield {"content": piece}
    for piece in pieces(message["refusal"] or ""):
        yield {"refusal": piece}
    for index, call in enumerate(message.get("tool_calls") or ()):
        opening = {"name": call["function"]["name"], "arguments": ""}
        yield {"tool_calls": [{"index": index, "id": call["id"], "type": "function", "function": opening}]}
        for piece in pieces(call["function"]["arguments"]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _choice(index: int, delta: Event, finish: str | None) -> Event:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}


def _response_events(response: Mapping[str, Any]) -> Iterator[Event]:
    started = {**response, "status": "in_progress", "output": [], "usage": None, "completed_at": None, "incomplete_details": None}
    yield {"type": "response.created", "response": started}
    yield {"type": "response.in_progress", "response": started}
    for index, item in enumerate(response["output"]):
        at = {"output_index": index, "item_id": item["id"]}
        yield {"type": "response.output_item.added", "output_index": index, "item": _unfinished(item)}
        yield from _call_events(item, at) if item["type"] == "function_call" else _message_events(item, at)
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": f"response.{response['status']}", "response": dict(response)}


def _message_events(item: Mapping[str, Any], at: Event) -> Iterator[Event]:
    for index, part in enumerate(item["content"]):
        place, refused = {**at, "content_index": index}, part["type"] == "refusal"
        name, text = ("refusal", part["refusal"]) if refused else ("output_text", part["text"])
        yield {"type": "response.content_part.added", **place, "part": {**part, "refusal" if refused else "text": ""}}
        logprobs: Event = {} if refused else {"logprobs": []}
        for piece in pieces(text):
            yield {"type": f"response.{name}.delta", **place, "delta": piece, **logprobs}
        yield {"type": f"response.{name}.done", **place, "refusal" if refused else "text": text, **logprobs}
        yield {"type": "response.content_part.done", **place, "part": part}


def _call_events(item: Mapping[str, Any], at: Event) -> Iterator[Event]:
    for piece in pieces(item["arguments"]):
        yield {"type": "response.function_call_arguments.delta", **at, "delta": piece}
    yield {"type": "response.function_call_arguments.done", **at, "name": item["name"], "arguments": item["arguments"]}


def _unfinished(item: Mapping[str, Any]) -> Event:
    empty: Event = {"arguments": ""} if item["type"] == "function_call" else {"content": []}
    return {**item, **empty, "status": "in_progress"}


def _line(data: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"
