"""api.openai.com: paths, keys, rate limits and scripted answers; connectors reach it at `<url>/v1`."""

from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.openai import errors, responses
from emulators.openai.errors import OpenAIError
from emulators.openai.state import ModelState, Script
from emulators.service import HttpEmulator, Route, json_response


class OpenAIEmulator(HttpEmulator):
    """Chat completions, embeddings and models. Fault routes: openai.chat.completions, openai.embeddings, openai.models.*."""

    def __init__(self, clock: Clock) -> None:
        self.state = ModelState()
        super().__init__("openai", clock, self._routes())

    def script(self, answer: Any = None, *, match: str = "", times: int | None = 1, refusal: str = "", finish_reason: str = "stop") -> None:
        """The next chat answers for prompts containing `match`: a JSON value, or a string answered as it stands."""
        with self.lock:
            given = {"answer": answer, "match": match, "times": times, "refusal": refusal, "finish_reason": finish_reason}
            self.state.scripts.append(Script.parse(given))

    def accept_only(self, *keys: str) -> None:
        """Other API keys are answered 401 from now on."""
        with self.lock:
            self.state.keys = list(keys)

    def exhaust_quota(self) -> None:
        """Every call is answered 429 `insufficient_quota` until reset."""
        with self.lock:
            self.state.quota_exhausted = True

    def limit_requests(self, *, per_minute: int) -> None:
        with self.lock:
            self.state.requests_per_minute = per_minute

    def reset(self) -> None:
        self.state = ModelState()

    def dump(self) -> dict[str, Any]:
        return self.state.dump()

    def load(self, data: Mapping[str, Any]) -> None:
        self.state = ModelState.load(data)

    def error_response(self, error: Exception) -> Response | None:
        return json_response(error.body(), error.status, self._headers(error.headers)) if isinstance(error, OpenAIError) else None

    def not_routed(self, request: Request, error: HTTPException) -> Response:
        unknown = errors.unknown_url(request.method, request.path)
        return json_response(unknown.body(), error.code or unknown.status)

    def _routes(self) -> list[Route]:
        return [
            Route("POST", "/v1/chat/completions", self._chat, "chat.completions"),
            Route("POST", "/v1/embeddings", self._embeddings, "embeddings"),
            Route("GET", "/v1/models", self._models, "models.list"),
            Route("GET", "/v1/models/<name>", self._model, "models.retrieve"),
            Route("POST", "/_emulator/script", self._add_script, "_script"),
            Route("DELETE", "/_emulator/script", self._clear_scripts, "_clear_scripts"),
        ]

    def _chat(self, request: Request) -> Response:
        self._admit(request)
        answer = responses.chat_completion(_json_object(request), self.state, self.clock.now())
        return json_response(answer, headers=self._headers())

    def _embeddings(self, request: Request) -> Response:
        self._admit(request)
        answer = responses.embeddings(_json_object(request), self.state)
        return json_response(answer, headers=self._headers())

    def _models(self, request: Request) -> Response:
        self._authorize(request)
        return json_response(responses.models())

    def _model(self, request: Request, name: str) -> Response:
        self._authorize(request)
        return json_response(responses.model(name))

    def _add_script(self, request: Request) -> Response:
        try:
            script = Script.parse(request.get_json())
        except (TypeError, ValueError) as error:
            return Response(f"not a script: {error}\n", 400)
        self.state.scripts.append(script)
        return Response(status=204)

    def _clear_scripts(self, _: Request) -> Response:
        self.state.scripts.clear()
        return Response(status=204)

    def _authorize(self, request: Request) -> None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise errors.missing_key()
        if self.state.keys and key.strip() not in self.state.keys:
            raise errors.incorrect_key(key.strip())

    def _admit(self, request: Request) -> None:
        """Key first, then quota, then this minute's limit."""
        self._authorize(request)
        if self.state.quota_exhausted:
            raise errors.quota_used_up()
        left = self.state.admit(self.clock.now())
        if left < 0:
            raise errors.rate_limited(limit=self.state.requests_per_minute, wait_s=-left)

    def _headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        base = {"x-request-id": f"req_{self.state.answers:024d}", "openai-processing-ms": "1", "openai-version": "2020-10-01"}
        return {**base, **self.state.rate_headers(self.clock.now()), **(more or {})}


def _json_object(request: Request) -> dict[str, Any]:
    body = request.get_json(silent=True, force=True)
    if not isinstance(body, dict):
        raise errors.unreadable_body()
    return body
