"""Ports and threads: serves HTTP emulators with werkzeug and gRPC emulators together on one port, and stops both cleanly."""

import errno
import os
import selectors
import socket
import threading
from collections.abc import Iterable
from concurrent import futures
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Any, Self

import grpc
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from emulators.service import GrpcEmulator

GRPC_OPTIONS = (("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20), ("grpc.so_reuseport", 0))

NOBODYS = range(22_000, 32_000)
"""Below what the kernel hands out (Linux from 32768, macOS from 49152): none of these goes to a connection between look and use."""
_turns = count(os.getpid() * 97)


def free_port(*, host: str = "127.0.0.1") -> int:
    """For a process that is told its port. No two calls of a process answer the same one soon, and each process begins elsewhere."""
    for _ in NOBODYS:
        port = NOBODYS[next(_turns) % len(NOBODYS)]
        with socket.socket() as probe, suppress(OSError):
            probe.bind((host, port))
            return port
    raise OSError(errno.EADDRINUSE, f"no port from {NOBODYS.start} to {NOBODYS.stop - 1} is free")


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Silent: the suite logs what matters."""


class HttpServer:
    """One WSGI application on its own port, a thread per connection."""

    def __init__(self, app: Any, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server: BaseWSGIServer = make_server(host, port, app, threaded=True, request_handler=_Handler)
        self._server.timeout = 0
        self._stopping, self._stop = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port: int = self._server.server_port
        self.url = f"http://{host}:{self.port}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stop.close()
        self._thread.join(timeout=5)
        self._server.server_close()
        self._stopping.close()

    def _serve(self) -> None:
        """Wakes up for a connection or for `stop`, and never just to look."""
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._server, selectors.EVENT_READ)
            waiting.register(self._stopping, selectors.EVENT_READ)
            while self._stopping not in [ready.fileobj for ready, _ in waiting.select()]:
                self._server.handle_request()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


class GrpcServer:
    """Any number of Google services on one insecure port."""

    def __init__(self, services: Iterable[GrpcEmulator], *, host: str = "127.0.0.1", port: int = 0, workers: int = 48) -> None:
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=workers), options=GRPC_OPTIONS)
        self._server.add_generic_rpc_handlers(tuple(h for service in services for h in service.handlers()))
        self.port = self._server.add_insecure_port(f"{host}:{port}")
        self.address = f"{host}:{self.port}"

    def start(self) -> Self:
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop(grace=0.2).wait()
