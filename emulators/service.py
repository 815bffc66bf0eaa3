"""The two shapes of an emulator: an HTTP vendor or a gRPC Google service. Both reset, dump, load and tell when they are busy."""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import grpc
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.faults import Fault, Faults, Kind


class Emulator(Protocol):
    """What the suite and `python -m emulators` need of every service."""

    name: str
    faults: Faults

    def reset(self) -> None: ...
    def dump(self) -> dict[str, Any]: ...
    def load(self, data: Mapping[str, Any]) -> None: ...
    def close(self) -> None: ...


@runtime_checkable
class Deliverer(Protocol):
    """A service that calls others by itself (Pub/Sub push, Cloud Tasks, Scheduler, vendor webhooks)."""

    def next_due(self) -> datetime | None:
        """The earliest virtual moment at which it will attempt a delivery; None when nothing waits."""

    def in_flight(self) -> int:
        """Deliveries started and not yet answered."""


class Identity(Protocol):
    """Whoever mints the identity tokens that deliveries carry (the OIDC emulator)."""

    def token(self, *, audience: str, email: str) -> str: ...


class GrpcEmulator(Emulator, Protocol):
    def handlers(self) -> Iterable[grpc.GenericRpcHandler]: ...


Handler = Callable[..., Response]


@dataclass(frozen=True)
class Route:
    """`name` addresses faults (`<service>.<name>`); `path` is a werkzeug rule; the handler takes the request and the path's variables."""

    method: str
    path: str
    handler: Handler
    name: str


@dataclass(frozen=True)
class Call:
    """One recorded request, for tests that ask what really went over the wire."""

    at: datetime
    route: str
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    status: int


class HttpEmulator:
    """Routing, fault injection, recording and the control routes under `/_emulator/` of one HTTP service.

    A service subclasses it, passes its routes and says how its errors look (`error_response`).
    """

    def __init__(self, name: str, clock: Clock, routes: Iterable[Route]) -> None:
        self.name, self.clock, self.faults = name, clock, Faults()
        self.calls: list[Call] = []
        self.lock = threading.RLock()
        table = [*routes, *self._control_routes()]
        self._map = Map([Rule(r.path, methods=[r.method], endpoint=r) for r in table], strict_slashes=False)

    # What a service provides
    def reset(self) -> None: ...
    def dump(self) -> dict[str, Any]:
        return {}

    def load(self, data: Mapping[str, Any]) -> None: ...
    def close(self) -> None: ...

    def error_response(self, _error: Exception) -> Response | None:
        """The service's answer to one of its own errors; None lets it surface as a bug (500)."""
        return None

    def not_routed(self, request: Request, error: HTTPException) -> Response:
        return Response(f"{request.method} {request.path} is not a route of the {self.name} emulator\n", error.code or 404)

    # WSGI
    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data(cache=True)
        try:
            route, values = self._map.bind_to_environ(environ).match()
        except (NotFound, MethodNotAllowed) as error:
            return self.not_routed(request, error)(environ, start_response)
        name = f"{self.name}.{route.name}"
        fault = None if route.path.startswith("/_emulator") else self.faults.strike(name, self.clock.now())
        response = self._answer(route, request, values, fault)
        if not route.path.startswith("/_emulator"):
            self._record(name, request, body, response.status_code)
        if fault is not None and fault.kind in (Kind.DROP_BEFORE, Kind.DROP_AFTER):
            _hang_up(environ)
        return response(environ, start_response)

    def _answer(self, route: Route, request: Request, values: Mapping[str, Any], fault: Fault | None) -> Response:
        if fault is None:
            return self._handle(route, request, values)
        if fault.kind is Kind.STATUS:
            return _fault_response(fault)
        if fault.kind is Kind.DROP_BEFORE:
            return Response(status=503)
        if fault.kind is Kind.DELAY:
            threading.Event().wait(fault.delay_s)
        if fault.kind is Kind.DUPLICATE:
            self._handle(route, request, values)
        response = self._handle(route, request, values)
        return Response(b'{"unfinished": ', 200, content_type="application/json") if fault.kind is Kind.MALFORMED else response

    def _handle(self, route: Route, request: Request, values: Mapping[str, Any]) -> Response:
        try:
            with self.lock:
                return route.handler(request, **values)
        except Exception as error:  # the boundary of the emulator: its own errors become the vendor's answers
            response = self.error_response(error)
            if response is None:
                raise
            return response

    def _record(self, name: str, request: Request, body: bytes, status: int) -> None:
        query = {key: request.args.getlist(key) for key in request.args}
        headers = {key.lower(): value for key, value in request.headers.items()}
        call = Call(self.clock.now(), name, request.method, request.path, query, headers, body, status)
        with self.lock:
            self.calls.append(call)

    # Control
    def _control_routes(self) -> list[Route]:
        return [
            Route("POST", "/_emulator/faults", self._add_fault, "_faults"),
            Route("DELETE", "/_emulator/faults", self._clear_faults, "_clear"),
            Route("POST", "/_emulator/reset", self._reset, "_reset"),
            Route("GET", "/_emulator/state", self._state, "_state"),
            Route("PUT", "/_emulator/state", self._load_state, "_load_state"),
        ]

    def _add_fault(self, request: Request) -> Response:
        try:
            self.faults.add(Fault.parse(request.get_json()))
        except (TypeError, ValueError, KeyError) as error:
            return Response(f"not a fault: {error}\n", 400)
        return Response(status=204)

    def _clear_faults(self, _: Request) -> Response:
        self.faults.clear()
        return Response(status=204)

    def _reset(self, _: Request) -> Response:
        self.reset()
        self.faults.clear()
        self.calls.clear()
        return Response(status=204)

    def _state(self, _: Request) -> Response:
        return json_response(self.dump())

    def _load_state(self, request: Request) -> Response:
        self.load(request.get_json())
        return Response(status=204)


def json_response(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(data), status, headers=dict(headers or {}), content_type="application/json; charset=UTF-8")


def _fault_response(fault: Fault) -> Response:
    body = fault.body if isinstance(fault.body, str) else json.dumps(fault.body if fault.body is not None else {})
    return Response(body, fault.status, headers=fault.headers, content_type="application/json")


def _hang_up(environ: dict[str, Any]) -> None:
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
