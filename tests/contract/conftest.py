"""What passes between any client and any HTTP emulator here is held against the vendor's specification, where that is on this machine."""

from collections.abc import Iterator

import pytest

from emulators.service import HttpEmulator
from tests.contract.specifications.watching import Watch


@pytest.fixture(autouse=True)
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    watch = Watch()
    monkeypatch.setattr(HttpEmulator, "__call__", lambda emulator, environ, start: watch(emulator, environ, start))
    yield watch
    assert not watch.problems, "\n\n".join(watch.problems)
