"""`python -m emulators <name> --port N`: one emulator, or several that speak gRPC, with their control routes; Ctrl-C stops them."""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any

from emulators.catalogue import CATALOGUE, build
from emulators.clock import Clock
from emulators.control import ControlDesk
from emulators.service import HttpEmulator
from emulators.serving import GrpcServer, HttpServer


def main() -> int:
    options = _options()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    clock = Clock(frozen_at=options.frozen_at)
    with ExitStack() as running:
        services = [build(name, clock) for name in options.names]
        for service in services:
            running.callback(service.close)
        for line in _serve(services, clock, options, running):
            print(line, flush=True)
        stop.wait()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m emulators", description=__doc__)
    parser.add_argument("names", nargs="+", choices=sorted(CATALOGUE), metavar="name", help=", ".join(sorted(CATALOGUE)))
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--control-port", type=int, default=0, help="HTTP port of the control routes of emulators that speak gRPC")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--frozen-at", type=_moment, help="let the clock stand still there (ISO 8601); POST /_emulator/clock moves it")
    return parser.parse_args()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("say the time zone too: 2026-03-02T09:00:00+00:00")
    return moment


def _serve(services: Sequence[Any], clock: Clock, options: argparse.Namespace, running: ExitStack) -> list[str]:
    """What to tell the user: where each listens."""
    if isinstance(services[0], HttpEmulator) and len(services) == 1:
        server = running.enter_context(HttpServer(services[0], host=options.host, port=options.port))
        return [f"{services[0].name} listens on {options.host}:{server.port}"]
    if over_http := [service.name for service in services if isinstance(service, HttpEmulator)]:
        raise SystemExit(f"{over_http[0]} speaks HTTP and needs a port of its own: start it by itself")
    google = GrpcServer(services, host=options.host, port=options.port).start()
    running.callback(google.stop)
    desk = running.enter_context(HttpServer(ControlDesk(services, clock), host=options.host, port=options.control_port))
    listening = [f"{service.name} listens on {options.host}:{google.port}" for service in services]
    return [*listening, f"control routes at http://{options.host}:{desk.port}/_emulator/"]


if __name__ == "__main__":
    sys.exit(main())
