"""What an operator sees when a page cannot be shown: what happened, and what to do about it."""

import json
from urllib.parse import quote

from functions.console.rendering import rendered
from functions.console.visits import HERE, see_other
from shared.ports.requests import Failed, Page
from shared.wiring import ports

ADVICE = {
    401: "Sign in, then come back.",
    403: "If this should be possible, ask whoever looks after the workspace.",
    404: "It may have been removed, or the link is not complete.",
    409: "Look again: what you saw is no longer how it is.",
    503: "Something we depend on does not answer right now. Nothing was changed; try again in a moment.",
}


def failure_page(failed: Failed) -> Page:
    """Words for the page's own script; the sign-in page where there is one; else a page."""
    incoming = failed.incoming
    if incoming is not None and "application/json" in incoming.headers.get("accept", ""):
        told = json.dumps({"detail": failed.detail, "status": failed.status})
        return Page(told, status=failed.status, headers={"Content-Type": "application/json"})
    if incoming is not None and "hx-request" in incoming.headers:
        return Page(failed.detail, status=failed.status, headers={"Content-Type": "text/plain; charset=utf-8"})
    if incoming is not None and failed.status == 401 and incoming.method == "GET" and ports.settings.console_sign_in == "local":
        query = f"?{incoming.url.partition('?')[2]}" if incoming.query else ""
        return see_other(f"{HERE}/sign-in?then={quote(f'{HERE}{incoming.path}{query}' if incoming.path else '', safe='')}")
    advice = ADVICE.get(failed.status, "Nothing was changed. Try again; if it stays like this, tell whoever looks after the workspace.")
    return Page(
        rendered("failed.html", failed=failed, advice=advice, again=incoming is not None and incoming.method == "GET"), failed.status
    )
