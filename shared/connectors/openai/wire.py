"""OpenAI's answers, as far as they are read."""

import base64
import sys
from array import array

from pydantic import BaseModel, Field


class Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class Choice(BaseModel):
    message: Message
    finish_reason: str


class PromptDetails(BaseModel):
    cached_tokens: int = 0


class TokenUsage(BaseModel):
    prompt_tokens: int
    completion_tokens: int = 0
    prompt_tokens_details: PromptDetails | None = None

    @property
    def cached(self) -> int:
        return self.prompt_tokens_details.cached_tokens if self.prompt_tokens_details else 0


class Completion(BaseModel):
    model: str
    choices: list[Choice] = Field(min_length=1)
    usage: TokenUsage


class EmbeddingRow(BaseModel):
    index: int
    embedding: str  # base64 of little-endian float32

    @property
    def vector(self) -> tuple[float, ...]:
        values = array("f", base64.b64decode(self.embedding))
        if sys.byteorder == "big":
            values.byteswap()
        return tuple(values)


class EmbeddingList(BaseModel):
    data: list[EmbeddingRow]
