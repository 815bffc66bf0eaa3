"""The judge itself: what it refuses in requests and answers, in each format of specification, and what it lets pass."""

from typing import Any

import httpx
import pytest

from emulators.clock import Clock
from emulators.faults import Fault, Kind
from emulators.service import HttpEmulator, Route, json_response
from emulators.serving import HttpServer
from tests.contract.conftest import Watch
from tests.contract.specifications import discovery, openapi
from tests.contract.specifications.catalogue import SOURCES, document
from tests.contract.specifications.exchange import Exchange
from tests.contract.specifications.judging import Judge
from tests.contract.specifications.overlays import corrected, deviations

JSON = "application/json; charset=UTF-8"
ORDER = {"type": "object", "properties": {"size": {"type": "integer"}, "note": {"type": "string"}}}
DISCOVERED = {
    "servicePath": "",
    "batchPath": "batch/shop",
    "schemas": {
        "Order": {
            "type": "object",
            "properties": {"id": {"type": "string", "format": "uint64"}, "state": {"type": "string", "enum": ["OPEN"]}},
        }
    },
    "resources": {
        "orders": {
            "methods": {
                "list": {
                    "httpMethod": "GET",
                    "path": "shop/orders",
                    "parameters": {
                        "maxResults": {"type": "integer", "location": "query"},
                        "label": {"type": "string", "enum": ["NEW"], "repeated": True, "location": "query", "required": True},
                    },
                    "response": {"$ref": "Order"},
                },
                "patch": {
                    "httpMethod": "PATCH",
                    "path": "shop/orders/{id}",
                    "request": {"$ref": "Order"},
                    "response": {"$ref": "Order"},
                    "mediaUpload": {"protocols": {"simple": {"path": "/upload/shop/orders/{id}"}}},
                },
                "stop": {"httpMethod": "POST", "path": "shop/orders/{id}/stop"},
            }
        }
    },
}
OPENED = {
    "openapi": "3.0.3",
    "servers": [{"url": "https://shop.example/v2"}],
    "components": {
        "schemas": {
            "Order": {**ORDER, "required": ["size"], "properties": {**ORDER["properties"], "note": {"type": "string", "nullable": True}}}
        }
    },
    "paths": {
        "/orders/{id}": {
            "get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}}}
        },
        "/orders/search": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "array"}}}}}}},
        "/orders": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                "responses": {"default": {"description": "whatever"}},
            }
        },
    },
}
SWAGGER = {
    "swagger": "2.0",
    "basePath": "/api",
    "definitions": {},
    "paths": {
        "/say": {
            "post": {
                "parameters": [{"name": "times", "in": "formData", "type": "integer", "required": True}],
                "responses": {"200": {"schema": {"type": "object", "required": ["ok"]}}},
            }
        }
    },
}


@pytest.fixture
def google() -> Judge:
    return Judge(discovery.contract(DISCOVERED, excerpt=False))


