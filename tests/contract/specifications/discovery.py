"""Google's discovery documents as operations: uploads and batches included, unknown properties refused, errors in Google's envelope."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.contract.specifications.operations import Contract, Operation, Parameter, Schema

ANYWHERE = frozenset({"alt", "fields", "prettyPrint", "quotaUser", "key", "access_token", "callback", "oauth_token", "$.xgafv"})
UPLOADS = {"uploadType": Parameter({"enum": ["media", "multipart", "resumable"]}), "upload_id": Parameter({"type": "string"})}
DETAIL = {
    "type": "object",
    "required": ["message", "domain", "reason"],
    "properties": {name: {"type": "string"} for name in ("message", "domain", "reason", "location", "locationType", "extendedHelp")},
    "additionalProperties": False,
}
ERROR = {  # https://developers.google.com/workspace/gmail/api/guides/handle-errors, …/calendar/api/guides/errors, …/drive/api/…
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "integer"},
                "message": {"type": "string"},
                "status": {"type": "string", "pattern": "^[A-Z_]+$"},
                "errors": {"type": "array", "items": DETAIL, "minItems": 1},
                "details": {"type": "array", "items": {"type": "object", "required": ["@type"]}},
            },
            "additionalProperties": False,
        }
    },
}
FORMATS: dict[str, Schema] = {
    "int64": {"pattern": r"^-?\d+$"},
    "uint64": {"pattern": r"^\d+$"},
    "byte": {"pattern": r"^[A-Za-z0-9+/_-]*={0,2}$"},
    "date-time": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$"},
    "google-datetime": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"},
    "date": {"pattern": r"^\d{4}-\d\d-\d\d$"},
}


def contract(document: dict[str, Any], *, excerpt: bool) -> Contract:
    """Every method, with the media upload paths of those that have them."""
    schemas = {name: json_schema(schema) for name, schema in document["schemas"].items()}
    shared = {name: _parameter(one) for name, one in document.get("parameters", {}).items()}
    operations = tuple(one for method in _methods(document) for one in _operations(document["servicePath"], method, shared))
    batch = f"/{document['batchPath']}" if document.get("batchPath") else None
    return Contract(operations, {"schemas": schemas}, "schemas", excerpt=excerpt, anywhere=ANYWHERE, batch_path=batch)


def json_schema(told: Mapping[str, Any]) -> dict[str, Any]:
    """Discovery's dialect as JSON Schema."""
    if "$ref" in told:
        return {"$ref": f"#/schemas/{told['$ref']}"}
    if told.get("type") == "array":
        return {"type": "array", "items": json_schema(told["items"])}
    if "additionalProperties" in told:
        return {"type": "object", "additionalProperties": json_schema(told["additionalProperties"])}
    if "properties" in told:
        properties = {name: json_schema(one) for name, one in told["properties"].items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}
    return _scalar(told)


def _scalar(told: Mapping[str, Any]) -> dict[str, Any]:
    if told.get("type", "any") == "any":
        return {}
    limits: dict[str, Any] = {key: told[key] for key in ("enum", "pattern") if key in told}
    if told["type"] in ("integer", "number"):
        limits |= {key: float(told[key]) for key in ("minimum", "maximum") if key in told}
    return {"type": told["type"], **limits, **FORMATS.get(told.get("format", ""), {})}


def _methods(node: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from node.get("methods", {}).values()
    for child in node.get("resources", {}).values():
        yield from _methods(child)


def _operations(service: str, method: Mapping[str, Any], shared: Mapping[str, Parameter]) -> Iterator[Operation]:
    verb, query = (
        method["httpMethod"],
        {name: _parameter(one) for name, one in method.get("parameters", {}).items() if one["location"] == "query"},
    )
    body, answers = _reference(method, "request"), {"2XX": _reference(method, "response"), "4XX": ERROR, "5XX": ERROR}
    media = method.get("supportsMediaDownload", False)
    yield Operation(
        verb,
        f"/{service}{method.get('flatPath', method['path'])}",
        {**shared, **query},
        body,
        answers,
        media,
        removes_with_null=verb == "PATCH",
    )
    for told in method.get("mediaUpload", {}).get("protocols", {}).values():
        for step in dict.fromkeys((verb, "PUT")):  # a resumable upload goes on with PUT
            yield Operation(
                step, told["path"], {**shared, **query, **UPLOADS}, body, answers, media=True, removes_with_null=verb == "PATCH"
            )


def _reference(method: Mapping[str, Any], which: str) -> Schema | None:
    return json_schema(method[which]) if which in method else None


def _parameter(told: Mapping[str, Any]) -> Parameter:
    return Parameter(_scalar(told), required=told.get("required", False), repeated=told.get("repeated", False))
