"""Google's published API descriptions as a judge of traffic: used by the tests of Gmail, Calendar and Drive on both sides of the wire."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import google_auth_httplib2
import googleapiclient.discovery
import httplib2
from google.oauth2.credentials import Credentials
from jsonschema import Draft202012Validator

PUBLISHED = Path(__file__).parents[5] / "shared" / "contracts" / "google"
SHIPPED = Path(googleapiclient.discovery.__file__).parent / "discovery_cache" / "documents"
GLOBAL_PARAMETERS = frozenset({"alt", "fields", "prettyPrint", "quotaUser", "key"})


@lru_cache
def document(api: str) -> dict[str, Any]:
    """The description of `gmail.v1` and the like: the vendor's latest where it is on this machine, else the client's own."""
    latest = PUBLISHED / f"{api}.json"
    return json.loads((latest if latest.exists() else SHIPPED / f"{api}.json").read_text())


class Judge:
    """Refuses, by AssertionError, every request and answer that the published description does not know."""

    def __init__(self, api: str) -> None:
        described = document(api)
        self._schemas = {name: _json_schema(schema) for name, schema in described["schemas"].items()}
        self._methods = [_method(described, one) for one in _all_methods(described)]

    def check(self, verb: str, url: str, body: bytes | str | None, status: int, answer: bytes) -> None:
        parts = urlsplit(url)
        method = self._method(verb, parts.path)
        unknown = set(parse_qs(parts.query)) - set(method["parameters"]) - GLOBAL_PARAMETERS
        assert not unknown, f"{verb} {parts.path}: unknown parameters {unknown}"
        if body:
            given = json.loads(body)  # in a PATCH null removes a property
            self.fits(method["request"], {key: value for key, value in given.items() if value is not None} if verb == "PATCH" else given)
        if answer and status < 300 and method["response"] and "alt=media" not in parts.query:
            self.fits(method["response"], json.loads(answer))

    def fits(self, schema: str, value: Any) -> None:
        validator = Draft202012Validator({"$ref": f"#/schemas/{schema}", "schemas": self._schemas})
        problems = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
        assert not problems, f"{schema}: {problems}"

    def _method(self, verb: str, path: str) -> dict[str, Any]:
        for method in self._methods:
            if method["verb"] == verb and method["path"].fullmatch(unquote(path)):
                return method
        raise AssertionError(f"{verb} {path} is not a method of this API")


def official_client(api: str, root_url: str, *, token: str) -> Any:
    """Google's own Python client, unmodified, pointed at an emulator; everything it sends and gets is judged."""
    described = json.loads((SHIPPED / f"{api}.json").read_text())
    root = f"{root_url}/"
    described |= {"rootUrl": root, "baseUrl": root + described["servicePath"]}
    described.pop("mtlsRootUrl", None)
    http = google_auth_httplib2.AuthorizedHttp(Credentials(token=token), http=_JudgedHttp(Judge(api)), refresh_status_codes=())
    return googleapiclient.discovery.build_from_document(described, http=http)


class _JudgedHttp(httplib2.Http):
    def __init__(self, judge: Judge) -> None:
        super().__init__(timeout=10)
        self._judge = judge

    def request(self, uri: str, method: str = "GET", body: Any = None, **options: Any) -> Any:
        response, content = super().request(uri, method, body=body, **options)
        self._judge.check(method, uri, body, response.status, content)
        return response, content


def _all_methods(node: dict[str, Any]) -> list[dict[str, Any]]:
    below = [method for child in node.get("resources", {}).values() for method in _all_methods(child)]
    return [*node.get("methods", {}).values(), *below]


def _method(described: dict[str, Any], method: dict[str, Any]) -> dict[str, Any]:
    path = "/" + described["servicePath"] + method["path"]
    pattern = re.sub(r"\\\{\\?\+?\w+\\\}", "[^/]+", re.escape(path))
    return {
        "verb": method["httpMethod"],
        "path": re.compile(pattern),
        "parameters": method.get("parameters", {}),
        "request": method.get("request", {}).get("$ref"),
        "response": method.get("response", {}).get("$ref"),
    }


def _json_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Discovery's dialect as JSON Schema, with unknown properties refused."""
    if "$ref" in schema:
        return {"$ref": f"#/schemas/{schema['$ref']}"}
    if schema.get("type") == "array":
        return {"type": "array", "items": _json_schema(schema["items"])}
    if "additionalProperties" in schema:
        return {"type": "object", "additionalProperties": _json_schema(schema["additionalProperties"])}
    if "properties" in schema:
        properties = {name: _json_schema(one) for name, one in schema["properties"].items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}
    return {} if schema.get("type", "any") == "any" else {"type": schema["type"]}
