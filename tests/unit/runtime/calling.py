"""Calls endpoints as a web server would, without one; used by the tests of the endpoint decorators."""

import base64
import io
import json
from collections.abc import Mapping
from typing import Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from shared.ports.errors import Rejected
from shared.ports.requests import Caller, Incoming
from shared.runtime.endpoints import Answer, Endpoints
from shared.runtime.logging import EventLog
from shared.runtime.settings import Settings
from shared.stages.drafting.failures import FailureBook
from tests.fakes.clock import CountingIds, FixedClock
from tests.fakes.store import MemoryStore

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Doorkeeper:
    """Lets in whoever shows the right header and remembers who came."""

    def __init__(self) -> None:
        self.seen: list[Incoming] = []

    def check(self, incoming: Incoming) -> Caller:
        self.seen.append(incoming)
        if incoming.headers.get("authorization") != "Bearer good":
            raise Rejected("an identity token is required", field="authorization", status=401)
        return Caller(name="invoker")


class Reader:
    """Parses JSON; what is not JSON is Rejected."""

    def parse(self, incoming: Incoming) -> Any:
        try:
            return json.loads(incoming.body)
        except ValueError:
            raise Rejected("body: should be JSON", field="body") from None


class Door:
    """The composition root of one test and the decorators on it; `logged` is what was written."""

    def __init__(self) -> None:
        self.settings = Settings(public_url="https://public.example/", functions_url="https://internal.example")
        self.clock, self.ids, self.store, self.stream = FixedClock(), CountingIds(), MemoryStore(), io.StringIO()
        self.log = EventLog(project="p", least="DEBUG", stream=self.stream)
        self.failures: Any = FailureBook(store=self.store, clock=self.clock)
        self.doorkeeper = Doorkeeper()
        self.endpoints = Endpoints(self)

    def resolve(self, name: str) -> Any:
        return {"identity-token": self.doorkeeper, "signature": self.doorkeeper, "reader": Reader()}[name]

    @property
    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


def a_request(body: bytes = b"", *, headers: Mapping[str, str] | None = None, path: str = "/", query: str = "", **more: Any) -> Request:
    known = {"Authorization": "Bearer good", **(headers or {})}
    return Request(EnvironBuilder(method="POST", path=path, query_string=query, data=body, headers=known, **more).get_environ())


def chunked(body: bytes) -> Request:
    """A body whose length nobody says beforehand."""
    environ = EnvironBuilder(method="POST", headers={"Authorization": "Bearer good"}).get_environ()
    environ |= {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    environ.pop("CONTENT_LENGTH", None)
    return Request(environ)


def a_push(payload: str | bytes, *, headers: Mapping[str, str] | None = None, **attributes: str) -> Request:
    return a_request(envelope(payload, **attributes), headers=headers)


def envelope(payload: str | bytes, **attributes: str) -> bytes:
    data = base64.b64encode(payload if isinstance(payload, bytes) else payload.encode()).decode()
    message = {"data": data, "messageId": "77", "message_id": "77", "attributes": attributes}
    return json.dumps({"message": message, "subscription": "projects/p/subscriptions/lead.planned--draft", "deliveryAttempt": 3}).encode()


def problem(answer: Answer) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(answer[0])
    return parsed
