"""The wire to OpenAI: the official client without its retries, guarded by ours, its errors as our families; called by the adapter."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from shared.connectors.openai.wire import Completion, EmbeddingList
from shared.domain.circuit import INSTALLATION
from shared.ports.clock import Clock, Ids
from shared.ports.errors import MalformedAnswer, Permanent, SalesAgentError, Transient, reason_word
from shared.ports.model import TooSlow
from shared.ports.store import Store
from shared.resilience.backoff import asked_wait
from shared.resilience.budget import RateBudget
from shared.resilience.calls import GuardedCalls
from shared.resilience.circuit import SharedCircuit
from shared.resilience.tls import tls_for

if TYPE_CHECKING:
    import openai

W = TypeVar("W", bound=BaseModel)

REQUESTS_PER_MINUTE = 500
NOT_ASKED_AGAIN = timedelta(minutes=1)
"""A model that was too slow once is not waited for again within the same call: whoever asked has a fallback."""

PERMANENT_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "account_deactivated"})
"""429s that waiting does not cure."""

TRANSIENT_STATUSES = frozenset({408, 409, 425, 429})


class OpenAISettings(Protocol):
    """What the connector needs to know; the settings object has it."""

    @property
    def openai_api_key(self) -> SecretStr: ...
    @property
    def openai_base_url(self) -> str: ...
    @property
    def openai_model(self) -> str: ...
    @property
    def openai_embedding_model(self) -> str: ...
    @property
    def model_timeout_s(self) -> float: ...


class OpenAIClient:
    """Chat completions and embeddings. The SDK is imported on the first call."""

    def __init__(self, *, settings: OpenAISettings, store: Store, clock: Clock, ids: Ids) -> None:
        self._settings = settings
        circuit = SharedCircuit(vendor="openai", workspace_id=INSTALLATION, store=store, clock=clock)
        budget = RateBudget(
            vendor="openai",
            workspace_id=INSTALLATION,
            limit=REQUESTS_PER_MINUTE,
            window=timedelta(minutes=1),
            block=10,
            store=store,
            clock=clock,
        )
        self._calls = GuardedCalls(clock=clock, ids=ids, circuit=circuit, budget=budget)

    def chat(self, body: Mapping[str, Any]) -> Completion:
        return self._post("chat", body, Completion)

    def embeddings(self, *, model: str, texts: Sequence[str], dimensions: int) -> EmbeddingList:
        body = {"model": model, "input": list(texts), "dimensions": dimensions, "encoding_format": "base64"}
        return self._post("embeddings", body, EmbeddingList)

    def _post(self, what: str, body: Mapping[str, Any], kind: type[W]) -> W:
        """Asking again is safe: nothing is changed by it, it only costs."""
        return self._calls.run(lambda: self._once(what, body, kind), repeatable=True)

    def _once(self, what: str, body: Mapping[str, Any], kind: type[W]) -> W:
        import openai  # noqa: PLC0415  half a second that only calls should pay

        resource = self._sdk.chat.completions if what == "chat" else self._sdk.embeddings
        try:
            return kind.model_validate_json(resource.with_raw_response.create(**body).content)
        except openai.OpenAIError as error:
            raise translated(error) from error
        except ValidationError as error:
            raise MalformedAnswer(f"OpenAI's answer is not a {kind.__name__}", source="openai") from error

    @cached_property
    def _sdk(self) -> "openai.OpenAI":
        import openai  # noqa: PLC0415

        return openai.OpenAI(
            api_key=self._settings.openai_api_key.get_secret_value(),
            base_url=self._settings.openai_base_url,
            timeout=self._settings.model_timeout_s,
            max_retries=0,
            http_client=openai.DefaultHttpxClient(verify=tls_for(self._settings.openai_base_url)),
        )


def translated(error: Exception) -> SalesAgentError:
    """The vendor's error as one of our families; https://platform.openai.com/docs/guides/error-codes."""
    import openai  # noqa: PLC0415

    if isinstance(error, openai.APITimeoutError):
        return TooSlow("OpenAI did not answer in time", retry_after=NOT_ASKED_AGAIN, source="openai")
    if not isinstance(error, openai.APIStatusError):
        return Transient("OpenAI cannot be reached", source="openai", raw=type(error).__name__)
    code, status = str(error.code or error.type or ""), error.status_code
    detail = f"OpenAI answered {status} {reason_word(code)}".rstrip()
    if code not in PERMANENT_CODES and (status in TRANSIENT_STATUSES or status >= 500):
        return Transient(detail, retry_after=_retry_after(error.response.headers), source="openai", raw=error.message)
    return Permanent(detail, source="openai", raw=error.message)


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    exact = asked_wait(headers.get("retry-after-ms", ""), unit=timedelta(milliseconds=1))
    return asked_wait(headers.get("retry-after", "")) if exact is None else exact
