"""Implements the Model and Embedder ports with OpenAI; built by the wiring when a key is configured."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from shared.connectors.openai.client import OpenAIClient, OpenAISettings
from shared.connectors.openai.pricing import usage_of
from shared.connectors.openai.strict import response_format
from shared.connectors.openai.wire import Completion
from shared.ports.clock import Clock, Ids
from shared.ports.errors import MalformedAnswer, Permanent, Transient
from shared.ports.model import Answer, Embedder, ModelReply, ModelRequest, NoVectors, Refused, UnusableAnswer, Usage
from shared.ports.store import Store

REASONS = re.compile(r"(?:gpt-[5-9]|o\d)(?!.*chat)")
REASONING_ROOM = 2000
"""Tokens a reasoning model may think with before it writes: they count against the same limit."""

DIMENSIONS = 1536
TEXTS_PER_CALL = 128
LONGEST_TEXT = 24_000
"""Characters: about 6,000 tokens of the 8,192 an input may have."""


def language_model(*, settings: OpenAISettings, store: Store, clock: Clock, ids: Ids) -> "OpenAIModel | None":
    """None without a key: the built-in writer is then simply the model."""
    keyed = settings.openai_api_key.get_secret_value()
    return OpenAIModel(settings=settings, store=store, clock=clock, ids=ids) if keyed else None


def embedder(*, settings: OpenAISettings, store: Store, clock: Clock, ids: Ids, fallback: Embedder) -> Embedder:
    """OpenAI's with a key, else the one that needs none."""
    keyed = settings.openai_api_key.get_secret_value()
    return OpenAIEmbedder(settings=settings, store=store, clock=clock, ids=ids) if keyed else fallback


class OpenAIModel:
    """Chat completions with a strict schema made from the answer's type."""

    def __init__(self, *, settings: OpenAISettings, store: Store, clock: Clock, ids: Ids) -> None:
        self._client = OpenAIClient(settings=settings, store=store, clock=clock, ids=ids)
        self._model = settings.openai_model

    def complete(self, request: ModelRequest[Answer]) -> ModelReply[Answer]:
        completion = self._client.chat(self._body(request))
        told = completion.usage
        usage = usage_of(model=completion.model, tokens_in=told.prompt_tokens, cached=told.cached, tokens_out=told.completion_tokens)
        return ModelReply(
            answer=_answer(request, completion, usage),
            model=completion.model,
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
            cost_usd=usage.cost_usd,
            cache_hit=told.cached > 0,
        )

    def _body(self, request: ModelRequest[Answer]) -> dict[str, Any]:
        messages = [{"role": "system", "content": request.system}, {"role": "user", "content": request.prompt}]
        body: dict[str, Any] = {"model": self._model, "messages": messages, "response_format": response_format(request.output)}
        if REASONS.match(self._model):
            return {**body, "max_completion_tokens": request.max_output_tokens + REASONING_ROOM, "reasoning_effort": "low"}
        return {**body, "max_completion_tokens": request.max_output_tokens}


def _answer(request: ModelRequest[Answer], completion: Completion, usage: Usage) -> Answer:
    choice = completion.choices[0]
    if choice.message.refusal or choice.finish_reason == "content_filter":
        raise Refused("the model refused to answer", usage=usage, source="openai")
    if choice.finish_reason == "length":
        raise UnusableAnswer("the answer was too long and broke off", usage=usage, source="openai")
    try:
        return request.output.model_validate_json(choice.message.content or "")
    except ValidationError as error:
        raise UnusableAnswer(_told(error), usage=usage, source="openai") from error


def _told(error: ValidationError) -> str:
    """What was wrong and where, without what was written there."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[:3]
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'the answer'}: {one['msg'][:200]}" for one in first)


class OpenAIEmbedder:
    """Unit vectors of 1536 dimensions, whichever embedding model is configured."""

    def __init__(self, *, settings: OpenAISettings, store: Store, clock: Clock, ids: Ids) -> None:
        self._client = OpenAIClient(settings=settings, store=store, clock=clock, ids=ids)
        self._model = settings.openai_embedding_model
        self.version = f"openai/{self._model}/{DIMENSIONS}"

    def embed(self, *, texts: Sequence[str]) -> Sequence[tuple[float, ...]]:
        try:
            return list(self._vectors([text[:LONGEST_TEXT] or " " for text in texts]))
        except (Transient, Permanent, MalformedAnswer) as error:
            raise NoVectors(error.detail, source="openai") from error

    def _vectors(self, texts: Sequence[str]) -> Iterator[tuple[float, ...]]:
        for start in range(0, len(texts), TEXTS_PER_CALL):
            found = self._client.embeddings(model=self._model, texts=texts[start : start + TEXTS_PER_CALL], dimensions=DIMENSIONS)
            yield from (row.vector for row in sorted(found.data, key=lambda row: row.index))
