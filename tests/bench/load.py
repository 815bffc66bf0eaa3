"""Sends prepared requests over kept connections, so many at once, and reports; a script of its own process: `python load.py < order`.

The order on standard input is JSON: {"port", "connections", "deadline_s", "requests": [raw HTTP/1.1 requests, latin-1]}.
"""

import json
import selectors
import socket
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

HEAD_ENDS = b"\r\n\r\n"


@dataclass
class Burst:
    """What came of it. `failed` counts requests without an answer: broken connections, and those that missed the deadline."""

    seconds: float = 0.0
    failed: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies_ms: list[float] = field(default_factory=list)


@dataclass
class Line:
    """One connection with at most one request on its way."""

    socket: socket.socket
    sent_at: float = 0.0
    received: bytes = b""


def run(order: dict[str, Any]) -> Burst:
    waiting = [one.encode("latin-1") for one in reversed(order["requests"])]
    burst, selector = Burst(), selectors.DefaultSelector()
    for _ in range(min(order["connections"], len(waiting))):
        line = Line(socket.create_connection(("127.0.0.1", order["port"])))
        selector.register(line.socket, selectors.EVENT_READ, line)
    started = time.perf_counter()
    for key in list(selector.get_map().values()):
        _send(key.data, waiting.pop())
    while selector.get_map() and time.perf_counter() - started < order["deadline_s"]:
        for key, _ in selector.select(timeout=0.5):
            _read(key.data, waiting, selector, burst)
    burst.seconds = time.perf_counter() - started
    burst.failed = len(order["requests"]) - sum(burst.statuses.values())
    return burst


def answered(received: bytes) -> int | None:
    """The status of a complete answer; None while parts of it are missing."""
    head, found, body = received.partition(HEAD_ENDS)
    if not found:
        return None
    lines = head.split(b"\r\n")
    length = next((int(one[15:]) for one in lines if one.lower().startswith(b"content-length:")), 0)
    return int(lines[0].split()[1]) if len(body) >= length else None


def _send(line: Line, request: bytes) -> None:
    line.received, line.sent_at = b"", time.perf_counter()
    line.socket.sendall(request)


def _read(line: Line, waiting: list[bytes], selector: selectors.BaseSelector, burst: Burst) -> None:
    try:
        chunk = line.socket.recv(65536)
    except OSError:
        chunk = b""
    line.received += chunk
    status = answered(line.received) if chunk else None
    if status is not None:
        burst.latencies_ms.append((time.perf_counter() - line.sent_at) * 1000)
        burst.statuses[status] = burst.statuses.get(status, 0) + 1
    if not chunk or (status is not None and not waiting):
        selector.unregister(line.socket)
        line.socket.close()
    elif status is not None:
        _send(line, waiting.pop())


if __name__ == "__main__":
    json.dump(asdict(run(json.load(sys.stdin))), sys.stdout)
