"""Every function behind one local port, each served by functions-framework below its own address; started by the suite."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import functions_framework
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from emulators.serving import HttpServer
from infra.enforcement import HeldToManifest, Ledger, hold_to_manifests
from infra.manifests import ROOT, Manifest, load_all
from shared.domain.outbox import address_of
from shared.wiring import ports

READY = "functions are ready"


class OnFirstUse:
    """A function's WSGI application, built when it is first called: what is not used is not imported."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._app: Any = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self._lock:
            if self._app is None:
                self._app = functions_framework.create_app(self._name, str(ROOT / "main.py"))  # type: ignore[no-untyped-call]
        # A function's own address is its root, with or without the slash.
        answer: Iterable[bytes] = self._app({**environ, "PATH_INFO": environ["PATH_INFO"] or "/"}, start_response)
        return answer


def application(*, manifests: Mapping[str, Manifest] | None = None, ledger: Ledger | None = None) -> DispatcherMiddleware:
    """WSGI: `/form-webhook/…` reaches function form_webhook with the rest of the path. `ledger` keeps what each one touches."""
    hold_to_manifests(ports)
    served, kept = load_all() if manifests is None else manifests, ledger or Ledger()
    mounts: dict[str, Any] = {address_of(name): HeldToManifest(OnFirstUse(name), one, kept) for name, one in served.items()}
    listing = "".join(f"{address}\n" for address in mounts)
    return DispatcherMiddleware(Response(f"no such function; there are\n{listing}", 404), mounts)


def main(manifests: Mapping[str, Manifest] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.front", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    _stop_with(os.getppid(), stop)
    with HttpServer(application(manifests=manifests), port=options.port):
        print(READY, flush=True)
        stop.wait()
    return 0


def _stop_with(parent: int, stop: threading.Event) -> None:
    """A suite that was killed leaves no functions behind."""

    def watch() -> None:
        while not stop.wait(1.0):
            if os.getppid() != parent:
                stop.set()

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
