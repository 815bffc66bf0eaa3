"""The OpenAI emulator on a frozen clock behind a real socket, its official client, and the specification's schemas."""

from collections.abc import Iterator
from datetime import UTC, datetime

import openai
import pytest

from emulators.clock import Clock
from emulators.openai.routes import OpenAIEmulator
from emulators.serving import HttpServer
from tests.contract.specifications.catalogue import specification


@pytest.fixture
def emulator() -> OpenAIEmulator:
    return OpenAIEmulator(Clock(frozen_at=datetime(2026, 11, 23, 9, 0, tzinfo=UTC)))


@pytest.fixture
def url(emulator: OpenAIEmulator) -> Iterator[str]:
    with HttpServer(emulator) as server:
        yield server.url


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="sk-test", base_url=f"{url}/v1", max_retries=0, timeout=5) as client:
        yield client


@pytest.fixture
def fits():
    """Holds what a stream brings against the specification, where that is at hand."""
    judge = specification("openai")

    def check(schema: str, event) -> None:
        if judge is not None:
            judge.fits(schema, event.model_dump(mode="json", exclude_unset=True))

    return check
