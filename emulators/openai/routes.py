"""api.openai.com: paths, keys, rate limits and scripted answers; connectors reach it at `<url>/v1`."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.openai import audio, errors, files, fine_tuning, response_objects, responses
from emulators.openai.errors import OpenAIError
from emulators.openai.state import ModelState, Script
from emulators.openai.streaming import chat_lines, event_stream, response_lines
from emulators.service import Handler, HttpEmulator, Route, json_response

MOVES: dict[str, Callable[..., dict[str, Any]]] = {
    "cancel": fine_tuning.cancel,
    "pause": fine_tuning.pause,
    "resume": fine_tuning.resume,
}
LISTS: dict[str, Callable[..., dict[str, Any]]] = {"events": fine_tuning.events, "checkpoints": fine_tuning.checkpoints}


class OpenAIEmulator(HttpEmulator):
    """Fault routes: openai.chat.completions, openai.responses.*, openai.embeddings, openai.files.*, openai.fine_tuning.* and so on."""

    def __init__(self, clock: Clock) -> None:
        self.state = ModelState()
        super().__init__("openai", clock, self._routes())

    def script(self, answer: Any = None, *, match: str = "", times: int | None = 1, **more: Any) -> None:
        """The next answers for prompts containing `match`: a JSON value, a string answered as it stands, or `refusal`, `tool_calls`
        ([{"name": ..., "arguments": ...}]) and `finish_reason` (stop, length, content_filter); TypeError for anything else."""
        with self.lock:
            self.state.scripts.append(Script.parse({"answer": answer, "match": match, "times": times, **more}))

    def transcribe(self, text: str, *, match: str = "") -> None:
        """What is heard in recordings whose file name contains `match`."""
        with self.lock:
            self.state.transcripts.append({"match": match, "text": text})

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
            Route("POST", "/v1/chat/completions", self._admitted(self._chat), "chat.completions"),
            Route("POST", "/v1/embeddings", self._admitted(self._embeddings), "embeddings"),
            Route("POST", "/v1/responses", self._admitted(self._respond), "responses.create"),
            Route("POST", "/v1/responses/input_tokens", self._admitted(self._count), "responses.input_tokens"),
            Route("POST", "/v1/audio/transcriptions", self._admitted(self._transcribe), "audio.transcriptions"),
            Route("GET", "/v1/responses/<response_id>", self._known(self._response), "responses.retrieve"),
            Route("DELETE", "/v1/responses/<response_id>", self._known(self._forget), "responses.delete"),
            Route("GET", "/v1/responses/<response_id>/input_items", self._known(self._input_items), "responses.input_items"),
            Route("GET", "/v1/models", self._known(lambda _: responses.models(self.state, self.clock.now())), "models.list"),
            Route(
                "GET",
                "/v1/models/<name>",
                self._known(lambda _, name: responses.model(name, self.state, self.clock.now())),
                "models.retrieve",
            ),
            *self._file_routes(),
            Route("POST", "/_emulator/script", self._add_script, "_script"),
            Route("DELETE", "/_emulator/script", self._clear_scripts, "_clear_scripts"),
            Route("POST", "/_emulator/transcripts", self._add_transcript, "_transcript"),
        ]

    def _file_routes(self) -> list[Route]:
        jobs, job = "/v1/fine_tuning/jobs", "/v1/fine_tuning/jobs/<job_id>"
        return [
            Route("GET", "/v1/files", self._known(lambda request: files.page(request.args, self.state)), "files.list"),
            Route("POST", "/v1/files", self._known(lambda request: files.upload(request, self.state, self.clock.now())), "files.create"),
            Route("GET", "/v1/files/<file_id>", self._known(lambda _, file_id: files.shown(file_id, self.state)), "files.retrieve"),
            Route("DELETE", "/v1/files/<file_id>", self._known(lambda _, file_id: files.delete(file_id, self.state)), "files.delete"),
            Route("GET", "/v1/files/<file_id>/content", self._content, "files.content"),
            Route("POST", jobs, self._known(lambda request: fine_tuning.create(_json_object(request), *self._at())), "fine_tuning.create"),
            Route("GET", jobs, self._known(lambda request: fine_tuning.page(request.args, *self._at())), "fine_tuning.list"),
            Route("GET", job, self._known(lambda _, job_id: fine_tuning.shown(job_id, *self._at())), "fine_tuning.retrieve"),
            *(Route("POST", f"{job}/{name}", self._known(self._moved(work)), f"fine_tuning.{name}") for name, work in MOVES.items()),
            *(Route("GET", f"{job}/{name}", self._known(self._listed(work)), f"fine_tuning.{name}") for name, work in LISTS.items()),
        ]

    # What a request means
    def _chat(self, request: Request) -> Response:
        body = _json_object(request)
        answer = responses.chat_completion(body, self.state, self.clock.now())
        if not body.get("stream"):
            return json_response(answer, headers=self._headers())
        with_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        return event_stream(chat_lines(answer, with_usage=with_usage), self._headers())

    def _embeddings(self, request: Request) -> Response:
        return json_response(responses.embeddings(_json_object(request), self.state), headers=self._headers())

    def _respond(self, request: Request) -> Response:
        body = _json_object(request)
        made = response_objects.create(body, self.state, self.clock.now())
        return event_stream(response_lines(made), self._headers()) if body.get("stream") else json_response(made, headers=self._headers())

    def _count(self, request: Request) -> Response:
        return json_response(response_objects.input_tokens(_json_object(request), self.state), headers=self._headers())

    def _transcribe(self, request: Request) -> Response:
        _, answer = audio.transcribe(request, self.state)
        if isinstance(answer, str):
            return Response(answer, headers=self._headers(), content_type="text/plain; charset=utf-8")
        return json_response(answer, headers=self._headers())

    def _response(self, _: Request, response_id: str) -> dict[str, Any]:
        return dict(response_objects.stored(response_id, self.state)["response"])

    def _forget(self, _: Request, response_id: str) -> dict[str, Any]:
        response_objects.stored(response_id, self.state)
        del self.state.responses[response_id]
        return {"id": response_id, "object": "response", "deleted": True}

    def _input_items(self, _: Request, response_id: str) -> dict[str, Any]:
        return response_objects.input_items(response_id, self.state)

    def _content(self, request: Request, file_id: str) -> Response:
        self._authorize(request)
        return Response(files.content(file_id, self.state), content_type="application/octet-stream", headers=self._headers())

    def _at(self) -> tuple[ModelState, datetime]:
        return self.state, self.clock.now()

    def _moved(self, work: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        return lambda _, job_id: work(job_id, *self._at())

    def _listed(self, work: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        return lambda request, job_id: work(job_id, request.args, *self._at())

    def _known(self, work: Callable[..., dict[str, Any]]) -> Handler:
        """With a key; these calls do not count against the minute's limit."""

        def handle(request: Request, **values: Any) -> Response:
            self._authorize(request)
            return json_response(work(request, **values), headers=self._headers())

        return handle

    def _admitted(self, work: Handler) -> Handler:
        def handle(request: Request, **values: Any) -> Response:
            self._admit(request)
            return work(request, **values)

        return handle

    def _add_script(self, request: Request) -> Response:
        try:
            script = Script.parse(request.get_json())
        except (TypeError, ValueError) as error:
            return Response(f"not a script: {error}\n", 400)
        self.state.scripts.append(script)
        return Response(status=204)

    def _add_transcript(self, request: Request) -> Response:
        """Body: {"text": ..., "match": part of the file's name}."""
        try:
            self.transcribe(**request.get_json())
        except TypeError as error:
            return Response(f"not a transcript: {error}\n", 400)
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
