"""The OpenAI connector over real HTTP against the emulator: answers, the error table, guarding, and what leaves on the wire."""

import json
import math
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.openai.routes import OpenAIEmulator
from emulators.serving import HttpServer
from shared.connectors.openai.adapter import DIMENSIONS, OpenAIEmbedder, OpenAIModel
from shared.connectors.openai.pricing import usage_of
from shared.connectors.openai.strict import response_format
from shared.ports.errors import MalformedAnswer, Permanent, Transient
from shared.ports.model import ModelRequest, NoVectors, Refused, TooSlow, UnusableAnswer
from shared.runtime.settings import Settings
from tests.builders import WORKSPACE
from tests.confidential import planted
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.store import MemoryStore

SPECIFICATION = Path(__file__).parents[4] / ".." / "shared" / "contracts" / "openai" / "openai.trimmed.openapi.json"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: str
    weight: float | None


class Assessment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    verdict: Literal["good", "bad"]
    parts: tuple[Part, ...]


class OpenAIWorld:
    def __init__(self, url, **settings):
        self.clock = FixedClock()
        self.wiring = {
            "settings": Settings(openai_api_key=planted("OpenAI key"), openai_base_url=f"{url}/v1", **settings),
            "store": MemoryStore(),
            "clock": self.clock,
            "ids": CountingIds(),
        }
        self.model = OpenAIModel(**self.wiring)
        self.embedder = OpenAIEmbedder(**self.wiring)

    def ask(self, output=Assessment, **changes):
        usual = {
            "agent": "tester",
            "prompt_version": "tester/1",
            "system": "Judge.",
            "prompt": "Is a team of 40 people well served by this?",
            "facts": {},
            "output": output,
            "workspace_id": WORKSPACE,
            "daily_budget_usd": 1.0,
        }
        return self.model.complete(ModelRequest(**{**usual, **changes}))


@pytest.fixture
def emulator():
    return OpenAIEmulator(Clock(frozen_at=datetime(2026, 11, 23, tzinfo=UTC)))


@pytest.fixture
def url(emulator):
    with HttpServer(emulator) as server:
        yield server.url


@pytest.fixture
def world(url):
    return OpenAIWorld(url)


def test_the_answer_is_of_the_asked_type_with_its_cost(world):
    reply = world.ask()
    assert isinstance(reply.answer, Assessment)
    assert reply.model == "gpt-5-mini"
    assert reply.cost_usd == pytest.approx(reply.tokens_in * 0.25e-6 + reply.tokens_out * 2e-6)
    assert not reply.fell_back


def test_the_request_is_strict_and_never_uses_the_sdks_retries(world, emulator):
    world.ask()
    (call,) = emulator.calls
    body = json.loads(call.body)
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["reasoning_effort"] == "low"
    assert "max_tokens" not in body
    assert call.headers["x-stainless-retry-count"] == "0"


def test_what_we_send_is_what_the_vendor_specifies(world, emulator):
    if not SPECIFICATION.exists():
        pytest.skip("../shared/contracts/openai is not here")
    components = json.loads(SPECIFICATION.read_text())["components"]
    world.ask()
    world.embedder.embed(texts=["a"])
    for call, name in zip(emulator.calls, ("CreateChatCompletionRequest", "CreateEmbeddingRequest"), strict=True):
        schema = {"$ref": f"#/components/schemas/{name}", "components": components}
        assert [one.message[:200] for one in Draft202012Validator(schema).iter_errors(json.loads(call.body))] == []


@pytest.mark.parametrize("answer", ["not json", '{"verdict": "good"}', {"verdict": "splendid", "parts": []}, ""])
def test_an_answer_off_its_schema_is_malformed_and_was_paid_for(world, emulator, answer):
    emulator.script(answer)
    with pytest.raises(UnusableAnswer) as error:
        world.ask()
    assert error.value.usage.cost_usd > 0
    assert "splendid" not in error.value.detail


def test_the_complaint_names_the_place(world, emulator):
    emulator.script({"verdict": "good", "parts": [{"label": "x"}]})
    with pytest.raises(UnusableAnswer, match=r"parts\.0\.weight: Field required"):
        world.ask()


def test_an_answer_that_broke_off_is_malformed(world, emulator):
    emulator.script(finish_reason="length", answer={"verdict": "good", "parts": []})
    with pytest.raises(UnusableAnswer, match="broke off"):
        world.ask()


def test_a_refusal_is_permanent(world, emulator):
    emulator.script(refusal="I will not.")
    with pytest.raises(Refused) as error:
        world.ask()
    assert error.value.usage.tokens_in > 0
    assert "I will not" not in error.value.detail


def test_a_body_that_is_not_the_promised_format_is_malformed(world, emulator):
    emulator.faults.add(Fault("openai.*", Kind.MALFORMED))
    with pytest.raises(MalformedAnswer):
        world.ask()
    with pytest.raises(NoVectors):
        world.embedder.embed(texts=["a"])


@pytest.mark.parametrize("status", [401, 429, 500, 503])
def test_an_embedder_that_cannot_answer_says_that_there_are_no_vectors(world, emulator, status):
    emulator.faults.add(Fault("openai.embeddings", Kind.STATUS, status=status, body={"error": {"message": "away"}}))
    with pytest.raises(NoVectors):
        world.embedder.embed(texts=["a"])


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_passing_trouble_is_tried_again_with_growing_pauses(world, emulator, status):
    emulator.faults.add(Fault("openai.chat.*", Kind.STATUS, status=status, body={"error": {"message": "busy"}}, times=2))
    assert world.ask().answer
    assert world.clock.pauses == pytest.approx([0.1, 0.2])


