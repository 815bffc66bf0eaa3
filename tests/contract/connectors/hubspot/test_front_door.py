"""The canary's way in: signed like HubSpot's, and every answer that is no handle is an error of a family."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from emulators.serving import HttpServer
from shared.connectors.hubspot.front_door import HubSpotFrontDoor
from shared.connectors.hubspot.signature import verify
from shared.connectors.hubspot.webhooks import parse_webhook
from shared.domain.canary import ADDRESS
from shared.domain.submission import CANARY_FORM
from shared.ports.errors import Permanent, Transient
from shared.runtime.settings import Settings
from tests.builders import MONDAY
from tests.confidential import planted
from tests.fakes.clock import CountingIds, FixedClock

SECRET = planted("client secret")
Answer = Callable[[Request], Response]


class OneSecret:
    def get(self, *, name: str) -> str:
        assert name == "hubspot-client-secret"
        return SECRET


def knock(answer: Answer) -> tuple[str, list[Request]]:
    seen: list[Request] = []

    def app(environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        seen.append(request)
        return answer(request)(environ, start_response)

    with HttpServer(app, port=0) as server:
        settings = Settings(public_url=server.url, vendor_timeout_s=2)
        door = HubSpotFrontDoor(settings=settings, secrets=OneSecret(), clock=FixedClock(MONDAY), ids=CountingIds())
        return door.knock(portal_id="4242", submitted_at=MONDAY - timedelta(minutes=3), trace_id="ab" * 16), seen


def test_the_request_is_one_the_webhook_verifies_and_understands() -> None:
    handle, [request] = knock(lambda _: Response(json.dumps({"run_id": "evt_1"}), 202))
    assert (handle, request.path) == ("evt_1", "/form-webhook")
    told = verify(headers=dict(request.headers), method="POST", uri=request.url, body=request.get_data(), secret=SECRET, now=MONDAY)
    assert told.version == "v3"
    [hint] = parse_webhook(request.get_data()).hints
    assert (hint.email, hint.form_id, hint.portal_id, hint.submitted_at) == (ADDRESS, CANARY_FORM, "4242", MONDAY - timedelta(minutes=3))


@pytest.mark.parametrize(
    ("status", "body", "family", "asked"),
    [(401, "{}", Permanent, 1), (200, '{"ignored": []}', Permanent, 1), (202, "welcome", Permanent, 1), (503, "", Transient, 4)],
)
def test_no_handle_is_an_error_and_only_what_may_pass_is_tried_again(status: int, body: str, family: type[Exception], asked: int) -> None:
    count: list[int] = []

    def answer(_: Request) -> Response:
        count.append(1)
        return Response(body, status)

    with pytest.raises(family):
        knock(answer)
    assert len(count) == asked


def test_nobody_at_the_door_is_transient() -> None:
    settings = Settings(public_url="http://127.0.0.1:1", vendor_timeout_s=0.5)
    door = HubSpotFrontDoor(settings=settings, secrets=OneSecret(), clock=FixedClock(MONDAY), ids=CountingIds())
    with pytest.raises(Transient, match="no answer"):
        door.knock(portal_id="4242", submitted_at=MONDAY, trace_id="ab" * 16)
