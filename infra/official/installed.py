"""Where Google's own emulators are on this machine, and how they are started. Nothing downloads them; the suite and the tests ask here."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import grpc

from emulators.serving import free_port
from infra.refusals import CannotStart

STARTS_WITHIN_S = 90.0
WATCHED = """
"$@" & child=$!
trap 'kill $child 2>/dev/null; exit' TERM INT
while kill -0 $PPID 2>/dev/null && kill -0 $child 2>/dev/null; do sleep 1 & wait $!; done
kill $child 2>/dev/null
"""
"""A suite that was killed leaves no Java behind."""
QUICK = "-XX:TieredStopAtLevel=1"
"""The first compiler only: these processes live for minutes."""


class OfficialMissing(CannotStart):
    fix = "install gcloud's components cloud-firestore-emulator and pubsub-emulator, and Java 17; or leave EMULATORS unset"


@dataclass(frozen=True)
class Official:
    """One of Google's emulators. The globs are tried in the Cloud SDK's `platform` folder and in what firebase has fetched."""

    name: str
    in_platform: str
    in_firebase: str
    main_class: str

    def archive(self) -> Path | None:
        """Its jar; None where it is not installed."""
        found = [*_found(_platform(), self.in_platform), *_found(_firebase(), self.in_firebase)]
        return found[0] if found else None


FIRESTORE = Official(
    "firestore",
    "cloud-firestore-emulator/cloud-firestore-emulator.jar",
    "cloud-firestore-emulator-v*.jar",
    "com.google.cloud.datastore.emulator.firestore.CloudFirestore",
)
PUBSUB = Official(
    "pubsub",
    "pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar",
    "pubsub-emulator-*/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar",
    "com.google.cloud.pubsub.testing.v1.Main",
)


def missing(*wanted: Official) -> str:
    """Why these cannot be started here, in words a skipped test can say; empty when they can."""
    if shutil.which("java") is None:
        return "Java is not on PATH, which Google's emulators need"
    absent = [each.name for each in wanted if each.archive() is None]
    return f"Google's own emulator is not installed beside gcloud or firebase: {', '.join(absent)}" if absent else ""


class OfficialProcess:
    """One of them, running on a free port until it is stopped."""

    def __init__(self, which: Official) -> None:
        if reason := missing(which):
            raise OfficialMissing(reason)
        self.address = f"127.0.0.1:{free_port()}"
        host, _, port = self.address.partition(":")
        self._process = subprocess.Popen(
            _command(which, [f"--host={host}", f"--port={port}"]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait_for(which)

    @property
    def pid(self) -> int:
        """Of Java itself, not of the shell that watches it; where the kernel tells (Linux)."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return int(children[0])

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=STARTS_WITHIN_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_for(self, which: Official) -> None:
        with grpc.insecure_channel(self.address) as channel:
            try:
                grpc.channel_ready_future(channel).result(timeout=STARTS_WITHIN_S)
            except grpc.FutureTimeoutError as error:
                self.stop()
                raise OfficialMissing(f"Google's {which.name} emulator did not start") from error


def _command(which: Official, arguments: Sequence[str]) -> list[str]:
    return [
        "sh",
        "-c",
        WATCHED,
        "sh",
        str(shutil.which("java")),
        QUICK,
        "-Duser.language=en",
        "-cp",
        str(which.archive()),
        which.main_class,
        *arguments,
    ]


def _platform() -> Path | None:
    gcloud = shutil.which("gcloud")
    return Path(gcloud).resolve().parent.parent / "platform" if gcloud else None


def _firebase() -> Path | None:
    return Path.home() / ".cache" / "firebase" / "emulators" if shutil.which("firebase") else None


def _found(folder: Path | None, glob: str) -> list[Path]:
    return sorted(folder.glob(glob), reverse=True) if folder is not None else []


ALL: Mapping[str, Official] = {"firestore": FIRESTORE, "pubsub": PUBSUB}
