"""Google's emulators, started once for the whole run; where one is not installed its tests skip and say so."""

import socket
from collections.abc import Iterator

import pytest

from tests.contract.official.jar import WHY_NOT, firestore_jar, served_officially


@pytest.fixture(scope="session")
def official_firestore() -> Iterator[str]:
    """The address of Google's Firestore emulator."""
    jar = firestore_jar()
    if jar is None:
        pytest.skip(WHY_NOT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with served_officially(jar, port, "-XX:TieredStopAtLevel=1"):
        yield f"127.0.0.1:{port}"
