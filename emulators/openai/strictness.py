"""The rules a schema must keep for `strict: true`; called before any answer is made. See OpenAI's guide to structured outputs."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulators.openai.errors import OpenAIError, invalid_schema, invalid_value

LONGEST_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
MOST_PROPERTIES = 5000
DEEPEST = 10
MOST_ENUM_VALUES = 1000
MOST_CHARACTERS = 120_000
NOT_PERMITTED = ("allOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else", "oneOf", "patternProperties", "uniqueItems")

Path = tuple[str, ...]


def check_strict(name: str, schema: Any) -> None:
    """Raises the API's 400 `invalid_json_schema`, naming the place, for the first rule that is broken."""
    if not LONGEST_NAME.fullmatch(name):
        raise invalid_value("response_format.json_schema.name", "expected at most 64 letters, digits, underscores and dashes")
    if not isinstance(schema, dict) or schema.get("type") != "object" or "anyOf" in schema:
        kind = schema.get("type") if isinstance(schema, dict) else None
        raise invalid_schema(name, f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'.")
    nodes = list(_nodes(schema, ()))
    for path, node in nodes:
        _check_keywords(name, path, node)
        _check_object(name, path, node)
        _check_reference(name, path, node, schema)
    _check_size(name, nodes)


def _nodes(node: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every sub-schema with its place, as the API spells places."""
    if not isinstance(node, dict):
        return
    yield path, node
    for group in ("properties", "$defs", "definitions"):
        for key, child in node.get(group, {}).items():
            yield from _nodes(child, (*path, group, key))
    yield from _nodes(node.get("items"), (*path, "items"))
    for index, child in enumerate(node.get("anyOf", ())):
        yield from _nodes(child, (*path, "anyOf", str(index)))


def _check_keywords(name: str, path: Path, node: Mapping[str, Any]) -> None:
    for keyword in NOT_PERMITTED:
        if keyword in node:
            raise _broken(name, path, f"'{keyword}' is not permitted.")
    if not {"type", "anyOf", "$ref", "enum", "const"} & set(node):
        raise _broken(name, path, "schema must have a 'type' key.")
    if node.get("type") == "array" and "items" not in node:
        raise _broken(name, path, "array schema missing items.")


def _check_object(name: str, path: Path, node: Mapping[str, Any]) -> None:
    if node.get("type") != "object" and "properties" not in node:
        return
    if node.get("additionalProperties") is not False:
        raise _broken(name, path, "'additionalProperties' is required to be supplied and to be false.")
    required = node.get("required", [])
    for key in node.get("properties", {}):
        if key not in required:
            wording = "'required' is required to be supplied and to be an array including every key in properties."
            raise _broken(name, path, f"{wording} Missing '{key}'.")
    for key in required:
        if key not in node.get("properties", {}):
            raise _broken(name, path, f"'required' is required to be an array of keys in properties. Extra required key '{key}' supplied.")


def _check_reference(name: str, path: Path, node: Mapping[str, Any], root: Mapping[str, Any]) -> None:
    if "$ref" not in node:
        return
    try:
        resolved(node["$ref"], root)
    except (KeyError, TypeError):
        raise _broken(name, path, f"reference to component '{node['$ref']}' which was not found in the schema.") from None
    if set(node) - {"$ref"}:
        extra = ", ".join(f"'{key}'" for key in sorted(set(node) - {"$ref"}))
        raise _broken(name, path, f"$ref cannot have keywords {{{extra}}}.")


def _check_size(name: str, nodes: list[tuple[Path, Mapping[str, Any]]]) -> None:
    names = [key for _, node in nodes for group in ("properties", "$defs") for key in node.get(group, {})]
    values = [value for _, node in nodes for value in node.get("enum", ())]
    properties = sum(len(node.get("properties", {})) for _, node in nodes)
    depth = max(path.count("properties") for path, _ in nodes)
    too_much = [
        (properties > MOST_PROPERTIES, f"schema has {properties} object properties, the most is {MOST_PROPERTIES}."),
        (depth > DEEPEST, f"schema exceeds {DEEPEST} levels of nesting."),
        (len(values) > MOST_ENUM_VALUES, f"schema has {len(values)} enum values, the most is {MOST_ENUM_VALUES}."),
        (sum(map(len, names)) + sum(len(str(one)) for one in values) > MOST_CHARACTERS, "the names of the schema are too long together."),
    ]
    for exceeded, problem in too_much:
        if exceeded:
            raise invalid_schema(name, problem)


def resolved(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sub-schema a local `#/…` reference points at; KeyError when there is none."""
    node: Any = root
    for part in reference.lstrip("#").strip("/").split("/") if reference != "#" else ():
        node = node[part]
    return dict(node)


def _broken(name: str, path: Path, problem: str) -> OpenAIError:
    return invalid_schema(name, f"In context={path!r}, {problem}")
