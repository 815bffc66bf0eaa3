"""Where a vendor differs from its own specification: `overlays/<name>.yaml`, each deviation with the address that shows it."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "overlays"


def deviations(name: str) -> list[dict[str, Any]]:
    """The deviations written down for a specification; each has `at`, `set` or `remove`, `because` and `source`."""
    path = FOLDER / f"{name}.yaml"
    return yaml.safe_load(path.read_text()) if path.exists() else []


def corrected(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The document (changed in place) with its overlay laid over it; LookupError for a deviation that meets nothing."""
    for deviation in deviations(name):
        steps = deviation["at"].strip("/").split("/")
        places = list(_places(document, steps, may_be_new=not set("*?[") & set(deviation["at"])))
        if not places:
            raise LookupError(f"{name}: nothing is at {deviation['at']}: remove the deviation")
        for holder, key in places:
            if deviation.get("remove"):
                del holder[key]
            else:
                holder[key] = _laid_over(holder.get(key), deviation["set"])
    return document


def _places(node: Any, steps: list[str], *, may_be_new: bool) -> Iterator[tuple[dict[str, Any], str]]:
    """Every place a path of globs leads to; the end of a path without globs may be new. `~1` is a slash within a step."""
    step, rest = steps[0].replace("~1", "/"), steps[1:]
    if isinstance(node, list):  # parameters are listed: their names are the steps
        for entry in node:
            if fnmatchcase(entry.get("name", ""), step):
                yield from _places(entry, rest, may_be_new=may_be_new)
        return
    if not isinstance(node, dict):
        return
    keys = [key for key in node if fnmatchcase(key, step)]
    if may_be_new and not rest and not keys:
        keys = [step]
    for key in keys:
        if rest:
            yield from _places(node[key], rest, may_be_new=may_be_new)
        else:
            yield node, key


def _laid_over(before: Any, change: Any) -> Any:
    """`set` replaces; a mapping with the one key `merge` is merged into what is there."""
    if isinstance(change, Mapping) and set(change) == {"merge"}:
        return {**(before or {}), **change["merge"]}
    return change
