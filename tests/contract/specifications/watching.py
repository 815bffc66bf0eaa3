"""Listens in on HTTP emulators and lets the specification of each judge what passes; used by tests/contract/conftest.py."""

import io
import threading
from collections.abc import Iterable
from typing import Any

from werkzeug.wrappers import Response

from emulators.service import HttpEmulator
from tests.contract.specifications.catalogue import judges
from tests.contract.specifications.exchange import Exchange


class Watch:
    """Stands in for `HttpEmulator.__call__`; `problems` fills while servers answer."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.judged = 0
        self._lock = threading.Lock()
        self._answer = HttpEmulator.__call__

    def __call__(self, emulator: HttpEmulator, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        judges_here = judges(emulator.name)
        if not judges_here:
            return self._answer(emulator, environ, start_response)
        body = _body(environ)
        response = Response.from_app(lambda env, start: self._answer(emulator, env, start), {**environ, "wsgi.input": io.BytesIO(body)})
        for judge in judges_here:
            self._judge(judge, _exchange(environ, body, response))
        return response(environ, start_response)

    def _judge(self, judge: Any, exchange: Exchange) -> None:
        with self._lock:
            self.judged += 1
            try:
                judge.check(exchange)
            except AssertionError as wrong:
                self.problems.append(str(wrong))
            except ValueError as unreadable:
                self.problems.append(f"{exchange.method} {exchange.url}: {unreadable}")


def _body(environ: dict[str, Any]) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    stream = environ["wsgi.input"]
    return stream.read(length) if length or not environ.get("wsgi.input_terminated") else stream.read()


def _path(environ: dict[str, Any]) -> str:
    """Decoded, unless an object's name has a slash of its own: that one stays what it was on the wire."""
    raw = str(environ.get("RAW_URI", "")).partition("?")[0]
    return raw if "%2f" in raw.lower() else str(environ["PATH_INFO"].encode("latin-1").decode())


def _exchange(environ: dict[str, Any], body: bytes, response: Response) -> Exchange:
    url = _path(environ) + (f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else "")
    kinds = environ.get("CONTENT_TYPE", ""), response.headers.get("Content-Type", "")
    method = environ["REQUEST_METHOD"]
    return Exchange(method, url, body, kinds[0], response.status_code, response.get_data(), kinds[1])
