"""The two shapes of an emulator: an HTTP vendor or a gRPC Google service. Both reset, dump, load and tell when they are busy."""

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Protocol, runtime_checkable

import grpc
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from emulators.clock import Clock
from emulators.control import Control
from emulators.faults import CALLS, Fault, Faults, Kind
from emulators.past import Past


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

    def access_token(self, *, scope: str, email: str) -> str:
        """An OAuth access token instead, for targets that are Google APIs."""


class GrpcEmulator(Emulator, Protocol):
    def handlers(self) -> Iterable[grpc.GenericRpcHandler]: ...


Handler = Callable[..., Response]


@dataclass(frozen=True)
class Route:
    """`name` addresses faults (`<service>.<name>`); `path` is a werkzeug rule; the handler takes the request and the path's variables.

    `reads` is for a POST that changes nothing, such as a search: a stale answer means something there, as it does on every GET.
    """

    method: str
    path: str
    handler: Handler
    name: str
    reads: bool = False

    @property
    def is_control(self) -> bool:
        """It tells the emulator what to do: no fault strikes it and no call is recorded."""
        return self.path.startswith("/_emulator")


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
        self._past = Past(clock=clock, faults=self.faults, lock=self.lock, dump=self.dump)
        own = list(routes)
        for route in own:
            if not route.is_control:
                self.faults.know([f"{name}.{route.name}"], CALLS | self._staleness(route))
        table = [*own, *(Route(order.method, order.path, order.handler, "_control") for order in Control([self], clock).orders())]
        self._table, self._map = table, _compiled(tuple((route.method, route.path) for route in table))

    # What a service provides
    def reset(self) -> None: ...
    def dump(self) -> dict[str, Any]:
        return {}

    def load(self, data: Mapping[str, Any]) -> None: ...
    def close(self) -> None: ...

    def error_response(self, _error: Exception) -> Response | None:
        """The service's answer to one of its own errors; None lets it surface as a bug (500)."""
        return None

    def earlier(self, fault: Fault) -> AbstractContextManager[None]:
        """Within it the service answers from the earlier state this STALE fault asks for. Called with the lock held."""
        return self._reloaded(fault)

    @contextmanager
    def _reloaded(self, fault: Fault) -> Iterator[None]:
        present = json.loads(json.dumps(self.dump()))
        self.load(self._past.state(fault))
        try:
            yield
        finally:
            self.load(present)

    def not_routed(self, request: Request, error: HTTPException) -> Response:
        return Response(f"{request.method} {request.path} is not a route of the {self.name} emulator\n", error.code or 404)

    # WSGI
    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data(cache=True)
        try:
            number, values = self._map.bind_to_environ(environ).match()
        except (NotFound, MethodNotAllowed) as error:
            return self.not_routed(request, error)(environ, start_response)
        route = self._table[number]
        if route.is_control:
            return self._handle(route, request, values)(environ, start_response)
        name = f"{self.name}.{route.name}"
        self._past.notice()
        fault = self.faults.strike(name, self.clock.now())
        response = self._answer(route, request, values, fault)
        self._past.notice()
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
        if fault.kind is Kind.STALE:
            with self.lock, self.earlier(fault):
                return self._handle(route, request, values)
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

    def _staleness(self, route: Route) -> frozenset[Kind]:
        keeps_state = type(self).dump is not HttpEmulator.dump
        return frozenset([Kind.STALE]) if keeps_state and (route.reads or route.method == "GET") else frozenset()


@cache
def _compiled(doors: tuple[tuple[str, str], ...]) -> Map:
    """Methods and paths, each leading to its number. Compiling HubSpot's takes longer than most tests, so one serves every instance."""
    return Map([Rule(path, methods=[method], endpoint=number) for number, (method, path) in enumerate(doors)], strict_slashes=False)


def json_response(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(data), status, headers=dict(headers or {}), content_type="application/json; charset=UTF-8")


def _fault_response(fault: Fault) -> Response:
    body = fault.body if isinstance(fault.body, str) else json.dumps(fault.body if fault.body is not None else {})
    return Response(body, fault.status, headers=fault.headers, content_type="application/json")


def _hang_up(environ: dict[str, Any]) -> None:
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
