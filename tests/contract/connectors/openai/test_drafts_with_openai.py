"""draft_writer over the real connector and the emulator: the same cases and the same gate as for the built-in writer."""

from datetime import UTC, datetime, timedelta

import pytest

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.openai.routes import OpenAIEmulator
from emulators.serving import HttpServer
from shared.connectors.builtin.writer import VERSION, BuiltInWriter
from shared.connectors.openai.adapter import embedder, language_model
from shared.domain.agent_run import AgentRun
from shared.domain.verdict import Outcome
from shared.runtime.model_gateway import ModelGateway
from shared.runtime.settings import Settings
from tests.cases import cases_of
from tests.confidential import planted
from tests.drafting import judged, unmet, written
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.store import MemoryStore

CALL = {"action": "PROPOSE_CALL", "tone": "conversational", "finds": ["slots"]}
GOOD = {
    "subject": "A time to talk",
    "paragraphs": [
        {
            "sentences": [
                {
                    "text": "You plan a logistics summit for 400 guests in May.",
                    "kind": "documented",
                    "sources": ["form.message", "made.up"],
                },
                {"text": "Would one of these times work for a short call?", "kind": "inferred", "sources": []},
            ]
        }
    ],
    "attach": ["file-1", "file-unknown"],
}


@pytest.fixture(scope="module")
def served():
    emulator = OpenAIEmulator(Clock(frozen_at=datetime(2026, 11, 23, tzinfo=UTC)))
    with HttpServer(emulator) as server:
        yield emulator, server.url


@pytest.fixture
def url(served):
    return served[1]


@pytest.fixture
def emulator(served):
    emulator, _ = served
    emulator.reset()
    emulator.faults.clear()
    emulator.calls.clear()
    return emulator


@pytest.fixture
def world(url, emulator):
    return World(url)


class World:
    def __init__(self, url, **settings):
        self.store, self.clock, self.ids = MemoryStore(), FixedClock(), CountingIds()
        self.settings = Settings(openai_api_key=planted("OpenAI key"), openai_base_url=f"{url}/v1", **settings)
        self.model = self.gateway(self.settings)

    def gateway(self, settings):
        ports = {"store": self.store, "clock": self.clock, "ids": self.ids}
        return ModelGateway(primary=language_model(settings=settings, **ports), fallback=BuiltInWriter(), **ports)

    @property
    def runs(self):
        return self.store.everything(AgentRun)


@pytest.mark.parametrize(("given", "expected"), cases_of("draft_writer"))
def test_the_emulated_models_mail_passes_the_same_gate(world, given, expected):
    text, authorship = written(world.model, given)
    assert (authorship.model, authorship.fell_back) == ("gpt-5-mini", False)
    assert unmet(text, {key: expected[key] for key in ("greeting", "sign_off", "subject", "attached", "never") if key in expected}) == []
    verdict = judged(text, given)
    assert [(one.check, one.quote) for one in verdict.violations if one.outcome is Outcome.FAIL] == []


def test_unknown_sources_and_files_are_dropped(world, emulator):
    emulator.script(GOOD)
    text, _ = written(world.model, CALL)
    assert text.sentences[0].sources == ("form.message",)
    assert text.attachments == ()


def test_a_fact_without_a_known_source_is_sent_back_once(world, emulator):
    first = GOOD["paragraphs"][0]["sentences"][0]
    emulator.script({**GOOD, "paragraphs": [{"sentences": [{**first, "sources": ["made.up"]}]}]})
    emulator.script(GOOD, match="cites no known evidence id")
    text, authorship = written(world.model, CALL)
    assert text.subject == "A time to talk"
    assert not authorship.fell_back
    (run,) = world.runs
    assert (run.attempts, run.outcome) == (2, "ok")


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault("openai.chat.*", Kind.MALFORMED), "malformed"),
        (Fault("openai.chat.*", Kind.STATUS, status=503), "unavailable"),
        (Fault("openai.chat.*", Kind.STATUS, status=401, body={"error": {"message": "no"}}), "refused"),
    ],
)
def test_when_the_model_fails_the_built_in_writer_takes_over_and_says_so(world, emulator, fault, outcome):
    emulator.faults.add(fault)
    text, authorship = written(world.model, CALL)
    assert (authorship.model, authorship.fell_back) == (VERSION, True)
    assert authorship.fallback_reason.startswith(f"{outcome}: ")
    assert judged(text, CALL).outcome is Outcome.PASS
    assert [(run.outcome, run.fell_back) for run in world.runs] == [(outcome, True)]


def test_a_slow_model_is_not_waited_for(url, emulator):
    emulator.faults.add(Fault("openai.chat.*", Kind.DELAY, delay_s=0.4))
    world = World(url, model_timeout_s=0.1)
    _, authorship = written(world.model, CALL)
    assert authorship.fallback_reason.startswith("timeout: ")
    assert world.clock.now() - FixedClock().now() == timedelta(0)


def test_without_a_key_nobody_is_called_and_nobody_fell_back(world, emulator):
    _, authorship = written(world.gateway(Settings()), CALL)
    assert (authorship.model, authorship.fell_back) == (VERSION, False)
    assert emulator.calls == []


def test_the_embedder_is_chosen_by_the_key(world):
    ports = {"store": world.store, "clock": world.clock, "ids": world.ids}
    builtin = object()
    assert embedder(settings=Settings(), fallback=builtin, **ports) is builtin
    assert embedder(settings=world.settings, fallback=builtin, **ports).version == "openai/text-embedding-3-small/1536"
