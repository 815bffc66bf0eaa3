"""Google's own Firestore emulator where this machine has it: beside gcloud, or in the cache of the firebase command."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc

MAIN_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
START_S = 120.0
WHY_NOT = "Google's Firestore emulator is not installed here (gcloud component cloud-firestore-emulator, and Java)"


def firestore_jar() -> Path | None:
    """The emulator's archive: a component of the Cloud SDK, or the latest that firebase has fetched for itself; None without Java."""
    if shutil.which("java") is None:
        return None
    if (gcloud := shutil.which("gcloud")) is not None:
        for bin in (Path(gcloud).parent, Path(gcloud).resolve().parent, Path("/usr/lib/google-cloud-sdk/bin")):
            jar = bin.parent / "platform" / "cloud-firestore-emulator" / "cloud-firestore-emulator.jar"
            if jar.exists():
                return jar
    fetched = Path.home().glob(".cache/firebase/emulators/cloud-firestore-emulator-v*.jar")
    return max(fetched, key=lambda path: path.stat().st_mtime, default=None) if shutil.which("firebase") else None


@contextmanager
def served_officially(jar: Path, port: int, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Its process on that port of loopback, ready to answer; it ends with the block."""
    command = ["java", *options, "-cp", str(jar), MAIN_CLASS, "--host=127.0.0.1", f"--port={port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_it_listens(port)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=START_S)


def wait_until_it_listens(port: int) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.max_reconnect_backoff_ms", 100)]) as channel:
        grpc.channel_ready_future(channel).result(timeout=START_S)
