"""HTML templates of a folder, everything escaped that is not written in them. Loaded by functions with pages alone."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


class Templates:
    """`filters` and `known` are there in every template; a name that is not known is an error, not an empty place."""

    def __init__(self, folder: Path, *, filters: Mapping[str, Callable[..., Any]], known: Mapping[str, Any]) -> None:
        loader = FileSystemLoader(folder)
        self._environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        self._environment.filters.update(filters)
        self._environment.globals.update(known)

    def rendered(self, template: str, given: Mapping[str, Any]) -> str:
        """Each template is compiled once."""
        return self._environment.get_template(template).render(given)
