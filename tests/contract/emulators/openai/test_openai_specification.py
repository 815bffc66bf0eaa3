"""What the emulator answers, held against the vendor's own specification where that is at hand."""

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from jsonschema import Draft202012Validator

from emulators.clock import Clock
from emulators.openai.routes import OpenAIEmulator
from emulators.serving import HttpServer

SPECIFICATION = Path(__file__).parents[4] / ".." / "shared" / "contracts" / "openai" / "openai.trimmed.openapi.json"
HEADERS = {"Authorization": "Bearer sk-test"}
QUESTION = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Hello?"}]}


@pytest.fixture(scope="module")
def components():
    if not SPECIFICATION.exists():
        pytest.skip("../shared/contracts/openai is not here")
    return json.loads(SPECIFICATION.read_text())["components"]


@pytest.fixture
def emulator():
    return OpenAIEmulator(Clock(frozen_at=datetime(2026, 11, 23, tzinfo=UTC)))


@pytest.fixture
def url(emulator):
    with HttpServer(emulator) as server:
        yield f"{server.url}/v1"


def check(components, name, value):
    problems = Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": components}).iter_errors(value)
    assert [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in problems] == []


def test_a_chat_answer_is_what_the_specification_promises(components, url):
    check(components, "CreateChatCompletionResponse", httpx.post(f"{url}/chat/completions", json=QUESTION, headers=HEADERS).json())


def test_a_refusal_is_what_the_specification_promises(components, emulator, url):
    emulator.script(refusal="No.")
    check(components, "CreateChatCompletionResponse", httpx.post(f"{url}/chat/completions", json=QUESTION, headers=HEADERS).json())


def test_embeddings_are_what_the_specification_promises(components, url):
    question = {"model": "text-embedding-3-small", "input": ["a", "b"]}
    check(components, "CreateEmbeddingRequest", question)
    check(components, "CreateEmbeddingResponse", httpx.post(f"{url}/embeddings", json=question, headers=HEADERS).json())


def test_models_are_what_the_specification_promises(components, url):
    check(components, "ListModelsResponse", httpx.get(f"{url}/models", headers=HEADERS).json())


@pytest.mark.parametrize("body", [{}, {**QUESTION, "model": "gpt-nonsense"}, {**QUESTION, "response_format": {"type": "poem"}}])
def test_refused_requests_are_what_the_specification_promises(components, url, body):
    answer = httpx.post(f"{url}/chat/completions", json=body, headers=HEADERS)
    assert answer.status_code in (400, 404)
    check(components, "ErrorResponse", answer.json())
