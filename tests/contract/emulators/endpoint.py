"""A function's stand-in: an HTTP endpoint that records what is delivered to it and answers as it is told."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from werkzeug.wrappers import Request, Response

from emulators.serving import HttpServer


@dataclass(frozen=True)
class Delivery:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Accounts:
    """Mints readable stand-ins for identity tokens."""

    def token(self, *, audience: str, email: str) -> str:
        return f"{email} for {audience}"

    def access_token(self, *, scope: str, email: str) -> str:
        return f"{email} may {scope}"


class Endpoint:
    """`statuses` are answered in order, then 200 for ever, with `text`; while `gate` is closed, requests wait in it."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.deliveries = list(statuses), list[Delivery]()
        self.text = ""
        self.gate, self.arrived = threading.Event(), threading.Event()
        self.gate.set()
        self.on_delivery: Callable[[Delivery], object] = lambda _: None
        self.most_at_once, self._at_once = 0, 0
        self._lock = threading.Lock()
        self._server = HttpServer(self._app)
        self.url = f"{self._server.url}/hook"

    @property
    def bodies(self) -> list[str]:
        return [delivery.body.decode() for delivery in self.deliveries]

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._server.stop()

    def _app(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        headers = {key.lower(): value for key, value in request.headers.items()}
        delivery = Delivery(request.method, request.full_path.rstrip("?"), headers, request.get_data())
        with self._lock:
            self.deliveries.append(delivery)
            status = self.statuses.pop(0) if self.statuses else 200
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        self.arrived.set()
        self.on_delivery(delivery)
        assert self.gate.wait(20)
        with self._lock:
            self._at_once -= 1
        return Response(self.text, status)(environ, start_response)
