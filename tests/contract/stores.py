"""A FirestoreStore on a real gRPC server of the emulator; used by the contract tests of the Store port."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.firestore.routes import FirestoreEmulator
from emulators.serving import GrpcServer
from shared.gcp.firestore import FirestoreStore
from shared.runtime.settings import Settings
from tests.fakes.clock import CountingIds, FixedClock


@dataclass(frozen=True)
class ServedFirestore:
    emulator: FirestoreEmulator
    store: FirestoreStore
    clock: FixedClock

    def fail(self, route: str, kind: Kind = Kind.STATUS, *, code: str = "UNAVAILABLE", times: int | None = None) -> None:
        self.emulator.faults.add(Fault(route=f"firestore.{route}", kind=kind, body=code, times=times))

    def renew(self) -> None:
        """Empty and healthy, as if just started."""
        self.emulator.reset()
        self.emulator.faults.clear()
        self.clock.pauses.clear()


@contextmanager
def served_firestore() -> Iterator[ServedFirestore]:
    emulator, clock = FirestoreEmulator(Clock()), FixedClock()
    server = GrpcServer([emulator], workers=8).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", server.address)
        settings = Settings(firestore_emulator_host=server.address)
        store = FirestoreStore(settings=settings, clock=clock, ids=CountingIds())
        yield ServedFirestore(emulator, store, clock)
    server.stop()
