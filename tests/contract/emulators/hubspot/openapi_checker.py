"""Checks each exchange with the emulator against HubSpot's own schema, where ../shared/contracts has it; used by the fixtures here."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator

SPECIFICATION = Path(__file__).resolve().parents[5] / "shared/contracts/hubspot/hubspot-from-apache-client-12.0.0.openapi.json"
NULLABLE_STRING = {"type": ["string", "null"]}


def overlay(schemas: dict[str, Any]) -> None:
    """Where real traffic differs from the generated schema (captured payloads in ../shared/data/api_payloads)."""
    for name, schema in list(schemas.items()):
        short, properties = name.rpartition(".")[2], schema.get("properties", {})
        if short.startswith("SimplePublic") and "properties" in properties:
            properties["properties"] = {"type": "object", "additionalProperties": NULLABLE_STRING}  # hubspot-contact-nulls
        if short == "AssociationSpecWithLabel":
            properties["label"] = NULLABLE_STRING  # amp-hubspot-search-contacts-contacts-to-companies
        if short == "Error":
            schema["required"] = ["correlationId", "message"]  # amp-hubspot-search-error-invalid-object has no category
        if short == "DependentFieldDependentField":  # the generator merged every kind of field into the last one
            schema["required"] = ["objectTypeId", "name", "label", "required", "hidden", "fieldType"]
            properties["fieldType"] = {"type": "string"}
        if short == "HubSpotFormDefinitionAllOfLegalConsentOptions":
            schemas[name] = {"type": "object", "required": ["type"]}  # amp-hubspot-read-marketing-forms has type none
        if short == "PublicObjectSearchRequest":
            properties["sorts"] = {"type": "array"}  # amp-hubspot-read-objects-api-contacts-req-payload-since
            properties["limit"] = {"type": ["integer", "string"]}  # the same


@cache
def specification() -> dict[str, Any] | None:
    if not SPECIFICATION.exists():
        return None
    document: dict[str, Any] = json.loads(SPECIFICATION.read_text())
    overlay(document["components"]["schemas"])
    return document


def check(response: httpx.Response) -> None:
    """Raises AssertionError when the request or the answer is not what the specification promises; passes what it does not know."""
    document = specification()
    response.read()
    operation = None if document is None else _operation(document, response.request.method, response.request.url.path)
    if operation is None:
        return
    answers = operation["responses"]
    answer = answers.get(str(response.status_code), answers["default"])
    if response.status_code != 429 and "content" in answer:
        _validate(answer["content"]["application/json"]["schema"], response.json(), f"answer {response.status_code}")
    if response.status_code < 400 and "requestBody" in operation:
        _validate(operation["requestBody"]["content"]["application/json"]["schema"], json.loads(response.request.content), "request")


def _operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    for template, operations in document["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", template.rstrip("/")) + "/?"
        if re.fullmatch(pattern, path) and method.lower() in operations:
            found: dict[str, Any] = operations[method.lower()]
            return found
    return None


def _validate(schema: dict[str, Any], value: Any, what: str) -> None:
    document = specification() or {}
    errors = list(Draft202012Validator({**schema, "components": document["components"]}).iter_errors(value))
    assert not errors, f"{what}: " + "; ".join(f"{list(error.absolute_path)}: {error.message}" for error in errors)