def test_lasting_trouble_is_transient_after_four_calls(world, emulator):
    emulator.faults.add(Fault("openai.chat.*", Kind.STATUS, status=503))
    with pytest.raises(Transient, match="503"):
        world.ask()
    assert len(emulator.calls) == 4


def test_the_vendors_wish_to_wait_is_honoured(world, emulator):
    headers = {"retry-after-ms": "1500", "retry-after": "2"}
    emulator.faults.add(Fault("openai.chat.*", Kind.STATUS, status=429, headers=headers, times=1))
    world.ask()
    assert world.clock.pauses == [1.5]


def test_a_full_minute_is_not_waited_out_here(world, emulator):
    emulator.limit_requests(per_minute=1)
    world.ask()
    with pytest.raises(Transient, match="rate_limit_exceeded") as error:
        world.ask()
    assert error.value.retry_after == timedelta(seconds=60)
    assert world.clock.pauses == []


def test_an_exhausted_quota_is_permanent_although_it_is_a_429(world, emulator):
    emulator.exhaust_quota()
    with pytest.raises(Permanent, match="insufficient_quota"):
        world.ask()
    assert len(emulator.calls) == 1


def test_a_wrong_key_is_permanent_and_never_told(world, emulator):
    emulator.accept_only("sk-other")
    with pytest.raises(Permanent, match="401") as error:
        world.ask()
    assert "sk-test" not in error.value.detail + error.value.raw


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_what_will_not_get_better_is_permanent(world, emulator, status):
    emulator.faults.add(Fault("openai.chat.*", Kind.STATUS, status=status, body={"error": {"message": "no", "code": "some_code"}}))
    with pytest.raises(Permanent, match="some_code"):
        world.ask()


def test_a_slow_model_is_waited_for_once(url, emulator):
    emulator.faults.add(Fault("openai.chat.*", Kind.DELAY, delay_s=0.5))
    world = OpenAIWorld(url, model_timeout_s=0.1)
    with pytest.raises(TooSlow):
        world.ask()
    assert world.clock.pauses == []


def test_a_dropped_connection_is_tried_again(world, emulator):
    emulator.faults.add(Fault("openai.chat.*", Kind.DROP_BEFORE, times=1))
    assert world.ask().answer


def test_nobody_listening_is_transient():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(Transient, match="cannot be reached"):
            OpenAIWorld(f"http://127.0.0.1:{free.getsockname()[1]}").ask()


def test_after_five_failures_the_circuit_spares_the_vendor(world, emulator):
    emulator.faults.add(Fault("openai.*", Kind.STATUS, status=500))
    for _ in range(2):
        with pytest.raises(Transient):
            world.ask()
    before = len(emulator.calls)
    with pytest.raises(Transient, match="held back"):
        world.ask()
    assert len(emulator.calls) == before == 5


def test_a_model_that_does_not_think_gets_no_room_for_thinking(url, emulator):
    OpenAIWorld(url, openai_model="gpt-4o").ask(max_output_tokens=300)
    body = json.loads(emulator.calls[0].body)
    assert body["max_completion_tokens"] == 300
    assert "reasoning_effort" not in body


def test_embeddings_are_unit_vectors_in_the_order_of_the_texts(world):
    texts = [f"text number {number}" for number in range(200)]
    vectors = world.embedder.embed(texts=texts)
    assert len(vectors) == 200
    assert all(len(one) == DIMENSIONS and math.isclose(math.hypot(*one), 1, rel_tol=1e-5) for one in vectors)
    assert vectors[150] == world.embedder.embed(texts=[texts[150]])[0]


def test_empty_and_endless_texts_are_embedded_too(world):
    assert len(world.embedder.embed(texts=["", "word " * 20_000])) == 2
    assert world.embedder.embed(texts=[]) == []


def test_the_embedders_version_names_model_and_size(world):
    assert world.embedder.version == "openai/text-embedding-3-small/1536"


def test_an_open_mapping_cannot_be_asked_for():
    class Open(BaseModel):
        things: dict[str, str]

    with pytest.raises(Permanent, match="open mapping"):
        response_format(Open)


def test_optional_fields_with_defaults_become_required(world):
    class Lenient(BaseModel):
        name: str = "x"
        note: str | None = None

    assert isinstance(world.ask(Lenient).answer, Lenient)


@pytest.mark.parametrize(
    ("model", "cost"),
    [("gpt-5-mini", 0.25), ("gpt-5-mini-2025-08-07", 0.25), ("gpt-5", 1.25), ("gpt-unheard-of", 2.5)],
)
def test_dated_models_cost_what_their_model_costs_and_unknown_ones_the_most(model, cost):
    assert usage_of(model=model, tokens_in=1_000_000, cached=0, tokens_out=0).cost_usd == pytest.approx(cost)


def test_cached_tokens_are_cheaper():
    assert usage_of(model="gpt-5", tokens_in=1_000_000, cached=1_000_000, tokens_out=0).cost_usd == pytest.approx(0.125)


def test_importing_the_connector_does_not_import_the_sdk():
    import subprocess

    code = "import sys, shared.connectors.openai.adapter as a; sys.exit('openai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[4], check=False).returncode == 0
