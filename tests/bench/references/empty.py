"""The empty function everything is compared with: what functions-framework alone costs."""

from typing import Any


def empty(request: Any) -> tuple[str, int]:
    return "", 202
