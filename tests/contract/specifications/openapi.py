"""OpenAPI 3.0, 3.1 and Swagger 2 (HubSpot, OpenAI, Slack, SendGrid, …) as operations."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.contract.specifications.operations import Contract, Operation, Parameter, Schema

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")


def contract(document: dict[str, Any], *, excerpt: bool) -> Contract:
    """Every operation of the document under the path of its first server (or its basePath)."""
    plain = normalised(document)
    servers = plain.get("servers") or [{"url": plain.get("basePath", "")}]
    prefix = urlsplit(servers[0]["url"]).path.rstrip("/")
    operations = tuple(
        _operation(plain, method, prefix + path, item) for path, item in plain["paths"].items() for method in METHODS if method in item
    )
    root = {key: plain[key] for key in ("components", "definitions") if key in plain}
    schemas_at = "components/schemas" if "components" in plain else "definitions"
    return Contract(operations, root, schemas_at, excerpt=excerpt, anywhere=_keys_in_the_query(plain))


def _keys_in_the_query(document: Mapping[str, Any]) -> frozenset[str]:
    """The parameters that carry API keys: no operation lists them."""
    schemes = document.get("components", {}).get("securitySchemes", {}).values()
    return frozenset(one["name"] for one in schemes if one["type"] == "apiKey" and one["in"] == "query")


def normalised(node: Any) -> Any:
    """OpenAPI 3.0's `nullable` and boolean `exclusiveMinimum` in JSON Schema's words."""
    if isinstance(node, list):
        return [normalised(one) for one in node]
    if not isinstance(node, Mapping):
        return node
    plain = {key: normalised(value) for key, value in node.items()}
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if plain.get(exclusive) is True and limit in plain:
            plain[exclusive] = plain.pop(limit)
    if plain.pop("nullable", False) is True:
        return _or_null(plain)
    return plain


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema.get("type"), str):
        enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
        return {**schema, "type": [schema["type"], "null"], **enum}
    return {"anyOf": [schema, {"type": "null"}]}


def _operation(document: Mapping[str, Any], method: str, template: str, item: Mapping[str, Any]) -> Operation:
    told = item[method]
    given = [_resolved(document, one) for one in (*item.get("parameters", []), *told.get("parameters", []))]
    query = {one["name"]: _parameter(one) for one in given if one["in"] == "query"}
    answers = {str(code).upper().replace("DEFAULT", "default"): _answer(document, one) for code, one in told["responses"].items()}
    told_kinds = [kind for one in told["responses"].values() for kind in _resolved(document, one).get("content", {})]
    media = any("json" not in kind for kind in told_kinds)
    return Operation(method.upper(), template, query, _body(document, told, given), answers, media)


def _parameter(told: Mapping[str, Any]) -> Parameter:
    schema = told.get("schema", told)
    repeated = schema.get("type") == "array"
    single = schema.get("items", {}) if repeated else {key: value for key, value in schema.items() if key not in ("required", "in", "name")}
    return Parameter(single, required=told.get("required", False) is True, repeated=repeated)


def _body(document: Mapping[str, Any], told: Mapping[str, Any], given: list[Mapping[str, Any]]) -> Schema | None:
    if "requestBody" in told:
        return _schema_of(_resolved(document, told["requestBody"]).get("content", {}))
    for one in given:
        if one["in"] == "body":
            schema: Schema = one["schema"]
            return schema
    fields = {one["name"]: _parameter(one).schema for one in given if one["in"] == "formData"}
    needed = [one["name"] for one in given if one["in"] == "formData" and one.get("required")]
    return {"type": "object", "properties": fields, "required": needed} if fields else None


def _answer(document: Mapping[str, Any], told: Mapping[str, Any]) -> Schema | None:
    told = _resolved(document, told)
    return told["schema"] if "schema" in told else _schema_of(told.get("content", {}))


def _schema_of(content: Mapping[str, Any]) -> Schema | None:
    for kind, body in content.items():
        if "json" in kind or "form" in kind:
            schema: Schema = body.get("schema", {})
            return schema
    return None


def _resolved(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in node:
        return node
    found: Any = document
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return _resolved(document, found)
