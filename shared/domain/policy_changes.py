"""Changes of a policy: a merge patch applied and checked, and what differs between two sets of rules. Pure; for policies and preview."""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from shared.domain.policy import Rules

DEEPEST = 6
"""Levels of a patch: the rules themselves have four."""
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories: control characters, marks of format and direction, halves of characters, ends of lines and paragraphs."""
JOINERS = "\u200c\u200d"
"""Of no width, and spelling in some scripts."""
Document = dict[str, Any]


class UnusableRulesError(ValueError):
    """Names the field ("window.end") and what it should be."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field


def patched(rules: Rules, patch: Mapping[str, Any]) -> Rules:
    """By RFC 7396: null puts a field back to its default, lists are replaced whole. Raises UnusableRulesError."""
    return rules_from(_merged(rules.model_dump(mode="json"), patch, DEEPEST))


def rules_from(document: Mapping[str, Any]) -> Rules:
    """Strict: "5" is no number, and what nobody knows or sees is refused. Raises UnusableRulesError."""
    _check_characters(document, ())
    try:
        return Rules.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "rules"
        raise UnusableRulesError(where, first["msg"].removeprefix("Value error, ")) from None


def _check_characters(value: Any, where: tuple[str, ...]) -> None:
    """No entry of a list can be meant that holds what nobody sees: it would be equal to nothing."""
    if len(where) > DEEPEST:
        return  # refused for its depth
    if isinstance(value, str):
        unseen = next((char for char in value if unicodedata.category(char) in UNSEEN and char not in JOINERS), "")
        if unseen:
            raise UnusableRulesError(".".join(where) or "rules", f"contains U+{ord(unseen):04X}, a character that nobody sees: remove it")
    elif isinstance(value, Mapping):
        for name, one in value.items():
            _check_characters(one, (*where, name))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            _check_characters(one, (*where, str(number)))


def _merged(target: Any, patch: Mapping[str, Any], depth: int) -> Document:
    if not depth:
        raise UnusableRulesError("patch", "is nested deeper than any policy")
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value, depth - 1) if isinstance(value, dict) else value
    return merged


def differences(before: Rules, after: Rules) -> tuple[Document, Document]:
    """What they say where they differ, and nothing else: two documents of the same shape, as far as both say something there."""
    return _differing(before.model_dump(mode="json"), after.model_dump(mode="json"))


def _differing(before: Document, after: Document) -> tuple[Document, Document]:
    old: Document = {}
    new: Document = {}
    for name in dict.fromkeys((*before, *after)):
        was, becomes = before.get(name), after.get(name)
        if isinstance(was, dict) and isinstance(becomes, dict):
            was, becomes = _differing(was, becomes)
            if not was and not becomes:
                continue
        elif name in before and name in after and was == becomes:
            continue
        if name in before and was != {}:
            old[name] = was
        if name in after and becomes != {}:
            new[name] = becomes
    return old, new
