"""What the API says of itself: its OpenAPI document, and the same as one page to read. Open to everybody, and made on first use."""

import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from functions.api.resources import every_route
from functions.api.routing import Call, Route
from shared.domain.outbox import address_of
from shared.ports.requests import Reply
from shared.runtime.problems import KINDS
from shared.wiring import ports

TEMPLATES = Path(__file__).parent / "templates"
KEPT = {"Cache-Control": "public, max-age=300"}
PAGE_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def routes(every: Callable[[], Iterable[Route]]) -> tuple[Route, ...]:
    """`every` gives all routes of the API, these included."""

    @cache
    def told() -> str:
        from functions.api.document import document  # noqa: PLC0415  models of every answer, which no other request needs

        return json.dumps(document(every(), server=ports.settings.public_url.rstrip("/") + address_of("api")), ensure_ascii=False)

    @cache
    def page() -> str:
        from shared.runtime.templates import Templates  # noqa: PLC0415  so does the template engine

        templates = Templates(TEMPLATES, filters={"example": _example, "shown": _shown}, known={"kinds": KINDS})
        return templates.rendered("docs.html.j2", {"told": json.loads(told())})

    def _document(_: Call) -> Reply:
        return Reply(text=told(), headers={"Content-Type": "application/json", **KEPT})

    def _page(_: Call) -> Reply:
        return Reply(text=page(), headers={**PAGE_HEADERS, **KEPT})

    return (
        Route("GET", "openapi.json", _document, "This API as an OpenAPI document", answer="Document", is_open=True),
        Route("GET", "docs", _page, "The same as a page to read", kinds=("text/html",), is_open=True),
    )


def _shown(schema: object) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False)


def _example(operation: dict[str, object], method: str, address: str) -> str:
    """A command line that makes this call."""
    lines = [f"curl {'' if method == 'get' else f'-X {method.upper()} '}'{address}'"]
    if operation.get("security") != []:
        lines.append('-H "Authorization: Bearer $SDR_TOKEN"')
    if "requestBody" in operation:
        lines += ["-H 'Content-Type: application/json'", "-d @body.json"]
    return " \\\n  ".join(lines)


ROUTES = routes(every_route)
