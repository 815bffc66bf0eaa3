"""The ways into a function. They authenticate, parse, trace, and turn every error family into the right answer."""

import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from shared.domain.outbox import address_of
from shared.ports.clock import Clock, Ids
from shared.ports.errors import Awaited, Permanent, ReconnectNeeded, Rejected, SalesAgentError
from shared.ports.failures import Failures
from shared.ports.requests import NOBODY, Asked, Caller, Failed, Incoming, Page, Reply
from shared.runtime.delivery import Delivery, pushed_message, queued_task
from shared.runtime.logging import EventLog, current_trace
from shared.runtime.pages import guarded, packed, refuse_other_sites
from shared.runtime.problems import bug, problem_of
from shared.runtime.settings import Settings

LARGEST_BODY = 6 << 20
"""Bytes. HubSpot's batches of 100 and Pub/Sub's messages stay far below."""

TRACE_ID = re.compile("(?!0{32})[0-9a-fA-F]{32}")

Answer = tuple[str | bytes, int, dict[str, str]]
Work = Callable[[], Reply | Page]
Visit = Callable[[Incoming, str], Page]
"""A page's handler gets the request and its trace id."""


class EndpointPorts(Protocol):
    """What the decorators take from the composition root, on first use."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def ids(self) -> Ids: ...
    @property
    def log(self) -> EventLog: ...
    @property
    def failures(self) -> Failures: ...
    def resolve(self, name: str) -> Any: ...


class Endpoints:
    """Decorators for functions; the decorated handler's name is the function's name."""

    def __init__(self, ports: EndpointPorts) -> None:
        self._ports = ports

    def http_endpoint(self, *, auth: str = "", body: str = "") -> Callable[[Callable[[Asked[Any]], Reply]], Callable[[Any], Answer]]:
        """`auth` and `body` are registry names of an Authenticator and a BodyParser; without `auth` the handler finds out who asks."""

        def decorate(handler: Callable[[Asked[Any]], Reply]) -> Callable[[Any], Answer]:
            @functools.wraps(handler)
            def endpoint(request: Any) -> Answer:
                def work() -> Reply:
                    incoming = self._incoming(request, handler.__name__, self._ports.settings.public_url)
                    caller: Caller = self._ports.resolve(auth).check(incoming) if auth else NOBODY
                    parsed = self._ports.resolve(body).parse(incoming) if body else None
                    return handler(Asked(caller, parsed, incoming, current_trace.get()))

                return self._answer(handler.__name__, self._trace_of(request.environ), work)

            return endpoint

        return decorate

    def page_endpoint(
        self, *, failed: Callable[[Failed], Page], for_strangers: bool = False, largest_body: int = LARGEST_BODY
    ) -> Callable[[Visit], Callable[[Any], Answer]]:
        """For browsers: a change is asked for by our own pages, and a failure is a page too. The handler finds out who is there.

        `for_strangers`: anybody may ask for a change, as mail providers do; `largest_body` in bytes.
        """

        def decorate(handler: Visit) -> Callable[[Any], Answer]:
            @functools.wraps(handler)
            def endpoint(request: Any) -> Answer:
                came: list[Incoming] = []

                def work() -> Page:
                    public_url = self._ports.settings.public_url
                    came.append(self._incoming(request, handler.__name__, public_url, largest_body))
                    if not for_strangers:
                        refuse_other_sites(came[0], public_url=public_url)
                    return packed(handler(came[0], current_trace.get()), came[0])

                def as_page(reply: Reply) -> Page:
                    page = failed(Failed(reply.status, _detail_of(reply), came[0] if came else None))
                    return replace(page, headers={**page.headers, **reply.headers})

                return self._answer(handler.__name__, self._trace_of(request.environ), work, as_page=as_page)

            return endpoint

        return decorate

    def on_message(self, handler: Callable[[Delivery], None]) -> Callable[[Any], Answer]:
        """For a push subscription: 204 acknowledges, 503 asks for another delivery."""
        return self._on_delivery(handler, pushed_message)

    def on_task(self, handler: Callable[[Delivery], None]) -> Callable[[Any], Answer]:
        """For a Cloud Tasks queue: 204 finishes the task, 503 retries it."""
        return self._on_delivery(handler, queued_task)

    def on_schedule(self, handler: Callable[[], None]) -> Callable[[Any], Answer]:
        """For Cloud Scheduler; the next tick repeats what failed."""

        @functools.wraps(handler)
        def endpoint(request: Any) -> Answer:
            def work() -> Reply:
                self._ports.resolve("identity-token").check(self._incoming(request, handler.__name__, self._ports.settings.functions_url))
                handler()
                return Reply(status=204)

            return self._answer(handler.__name__, self._trace_of(request.environ), work)

        return endpoint

    def _on_delivery(self, handler: Callable[[Delivery], None], unwrap: Callable[[Incoming], Delivery]) -> Callable[[Any], Answer]:
        @functools.wraps(handler)
        def endpoint(request: Any) -> Answer:
            name = handler.__name__

            def work() -> Reply:
                incoming = self._incoming(request, name, self._ports.settings.functions_url)
                self._ports.resolve("identity-token").check(incoming)
                self._process(handler, _unwrapped(unwrap, incoming))
                return Reply(status=204)

            return self._answer(name, self._trace_of(request.environ), work)

        return endpoint

    def _process(self, handler: Callable[[Delivery], None], delivery: Delivery) -> None:
        """Rejected input is quarantined, Permanent failures are recorded, and what waits for an account is paused: all are acknowledged."""
        name = handler.__name__
        if delivery.trace_id:
            current_trace.set(delivery.trace_id)
        try:
            handler(delivery)
        except Rejected as error:
            self._tell("ERROR", "message quarantined", name, error, attempts=delivery.attempt)
            self._ports.failures.quarantine(
                function=name,
                source=delivery.source,
                delivery_id=delivery.id,
                payload=delivery.payload,
                attributes=delivery.attributes,
                reason=error.detail,
                attempts=delivery.attempt,
            )
        except ReconnectNeeded as error:
            self._pause_or_fail(name, delivery, error)
        except Permanent as error:
            self._fail(name, delivery, error)

    def _pause_or_fail(self, name: str, delivery: Delivery, error: ReconnectNeeded) -> None:
        """Told as an error once: it is tried again every few minutes until somebody has connected the account."""
        pause = self._ports.failures.pause(function=name, work=delivery.work, error=error)
        if pause is None:
            self._fail(name, delivery, error)
        else:
            self._tell(
                "ERROR" if pause.is_new else "INFO",
                "run paused until an account or setting is there",
                name,
                error,
                entity=pause.id,
            )

    def _fail(self, name: str, delivery: Delivery, error: Permanent) -> None:
        self._tell("ERROR", "work failed for good", name, error)
        self._ports.failures.record(function=name, work=delivery.work, error=error)

    def _answer(self, name: str, trace: str, work: Work, *, as_page: Callable[[Reply], Page] | None = None) -> Answer:
        token = current_trace.set(trace)
        started = self._ports.clock.now()
        try:
            reply: Reply | Page = work()
        except SalesAgentError as error:
            reply = problem_of(error)
            self._tell("INFO" if isinstance(error, Awaited) else "WARNING", "request not served", name, error)
        except Exception as error:  # noqa: BLE001 - the one boundary: a bug becomes a 500, told without its values
            reply = bug()
            self._ports.log.write("ERROR", "bug", function=name, error=type(error).__name__, raised_at=_raised_at(error))
        finally:
            duration = (self._ports.clock.now() - started).total_seconds() * 1000
        # The platform has a line for every request already; a second one costs a third of the requests a webhook can take.
        self._ports.log.write("DEBUG", "served", function=name, status=reply.status, duration_ms=round(duration))
        current_trace.reset(token)
        return _rendered(as_page(reply) if as_page and isinstance(reply, Reply) else reply)

    def _tell(self, severity: str, message: str, name: str, error: SalesAgentError, **fields: object) -> None:
        self._ports.log.write(
            severity, message, function=name, error=type(error).__name__, detail=error.detail, source=error.source, **fields
        )

    def _incoming(self, request: Any, function: str, base: str, largest_body: int = LARGEST_BODY) -> Incoming:
        body = request.stream.read(largest_body + 1)  # a chunked request does not say its length beforehand
        if len(body) > largest_body:
            raise Rejected(f"body: at most {largest_body} bytes", field="body", status=413)
        query = request.query_string.decode("ascii", "replace")
        path = request.path if request.path != "/" else ""
        url = base.rstrip("/") + address_of(function) + path + (f"?{query}" if query else "")
        asked = dict(request.args) if query else {}
        return Incoming(request.method, url, path, asked, _headers_of(request.environ), body, request.environ.get("REMOTE_ADDR", ""))

    def _trace_of(self, environ: Mapping[str, Any]) -> str:
        """The caller's W3C or Google trace id, else a new one."""
        for name, separator, index in (("HTTP_TRACEPARENT", "-", 1), ("HTTP_X_CLOUD_TRACE_CONTEXT", "/", 0)):
            parts = environ.get(name, "").split(separator)
            if len(parts) > index and TRACE_ID.fullmatch(parts[index]):
                return str(parts[index])
        return self._ports.ids.new()


