"""Partial answers: the `fields` parameter every Google API understands."""

from collections.abc import Mapping
from typing import Any

from emulators.google_api.errors import GoogleApiError, invalid

Mask = dict[str, Any]


def masked(data: Mapping[str, Any], fields: str | None) -> dict[str, Any]:
    """The answer cut to `fields` (`a,b/c,items(id,name),*`); the whole answer without a mask."""
    if not fields:
        return dict(data)
    cut = _cut(data, parse_mask(fields))
    return cut if isinstance(cut, dict) else {}


def parse_mask(fields: str) -> Mask:
    """The tree behind a mask; an empty subtree means everything below."""
    tree, rest = _mask_list("".join(fields.split()))
    if rest or not tree:
        raise _bad_mask(fields)
    return tree


def _mask_list(text: str) -> tuple[Mask, str]:
    tree: Mask = {}
    while text and text[0] != ")":
        name, text = _mask_name(text)
        below, text = _mask_below(text)
        tree[name] = {**tree.get(name, {}), **below}
        if text.startswith(","):
            text = text[1:]
    return tree, text


def _mask_name(text: str) -> tuple[str, str]:
    end = next((i for i, char in enumerate(text) if char in ",/()"), len(text))
    if end == 0:
        raise _bad_mask(text)
    return text[:end], text[end:]


def _mask_below(text: str) -> tuple[Mask, str]:
    if text.startswith("/"):
        name, text = _mask_name(text[1:])
        below, text = _mask_below(text)
        return {name: below}, text
    if text.startswith("("):
        below, text = _mask_list(text[1:])
        if not text.startswith(")"):
            raise _bad_mask(text)
        return below, text[1:]
    return {}, text


def _bad_mask(fields: str) -> GoogleApiError:
    return invalid(f"Invalid field selection {fields}", reason="invalidParameter", location="fields")


def _cut(data: Any, tree: Mask) -> Any:
    if not tree or "*" in tree:
        return data
    if isinstance(data, list):
        return [_cut(item, tree) for item in data]
    if isinstance(data, Mapping):
        return {key: _cut(value, tree[key]) for key, value in data.items() if key in tree}
    return data
