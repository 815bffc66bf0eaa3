"""What the emulator sends, the connector verifies and understands: all shapes with all signatures."""

from datetime import timedelta

import pytest
from werkzeug.wrappers import Request, Response

from emulators.hubspot.routes import CLIENT_SECRET
from emulators.serving import HttpServer
from shared.connectors.hubspot.signature import verify
from shared.connectors.hubspot.webhooks import parse_webhook
from shared.domain.hints import HintSource
from shared.ports.errors import Rejected

PUBLIC = "https://hooks.sdr.example/hubspot?hook=a%2Fb%20c"
FORM = "6b1d2f0e-0000-4000-8000-00000000000a"
KEYS = {"Record ID": "hs_object_id", "email": "email", "recent_conversion_date": "recent_conversion_date", "form_id": f"={FORM}"}


@pytest.fixture
def arrived():
    return []


@pytest.fixture
def hook_url(arrived):
    def receive(environ, start_response):
        request = Request(environ)
        arrived.append((dict(request.headers.items()), request.get_data()))
        return Response(status=202)(environ, start_response)

    with HttpServer(receive) as server:
        yield server.url


@pytest.fixture
def submit(emulator, http):
    def submit(email):
        body = {"fields": [{"name": "email", "value": email}]}
        http.post(f"/submissions/v3/integration/submit/{emulator.portal_id}/{FORM}", json=body).raise_for_status()
        assert emulator.clock.wait_for(lambda: not emulator.in_flight() and emulator.next_due() is None, at_most_s=60)

    return submit


@pytest.mark.parametrize("signature", ["v1", "v2", "v3"])
@pytest.mark.parametrize("shape", list(HintSource)[:3])
def test_every_shape_with_every_signature_becomes_a_hint_at_the_same_person(emulator, arrived, hook_url, submit, shape, signature):
    name = shape.value.replace("_", "-")
    emulator.add_hooks([{"url": hook_url, "public_url": PUBLIC, "shape": name, "signature": signature, "keys": KEYS}])
    submit("New@Eastwind.example")
    ((headers, body),) = arrived
    now = emulator.clock.now()
    assert verify(headers=headers, method="POST", uri=PUBLIC, body=body, secret=CLIENT_SECRET, now=now).version == signature
    (hint,) = parse_webhook(body).hints
    assert (hint.source, hint.contact_id) == (shape, "50001")
    assert hint.email in ("", "new@eastwind.example")
    assert now in (hint.submitted_at, hint.occurred_at)
    assert hint.form_id == ("" if shape is HintSource.SUBSCRIPTION else FORM)


def test_a_known_contact_that_converts_again_is_told_as_a_change(emulator, arrived, hook_url, submit):
    emulator.add_hooks([{"url": hook_url, "shape": "subscription", "events": ["contact.creation", "contact.propertyChange"]}])
    submit("ada@northwind.example")
    (hint,) = parse_webhook(arrived[0][1]).hints
    assert (hint.contact_id, hint.occurred_at) == ("101", emulator.clock.now())


def test_a_delivery_that_lay_around_for_six_minutes_is_refused(emulator, arrived, hook_url, submit):
    emulator.add_hooks([{"url": hook_url, "public_url": PUBLIC, "shape": "workflow"}])
    submit("ada@northwind.example")
    headers, body = arrived[0]
    with pytest.raises(Rejected):
        verify(headers=headers, method="POST", uri=PUBLIC, body=body, secret=CLIENT_SECRET, now=emulator.clock.now() + timedelta(minutes=6))
