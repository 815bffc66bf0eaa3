"""`python -m emulators <name> --port N`: one emulator by itself, HTTP ones with their control routes; Ctrl-C stops it."""

import argparse
import signal
import sys
import threading

from emulators.catalogue import CATALOGUE, build
from emulators.clock import Clock
from emulators.service import HttpEmulator
from emulators.serving import GrpcServer, HttpServer


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m emulators", description=__doc__)
    parser.add_argument("name", choices=sorted(CATALOGUE))
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    service = build(options.name, Clock())
    if isinstance(service, HttpEmulator):
        server: HttpServer | GrpcServer = HttpServer(service, host=options.host, port=options.port)
    else:
        server = GrpcServer([service], host=options.host, port=options.port)
    server.start()
    print(f"{options.name} listens on {options.host}:{server.port}", flush=True)
    stop.wait()
    server.stop()
    service.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
