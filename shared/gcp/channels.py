"""One place that points google-cloud clients at Google or at an emulator."""

from typing import Any

import grpc


def insecure_transport(transport: type[Any], host: str) -> Any:
    """A transport that talks plaintext to an emulator at host:port."""
    return transport(channel=grpc.insecure_channel(host))
