"""The table from HubSpot's answers to our error families, through a scripted transport."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from shared.connectors.hubspot.client import HubSpotClient
from shared.connectors.hubspot.failures import AlreadyExists
from shared.domain.crm_entry import NoteText
from shared.ports.errors import NotFound, OutcomeUnknown, Permanent, ReconnectNeeded, SalesAgentError, Transient
from shared.resilience.credential import Credential
from tests.fakes.secrets import MemorySecrets

NOTE = NoteText(body="x", marker="Ref: x", at=datetime(2026, 3, 2, tzinfo=UTC))
LIMITED = {"status": "error", "message": "You have reached your limit.", "errorType": "RATE_LIMIT", "correlationId": "c", "requestId": "r"}


class Straight:
    """Guards nothing: what the client raises is what is looked at."""

    def run(self, operation, *, repeatable, cost=1):
        return operation()


def client_for(answer):
    http = httpx.Client(base_url="https://api.hubapi.example", transport=httpx.MockTransport(answer))
    token = Credential(MemorySecrets(token="t"), "token")
    return HubSpotClient(http=http, token=token, guard=Straight(), search_guard=Straight(), objects_path="/crm/v3/objects")


def read(client):
    client.get_object("contacts", "1", properties=("email",))


def read_of(client, key):
    return client.get_object("contacts", key, properties=())


def create(client):
    client.create_object("notes", {"hs_timestamp": "1"})


def failure(act, answer):
    with pytest.raises(SalesAgentError) as raised:
        act(client_for(answer))
    return raised.value


@pytest.mark.parametrize(
    ("status", "on_read", "on_create"),
    [
        (400, Permanent, Permanent),
        (401, ReconnectNeeded, ReconnectNeeded),
        (403, ReconnectNeeded, ReconnectNeeded),
        (404, NotFound, NotFound),
        (408, Transient, OutcomeUnknown),
        (409, AlreadyExists, AlreadyExists),
        (414, Permanent, Permanent),
        (423, Transient, Transient),
        (429, Transient, Transient),
        (477, Transient, Transient),
        (500, Transient, OutcomeUnknown),
        (502, Transient, OutcomeUnknown),
        (503, Transient, Transient),
        (504, Transient, OutcomeUnknown),
        (524, Transient, OutcomeUnknown),
        (301, Permanent, Permanent),
    ],
)
def test_each_status_has_its_family(status, on_read, on_create):
    body = {"status": "error", "message": "because", "category": "SOME_CATEGORY", "correlationId": "c"}
    for act, family in ((read, on_read), (create, on_create)):
        error = failure(act, lambda request: httpx.Response(status, json=body))
        assert type(error) is family
        assert (error.source, error.raw) == ("hubspot", "because")
        assert str(status) in error.detail


@pytest.mark.parametrize(
    ("policy", "headers", "wait"),
    [
        ("SECONDLY", {}, timedelta(seconds=1)),
        ("TEN_SECONDLY_ROLLING", {}, timedelta(seconds=10)),
        ("DAILY", {}, timedelta(hours=1)),
        ("SOMETHING_NEW", {}, timedelta(seconds=10)),
        ("DAILY", {"Retry-After": "7"}, timedelta(seconds=7)),
        ("DAILY", {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}, timedelta(hours=1)),
    ],
)
def test_a_limit_tells_how_long_to_wait(policy, headers, wait):
    error = failure(read, lambda request: httpx.Response(429, json={**LIMITED, "policyName": policy}, headers=headers))
    assert error.retry_after == wait


@pytest.mark.parametrize(("status", "wait"), [(423, timedelta(seconds=2)), (477, timedelta(minutes=1)), (503, None)])
def test_other_waits_have_a_usual_length(status, wait):
    assert failure(read, lambda request: httpx.Response(status)).retry_after == wait


@pytest.mark.parametrize(
    ("error", "on_create"),
    [
        (httpx.ConnectError, Transient),
        (httpx.ConnectTimeout, Transient),
        (httpx.ReadTimeout, OutcomeUnknown),
        (httpx.RemoteProtocolError, OutcomeUnknown),
        (httpx.WriteError, OutcomeUnknown),
    ],
)
def test_without_an_answer_a_create_is_unknown_only_if_it_was_sent(error, on_create):
    def broken(request):
        raise error("broken", request=request)

    assert type(failure(read, broken)) is Transient
    assert type(failure(create, broken)) is on_create


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"id": "1"}', b"[]"])
def test_a_success_that_is_not_what_was_promised_is_not_believed(content):
    assert type(failure(read, lambda request: httpx.Response(200, content=content))) is Transient
    assert type(failure(create, lambda request: httpx.Response(201, content=content))) is OutcomeUnknown


@pytest.mark.parametrize("answer", [httpx.Response(502), httpx.Response(200, json={"email": "ana@northwind.example"})])
@pytest.mark.parametrize("typed", ["ana@northwind.example", "ana%40northwind.example", "ana@northwind.example/../1"])
def test_no_error_shows_an_address_or_a_body(answer, typed):
    error = failure(lambda client: client.get_object("contacts", typed, properties=(), id_property="email"), lambda request: answer)
    assert "GET /crm/v3/objects/contacts/…" in error.detail
    assert "northwind" not in f"{error.detail} {error.raw}"


@pytest.mark.parametrize("typed", ["", ".", ".."])
def test_what_is_no_id_reaches_no_other_endpoint(typed):
    def unasked(request):
        raise AssertionError(request.url)

    client = client_for(unasked)
    for call in (lambda: read_of(client, typed), lambda: client.form(typed), lambda: next(client.submissions(typed))):
        with pytest.raises(NotFound):
            call()


def test_no_error_shows_the_token():
    error = failure(read, lambda request: httpx.Response(500, text="t" * 3))
    assert "Bearer" not in f"{error.detail} {error.raw}"


def test_a_conflict_without_an_id_is_resolved_by_address(crm_over):
    row = {"id": "7", "properties": {"email": "a@b.example"}, "createdAt": "2026-03-02T09:00:00Z", "updatedAt": "2026-03-02T09:00:00Z"}

    def answer(request):
        if request.method == "POST":
            return httpx.Response(409, json={"status": "error", "message": "Contact already exists", "category": "CONFLICT"})
        assert request.url.params["idProperty"] == "email"
        return httpx.Response(200, json=row)

    crm = crm_over(httpx.Client(base_url="https://api.hubapi.example", transport=httpx.MockTransport(answer)))
    assert crm.create_contact(email="a@b.example", properties={}).id == "7"


def test_following_pages_ends_even_if_hubspot_never_does(crm_over):
    asked = []

    def answer(request):
        asked.append(request.url.path)
        if "marketing" in request.url.path:
            return httpx.Response(404, json={"message": "no", "category": "OBJECT_NOT_FOUND"})
        row = {"submittedAt": 1772442000000, "values": [{"name": "email", "value": "a@b.example"}]}
        return httpx.Response(200, json={"results": [row] * 50, "paging": {"next": {"after": 50}}})

    crm = crm_over(httpx.Client(base_url="https://api.hubapi.example", transport=httpx.MockTransport(answer)))
    entries = crm.submissions(form_id="f", since=datetime(2026, 1, 1, tzinfo=UTC))
    assert (len(entries), entries[0].form_name, len(asked)) == (500, "", 11)
