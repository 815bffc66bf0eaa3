"""The suite's clock: it runs, can be frozen and can be advanced; other processes read it from a 16-byte file."""

import math
import mmap
import struct
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

LAYOUT = struct.Struct("<dd")
"""(frozen_at, offset_s): epoch seconds at which time stands still, or NaN while it runs; seconds added to the wall clock."""


class Clock:
    """Virtual time for every emulator of one suite.

    `changed` is notified whenever time jumps or a service calls `notify`: waiting threads re-check what they wait for, so
    nothing polls and nothing sleeps through an advance.
    """

    def __init__(self, *, frozen_at: datetime | None = None, path: Path | None = None) -> None:
        self.changed = threading.Condition(threading.RLock())
        self._frozen_at = frozen_at.timestamp() if frozen_at else math.nan
        self._offset_s = 0.0
        self._file = _shared_file(path) if path else None
        self._publish()

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        with self.changed:
            base = time.time() if math.isnan(self._frozen_at) else self._frozen_at
            return datetime.fromtimestamp(base + self._offset_s, UTC)

    @property
    def frozen(self) -> bool:
        return not math.isnan(self._frozen_at)

    def advance(self, by: timedelta) -> datetime:
        """Move time forward (or back, for a clock that jumps) and wake everyone who waits for a moment."""
        with self.changed:
            self._offset_s += by.total_seconds()
            self._publish()
            self.changed.notify_all()
            return self.now()

    def notify(self) -> None:
        """Tell waiting threads that something other than time has changed."""
        with self.changed:
            self.changed.notify_all()

    def wait_for(self, ready: Callable[[], bool], *, until: datetime | None = None, at_most_s: float | None = None) -> bool:
        """Block until `ready()`, until virtual time reaches `until`, or for `at_most_s` real seconds; answers `ready()`."""
        deadline = None if at_most_s is None else time.monotonic() + at_most_s
        with self.changed:
            while not ready():
                waits = [] if deadline is None else [deadline - time.monotonic()]
                if until is not None:
                    left = (until - self.now()).total_seconds()
                    if left <= 0:
                        return ready()
                    if not self.frozen:
                        waits.append(left)
                if waits and min(waits) <= 0:
                    return ready()
                self.changed.wait(min(waits) if waits else None)
            return True

    def _publish(self) -> None:
        if self._file is not None:
            self._file[: LAYOUT.size] = LAYOUT.pack(self._frozen_at, self._offset_s)


def _shared_file(path: Path) -> mmap.mmap:
    path.write_bytes(bytes(LAYOUT.size))
    with path.open("r+b") as handle:
        return mmap.mmap(handle.fileno(), LAYOUT.size)
