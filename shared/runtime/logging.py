"""One JSON object per line, as Cloud Logging reads it; used by every function. Only known, harmless fields are written."""

import json
import sys
from contextvars import ContextVar
from typing import TextIO

from shared.runtime.settings import Settings

LOGGABLE = frozenset(
    "function workspace_id run_id draft_id event_id entity outcome status error field detail source reason attempts count topic queue "
    "vendor duration_ms model agent fell_back raised_at".split()
)
"""Ids, counts and reasons. Addresses, names, subjects, bodies, headers and tokens have no field here."""

LONGEST = 300
SEVERITIES = ("DEBUG", "INFO", "WARNING", "ERROR", "ALERT")

current_trace: ContextVar[str] = ContextVar("current_trace", default="")


class EventLog:
    """Writes entries at or above a severity."""

    def __init__(self, *, project: str, least: str = "INFO", stream: TextIO | None = None) -> None:
        self._project, self._stream = project, stream
        self._least = SEVERITIES.index(least)

    def write(self, severity: str, message: str, **fields: object) -> None:
        """`message` is a constant sentence; what varies goes into fields. A field that is not loggable is named, not written."""
        if SEVERITIES.index(severity) < self._least:
            return
        entry: dict[str, object] = {"severity": severity, "message": message}
        entry |= {name: _short(value) for name, value in fields.items() if name in LOGGABLE}
        withheld = sorted(set(fields) - LOGGABLE)
        if withheld:
            entry["withheld"] = withheld
        trace = current_trace.get()
        if trace:
            entry["logging.googleapis.com/trace"] = f"projects/{self._project}/traces/{trace}"
        stream = self._stream or sys.stdout
        stream.write(json.dumps(entry) + "\n")  # one write: threads do not cut into each other's lines
        stream.flush()


def log_for(settings: Settings) -> EventLog:
    return EventLog(project=settings.google_cloud_project, least=settings.log_level)


def _short(value: object) -> object:
    return value if isinstance(value, bool | int | float) else str(value)[:LONGEST]