def exchange(method: str, url: str, body: Any = None, *, status: int = 200, answer: str = "{}", kind: str = JSON) -> Exchange:
    return Exchange(method, url, body or b"", kind if body else "", status, answer.encode(), JSON)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (exchange("GET", "/shop/orders?label=NEW&color=red"), "unknown parameter color"),
        (exchange("GET", "/shop/orders?label=NEW&maxResults=many"), "parameter maxResults"),
        (exchange("GET", "/shop/orders?label=NEW&label=OLD"), "'OLD' is not one of"),
        (exchange("GET", "/shop/orders"), "parameter label is missing"),
        (exchange("GET", "/shop/orders?label=NEW&maxResults=1&maxResults=2"), "given 2 times"),
        (exchange("GET", "/shop/offers"), "no operation"),
        (exchange("PATCH", "/shop/orders/7", b'{"id": 7}'), "is not of type 'string'"),
        (exchange("PATCH", "/shop/orders/7", b'{"colour": "red"}'), "'colour' was unexpected"),
        (exchange("PATCH", "/shop/orders/7", answer='{"id": "x7"}'), "does not match"),
        (exchange("PATCH", "/shop/orders/7", answer='{"state": "SHUT"}'), "'SHUT' is not one of"),
        (exchange("PATCH", "/shop/orders/7", status=404, answer='{"message": "no"}'), "'error' is a required property"),
        (exchange("POST", "/shop/orders/7/stop", b'{"id": "7"}'), "a body is sent where none is expected"),
    ],
)
def test_what_a_discovery_document_does_not_allow_is_refused(google: Judge, wrong: Exchange, complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        google.check(wrong)


@pytest.mark.parametrize(
    "right",
    [
        exchange("GET", "/shop/orders?label=NEW&maxResults=3&fields=id&alt=json", answer='{"id": "7"}'),
        exchange("PATCH", "/shop/orders/7", b'{"id": null}'),
        exchange("PATCH", "/upload/shop/orders/7?uploadType=media", b"From: a", kind="message/rfc822"),
        exchange("PUT", "/upload/shop/orders/7?uploadType=resumable&upload_id=1", status=308, answer=""),
        exchange("GET", "/shop/orders?label=OLD", status=400, answer='{"error": {"code": 400, "message": "no"}}'),
        exchange("GET", "/shop/offers", status=404),
        exchange("GET", "/_emulator/state?x=1"),
    ],
)
def test_what_it_allows_passes(google: Judge, right: Exchange) -> None:
    google.check(right)


def test_the_parts_of_a_batch_are_judged_one_by_one(google: Judge) -> None:
    def part(kind: str, text: str) -> str:
        return f"--b\r\nContent-Type: {kind}\r\n\r\n{text}\r\n"

    asked = part("application/http", 'PATCH /shop/orders/7 HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"colour": 1}') + "--b--"
    told = part("application/http", f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\n\r\n{{}}") + "--b--"
    kind = 'multipart/mixed; boundary="b"'
    with pytest.raises(AssertionError, match="'colour' was unexpected"):
        google.check(Exchange("POST", "/batch/shop", asked.encode(), kind, 200, told.encode(), kind))


def test_the_metadata_of_a_multipart_upload_is_judged(google: Judge) -> None:
    body = b'--b\r\nContent-Type: application/json\r\n\r\n{"colour": 1}\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--'
    with pytest.raises(AssertionError, match="'colour' was unexpected"):
        google.check(exchange("PATCH", "/upload/shop/orders/7?uploadType=multipart", body, kind='multipart/related; boundary="b"'))


def test_an_openapi_document_refuses_and_allows_alike() -> None:
    judge = Judge(openapi.contract(OPENED, excerpt=True))
    judge.check(exchange("GET", "/v2/orders/7", answer='{"size": 1, "note": null}'))
    judge.check(exchange("GET", "/v2/orders/search", answer="[]"))
    judge.check(exchange("GET", "/v2/left/out"))
    with pytest.raises(AssertionError, match="'size' is a required property"):
        judge.check(exchange("POST", "/v2/orders", b'{"note": "x"}'))
    with pytest.raises(AssertionError, match="answer"):
        judge.check(exchange("GET", "/v2/orders/search", answer="{}"))


def test_keys_in_the_query_and_booleans_as_python_writes_them_are_allowed() -> None:
    keys = {"key": {"type": "apiKey", "in": "query", "name": "hapikey"}}
    answers = {"responses": {"200": {"description": "fine"}}}
    archived = {"parameters": [{"name": "archived", "in": "query", "schema": {"type": "boolean"}}]}
    judge = Judge(
        openapi.contract({"components": {"securitySchemes": keys}, "paths": {"/shop": {"get": {**archived, **answers}}}}, excerpt=False)
    )
    judge.check(exchange("GET", "/shop?hapikey=secret&archived=True"))
    with pytest.raises(AssertionError, match="is not of type 'boolean'"):
        judge.check(exchange("GET", "/shop?archived=perhaps"))
    with pytest.raises(AssertionError, match="unknown parameter key"):
        judge.check(exchange("GET", "/shop?key=secret"))


def test_a_refusal_inside_a_200_is_judged_as_a_refusal() -> None:
    refused = {"schema": {"type": "object", "required": ["error"]}}
    told = {"get": {"responses": {"200": {"schema": {"type": "object", "required": ["text"]}}, "default": refused}}}
    judge = Judge(openapi.contract({"swagger": "2.0", "definitions": {}, "paths": {"/say": told}}, excerpt=False))
    judge.check(exchange("GET", "/say", answer='{"ok": false, "error": "no"}'))
    with pytest.raises(AssertionError, match="'error' is a required property"):
        judge.check(exchange("GET", "/say", answer='{"ok": false}'))
    with pytest.raises(AssertionError, match="'text' is a required property"):
        judge.check(exchange("GET", "/say", answer='{"ok": true}'))


def test_an_answer_that_may_be_a_stream_need_not_be_json() -> None:
    kinds = {"application/json": {"schema": {"type": "object"}}, "text/event-stream": {"schema": {"type": "string"}}}
    paths = {"/stream": {"get": {"responses": {"200": {"content": kinds}}}}, "/plain": {"get": {"responses": {"200": {"content": {}}}}}}
    judge = Judge(openapi.contract({"paths": paths, "components": {}}, excerpt=False))
    judge.check(Exchange("GET", "/stream", status=200, answer=b"data: 1\n\n", answer_type="text/event-stream"))
    with pytest.raises(AssertionError, match="answer"):
        judge.check(exchange("GET", "/stream", answer="[]"))


def test_form_fields_are_read_as_what_the_specification_says_they_are() -> None:
    judge, form = Judge(openapi.contract(SWAGGER, excerpt=False)), "application/x-www-form-urlencoded"
    judge.check(exchange("POST", "/api/say", b"times=3", answer='{"ok": true}', kind=form))
    with pytest.raises(AssertionError, match="is not of type 'integer'"):
        judge.check(exchange("POST", "/api/say", b"times=often", answer='{"ok": true}', kind=form))
    with pytest.raises(AssertionError, match="'ok' is a required property"):
        judge.check(exchange("POST", "/api/say", b"times=3", kind=form))


@pytest.mark.parametrize("name", SOURCES)
def test_every_deviation_names_its_source_and_still_meets_something(name: str) -> None:
    for deviation in deviations(name):
        assert {"at", "because", "source"} <= set(deviation)
        assert deviation["source"].startswith("https://")
    found = document(name)
    if found is not None:
        corrected(found, name)


def test_an_emulator_that_strays_from_its_specification_is_noticed_and_a_staged_fault_is_not(watch: Watch) -> None:
    emulator = HttpEmulator(
        "gmail", Clock(), [Route("GET", "/gmail/v1/users/<u>/profile", lambda _, u: json_response({"mail": u}), "getProfile")]
    )
    with HttpServer(emulator) as server:
        emulator.faults.add(Fault("gmail.getProfile", Kind.MALFORMED, times=1))
        httpx.get(f"{server.url}/gmail/v1/users/me/profile", trust_env=False)
        assert not watch.problems
        httpx.get(f"{server.url}/gmail/v1/users/me/profile", trust_env=False)
    assert "'mail' was unexpected" in watch.problems.pop()
