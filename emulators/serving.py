"""Ports and threads: serves HTTP emulators with werkzeug and gRPC emulators together on one port, and stops both cleanly."""

import threading
from collections.abc import Iterable
from concurrent import futures
from types import TracebackType
from typing import Any, Self

import grpc
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from emulators.service import GrpcEmulator

GRPC_OPTIONS = (("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20), ("grpc.so_reuseport", 0))


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Silent: the suite logs what matters."""


class HttpServer:
    """One WSGI application on its own port, a thread per connection."""

    def __init__(self, app: Any, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server: BaseWSGIServer = make_server(host, port, app, threaded=True, request_handler=_Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.port: int = self._server.server_port
        self.url = f"http://{host}:{self.port}"

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

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
