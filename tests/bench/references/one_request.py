"""Serves one function on a free port, answers one request and ends at once: `python -I one_request.py <target> <source> [modules]`.

The first line it prints is the port; with a third argument the second line tells the modules loaded by then and their files.
"""

import json
import os
import sys

from functions_framework import create_app
from werkzeug.serving import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Access logs are not what is measured."""


def main() -> None:
    target, source, *told = sys.argv[1:]
    server = make_server("127.0.0.1", 0, create_app(target, source), request_handler=Quiet)
    sys.stderr.write(f"{server.server_port}\n")
    sys.stderr.flush()
    server.handle_request()
    if told:
        files = {name: getattr(module, "__file__", None) or "" for name, module in list(sys.modules.items())}
        sys.stderr.write(json.dumps(files) + "\n")
        sys.stderr.flush()
    os._exit(0)  # no shutdown of interpreters and channels: an instance that answered lives on


if __name__ == "__main__":
    main()
