"""Firestore on a frozen clock with the unmodified client pointed at it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from google.cloud import firestore

from emulators.clock import Clock
from emulators.firestore.routes import FirestoreEmulator
from emulators.serving import GrpcServer


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[FirestoreEmulator, Clock, str]]:
    clock = Clock(frozen_at=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    emulator = FirestoreEmulator(clock)
    server = GrpcServer([emulator]).start()
    yield emulator, clock, server.address
    server.stop()


@pytest.fixture
def emulator(served: tuple[FirestoreEmulator, Clock, str]) -> FirestoreEmulator:
    """Empty and healthy at the start of every test."""
    served[0].reset()
    served[0].faults.clear()
    return served[0]


@pytest.fixture
def clock(served: tuple[FirestoreEmulator, Clock, str]) -> Clock:
    return served[1]


@pytest.fixture
def client(
    served: tuple[FirestoreEmulator, Clock, str], emulator: FirestoreEmulator, monkeypatch: pytest.MonkeyPatch
) -> Iterator[firestore.Client]:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", served[2])
    client = firestore.Client(project="sdr")
    yield client
    client.close()
