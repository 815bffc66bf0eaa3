"""Adapters of the Clock and Ids ports: the machine's, and the suite's virtual clock read from a shared file."""

import math
import mmap
import secrets
import struct
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from shared.runtime.settings import Settings

ALPHABET = b"0123456789abcdefghjkmnpqrstvwxyz"
LETTER_OF_BYTE = ALPHABET * 8
"""256 is a multiple of 32: every letter is as likely as every other."""
LAYOUT = struct.Struct("<dd")
"""(frozen_at, offset_s) as the suite writes them: epoch seconds or NaN; seconds."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC)

    def pause(self, seconds: float) -> None:
        threading.Event().wait(seconds)


class SuiteClock:
    """The virtual clock of a suite. While it runs, pauses are real; while it stands still, they cost no time."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as handle:
            self._shared = mmap.mmap(handle.fileno(), LAYOUT.size, access=mmap.ACCESS_READ)

    def now(self) -> datetime:
        frozen_at, offset_s = LAYOUT.unpack(self._shared[: LAYOUT.size])
        return datetime.fromtimestamp((time.time() if math.isnan(frozen_at) else frozen_at) + offset_s, UTC)

    def pause(self, seconds: float) -> None:
        frozen_at, _ = LAYOUT.unpack(self._shared[: LAYOUT.size])
        if math.isnan(frozen_at):
            threading.Event().wait(seconds)


def clock_for(settings: Settings) -> SystemClock | SuiteClock:
    return SuiteClock(Path(settings.clock_file)) if settings.clock_file else SystemClock()


class RandomIds:
    """26 characters of Crockford's alphabet, 130 bits of chance."""

    def new(self) -> str:
        # One system call for all characters: asking for each would be a fifth of what a webhook costs.
        return secrets.token_bytes(26).translate(LETTER_OF_BYTE).decode()

    def fraction(self) -> float:
        return secrets.randbits(53) / (1 << 53)