def _headers_of(environ: Mapping[str, Any]) -> dict[str, str]:
    """Read from the WSGI environment at once: the framework's header view costs a look-up for each name, 30 µs of a webhook."""
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    plain = {"content-type": environ.get("CONTENT_TYPE"), "content-length": environ.get("CONTENT_LENGTH")}
    return headers | {name: value for name, value in plain.items() if value}


def _unwrapped(unwrap: Callable[[Incoming], Delivery], incoming: Incoming) -> Delivery:
    """An envelope that cannot be read is kept as it came."""
    try:
        return unwrap(incoming)
    except Rejected:
        return Delivery(id="", source="unreadable envelope", payload=incoming.body.decode("utf-8", "replace"))


def _raised_at(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""


def _detail_of(reply: Reply) -> str:
    return str(reply.content["detail"]) if isinstance(reply.content, dict) else ""


def _rendered(reply: Reply | Page) -> Answer:
    if isinstance(reply, Page):
        return reply.body, reply.status, guarded(reply)
    kind = "application/problem+json" if reply.status >= 400 else "application/json"
    body = "" if reply.content is None else json.dumps(reply.content, ensure_ascii=False)
    body = body if reply.text is None else reply.text
    return body, reply.status, {"Content-Type": kind, "Cache-Control": "no-store", **reply.headers}
