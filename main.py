"""The one source file functions-framework serves: finds the target it was asked for in functions/<name>/main.py."""

import gc
import importlib
import importlib.util
from typing import Any

# A cold start only imports, and what it imports stays: collecting as often as Python does by default costs a tenth of it.
gc.set_threshold(50_000, 20, 100)


def __getattr__(name: str) -> Any:
    """The function of the folder of the same name, imported only now so that a cold start pays for one function."""
    if name.startswith("_") or importlib.util.find_spec(f"functions.{name}") is None:
        raise AttributeError(f"functions/{name}/main.py does not exist")
    return getattr(importlib.import_module(f"functions.{name}.main"), name)
