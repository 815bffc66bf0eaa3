"""Google's emulators, started once for the whole run; where one is not installed its tests skip and say so."""

from collections.abc import Iterator

import pytest

from infra.official.installed import FIRESTORE, OfficialProcess, missing


@pytest.fixture(scope="session")
def official_firestore() -> Iterator[str]:
    """The address of Google's Firestore emulator."""
    if reason := missing(FIRESTORE):
        pytest.skip(reason)
    with OfficialProcess(FIRESTORE) as process:
        yield process.address
