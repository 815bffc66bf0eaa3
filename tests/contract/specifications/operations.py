"""What every format of specification is read into: operations with their parameters, bodies and answers as JSON Schema."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One query parameter; its schema judges single values, read from their text."""

    schema: Schema
    required: bool = False
    repeated: bool = False


@dataclass(frozen=True)
class Operation:
    """`answers` maps "200", "4XX" or "default" to a schema. `media` operations may carry content that is no JSON."""

    method: str
    template: str
    parameters: Mapping[str, Parameter]
    body: Schema | None
    answers: Mapping[str, Schema | None]
    media: bool = False
    removes_with_null: bool = False

    def answer(self, status: int) -> Schema | None:
        return next((self.answers[key] for key in (str(status), f"{status // 100}XX", "default") if key in self.answers), None)


@dataclass(frozen=True)
class Contract:
    """A whole specification. `root` holds what the schemas refer to; `excerpt` says that it leaves operations out."""

    operations: tuple[Operation, ...]
    root: Mapping[str, Any]
    schemas_at: str
    excerpt: bool = False
    anywhere: frozenset[str] = frozenset()
    batch_path: str | None = None
    _patterns: dict[str, re.Pattern[str]] = field(default_factory=dict, compare=False)

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation behind a path: the one with the fewest variables, as servers route."""
        fitting = [one for one in self.operations if one.method == method and self._pattern(one.template).fullmatch(path)]
        return min(fitting, key=lambda one: one.template.count("{"), default=None)

    def _pattern(self, template: str) -> re.Pattern[str]:
        if template not in self._patterns:
            self._patterns[template] = pattern(template)
        return self._patterns[template]


def pattern(template: str) -> re.Pattern[str]:
    """`{id}` is one segment, `{+name}` any number of them; a slash at the end makes no difference."""
    parts = re.split(r"(\{\+?[\w.-]+\})", template.rstrip("/"))
    return re.compile("".join(_piece(part) for part in parts) + "/?")


def _piece(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return ".+" if part.startswith("{+") else "[^/]+"


def from_text(values: Iterable[str], schema: Schema) -> list[Any]:
    """Parameters and form fields arrive as text: read as what the schema wants, or left as they are."""
    return [_from_text(value, schema) for value in values]


def _from_text(value: str, schema: Schema) -> Any:
    wanted = schema.get("type")
    kinds = {wanted} if isinstance(wanted, str) else set(wanted or ())
    if "string" in kinds or not kinds:
        return value
    if "boolean" in kinds and value.lower() in ("true", "false"):  # Python clients write True
        return value.lower() == "true"
    try:
        return json.loads(value)
    except ValueError:
        return value
