"""The strict JSON schema of a pydantic model, as structured outputs demand it; called by the adapter.

https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from shared.ports.errors import Permanent

DROPPED = frozenset({"title", "default", "description", "minLength", "maxLength"})
"""Keywords without meaning for the answer's shape; pydantic still checks the lengths of what comes back."""


def response_format(output: type[BaseModel]) -> dict[str, Any]:
    """The `response_format` of a chat completion. Permanent for a type that strict mode cannot express."""
    schema = _strict(output.model_json_schema(), output.__name__)
    return {"type": "json_schema", "json_schema": {"name": output.__name__, "strict": True, "schema": schema}}


def _strict(node: Any, name: str) -> Any:
    if isinstance(node, list):
        return [_strict(one, name) for one in node]
    if not isinstance(node, Mapping):
        return node
    if "$ref" in node:
        return {"$ref": node["$ref"]}
    kept = {key: value for key, value in node.items() if key not in DROPPED}
    for group in ("properties", "$defs"):
        if group in kept:
            kept[group] = {key: _strict(child, name) for key, child in kept[group].items()}
    for keyword in ("items", "anyOf"):
        if keyword in kept:
            kept[keyword] = _strict(kept[keyword], name)
    return _closed(kept, name) if kept.get("type") == "object" else kept


def _closed(node: dict[str, Any], name: str) -> dict[str, Any]:
    """Every property required, no others allowed."""
    if "properties" not in node or node.get("additionalProperties"):
        raise Permanent(f"{name} has an open mapping, which strict schemas cannot express", source="openai")
    return {**node, "required": list(node["properties"]), "additionalProperties": False}
