"""Answers for any strict schema: deterministic by prompt, always valid, with strings taken from the prompt where they are long enough."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from emulators.openai.strictness import resolved

DEEPEST = 8
"""Recursive schemas end here: arrays stay empty and unions take null."""

FORMATS = {
    "date-time": "2026-11-23T09:00:00Z",
    "date": "2026-11-23",
    "time": "09:00:00Z",
    "duration": "PT30M",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def fill(schema: Mapping[str, Any], *, prompt: str) -> Any:
    """A value of this schema. Patterns are not generated: a string under one is taken from its description or left empty."""
    return _Filler(schema, prompt).value(schema, ())


class _Filler:
    def __init__(self, root: Mapping[str, Any], prompt: str) -> None:
        self._root, self._prompt = root, prompt
        self._sentences = [one.strip() for one in re.split(r"(?<=[.!?])\s+|\n+", prompt) if 10 <= len(one.strip()) <= 160]

    def value(self, node: Mapping[str, Any], path: tuple[str, ...]) -> Any:
        if "$ref" in node:
            return self.value(resolved(node["$ref"], self._root), path)
        if "const" in node:
            return node["const"]
        if "enum" in node:
            return node["enum"][self._pick(path, len(node["enum"]))]
        if "anyOf" in node:
            return self._union(node["anyOf"], path)
        return self._typed(node, path)

    def _union(self, options: list[Mapping[str, Any]], path: tuple[str, ...]) -> Any:
        """The first option that is not null; null where the recursion has gone far enough."""
        empty = [one for one in options if one.get("type") == "null"]
        full = [one for one in options if one.get("type") != "null"]
        return self.value((empty if empty and (not full or len(path) > DEEPEST) else full)[0], path)

    def _typed(self, node: Mapping[str, Any], path: tuple[str, ...]) -> Any:
        kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
        kind = next((one for one in kinds if one != "null"), "null")
        if kind == "object":
            return {key: self.value(child, (*path, key)) for key, child in node.get("properties", {}).items()}
        if kind == "array":
            return self._array(node, path)
        if kind == "string":
            return self._string(node, path)
        if kind in ("integer", "number"):
            return _number(node, whole=kind == "integer", chance=self._pick(path, 101) / 100)
        return self._pick(path, 2) == 1 if kind == "boolean" else None

    def _array(self, node: Mapping[str, Any], path: tuple[str, ...]) -> list[Any]:
        least = int(node.get("minItems", 0))
        count = least if len(path) > DEEPEST else max(least, min(int(node.get("maxItems", 2)), 1 + self._pick(path, 2)))
        return [self.value(node["items"], (*path, str(index))) for index in range(count)]

    def _string(self, node: Mapping[str, Any], path: tuple[str, ...]) -> str:
        if node.get("format") in FORMATS:
            return FORMATS[node["format"]]
        if self._sentences:
            return self._sentences[self._pick(path, len(self._sentences))]
        return path[-1].replace("_", " ").capitalize() if path else ""

    def _pick(self, path: tuple[str, ...], count: int) -> int:
        digest = hashlib.sha256("\0".join((self._prompt, *path)).encode()).digest()
        return int.from_bytes(digest[:4], "big") % count


def _number(node: Mapping[str, Any], *, whole: bool, chance: float) -> float | int:
    low = node.get("minimum", node.get("exclusiveMinimum", min(0, node.get("maximum", 0))))
    high = node.get("maximum", node.get("exclusiveMaximum", max(low + 1, 1) if not whole else low + 100))
    step = node.get("multipleOf", 1 if whole else 0)
    found = low + (high - low) * (0.25 + chance / 2)
    if step:
        found = -(-low // step) * step + ((found - low) // step) * step
    return int(found) if whole else float(found)
