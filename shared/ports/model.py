"""The one door to language models: a typed request, a typed answer, and what it cost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from shared.domain.ids import WorkspaceId
from shared.ports.errors import MalformedAnswer, Permanent, Transient, Unsearchable
from shared.ports.store import Write

Answer = TypeVar("Answer", bound=BaseModel)
Book = Callable[[Sequence[Write]], None]
"""Takes over the record of a model call. Whoever gives it commits the record, whatever comes of the answer."""


@dataclass(frozen=True)
class Usage:
    """What an answer cost, also when nobody could use it."""

    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0


class UnusableAnswer(MalformedAnswer):
    """An answer that does not fit its schema, or broke off, and was paid for all the same."""

    def __init__(self, detail: str, *, usage: Usage, source: str = "") -> None:
        super().__init__(detail, source=source)
        self.usage = usage


class Refused(Permanent):
    """The model will not answer this; asking again changes nothing."""

    def __init__(self, detail: str, *, usage: Usage, source: str = "") -> None:
        super().__init__(detail, source=source)
        self.usage = usage


class TooSlow(Transient):
    """No answer within the time one call may take."""


@dataclass(frozen=True)
class ModelRequest(Generic[Answer]):
    """`prompt` is what a language model reads; `facts` is the same knowledge as data, which the built-in writer uses.

    Everything a stranger wrote stands in `prompt` only inside data blocks: it never instructs (INV-9).
    """

    agent: str
    prompt_version: str  # "draft_writer/1"
    system: str
    prompt: str
    facts: Mapping[str, object]
    output: type[Answer]
    workspace_id: WorkspaceId
    daily_budget_usd: float
    run_id: str = ""
    trace_id: str = ""
    max_output_tokens: int = 1200
    accept: Callable[[Answer], None] | None = None
    """What the schema cannot say: raises MalformedAnswer, in words the model can act on."""
    book: Book | None = None
    """None: the record is committed before the answer is given."""


@dataclass(frozen=True)
class ModelReply(Generic[Answer]):
    answer: Answer
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    attempts: int = 1
    cache_hit: bool = False
    fell_back: bool = False
    fallback_reason: str = ""


class Model(Protocol):
    """Raises MalformedAnswer, Transient (slow, limited, down) or Permanent (refused, no quota)."""

    def complete(self, request: ModelRequest[Answer]) -> ModelReply[Answer]: ...


class NoVectors(Unsearchable):
    """The embedding model gives none now."""


class Embedder(Protocol):
    version: str
    """Vectors of different versions are never compared."""

    def embed(self, *, texts: Sequence[str]) -> Sequence[tuple[float, ...]]:
        """Unit vectors in the order of the texts. Raises NoVectors."""
