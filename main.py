"""The one source file functions-framework serves: finds the target it was asked for in functions/<name>/main.py."""

import importlib
import importlib.util
from typing import Any


def __getattr__(name: str) -> Any:
    """The function of the folder of the same name, imported only now so that a cold start pays for one function."""
    if name.startswith("_") or importlib.util.find_spec(f"functions.{name}") is None:
        raise AttributeError(f"functions/{name}/main.py does not exist")
    return getattr(importlib.import_module(f"functions.{name}.main"), name)
