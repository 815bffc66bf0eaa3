"""Reads a body and answers one, as every function of ours must: what of their distance to the empty function is the framework's."""

from typing import Any


def echo(request: Any) -> tuple[str, int, dict[str, str]]:
    size = len(request.get_data())
    return (
        f'{{"ignored": [{{"index": 0, "reason": "{size} bytes of which nothing is about a form"}}]}}',
        200,
        {"Content-Type": "application/json"},
    )
