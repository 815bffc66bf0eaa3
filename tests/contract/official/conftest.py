"""Google's own Firestore emulator where this machine has it: beside gcloud, or in the cache of the firebase command."""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

MAIN_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
START_S = 60.0


def firestore_jar() -> Path | None:
    """The emulator's archive: a component of the Cloud SDK, or the latest that firebase has fetched for itself."""
    gcloud = shutil.which("gcloud")
    if gcloud is not None:
        sdk = Path(gcloud).resolve().parent.parent
        for folder in (sdk / "platform", Path("/usr/lib/google-cloud-sdk/platform")):
            jar = folder / "cloud-firestore-emulator" / "cloud-firestore-emulator.jar"
            if jar.exists():
                return jar
    if shutil.which("firebase") is None:
        return None
    fetched = Path.home().glob(".cache/firebase/emulators/cloud-firestore-emulator-v*.jar")
    return max(fetched, key=lambda path: path.stat().st_mtime, default=None)


@pytest.fixture(scope="session")
def official_firestore() -> Iterator[str]:
    """The address of Google's emulator, started once for the whole run."""
    jar, java = firestore_jar(), shutil.which("java")
    if jar is None or java is None:
        pytest.skip("Google's Firestore emulator is not installed here (gcloud component cloud-firestore-emulator, and Java)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        command = [java, "-XX:TieredStopAtLevel=1", "-cp", str(jar), MAIN_CLASS, "--host=127.0.0.1", f"--port={port}"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        grpc.channel_ready_future(channel).result(timeout=START_S)
        channel.close()
        yield f"127.0.0.1:{port}"
        process.terminate()
        process.wait(timeout=START_S)
