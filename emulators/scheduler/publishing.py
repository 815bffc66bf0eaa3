"""Jobs with a Pub/Sub target on the engine that delivers HTTP requests: a transport for `pubsub://` addresses that publishes instead."""

from collections.abc import Callable, Mapping

import httpx

PUBSUB = "pubsub://topic/"
Publish = Callable[[str, bytes, Mapping[str, str]], object]
"""(topic, data, attributes); LookupError for a topic there is none of."""
HTTPS_OWN = {b"host", b"content-length", b"accept", b"accept-encoding", b"connection", b"user-agent"}


class Publishing(httpx.BaseTransport):
    def __init__(self, publish: Publish | None) -> None:
        self._publish = publish

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """200 once it is published; 404 for a topic there is none of, 503 when there is no Pub/Sub beside this scheduler."""
        if self._publish is None:
            return httpx.Response(503, text="no Pub/Sub emulator was given to this scheduler")
        attributes = {name.decode(): value.decode() for name, value in request.headers.raw if name.lower() not in HTTPS_OWN}
        try:
            self._publish(request.url.path.lstrip("/"), request.read(), attributes)
        except LookupError as refusal:
            return httpx.Response(404, text=str(refusal))
        return httpx.Response(200)
